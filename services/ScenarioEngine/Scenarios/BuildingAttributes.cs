using System.Text.Json.Nodes;
using Twin.NgsiLd;
using Twin.NgsiLd.Contexts;
using Twin.NgsiLd.Entities;
using Twin.NgsiLd.Operations;
using Twin.NgsiLd.Representations;

namespace Twin.ScenarioEngine.Scenarios;

/// <summary>The attributes that models read and interventions change; their values are JSON.</summary>
internal static class BuildingAttributes
{
    /// <summary>The building as a thermal zone: the inputs of the heating and cooling model, an object.</summary>
    public static readonly string ThermalZone = JsonLdContext.DefaultVocabulary + "thermalZone";

    /// <summary>Its photovoltaic systems, an array.</summary>
    public static readonly string Photovoltaics = JsonLdContext.DefaultVocabulary + "photovoltaics";

    /// <summary>Its batteries, an array.</summary>
    public static readonly string Batteries = JsonLdContext.DefaultVocabulary + "batteries";

    /// <summary>What heats it, an object.</summary>
    public static readonly string HeatSupply = JsonLdContext.DefaultVocabulary + "heatSupply";

    /// <summary>The value of an attribute without a dataset; null when there is none.</summary>
    public static JsonNode? Find(EntityDocument entity, string attribute) =>
        entity.TryFind(Terms.Intern(attribute), out var view) && !view.HasDatasetId ? JsonNode.Parse(view.Value) : null;

    /// <summary>The number that an attribute has, in a unit.</summary>
    /// <exception cref="NgsiLdException">BadRequestData about the intervention's entity: there is none, or one in another unit.</exception>
    public static double Number(EntityDocument entity, string attribute, string unit) =>
        entity.TryFind(Terms.Intern(attribute), out var view) && !view.HasDatasetId && view.TryGetNumber(out var number) && view.UnitCode.SequenceEqual(System.Text.Encoding.ASCII.GetBytes(unit))
            ? number
            : throw NgsiLdException.BadRequest($"The entity {entity.Id} has no number {attribute} with the unitCode {unit}.", "entity");

    /// <summary>The entity with one more item in an attribute that is an array.</summary>
    /// <exception cref="NgsiLdException">BadRequestData about the intervention's entity: the attribute is something else.</exception>
    public static EntityDocument WithItem(EntityDocument entity, string attribute, JsonObject item, long now)
    {
        var items = Find(entity, attribute) switch
        {
            null => [],
            JsonArray some => some,
            _ => throw NgsiLdException.BadRequest($"The attribute {attribute} of {entity.Id} is no array.", "entity"),
        };
        items.Add((JsonNode)item);
        return With(entity, attribute, items, now);
    }

    /// <summary>The entity with another value of a Property, which is there afterwards at any rate.</summary>
    /// <param name="entity">The entity.</param>
    /// <param name="attribute">The attribute's IRI.</param>
    /// <param name="value">The value.</param>
    /// <param name="now">What modifiedAt becomes.</param>
    /// <param name="unit">The unit (UN/CEFACT); null for none.</param>
    public static EntityDocument With(EntityDocument entity, string attribute, JsonNode value, long now, string? unit = null)
    {
        var body = new JsonObject { ["type"] = "Property", ["value"] = value };
        if (unit is not null)
        {
            body["unitCode"] = unit;
        }

        var term = Terms.Intern(attribute);
        var parsed = EntityParser.ParseAttribute(System.Text.Encoding.UTF8.GetBytes(body.ToJsonString()), term, JsonLdContext.Core, ParseOptions.Entity);
        var fragment = new EntityNode { Id = entity.Id, Attributes = parsed };
        return EntityOperations.Append(entity, fragment, overwrite: true, now).Next
            ?? throw NgsiLdException.BadRequest($"The attribute {attribute} takes no such value.");
    }
}
