using System.Text;
using System.Text.Json;
using Twin.Telemetry.Ingest.Json;
using Twin.Telemetry.Ingest.Mappings;
using Twin.Telemetry.Points;

namespace Twin.Telemetry.Ingest.SensorThings;

/// <summary>
/// Observations of the OGC SensorThings API (18-088 8.2.8) as rows: an array of them, what a server answers (<c>value</c>), or groups by
/// Datastream with a <c>dataArray</c> each (13.2). Observations without a Datastream of their own have that of the answer, or the one entity
/// that the mapping says.
/// </summary>
internal sealed class ObservationRows(SensorThingsMapping mapping) : JsonElements
{
    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 32 };
    private readonly DatastreamNames names = new(mapping);
    private readonly List<Observation> observations = [];
    private JsonDocument? document;
    private byte[] value = [];
    private byte[] time = [];
    private byte[] quality = [];
    private int next;

    /// <inheritdoc />
    public override string? PlaceOf(string? member)
    {
        var place = next > 0 && next <= observations.Count ? observations[next - 1].Place : "";
        return place + (member switch { "observedAt" => "/phenomenonTime", "value" => "/result", "quality" => "/resultQuality", "entity" or "attribute" or "unit" or "Datastream" => "/Datastream", _ => "" });
    }

    /// <inheritdoc />
    protected override RowFault? Open(ReadOnlySpan<byte> record)
    {
        document?.Dispose();
        (document, next) = (null, 0);
        observations.Clear();
        try
        {
            document = JsonDocument.Parse(record.ToArray(), Strict);
            return Collect(document.RootElement, default, "");
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            return RowFault.Of("it is not JSON.");
        }
    }

    /// <inheritdoc />
    protected override bool ReadMore(out PointRow row, out RowFault? fault)
    {
        row = default;
        fault = null;
        if (next >= observations.Count)
        {
            return false;
        }

        try
        {
            fault = Read(observations[next++], ref row);
        }
        catch (InvalidOperationException)
        {
            fault = RowFault.Of("it has a string that is no Unicode text (half of a surrogate pair).");
        }

        return true;
    }

    /// <summary>What an object is: an answer, a group of a data array, or an observation.</summary>
    private RowFault? Collect(JsonElement one, JsonElement datastream, string place)
    {
        var own = DatastreamNames.Member(one, "Datastream");
        var of = own.ValueKind == JsonValueKind.Object ? own : datastream;
        if (one.TryGetProperty("dataArray", out var rows))
        {
            return CollectRows(one, rows, of, place);
        }

        if (!one.TryGetProperty("result", out var result) && one.TryGetProperty("value", out var answered) && answered.ValueKind == JsonValueKind.Array)
        {
            foreach (var (at, inner) in answered.EnumerateArray().Index())
            {
                var within = FormattableString.Invariant($"{place}/value/{at}");
                if (inner.ValueKind != JsonValueKind.Object)
                {
                    return RowFault.Of($"{within} is no object.");
                }

                if (Collect(inner, of, within) is { } fault)
                {
                    return fault;
                }
            }

            return null;
        }

        observations.Add(new Observation(of, result, DatastreamNames.Member(one, "phenomenonTime"), DatastreamNames.Member(one, "resultTime"), DatastreamNames.Member(one, "resultQuality"), place));
        return null;
    }

    private RowFault? CollectRows(JsonElement group, JsonElement rows, JsonElement datastream, string place)
    {
        var components = DatastreamNames.Member(group, "components");
        if (components.ValueKind != JsonValueKind.Array || rows.ValueKind != JsonValueKind.Array)
        {
            return new RowFault("components", "a group has components, the names of what the rows of its dataArray hold (18-088 13.2).");
        }

        var columns = components.EnumerateArray().Select(static one => DatastreamNames.Text(one) ?? "").ToList();
        foreach (var (at, row) in rows.EnumerateArray().Index())
        {
            var within = FormattableString.Invariant($"{place}/dataArray/{at}");
            if (row.ValueKind != JsonValueKind.Array || row.GetArrayLength() != columns.Count)
            {
                return new RowFault("dataArray", $"{within} has not the {columns.Count} values that components names.");
            }

            observations.Add(new Observation(datastream, Of("result"), Of("phenomenonTime"), Of("resultTime"), Of("resultQuality"), within));

            JsonElement Of(string name) => columns.IndexOf(name) is var column and >= 0 ? row[column] : default;
        }

        return null;
    }

    private RowFault? Read(in Observation one, ref PointRow row)
    {
        if (names.Of(one.Datastream, out var fault) is not { } meaning)
        {
            return fault;
        }

        row.Entity = meaning.Entity;
        row.Attribute = meaning.Attribute;
        row.Unit = meaning.Unit;
        if (ReadTime(one) is { } noTime)
        {
            return noTime;
        }

        row.ObservedAt = time;
        quality = Encoding.ASCII.GetBytes(QualityOf(one.Quality));
        row.Quality = quality;
        return ReadResult(one.Result, ref row);
    }

    /// <summary>The instant, or that end of an interval that the mapping says; the time of the result when the phenomenon has none.</summary>
    private RowFault? ReadTime(in Observation one)
    {
        var said = one.PhenomenonTime.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null ? one.ResultTime : one.PhenomenonTime;
        if (said.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null)
        {
            return new RowFault("observedAt", "it is missing.");
        }

        var text = DatastreamNames.Text(said) ?? "";
        var between = text.IndexOf('/', StringComparison.Ordinal);
        time = Encoding.UTF8.GetBytes(between < 0 ? text : mapping.IntervalEnds ? text[(between + 1)..] : text[..between]);
        return null;
    }

    private RowFault? ReadResult(JsonElement result, ref PointRow row)
    {
        value = result.ValueKind switch
        {
            JsonValueKind.Undefined => [],
            JsonValueKind.String => Encoding.UTF8.GetBytes(result.GetString()!),
            _ => Encoding.UTF8.GetBytes(result.GetRawText()),
        };
        row.Value = value;
        row.Kind = result.ValueKind switch
        {
            JsonValueKind.Number => NumberText.TryParse(value, out row.Form, out row.Bits) ? RowValue.Number : RowValue.NumberTooLarge,
            JsonValueKind.True or JsonValueKind.False => RowValue.Boolean,
            JsonValueKind.String => RowValue.Text,
            JsonValueKind.Object or JsonValueKind.Array => RowValue.Json,
            JsonValueKind.Null => RowValue.Null,
            _ => RowValue.None,
        };
        return null;
    }

    /// <summary>A quality that nobody has said what it means here is no reason to trust the value.</summary>
    private string QualityOf(JsonElement said)
    {
        if (said.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null)
        {
            return "";
        }

        var text = DatastreamNames.Text(said) ?? said.GetRawText();
        return mapping.Qualities?.GetValueOrDefault(text) is { } meant ? meant
            : Qualities.TryParse(Encoding.UTF8.GetBytes(text), out _) ? text
            : Qualities.Name(PointQuality.Uncertain);
    }

    private readonly record struct Observation(
        JsonElement Datastream, JsonElement Result, JsonElement PhenomenonTime, JsonElement ResultTime, JsonElement Quality, string Place);
}
