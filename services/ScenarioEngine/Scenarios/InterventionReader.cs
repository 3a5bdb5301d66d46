using System.Text;
using System.Text.Json;
using Twin.NgsiLd;
using Twin.NgsiLd.Contexts;
using Twin.NgsiLd.Representations;

namespace Twin.ScenarioEngine.Scenarios;

/// <summary>Reads interventions from JSON; whatever a kind does not know is refused with the member's path.</summary>
internal static class InterventionReader
{
    /// <summary>The greatest power of a system, W: a gigawatt is beyond any building.</summary>
    private const double MostPower = 1e9;

    /// <summary>Reads a list.</summary>
    /// <param name="list">A JSON array.</param>
    /// <param name="context">What expands names of attributes.</param>
    /// <param name="path">Where the list stands, for faults: <c>/interventions</c>.</param>
    /// <param name="most">The most that are taken.</param>
    /// <exception cref="NgsiLdException">BadRequestData with the member's path.</exception>
    public static List<Intervention> ReadAll(JsonElement list, JsonLdContext context, string path, int most)
    {
        if (list.ValueKind != JsonValueKind.Array)
        {
            throw NgsiLdException.BadRequest("Interventions are an array, in the order in which they are applied.", path);
        }

        if (list.GetArrayLength() > most)
        {
            throw NgsiLdException.BadRequest($"A scenario has at most {most} interventions.", path);
        }

        return [.. list.EnumerateArray().Select((item, at) => Read(item, context, $"{path}/{at}"))];
    }

    private static Intervention Read(JsonElement json, JsonLdContext context, string path)
    {
        var members = new Members(json, path);
        var entity = members.Text("entity");
        if (!Uris.IsAbsolute(entity))
        {
            throw NgsiLdException.BadRequest("An entity id is a URI, such as urn:ngsi-ld:Building:1.", path + "/entity");
        }

        var from = members.OptionalText("validFrom") is not { } text ? (long?)null
            : Timestamps.TryParse(text.AsSpan(), out var micros) ? micros
            : throw NgsiLdException.BadRequest("validFrom is a date-time in UTC such as 2030-01-01T00:00:00Z.", path + "/validFrom");
        Intervention read = members.Text("type") switch
        {
            ChangeAttribute.Name => new ChangeAttribute(entity, from, Attribute(members.Text("attribute"), context, path), members.Json("value")),
            Retrofit.Name => ReadRetrofit(members, entity, from, path),
            AddPhotovoltaics.Name => new AddPhotovoltaics(
                entity, from,
                members.Number("peakPower", 1, MostPower), members.Number("tilt", 0, 90), members.Number("azimuth", 0, 359.999999), members.Number("losses", 0, 1)),
            var other => throw NgsiLdException.BadRequest($"There is no intervention '{other}': {ChangeAttribute.Name}, {Retrofit.Name}, {AddPhotovoltaics.Name}.", path + "/type"),
        };
        members.RefuseOthers();
        return read;
    }

    private static Retrofit ReadRetrofit(Members members, string entity, long? from, string path)
    {
        var elements = new List<(string, double)>();
        foreach (var kind in Retrofit.Kinds)
        {
            if (members.Nested(kind) is { } part)
            {
                elements.Add((kind, part.Number("uValue", 0.01, 20)));
                part.RefuseOthers();
            }
        }

        var window = members.Nested("window");
        var retrofit = new Retrofit(
            entity, from, elements,
            window?.OptionalNumber("uValue", 0.01, 20), window?.OptionalNumber("solarTransmittance", 0, 1),
            members.OptionalNumber("infiltration", 0, 100), members.OptionalNumber("heatRecovery", 0, 1));
        window?.RefuseOthers();
        return elements.Count > 0 || retrofit.WindowUValue is not null || retrofit.WindowSolarTransmittance is not null || retrofit.Infiltration is not null || retrofit.HeatRecovery is not null
            ? retrofit
            : throw NgsiLdException.BadRequest("A retrofit renews something: wall, roof, floor, window, infiltration or heatRecovery.", path);
    }

    private static string Attribute(string name, JsonLdContext context, string path)
    {
        var iri = name.Length is > 0 and <= Terms.MaximumLength ? context.ExpandTerm(name) : "";
        return Uris.IsAbsolute(iri) ? iri : throw NgsiLdException.BadRequest($"'{name}' is no attribute name.", path + "/attribute");
    }

    /// <summary>The members of an object, of which those that nobody asked for are refused.</summary>
    private sealed class Members
    {
        private readonly JsonElement _json;
        private readonly string _path;
        private readonly HashSet<string> _known = [];

        public Members(JsonElement json, string path)
        {
            (_json, _path) = (json, path);
            if (json.ValueKind != JsonValueKind.Object)
            {
                throw NgsiLdException.BadRequest("A JSON object is expected here.", path);
            }
        }

        public string Text(string name) => OptionalText(name) ?? throw Missing(name);

        public string? OptionalText(string name) => Find(name) switch
        {
            null => null,
            { ValueKind: JsonValueKind.String } text => text.GetString(),
            _ => throw NgsiLdException.BadRequest($"'{name}' is a text.", $"{_path}/{name}"),
        };

        public double Number(string name, double least, double most) => OptionalNumber(name, least, most) ?? throw Missing(name);

        public double? OptionalNumber(string name, double least, double most) => Find(name) switch
        {
            null => null,
            { ValueKind: JsonValueKind.Number } number when number.TryGetDouble(out var value) && value >= least && value <= most => value,
            _ => throw NgsiLdException.BadRequest($"'{name}' is a number from {least} to {most}.", $"{_path}/{name}"),
        };

        public ReadOnlyMemory<byte> Json(string name) => Find(name) is { } value ? Encoding.UTF8.GetBytes(value.GetRawText()) : throw Missing(name);

        public Members? Nested(string name) => Find(name) is { } value ? new Members(value, $"{_path}/{name}") : null;

        public void RefuseOthers()
        {
            foreach (var member in _json.EnumerateObject())
            {
                if (!_known.Contains(member.Name))
                {
                    throw NgsiLdException.BadRequest($"There is no member '{member.Name}' here. Known: {string.Join(", ", _known)}.", $"{_path}/{member.Name}");
                }
            }
        }

        private JsonElement? Find(string name)
        {
            _known.Add(name);
            return _json.TryGetProperty(name, out var value) ? value : null;
        }

        private NgsiLdException Missing(string name) => NgsiLdException.BadRequest($"'{name}' is missing.", $"{_path}/{name}");
    }
}
