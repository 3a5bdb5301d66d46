using System.Text.Json;
using Twin.NgsiLd.Contexts;

namespace Twin.NgsiLd.Queries;

/// <summary>Reads the parts of a Query body (5.2.23) into the form of URL parameters.</summary>
internal static class QueryBody
{
    private const int MaximumSelectors = 100;

    public static NgsiLdException Fault(string member, string expected) =>
        NgsiLdException.BadRequest($"{member}: expected {expected} (5.2.23).", "/" + member);

    public static string Text(JsonElement value, string member) =>
        value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text ? text : throw Fault(member, "a string that is not empty");

    /// <summary>A string, or an array of strings that is not empty, joined with commas.</summary>
    public static string List(JsonElement value, string member) => string.Join(',', Items(value, member));

    private static string[] Items(JsonElement value, string member) => value.ValueKind switch
    {
        JsonValueKind.String => [Text(value, member)],
        JsonValueKind.Array when value.GetArrayLength() > 0 => [.. value.EnumerateArray().Select(item => Text(item, member))],
        _ => throw Fault(member, "an array of strings that is not empty"),
    };

    public static List<EntitySelector> Selectors(JsonElement value, JsonLdContext context)
    {
        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() == 0)
        {
            throw Fault("entities", "an array of selectors that is not empty");
        }

        if (value.GetArrayLength() > MaximumSelectors)
        {
            throw QueryLimits.TooComplex($"more than {MaximumSelectors} selectors.", "/entities");
        }

        var selectors = new List<EntitySelector>();
        foreach (JsonElement item in value.EnumerateArray())
        {
            selectors.Add(Selector(item, $"entities/{selectors.Count}", context));
        }

        return selectors;
    }

    public static void GeoQuery(JsonElement value, Dictionary<string, string> given)
    {
        foreach (JsonProperty member in Object(value, "geoQ"))
        {
            given[member.Name] = member.Name switch
            {
                "georel" or "geometry" or "geoproperty" => Text(member.Value, $"geoQ/{member.Name}"),
                "coordinates" => Coordinates(member.Value, "geoQ/coordinates", mayBeText: true),
                _ => throw Fault($"geoQ/{member.Name}", "georel, geometry, coordinates or geoproperty"),
            };
        }

        if (!given.ContainsKey("georel"))
        {
            throw Fault("geoQ/georel", "a relation such as near;maxDistance==2000");
        }
    }

    public static void Ordering(JsonElement value, Dictionary<string, string> given)
    {
        foreach (JsonProperty member in Object(value, "ordering"))
        {
            switch (member.Name)
            {
                case "orderBy":
                    given["orderBy"] = List(member.Value, "ordering/orderBy");
                    break;
                case "collation":
                    given["collation"] = Text(member.Value, "ordering/collation");
                    break;
                case "geometry":
                    given["orderGeometry"] = Text(member.Value, "ordering/geometry");
                    break;
                case "coordinates":
                    given["orderFrom"] = Coordinates(member.Value, "ordering/coordinates", mayBeText: false);
                    break;
                default:
                    throw Fault($"ordering/{member.Name}", "orderBy, collation, geometry or coordinates");
            }
        }
    }

    private static EntitySelector Selector(JsonElement value, string where, JsonLdContext context)
    {
        string? type = null;
        string? pattern = null;
        string[]? ids = null;
        foreach (JsonProperty member in Object(value, where))
        {
            switch (member.Name)
            {
                case "type":
                    type = Text(member.Value, $"{where}/type");
                    break;
                case "idPattern":
                    pattern = Text(member.Value, $"{where}/idPattern");
                    break;
                case "id":
                    ids = Items(member.Value, $"{where}/id");
                    break;
                default:
                    throw Fault($"{where}/{member.Name}", "type, id or idPattern");
            }
        }

        return type is null
            ? throw Fault($"{where}/type", "the entity type that a selector must have (5.2.33)")
            : new EntitySelector(TypeExpression.Parse(type, context, $"/{where}/type"), IdFilter.Parse(ids, pattern));
    }

    private static JsonElement.ObjectEnumerator Object(JsonElement value, string member) =>
        value.ValueKind == JsonValueKind.Object ? value.EnumerateObject() : throw Fault(member, "an object");

    private static string Coordinates(JsonElement value, string member, bool mayBeText) => value.ValueKind switch
    {
        JsonValueKind.Array => value.GetRawText(),
        JsonValueKind.String when mayBeText => value.GetString()!,
        _ => throw Fault(member, "an array of coordinates"),
    };
}
