using System.Text;
using System.Text.Json.Nodes;
using Twin.NgsiLd.Contexts;
using Twin.NgsiLd.Entities;
using Twin.NgsiLd.Representations;

namespace Twin.ScenarioEngine.Scenarios;

/// <summary>An entity that an intervention adds, in the terms of the district's @context.</summary>
internal sealed class NewEntity
{
    private readonly JsonObject _json;

    /// <summary>Begins it.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="type">Its type, as the district's @context names it.</param>
    public NewEntity(string id, string type) => _json = new JsonObject { ["id"] = id, ["type"] = DistrictVocabulary.Iri(type) };

    /// <summary>A Property; null is left out.</summary>
    /// <param name="term">Its term.</param>
    /// <param name="value">The value.</param>
    /// <param name="unit">Its unit (UN/CEFACT).</param>
    public NewEntity Property(string term, JsonNode? value, string? unit = null)
    {
        if (value is not null)
        {
            var attribute = new JsonObject { ["type"] = "Property", ["value"] = value };
            if (unit is not null)
            {
                attribute["unitCode"] = unit;
            }

            _json[DistrictVocabulary.Iri(term)] = attribute;
        }

        return this;
    }

    /// <summary>A Relationship; null is left out.</summary>
    public NewEntity Relationship(string term, string? target)
    {
        if (target is not null)
        {
            _json[DistrictVocabulary.Iri(term)] = new JsonObject { ["type"] = "Relationship", ["object"] = target };
        }

        return this;
    }

    /// <summary>A Relationship to several.</summary>
    public NewEntity Relationships(string term, IEnumerable<string> targets)
    {
        _json[DistrictVocabulary.Iri(term)] = new JsonObject { ["type"] = "Relationship", ["object"] = new JsonArray([.. targets.Select(static id => (JsonNode)id)]) };
        return this;
    }

    /// <summary>Where it is.</summary>
    public NewEntity Location(string shape, JsonNode coordinates)
    {
        _json["location"] = new JsonObject { ["type"] = "GeoProperty", ["value"] = new JsonObject { ["type"] = shape, ["coordinates"] = coordinates } };
        return this;
    }

    /// <summary>The entity.</summary>
    public EntityNode Node() => EntityParser.ParseEntity(Encoding.UTF8.GetBytes(_json.ToJsonString()), JsonLdContext.Core, ParseOptions.Entity);
}
