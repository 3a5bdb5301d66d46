namespace Twin.Telemetry.Ingest;

/// <summary>Cuts a body into records and reads them, piece by piece as it arrives.</summary>
internal abstract class RowReader
{
    /// <summary>The longest record, in bytes.</summary>
    public const int MostRecord = 256 * 1024;

    /// <summary>The names of the fields, for messages.</summary>
    protected const string Members = "entity, attribute, observedAt, value, dataset, unit and quality";

    private int scanned;
    private bool started;

    /// <summary>Lines of the body before the next record.</summary>
    public long Line { get; set; }

    /// <summary>Reads the next record of the data, if it is there whole.</summary>
    /// <param name="data">What has arrived and is not consumed.</param>
    /// <param name="last">Nothing follows: the end of the data ends the record.</param>
    /// <param name="consumed">Bytes that need not be handed in again.</param>
    /// <param name="row">The row; its fields point into the data.</param>
    /// <param name="fault">Why the record is no row.</param>
    /// <returns>Whether there was a record; an empty line is none.</returns>
    /// <exception cref="IngestException">The body cannot be read on.</exception>
    public bool TryRead(ReadOnlySpan<byte> data, bool last, out int consumed, out PointRow row, out RowFault? fault)
    {
        (consumed, fault) = (0, null);
        row = default;
        while (consumed < data.Length)
        {
            var rest = data[consumed..];
            var end = FindEnd(rest, ref scanned);
            if (end < 0 && (!last || rest.Length > MostRecord))
            {
                return rest.Length <= MostRecord
                    ? false
                    : throw new IngestException("body", $"Line {Line + 1} does not end within {MostRecord} bytes; a quote may be left open.");
            }

            scanned = 0;
            var record = end < 0 ? rest : rest[..end];
            consumed += end < 0 ? rest.Length : end + 1;
            var lines = 1 + (record.Contains((byte)'\n') ? record.Count((byte)'\n') : 0);
            record = record is [.., (byte)'\r'] ? record[..^1] : record;
            if (record.IsEmpty || (!started && IsStart(ref record)) || record.IsEmpty)
            {
                Line += lines;
                continue;
            }

            fault = Read(record, out row);
            Line += lines;
            return true;
        }

        return false;
    }

    /// <summary>Where the record at the start of the data ends; -1 when its end is not there yet.</summary>
    /// <param name="data">Begins with the record.</param>
    /// <param name="scanned">How much of it was looked at before.</param>
    protected abstract int FindEnd(ReadOnlySpan<byte> data, ref int scanned);

    /// <summary>Reads a record.</summary>
    protected abstract RowFault? Read(ReadOnlySpan<byte> record, out PointRow row);

    /// <summary>Reads the first record as a header, if the format has one.</summary>
    protected virtual bool TakeHeader(ReadOnlySpan<byte> record) => false;

    /// <summary>The body goes on where another one ended.</summary>
    /// <param name="line">Lines before it.</param>
    /// <param name="header">Its header; empty when the format has none.</param>
    public virtual void Resume(long line, string header) => (started, Line) = (true, line);

    /// <summary>Whether the first record is a header, after taking off what tells its encoding.</summary>
    private bool IsStart(ref ReadOnlySpan<byte> record)
    {
        started = true;
        if (record.StartsWith("\uFEFF"u8))
        {
            record = record[3..];
        }
        else if (record is [0xFE, 0xFF, ..] or [0xFF, 0xFE, ..] || record.Contains((byte)0))
        {
            throw new IngestException("body", "The body is not UTF-8; convert it first (iconv -t utf-8).");
        }

        return TakeHeader(record);
    }
}
