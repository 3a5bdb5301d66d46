using System.Globalization;
using System.Text;
using System.Text.Unicode;
using Twin.Telemetry.Ingest.Mappings;
using Twin.Telemetry.Points;

namespace Twin.Telemetry.Ingest.Csv;

/// <summary>Rows of CSV as a mapping says them: any columns, long or wide, in other characters and other times.</summary>
internal sealed class MappedCsvRows(CsvMapping mapping) : RowReader
{
    private readonly CsvCutter cutter = new(mapping);
    private readonly CsvFields fields = new(mapping.Quotes);
    private readonly LocalTimes times = new(mapping.TimeStyle);
    private readonly FieldText entity = new();
    private readonly FieldText time = new();
    private readonly FieldText attribute = new();
    private readonly FieldText dataset = new();
    private readonly FieldText unit = new();
    private readonly FieldText quality = new();
    private BoundCsv? columns = mapping.Header ? null : BoundCsv.Bind(mapping, []);
    private string header = "";
    private long ticks;
    private int next = int.MaxValue;

    /// <inheritdoc />
    public override string State => $"{cutter.Mark}\n{header}";

    /// <inheritdoc />
    protected override bool HoldsMany(ReadOnlySpan<byte> record) => true;

    /// <inheritdoc />
    protected override int EndLength => cutter.Unit;

    /// <inheritdoc />
    public override void Resume(long line, string state)
    {
        base.Resume(line, state);
        var end = state.IndexOf('\n', StringComparison.Ordinal);
        cutter.Resume(state[..Math.Max(0, end)]);
        if (mapping.Header)
        {
            ReadHeader(Encoding.UTF8.GetBytes(state[(end + 1)..]));
        }
    }

    /// <inheritdoc />
    public override string? PlaceOf(string? member) => columns?.PlaceOf(member, Math.Min(next, mapping.Values.Count) - 1);

    /// <inheritdoc />
    protected override int FindEnd(ReadOnlySpan<byte> data, ref int scanned) => cutter.FindEnd(data, ref scanned);

    /// <inheritdoc />
    protected override int LinesOf(ReadOnlySpan<byte> record) => 1 + cutter.LineEndsIn(record);

