using System.Text.Json;

namespace Twin.Node.Import;

/// <summary>
/// Turns a GeoJSON feature into an entity: its geometry becomes <c>location</c>, its properties become attributes. The
/// GeoJSON form of NGSI-LD (4.5.16), whose properties are attributes already, comes back as it was.
/// </summary>
internal sealed class FeatureReader(EntityBuilder builder, Geometries geometries)
{
    private static readonly HashSet<string> AttributeTypes =
        ["Property", "Relationship", "GeoProperty", "LanguageProperty", "VocabProperty", "JsonProperty", "ListProperty", "ListRelationship"];

    public static bool IsFeature(JsonElement json) =>
        json.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String && type.ValueEquals("Feature"u8) && json.TryGetProperty("geometry", out _);

    public EntityRow Read(long row, JsonElement feature)
    {
        if (!IsFeature(feature))
        {
            throw new RefusedException("type", "This is not a GeoJSON Feature with a geometry.");
        }

        var properties = feature.TryGetProperty("properties", out var given) && given.ValueKind == JsonValueKind.Object ? given : default;
        string? Value(string name) => properties.ValueKind == JsonValueKind.Object && properties.TryGetProperty(name, out var value) ? TextOf(value) : null;

        var ngsiLd = properties.ValueKind == JsonValueKind.Object && properties.EnumerateObject().Any(static p => IsAttribute(p.Value));
        var type = builder.TypeOf(ngsiLd ? Value("type") : null);
        var id = builder.IdOf(type, feature.TryGetProperty("id", out var own) ? TextOf(own) : null, row, Value);
        try
        {
            var geometry = geometries.Read(feature.GetProperty("geometry"), "geometry");
            builder.Begin(id, type);
            if (geometry is not null && !(ngsiLd && properties.TryGetProperty("location", out _)))
            {
                builder.Geometry("location", geometry);
            }

            if (properties.ValueKind == JsonValueKind.Object)
            {
                Attributes(properties, Value, ngsiLd);
            }

            return new(row, id, builder.End(), false);
        }
        catch (RefusedException error)
        {
            return EntityRow.Refuse(row, id, error.Member, error.Message);
        }
    }

    private void Attributes(JsonElement properties, Func<string, string?> value, bool ngsiLd)
    {
        foreach (var property in properties.EnumerateObject())
        {
            if (ngsiLd && property.Name == "type")
            {
                continue;
            }

            if (ngsiLd && (IsAttribute(property.Value) || property.Name == "scope"))
            {
                builder.Raw(property.Name, property.Value);
            }
            else if (builder.Of(property.Name) is { } attribute)
            {
                builder.Attribute(property.Name, attribute, property.Value, value);
            }
        }
    }

    private static bool IsAttribute(JsonElement value) =>
        (value.ValueKind == JsonValueKind.Object && value.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String && AttributeTypes.Contains(type.GetString()!))
        || (value.ValueKind == JsonValueKind.Array && value.GetArrayLength() > 0 && IsAttribute(value[0]));

    private static string? TextOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => null,
        JsonValueKind.String => value.GetString(),
        _ => value.GetRawText(),
    };
}
