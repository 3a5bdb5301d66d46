using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Twin.Telemetry.Ingest.Csv;
using Twin.Telemetry.Ingest.Json;
using Twin.Telemetry.Points;

namespace Twin.Telemetry.Ingest.SenMl;

/// <summary>
/// SenML packs (RFC 8428) as rows. A record that has a value and a sum is two: the sum is one of the attribute whose name ends
/// with Sum, since it is another quantity. Data values stay the base64url text that they come as.
/// </summary>
/// <param name="names">What names mean.</param>
/// <param name="clock">What times are relative to that lie below 2^28 seconds (4.5.3).</param>
internal sealed class SenMlRows(SenMlNames names, TimeProvider clock) : JsonElements
{
    /// <summary>RFC 8428, and the same with the secondary units of RFC 8798 (RFC 9100).</summary>
    private static readonly int[] Versions = [10, 26];

    private const decimal FirstAbsolute = 1 << 28;
    private const decimal MostBase = 1e18m;
    private static readonly SearchValues<char> InNames = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-:./_");
    private static readonly JsonReaderOptions Options = new() { MaxDepth = 8 };

    private readonly decimal now = (clock.GetUtcNow().UtcTicks - DateTime.UnixEpoch.Ticks) / (decimal)TimeSpan.TicksPerSecond;
    private readonly FieldText value = new();
    private SenMlBase common = new("", 0, "", 0, 0);
    private SenMlRecord record;
    private (byte[] Entity, byte[] Attribute) meant;
    private long ticks;
    private bool hasValue;
    private bool hasSum;

    /// <inheritdoc />
    public override string State => common.ToJson();

    /// <inheritdoc />
    public override void Resume(long line, string state)
    {
        base.Resume(line, state);
        common = SenMlBase.FromJson(state);
    }

    /// <inheritdoc />
    public override string? PlaceOf(string? member) => member switch
    {
        "entity" or "attribute" => "n",
        "observedAt" => "t",
        "unit" => "u",
        "value" => hasValue ? "v" : "s",
        _ => null,
    };

    /// <inheritdoc />
    protected override RowFault? Open(ReadOnlySpan<byte> element)
    {
        (hasValue, hasSum) = (false, false);
        record = default;
        if (ReadRecord(element) is { } broken)
        {
            return broken;
        }

        if (record.Kind == RowValue.None && record.Sum is null)
        {
            // A record of base members alone says something of those behind it.
            return record.HasBase ? null : new RowFault("v", "it has none of v, vs, vb, vd and s.");
        }

        var name = common.Name + record.Name;
        if (name.Length == 0 || !char.IsAsciiLetterOrDigit(name[0]) || name.AsSpan().ContainsAnyExcept(InNames))
        {
            return new RowFault("n", $"'{name}' is no name of SenML: letters, digits, '-', ':', '.', '/' and '_', and a letter or digit first (RFC 8428 4.5.1).");
        }

        var time = common.Time + record.Time;
        if (TicksOf(time < FirstAbsolute ? time + now : time) is not { } at)
        {
            return new RowFault("t", "the time is outside the years 1 to 9999.");
        }

        ticks = at;
        if (names.Of(name, record.Unit ?? common.Unit) is not { } found)
        {
            return new RowFault("n", $"'{name}' is not of the form that the mapping says in name.");
        }

        meant = found;
        (hasValue, hasSum) = (record.Kind != RowValue.None, record.Sum is not null);
        return null;
    }

    /// <inheritdoc />
    protected override bool ReadMore(out PointRow row, out RowFault? fault)
    {
        row = default;
        fault = null;
        if (!hasValue && !hasSum)
        {
            return false;
        }

        var symbol = record.Unit ?? common.Unit;
        row.Entity = meant.Entity;
        row.Ticks = ticks;
        if (hasValue)
        {
            hasValue = false;
            row.Attribute = meant.Attribute;
            row.Unit = symbol.Length == 0 ? default : Encoding.UTF8.GetBytes(SenMlUnits.CodeOf(symbol));
            row.Value = value.Span;
            (row.Kind, row.Form, row.Bits) = (record.Kind, record.Form, record.Bits);
            if (row.Kind == RowValue.Number && common.Value != 0)
            {
                Add(ref row, common.Value);
            }

            return true;
        }

        hasSum = false;
        row.Attribute = (byte[])[.. meant.Attribute, .. "Sum"u8];
        row.Unit = symbol.Length == 0 ? default : Encoding.UTF8.GetBytes(SenMlUnits.CodeOfSum(symbol));
        (row.Kind, row.Form, row.Bits) = (RowValue.Number, record.Sum!.Value.Form, record.Sum.Value.Bits);
        if (common.Sum != 0)
        {
            Add(ref row, common.Sum);
        }

        return true;
    }