    /// <inheritdoc />
    protected override ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> record) => cutter.Trim(record);

    /// <inheritdoc />
    protected override ReadOnlySpan<byte> WithoutMark(ReadOnlySpan<byte> record) => cutter.WithoutMark(record);

    /// <inheritdoc />
    protected override bool IsNoRow(ReadOnlySpan<byte> record)
    {
        if (cutter.PassesOver(record))
        {
            return true;
        }

        if (columns is not null || record.IsEmpty)
        {
            return false;
        }

        var line = cutter.Decode(record, out var known);
        ReadHeader(known ? line : throw new IngestException("header", $"The header cannot be read: {CsvCutter.NotDecoded}"));
        return true;
    }

    /// <inheritdoc />
    protected override RowFault? Open(ReadOnlySpan<byte> record)
    {
        next = int.MaxValue;
        var text = cutter.Decode(record, out var known);
        if (!known)
        {
            return RowFault.Of(CsvCutter.NotDecoded);
        }

        if (fields.Split(text, columns!.Separator) is { } broken)
        {
            return broken;
        }

        if (columns.CountFault(fields) is { } count)
        {
            return count;
        }

        entity.Clear();
        if (!columns.Entity.Fill(entity, fields, inUri: true))
        {
            return new RowFault("entity", "the column of the entity is empty.");
        }

        var said = columns.Time.Alone is { } alone ? fields[alone] : Filled(columns.Time, time, inUri: false);
        if (times.Read(said, mapping.TimeStyle.Repeated == RepeatedHour.InOrder ? HashOf(entity.Span) : 0, out ticks) is { } noTime)
        {
            return new RowFault("observedAt", said.IsEmpty ? "it is missing." : $"'{Shown(said)}': {noTime}.");
        }

        next = 0;
        return null;
    }

    /// <inheritdoc />
    protected override bool ReadMore(out PointRow row, out RowFault? fault)
    {
        row = default;
        fault = null;
        while (next < mapping.Values.Count)
        {
            var value = mapping.Values[next];
            var bound = columns!.Values[next];
            next++;
            var field = fields.Writable(bound.Column);
            if (IsNone(field, value.NoValue))
            {
                WithoutValue++;
                continue;
            }

            row.Entity = entity.Span;
            row.Ticks = ticks;
            row.Attribute = bound.Attribute.Fixed ?? Filled(bound.Attribute, attribute, inUri: false);
            row.Unit = bound.Unit is null ? default : bound.Unit.Fixed ?? Filled(bound.Unit, unit, inUri: false);
            row.Dataset = bound.Dataset is null ? default : bound.Dataset.Fixed ?? Filled(bound.Dataset, dataset, inUri: true);
            row.Quality = bound.Quality is null ? default : QualityOf(bound.Quality.Fixed ?? Filled(bound.Quality, quality, inUri: false));
            fault = SetValue(ref row, field, value.IsText);
            return true;
        }

        return false;
    }

    private RowFault? SetValue(ref PointRow row, Span<byte> field, bool isText)
    {
        row.Value = field;
        if (isText)
        {
            row.Kind = RowValue.String;
            return null;
        }

        if (mapping.DecimalComma && field.IndexOf((byte)',') is var comma and >= 0 && !field.Contains((byte)'.'))
        {
            field[comma] = (byte)'.';
        }

        if (NumberText.TryParse(field, out row.Form, out row.Bits))
        {
            row.Kind = RowValue.Number;
            return null;
        }

        if (field.SequenceEqual("true"u8) || field.SequenceEqual("false"u8))
        {
            row.Kind = RowValue.Boolean;
            return null;
        }

        return new RowFault("value", $"'{Shown(field)}' is no number{(mapping.DecimalComma ? " with a decimal comma" : "")}: what says that there is no value stands in noValue, and a column of texts has \"text\": true.");
    }

    private ReadOnlySpan<byte> QualityOf(ReadOnlySpan<byte> said)
    {
        if (mapping.Qualities is not { } qualities || said.IsEmpty)
        {
            return said;
        }

        // A sign whose meaning nobody has said is no reason to trust the value.
        return Encoding.ASCII.GetBytes(qualities.GetValueOrDefault(Encoding.UTF8.GetString(said), Qualities.Name(PointQuality.Uncertain)));
    }

    private ReadOnlySpan<byte> Filled(BoundTemplate template, FieldText text, bool inUri)
    {
        text.Clear();
        return template.Fill(text, fields, inUri) ? text.Span : default;
    }

    private void ReadHeader(Span<byte> line)
    {
        header = Encoding.UTF8.GetString(line);
        var separator = mapping.Separator ?? CsvFields.SeparatorOf(line);
        if (fields.Split(line, separator) is { } broken)
        {
            throw new IngestException("header", $"The header cannot be read: {broken.Reason}");
        }

        columns = BoundCsv.Bind(mapping with { Separator = separator }, [.. Enumerable.Range(0, fields.Count).Select(i => Encoding.UTF8.GetString(fields[i]))]);
    }

    private static bool IsNone(ReadOnlySpan<byte> field, byte[][] noValue)
    {
        foreach (var none in noValue)
        {
            if (field.SequenceEqual(none))
            {
                return true;
            }
        }

        return false;
    }

    private static ulong HashOf(ReadOnlySpan<byte> text)
    {
        // FNV-1a: who shares a hash shares the order of an hour in the year at worst.
        var hash = 14695981039346656037UL;
        foreach (var one in text)
        {
            hash = (hash ^ one) * 1099511628211UL;
        }

        return hash;
    }

    private static string Shown(ReadOnlySpan<byte> text)
    {
        const int Most = 60;
        return text.Length > Most ? Encoding.UTF8.GetString(text[..Most]) + "…" : Encoding.UTF8.GetString(text);
    }
}
