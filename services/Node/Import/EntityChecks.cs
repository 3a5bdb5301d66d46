using System.Text.Json;
using Twin.NgsiLd;
using Twin.NgsiLd.Contexts;
using Twin.NgsiLd.Representations;

namespace Twin.Node.Import;

/// <summary>What an NGSI-LD entity must have before it is worth sending; the node checks the rest.</summary>
internal static class EntityChecks
{
    public static EntityRow Check(RawRow raw, JsonElement entity)
    {
        if (!entity.TryGetProperty("id", out var id) && !entity.TryGetProperty("@id", out id))
        {
            throw new RefusedException("id", "The entity has no id.");
        }

        if (id.ValueKind != JsonValueKind.String || !Uri.TryCreate(id.GetString(), UriKind.Absolute, out _))
        {
            throw new RefusedException("id", "The id is not a URI, such as urn:ngsi-ld:Building:1.");
        }

        if (!(entity.TryGetProperty("type", out var type) || entity.TryGetProperty("@type", out type))
            || type.ValueKind is not (JsonValueKind.String or JsonValueKind.Array))
        {
            throw new RefusedException("type", "The entity has no type.");
        }

        return new(raw.Row, id.GetString(), raw.Json, entity.TryGetProperty("@context", out _));
    }

    /// <summary>What the node would say: its own parser reads the entity. The meaning of the names does not matter for that.</summary>
    public static EntityRow Thoroughly(EntityRow row)
    {
        if (row.Refusal is not null)
        {
            return row;
        }

        try
        {
            EntityParser.ParseEntity(row.Json, JsonLdContext.Core, ParseOptions.Entity);
            return row;
        }
        catch (NgsiLdException fault)
        {
            return EntityRow.Refuse(row.Row, row.Id, fault.Member, fault.Message);
        }
    }

    /// <summary>The id of an object that may be anything.</summary>
    public static string? IdIn(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 128 });
            return document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("id", out var id)
                ? id.ValueKind == JsonValueKind.String ? id.GetString() : id.GetRawText()
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