    private RowFault? ReadRecord(ReadOnlySpan<byte> element)
    {
        var reader = new Utf8JsonReader(element, Options);
        try
        {
            reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (ReadField(ref reader) is { } fault)
                {
                    return fault;
                }
            }

            return null;
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            return RowFault.Of("it is not JSON.");
        }
    }

    private RowFault? ReadField(ref Utf8JsonReader reader)
    {
        var label = reader.GetString()!;
        reader.Read();
        switch (label)
        {
            case "bn" or "bu" or "n" or "u" or "vs" or "vd" when reader.TokenType != JsonTokenType.String:
                return new RowFault(label, "it is a string.");
            case "bt" or "bv" or "bs" or "bver" or "t" or "ut" or "v" or "s" when reader.TokenType != JsonTokenType.Number:
                return new RowFault(label, "it is a number.");
            case "bn":
                common = common with { Name = reader.GetString()! };
                break;
            case "bu":
                common = common with { Unit = reader.GetString()! };
                break;
            case "n":
                record.Name = reader.GetString();
                return null;
            case "u":
                record.Unit = reader.GetString();
                return null;
            case "bver":
                return reader.TryGetInt32(out var version) && Versions.Contains(version) ? null
                    : throw new IngestException("bver", "The pack is of a version of SenML that is not known here; it is 10 (RFC 8428) or 26 (RFC 9100).");
            case "bt" or "bv" or "bs" or "t":
                return SetDecimal(label, reader.ValueSpan);
            case "s":
                record.Sum = NumberText.TryParse(reader.ValueSpan, out var sumForm, out var sum) ? (sumForm, sum) : null;
                return record.Sum is null ? new RowFault("s", "it is beyond the numbers that are kept.") : null;
            case "v" or "vs" or "vd" or "vb":
                return SetValue(label, ref reader);
            case [.., '_']:
                // 4.4: who does not know such a field must not use the pack.
                throw new IngestException(label, $"The pack has the field '{label}', which must be understood and is not known here.");
            default:
                reader.Skip();
                return null;
        }

        record.HasBase = true;
        return null;
    }

    private RowFault? SetDecimal(string label, ReadOnlySpan<byte> text)
    {
        if (!decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) || Math.Abs(number) > MostBase)
        {
            return new RowFault(label, "it is beyond the numbers that are kept.");
        }

        if (label == "t")
        {
            record.Time = number;
            return null;
        }

        common = label switch { "bt" => common with { Time = number }, "bv" => common with { Value = number }, _ => common with { Sum = number } };
        record.HasBase = true;
        return null;
    }

    private RowFault? SetValue(string label, ref Utf8JsonReader reader)
    {
        if (record.Kind != RowValue.None)
        {
            return new RowFault(label, "a record has one of v, vs, vb and vd.");
        }

        value.Clear();
        record.Kind = label switch { "v" => RowValue.Number, "vb" => RowValue.Boolean, _ => RowValue.String };
        switch (label)
        {
            case "vb" when reader.TokenType is not (JsonTokenType.True or JsonTokenType.False):
                return new RowFault("vb", "it is true or false.");
            case "vb":
                value.Add(reader.TokenType == JsonTokenType.True ? "true"u8 : "false"u8);
                return null;
            case "v":
                value.Add(reader.ValueSpan);
                if (!NumberText.TryParse(reader.ValueSpan, out record.Form, out record.Bits))
                {
                    record.Kind = RowValue.NumberTooLarge;
                }

                return null;
            default:
                var text = reader.GetString()!;
                value.Add(Encoding.UTF8.GetBytes(text));
                return label == "vd" && !System.Buffers.Text.Base64Url.IsValid(text) ? new RowFault("vd", "it is no base64url text (RFC 4648 5).") : null;
        }
    }

    /// <summary>Adds a base to a number, as decimals where both are.</summary>
    private static void Add(ref PointRow row, decimal more)
    {
        if (PointForm.IsDecimal(row.Form))
        {
            var sum = ((decimal)row.Bits / PointValue.PowerOfTen(row.Form)) + more;
            if (NumberText.TryParse(Encoding.ASCII.GetBytes(sum.ToString(CultureInfo.InvariantCulture)), out var form, out var bits))
            {
                (row.Form, row.Bits) = (form, bits);
                return;
            }
        }

        (row.Form, row.Bits) = (PointForm.Double, BitConverter.DoubleToInt64Bits(PointValue.ToDouble(row.Form, row.Bits) + (double)more));
    }

    private static long? TicksOf(decimal seconds)
    {
        const decimal Most = 253_402_300_800;
        return seconds is > -62_135_596_800 and < Most ? (long)decimal.Floor(seconds * TimeSpan.TicksPerSecond) + DateTime.UnixEpoch.Ticks : null;
    }

    /// <summary>What a record itself says.</summary>
    private struct SenMlRecord
    {
        public string? Name;
        public string? Unit;
        public decimal Time;
        public RowValue Kind;
        public byte Form;
        public long Bits;
        public (byte Form, long Bits)? Sum;
        public bool HasBase;
    }
}

/// <summary>The base fields that hold until others come (RFC 8428 4.1).</summary>
internal sealed record SenMlBase(string Name, decimal Time, string Unit, decimal Value, decimal Sum)
{
    /// <summary>For a body that goes on later.</summary>
    public string ToJson()
    {
        var json = new ArrayBufferWriter<byte>(128);
        using (var writer = new Utf8JsonWriter(json))
        {
            writer.WriteStartArray();
            writer.WriteStringValue(Name);
            writer.WriteNumberValue(Time);
            writer.WriteStringValue(Unit);
            writer.WriteNumberValue(Value);
            writer.WriteNumberValue(Sum);
            writer.WriteEndArray();
        }

        return Encoding.UTF8.GetString(json.WrittenSpan);
    }

    /// <summary>What <see cref="ToJson"/> wrote.</summary>
    public static SenMlBase FromJson(string json)
    {
        using var document = JsonDocument.Parse(json);
        var all = document.RootElement;
        return new SenMlBase(all[0].GetString()!, all[1].GetDecimal(), all[2].GetString()!, all[3].GetDecimal(), all[4].GetDecimal());
    }
}
