namespace Twin.NgsiLd.Representations;

/// <summary>Bytes that a parse makes beside those of its body: extras, values that were not compact. Slices stay valid for ever.</summary>
internal sealed class ValueArena
{
    private byte[] _chunk = [];
    private int _used;

    /// <summary>Room for so many bytes; give back what was not needed with <see cref="Keep"/>.</summary>
    public Span<byte> Reserve(int length)
    {
        if (_chunk.Length - _used < length)
        {
            _chunk = new byte[Math.Max(length, Math.Min(16384, Math.Max(256, _chunk.Length * 2)))];
            _used = 0;
        }

        return _chunk.AsSpan(_used, length);
    }

    /// <summary>Keeps the first bytes of the room that was reserved last.</summary>
    public ReadOnlyMemory<byte> Keep(int length)
    {
        var kept = new ReadOnlyMemory<byte>(_chunk, _used, length);
        _used += length;
        return kept;
    }

    /// <summary>Keeps a copy.</summary>
    public ReadOnlyMemory<byte> Copy(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Reserve(bytes.Length));
        return Keep(bytes.Length);
    }
}
