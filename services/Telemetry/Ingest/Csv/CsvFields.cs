namespace Twin.Telemetry.Ingest.Csv;

/// <summary>The fields of one record of CSV (RFC 4180), without quotes and without spaces around them.</summary>
internal sealed class CsvFields(bool quotes)
{
    private const int Most = 4096;

    private byte[] text = [];
    private (int Start, int Length)[] places = new (int, int)[32];
    private int separator;

    /// <summary>How many there are.</summary>
    public int Count { get; private set; }

    /// <summary>A field.</summary>
    public ReadOnlySpan<byte> this[int index] => Writable(index);

    /// <summary>A field that may be changed.</summary>
    public Span<byte> Writable(int index) => index < Count ? text.AsSpan(places[index].Start, places[index].Length) : default;

    /// <summary>What most likely stands between the fields of a header.</summary>
    public static byte SeparatorOf(ReadOnlySpan<byte> header)
    {
        var found = (byte)',';
        foreach (var one in ";\t|"u8)
        {
            found = header.Count(one) > header.Count(found) ? one : found;
        }

        return found;
    }

    /// <summary>Splits a record. It is copied.</summary>
    /// <returns>Why it cannot be split.</returns>
    public RowFault? Split(ReadOnlySpan<byte> record, byte between)
    {
        if (text.Length < record.Length)
        {
            text = new byte[Math.Max(record.Length, text.Length * 2)];
        }

        record.CopyTo(text);
        (separator, Count) = (between, 0);
        for (var at = 0; at >= 0;)
        {
            if (Count == places.Length)
            {
                if (Count == Most)
                {
                    return RowFault.Of($"it has more than {Most} fields.");
                }

                Array.Resize(ref places, Count * 2);
            }

            at = quotes && at < record.Length && text[at] == '"' ? TakeQuoted(at, record.Length) : TakePlain(at, record.Length);
            if (at == Broken)
            {
                return RowFault.Of($"field {Count + 1}: its quotes are not closed, or something follows them. Where quotes are ordinary characters, the mapping says \"quotes\": false.");
            }
        }

        return null;
    }

    private const int End = -1;
    private const int Broken = -2;

    private int TakePlain(int at, int length)
    {
        var rest = text.AsSpan(at, length - at);
        var end = rest.IndexOf((byte)separator);
        var field = end < 0 ? rest : rest[..end];
        var left = field.Length - field.TrimStart((byte)' ').Length;
        places[Count++] = (at + left, field.Trim((byte)' ').Length);
        return end < 0 ? End : at + end + 1;
    }

    private int TakeQuoted(int at, int length)
    {
        var (read, write) = (at + 1, at);
        for (; ; read++)
        {
            if (read >= length)
            {
                return Broken;
            }

            if (text[read] == '"')
            {
                read++;
                if (read >= length || text[read] != '"')
                {
                    break;
                }
            }

            text[write++] = text[read];
        }

        if (read < length && text[read] != separator)
        {
            return Broken;
        }

        places[Count++] = (at, write - at);
        return read == length ? End : read + 1;
    }
}
