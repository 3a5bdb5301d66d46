using System.Buffers;

namespace Twin.NgsiLd.Representations;

/// <summary>Bytes on their way into a buffer writer. Ends with <see cref="Flush"/>.</summary>
internal ref struct Utf8Output(IBufferWriter<byte> writer)
{
    private Span<byte> _span;
    private int _used;

    public void Write(ReadOnlySpan<byte> bytes)
    {
        if (_span.Length - _used < bytes.Length)
        {
            Grow(bytes.Length);
        }

        bytes.CopyTo(_span[_used..]);
        _used += bytes.Length;
    }

    public void Write(byte b)
    {
        if (_used == _span.Length)
        {
            Grow(1);
        }

        _span[_used++] = b;
    }

    /// <summary>Writes a date-time as a JSON string.</summary>
    public void WriteTime(long micros)
    {
        if (_span.Length - _used < Timestamps.MaximumLength + 2)
        {
            Grow(Timestamps.MaximumLength + 2);
        }

        _span[_used++] = (byte)'"';
        _used += Timestamps.Write(micros, _span[_used..]);
        _span[_used++] = (byte)'"';
    }

    /// <summary>Writes text as a JSON string.</summary>
    public void WriteString(ReadOnlySpan<byte> text)
    {
        int most = (text.Length * 6) + 2;
        if (_span.Length - _used < most)
        {
            Grow(most);
        }

        _used += JsonValues.WriteString(text, _span[_used..]);
    }

    public void Flush()
    {
        if (_used > 0)
        {
            writer.Advance(_used);
            _used = 0;
            _span = default;
        }
    }

    private void Grow(int least)
    {
        Flush();
        _span = writer.GetSpan(Math.Max(least, 512));
    }
}
