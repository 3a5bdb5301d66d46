using System.Text;
using System.Text.Json;
using Twin.Telemetry.Ingest.Csv;
using Twin.Telemetry.Ingest.Mappings;
using Twin.Telemetry.Ingest.SenMl;

namespace Twin.Telemetry.Ingest.SensorThings;

/// <summary>What the observations of a Datastream mean here.</summary>
/// <param name="Entity">The entity.</param>
/// <param name="Attribute">The attribute.</param>
/// <param name="Unit">The unit code; empty for none.</param>
internal sealed record DatastreamMeaning(byte[] Entity, byte[] Attribute, byte[] Unit);

/// <summary>
/// Which entity, attribute and unit a Datastream (OGC 18-088 8.2.4) means: as the mapping says of its id, else by the templates, with
/// what the body tells of it beside its id when it was asked for with <c>$expand</c>.
/// </summary>
internal sealed class DatastreamNames(SensorThingsMapping mapping)
{
    private const int MostKnown = 4096;
    private readonly Dictionary<string, (DatastreamMeaning? Meaning, RowFault? Fault)> known = new(StringComparer.Ordinal);

    /// <summary>What a Datastream means.</summary>
    /// <param name="datastream">As the body has it; undefined when it says nothing.</param>
    /// <param name="fault">Why it means nothing.</param>
    public DatastreamMeaning? Of(JsonElement datastream, out RowFault? fault)
    {
        var text = datastream.ValueKind == JsonValueKind.Undefined ? "" : datastream.GetRawText();
        if (!known.TryGetValue(text, out var found))
        {
            if (known.Count == MostKnown)
            {
                known.Clear();
            }

            var meaning = Find(datastream, out var refused);
            known.Add(text, found = (meaning, refused));
        }

        fault = found.Fault;
        return found.Meaning;
    }

    private DatastreamMeaning? Find(JsonElement datastream, out RowFault? fault)
    {
        var fields = Fields(datastream);
        var own = fields.TryGetValue("datastream", out var id) ? mapping.Datastreams.GetValueOrDefault(id) : null;
        var entity = own?.Entity ?? mapping.Entity;
        var attribute = own?.Attribute ?? mapping.Attribute;
        if (entity.Fields.Concat(attribute.Fields).FirstOrDefault(field => !fields.ContainsKey(field)) is { } missing)
        {
            fault = new RowFault("Datastream", $"the body does not tell its {missing}: ask for it with $expand, or say in datastreams of the mapping what the Datastream means.");
            return null;
        }

        var unit = own?.Unit ?? UnitOf(datastream);
        if (!Ascii.IsValid(unit))
        {
            fault = new RowFault("unit", $"'{unit}' is no unit that is known here: say its UN/CEFACT code in units of the mapping.");
            return null;
        }

        fault = null;
        return new DatastreamMeaning(
            Encoding.UTF8.GetBytes(entity.Fill(fields, inUri: true)), Encoding.UTF8.GetBytes(attribute.Fill(fields, inUri: false)), Encoding.ASCII.GetBytes(unit));
    }

    /// <summary>What a template can name.</summary>
    private static Dictionary<string, string> Fields(JsonElement datastream)
    {
        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        Add(fields, "datastream", Member(datastream, "@iot.id"));
        Add(fields, "name", Member(datastream, "name"));
        foreach (var (field, member) in new[] { ("thing", "Thing"), ("observedProperty", "ObservedProperty"), ("sensor", "Sensor") })
        {
            var other = Member(datastream, member);
            Add(fields, field, Member(other, "@iot.id"));
            Add(fields, field + "Name", Member(other, "name"));
        }

        return fields;
    }

    /// <summary>The code of its unitOfMeasurement; empty when it says none.</summary>
    private string UnitOf(JsonElement datastream)
    {
        var unit = Member(datastream, "unitOfMeasurement");
        var symbol = Text(Member(unit, "symbol")) is { Length: > 0 } said ? said : Text(Member(unit, "name")) ?? "";
        return mapping.Units.TryGetValue(symbol, out var code) ? code : SenMlUnits.CodeOf(symbol switch { "°C" or "degC" => "Cel", "Ω" => "Ohm", "m²" => "m2", "m³" => "m3", "W/m²" => "W/m2", "µg/m³" or "μg/m³" => "ug/m3", _ => symbol });
    }

    private static void Add(Dictionary<string, string> fields, string name, JsonElement value)
    {
        if (value.ValueKind is JsonValueKind.String or JsonValueKind.Number && Text(value) is { Length: > 0 } text)
        {
            fields[name] = text;
        }
    }

    internal static JsonElement Member(JsonElement of, string name) =>
        of.ValueKind == JsonValueKind.Object && of.TryGetProperty(name, out var found) ? found : default;

    /// <summary>A string, or a number as it is written; ids may be either.</summary>
    internal static string? Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Number => value.GetRawText(),
        _ => null,
    };
}
