using System.Text.Json.Nodes;
using Twin.NgsiLd;
using Twin.NgsiLd.Contexts;
using Twin.NgsiLd.Entities;
using Twin.NgsiLd.Operations;
using Twin.NgsiLd.Representations;

namespace Twin.ScenarioEngine.Scenarios;

/// <summary>The attributes of a building that models read and interventions change; their values are JSON.</summary>
internal static class BuildingAttributes
{
    /// <summary>The building as a thermal zone: the inputs of the heating and cooling model, an object.</summary>
    public static readonly string ThermalZone = JsonLdContext.DefaultVocabulary + "thermalZone";

    /// <summary>Its photovoltaic systems, an array.</summary>
    public static readonly string Photovoltaics = JsonLdContext.DefaultVocabulary + "photovoltaics";

    /// <summary>The value of an attribute without a dataset; null when there is none.</summary>
    public static JsonNode? Find(EntityDocument entity, string attribute) =>
        entity.TryFind(Terms.Intern(attribute), out var view) && !view.HasDatasetId ? JsonNode.Parse(view.Value) : null;

    /// <summary>The entity with another value of a Property, which is there afterwards at any rate.</summary>
    public static EntityDocument With(EntityDocument entity, string attribute, JsonNode value, long now)
    {
        var body = new JsonObject { ["type"] = "Property", ["value"] = value };
        var term = Terms.Intern(attribute);
        var parsed = EntityParser.ParseAttribute(System.Text.Encoding.UTF8.GetBytes(body.ToJsonString()), term, JsonLdContext.Core, ParseOptions.Entity);
        var fragment = new EntityNode { Id = entity.Id, Attributes = parsed };
        return EntityOperations.Append(entity, fragment, overwrite: true, now).Next
            ?? throw NgsiLdException.BadRequest($"The attribute {attribute} takes no such value.");
    }
}
