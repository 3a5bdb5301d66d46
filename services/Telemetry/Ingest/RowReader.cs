namespace Twin.Telemetry.Ingest;

/// <summary>
/// Cuts a body into records and reads them, piece by piece as it arrives. A record is mostly one row; a format of which a
/// record may hold more (a row of a wide table, an entity) hands them out one by one before it goes on.
/// </summary>
internal abstract class RowReader
{
    /// <summary>The names of the fields, for messages.</summary>
    protected const string Members = "entity, attribute, observedAt, value, dataset, unit and quality";

    private int scanned;
    private bool started;
    private int openBytes;
    private int openLines;
    private bool isRefused;

    /// <summary>Lines of the body before the next record; of a JSON array its elements.</summary>
    public long Line { get; private set; }

    /// <summary>The line on which the last row ends, from 1.</summary>
    public long RowLine => Line + openLines;

    /// <summary>What the rest of a body is read by, should it come as another one: a header, for example.</summary>
    public virtual string State => "";

    /// <summary>Values that were left out because the body says that there is none.</summary>
    public long WithoutValue { get; protected set; }

    /// <summary>The longest record, in bytes.</summary>
    protected virtual int MostRecord => 256 * 1024;

    /// <summary>The bytes that end a record.</summary>
    protected virtual int EndLength => 1;

    /// <summary>Reads the next row of the data, if it is there whole.</summary>
    /// <param name="data">What has arrived and is not consumed.</param>
    /// <param name="last">Nothing follows: the end of the data ends the record.</param>
    /// <param name="consumed">Bytes that need not be handed in again: a record is consumed with the call after its last row.</param>
    /// <param name="row">The row; its fields may point into the data.</param>
    /// <param name="fault">Why it is no row.</param>
    /// <returns>Whether there was a row; an empty line is none. There is none either while the reader <see cref="Waits"/>.</returns>
    /// <exception cref="IngestException">The body cannot be read on.</exception>
    public bool TryRead(ReadOnlySpan<byte> data, bool last, out int consumed, out PointRow row, out RowFault? fault)
    {
        (consumed, fault) = (0, null);
        row = default;
        if (openBytes > 0)
        {
            if (!isRefused && ReadMore(out row, out fault))
            {
                return true;
            }

            consumed = openBytes;
            Line += openLines;
            (openBytes, openLines) = (0, 0);
        }

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
            var bytes = end < 0 ? rest.Length : end + EndLength;
            var lines = LinesOf(record);
            record = Trim(record);
            if (!started)
            {
                started = true;
                record = WithoutMark(record);
            }

            if (IsNoRow(record) || record.IsEmpty)
            {
                consumed += bytes;
                Line += lines;
                continue;
            }

            if (HoldsMany(record))
            {
                (openBytes, openLines) = (bytes, lines);
                isRefused = (fault = Open(record)) is not null;
                if (fault is null && Waits)
                {
                    return false;
                }

                if (fault is not null || ReadMore(out row, out fault))
                {
                    return true;
                }

                (openBytes, openLines) = (0, 0);
                consumed += bytes;
                Line += lines;
                continue;
            }

            fault = Read(record, out row);
            consumed += bytes;
            Line += lines;
            return true;
        }

        return false;
    }

    /// <summary>Whether the record that was opened needs what <see cref="PrepareAsync"/> gets, before its rows can be read.</summary>
    public virtual bool Waits => false;

    /// <summary>Gets what the record needs.</summary>
    public virtual ValueTask PrepareAsync(CancellationToken cancel) => throw new NotSupportedException();

    /// <summary>The body goes on where another one ended.</summary>
    /// <param name="line">Lines before it.</param>
    /// <param name="state">Its <see cref="State"/>.</param>
    public virtual void Resume(long line, string state) => (started, Line) = (true, line);

    /// <summary>Whether a record may hold more rows than one: then <see cref="Open"/> and <see cref="ReadMore"/> read it.</summary>
    protected virtual bool HoldsMany(ReadOnlySpan<byte> record) => false;

    /// <summary>The body has come to its end.</summary>
    /// <exception cref="IngestException">It cannot end here.</exception>
    public virtual void End()
    {
    }

    /// <summary>In which part of the body a member of the last row stands, for people; null when the member says it.</summary>
    public virtual string? PlaceOf(string? member) => null;

    /// <summary>Where the record at the start of the data ends; -1 when its end is not there yet.</summary>
    /// <param name="data">Begins with the record.</param>
    /// <param name="scanned">How much of it was looked at before.</param>
    protected abstract int FindEnd(ReadOnlySpan<byte> data, ref int scanned);

    /// <summary>Reads a record.</summary>
    protected virtual RowFault? Read(ReadOnlySpan<byte> record, out PointRow row) => throw new NotSupportedException();

    /// <summary>Takes in a record, of which <see cref="ReadMore"/> reads the rows.</summary>
    /// <returns>Why the whole of it is refused; then it has no rows.</returns>
    protected virtual RowFault? Open(ReadOnlySpan<byte> record) => throw new NotSupportedException();

    /// <summary>Reads the next row of the open record; false when it has no more.</summary>
    protected virtual bool ReadMore(out PointRow row, out RowFault? fault) => throw new NotSupportedException();

    /// <summary>Takes in a record that is no row: a header, a comment. An empty one is none anyway.</summary>
    protected virtual bool IsNoRow(ReadOnlySpan<byte> record) => false;

    /// <summary>The lines that a record takes.</summary>
    protected virtual int LinesOf(ReadOnlySpan<byte> record) => 1 + (record.Contains((byte)'\n') ? record.Count((byte)'\n') : 0);

    /// <summary>A record without what its line may end with besides.</summary>
    protected virtual ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> record) => record is [.., (byte)'\r'] ? record[..^1] : record;

    /// <summary>Takes off what tells the encoding of a body.</summary>
    protected virtual ReadOnlySpan<byte> WithoutMark(ReadOnlySpan<byte> record)
    {
        if (record.StartsWith("\uFEFF"u8))
        {
            return record[3..];
        }

        return record is [0xFE, 0xFF, ..] or [0xFF, 0xFE, ..] || record.Contains((byte)0)
            ? throw new IngestException("body", "The body is not UTF-8; convert it first (iconv -t utf-8), or say its encoding in a mapping.")
            : record;
    }
}
