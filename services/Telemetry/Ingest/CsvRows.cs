using System.Buffers;
using System.Text;

namespace Twin.Telemetry.Ingest;

/// <summary>
/// Rows of CSV (RFC 4180) with a header. Fields may stand in quotes, with line ends within; the separator is the one of
/// the header: a comma, a semicolon or a tab. Quotes say nothing about types: 21.5 and "21.5" are the same number.
/// </summary>
internal sealed class CsvRows : RowReader
{
    private static readonly string[] Known = ["entity", "attribute", "observedAt", "value", "dataset", "unit", "quality"];
    private static readonly SearchValues<byte> LineOrQuote = SearchValues.Create("\n\""u8);

    private int[] columns = [];
    private byte separator = (byte)',';
    private bool inQuotes;
    private byte[] scratch = new byte[4096];
    private string header = "";

    /// <summary>The header row as it came; for an upload that goes on.</summary>
    public override string State => header;

    /// <inheritdoc />
    public override void Resume(long line, string state)
    {
        base.Resume(line, state);
        ReadHeader(state);
    }

    /// <inheritdoc />
    protected override int FindEnd(ReadOnlySpan<byte> data, ref int scanned)
    {
        if (scanned == 0)
        {
            inQuotes = false;
        }

        while (true)
        {
            var found = inQuotes ? data[scanned..].IndexOf((byte)'"') : data[scanned..].IndexOfAny(LineOrQuote);
            if (found < 0)
            {
                scanned = data.Length;
                return -1;
            }

            scanned += found + 1;
            if (data[scanned - 1] == '\n')
            {
                return scanned - 1;
            }

            // A doubled quote closes and opens again.
            inQuotes = !inQuotes;
        }
    }

    /// <inheritdoc />
    protected override bool IsNoRow(ReadOnlySpan<byte> record)
    {
        if (columns.Length > 0 || record.IsEmpty)
        {
            return false;
        }

        ReadHeader(Encoding.UTF8.GetString(record));
        return true;
    }

    /// <inheritdoc />
    protected override RowFault? Read(ReadOnlySpan<byte> record, out PointRow row)
    {
        row = default;
        var (used, at) = (0, 0);
        var rest = record;
        var more = true;
        for (; more; at++)
        {
            if (at == columns.Length)
            {
                return RowFault.Of($"it has more fields than the header, which has {columns.Length}: a field with a separator stands in quotes, and the decimal sign is a point.");
            }

            if (!TryField(ref rest, ref used, out var field, out more))
            {
                return new RowFault(Known[columns[at]], "its quotes are not closed, or something follows them.");
            }

            Set(ref row, columns[at], field);
        }

        return at == columns.Length ? null : RowFault.Of($"it has {at} fields, the header {columns.Length}.");
    }

    private static void Set(ref PointRow row, int column, ReadOnlySpan<byte> field)
    {
        switch (column)
        {
            case 0: row.Entity = field; break;
            case 1: row.Attribute = field; break;
            case 2: row.ObservedAt = field; break;
            case 3:
                row.Value = field;
                row.Kind = field.IsEmpty ? RowValue.None
                    : field.SequenceEqual("true"u8) || field.SequenceEqual("false"u8) ? RowValue.Boolean
                    : Points.NumberText.TryParse(field, out row.Form, out row.Bits) ? RowValue.Number
                    : RowValue.Text;
                break;
            case 4: row.Dataset = field; break;
            case 5: row.Unit = field; break;
            default: row.Quality = field; break;
        }
    }

    /// <summary>Takes the field at the start of the rest, and the separator after it.</summary>
    private bool TryField(scoped ref ReadOnlySpan<byte> rest, scoped ref int used, out ReadOnlySpan<byte> field, out bool more)
    {
        if (rest is not [(byte)'"', ..])
        {
            var end = rest.IndexOf(separator);
            more = end >= 0;
            field = more ? rest[..end] : rest;
            rest = more ? rest[(end + 1)..] : default;
            return true;
        }

        var quoted = rest[1..];
        var start = used;
        field = default;
        more = false;
        while (true)
        {
            var quote = quoted.IndexOf((byte)'"');
            if (quote < 0)
            {
                return false;
            }

            var doubled = quote + 1 < quoted.Length && quoted[quote + 1] == '"';
            if (!doubled && used == start)
            {
                field = quoted[..quote];
            }
            else
            {
                Keep(quoted[..(doubled ? quote + 1 : quote)], ref used);
                field = scratch.AsSpan(start, used - start);
            }

            quoted = quoted[(quote + (doubled ? 2 : 1))..];
            if (!doubled)
            {
                more = quoted is [var next, ..] && next == separator;
                rest = more ? quoted[1..] : default;
                return more || quoted.IsEmpty;
            }
        }
    }

    private void Keep(ReadOnlySpan<byte> part, ref int used)
    {
        if (scratch.Length - used < part.Length)
        {
            // Fields before this one are copied along; their spans keep the old piece.
            var larger = new byte[Math.Max(scratch.Length * 2, used + part.Length)];
            scratch.AsSpan(0, used).CopyTo(larger);
            scratch = larger;
        }

        part.CopyTo(scratch.AsSpan(used));
        used += part.Length;
    }

    private void ReadHeader(string line)
    {
        var found = new[] { ',', ';', '\t' }.MaxBy(one => line.Count(c => c == one));
        var names = line.Split(found, StringSplitOptions.TrimEntries).Select(static name => name.Trim('"')).ToArray();
        var read = names.Select(static name => Array.IndexOf(Known, name)).ToArray();
        if (Array.IndexOf(read, -1) is var unknown and >= 0)
        {
            throw new IngestException("header", $"The header names '{names[unknown]}'. It names {Members}, separated by a comma, a semicolon or a tab.");
        }

        if (read.Distinct().Count() < read.Length)
        {
            throw new IngestException("header", "The header names a column twice.");
        }

        for (var needed = 0; needed < 4; needed++)
        {
            if (!read.Contains(needed))
            {
                throw new IngestException("header", $"The header lacks '{Known[needed]}'. A CSV body begins with a line such as entity,attribute,observedAt,value.");
            }
        }

        (columns, separator, header) = (read, (byte)found, line);
    }
}
