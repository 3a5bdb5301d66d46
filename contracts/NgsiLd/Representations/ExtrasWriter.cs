namespace Twin.NgsiLd.Representations;

/// <summary>The members unitCode, valueType, observedAt, datasetId and entityIdSealed of an instance, ready to be copied out.</summary>
internal static class ExtrasWriter
{
    /// <summary>Joins the members' JSON texts; an empty one is left out.</summary>
    public static ReadOnlyMemory<byte> Write(
        ValueArena arena, ReadOnlySpan<byte> unitCode, ReadOnlySpan<byte> valueType, ReadOnlySpan<byte> observedAt, ReadOnlySpan<byte> datasetId, ReadOnlySpan<byte> entityIdSealed)
    {
        int texts = unitCode.Length + valueType.Length + observedAt.Length + datasetId.Length + entityIdSealed.Length;
        if (texts == 0)
        {
            return default;
        }

        Span<byte> to = arena.Reserve(texts + 80);
        int at = Add(to, 0, ",\"unitCode\":"u8, unitCode);
        at = Add(to, at, ",\"valueType\":"u8, valueType);
        at = Add(to, at, ",\"observedAt\":"u8, observedAt);
        at = Add(to, at, ",\"datasetId\":"u8, datasetId);
        at = Add(to, at, ",\"entityIdSealed\":"u8, entityIdSealed);
        return arena.Keep(at);
    }

    private static int Add(Span<byte> to, int at, ReadOnlySpan<byte> name, ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty)
        {
            return at;
        }

        name.CopyTo(to[at..]);
        at += name.Length;
        text.CopyTo(to[at..]);
        return at + text.Length;
    }
}
