using System.Collections.Frozen;
using System.Text.Json;
using Twin.NgsiLd;
using Twin.NgsiLd.Contexts;
using Twin.NgsiLd.Entities;

namespace Twin.ScenarioEngine.Scenarios;

/// <summary>The terms of the district's @context (Smart Data Models), in which interventions read and write the twin.</summary>
internal static class DistrictVocabulary
{
    private const string Url = "https://twin.federation/contexts/district.jsonld";
    private static readonly FrozenDictionary<string, string> Iris = Read();

    /// <summary>The IRI of a term; one that the @context does not have belongs to the default vocabulary.</summary>
    public static string Iri(string term) => Iris.TryGetValue(term, out var iri) ? iri : JsonLdContext.Core.ExpandTerm(term);

    /// <summary>Refuses an entity of another type; the type of the core @context's default vocabulary is taken as well.</summary>
    /// <exception cref="NgsiLdException">BadRequestData about the intervention's entity.</exception>
    public static void Require(EntityDocument entity, string type, string member = "entity")
    {
        var (own, plain) = (Terms.Intern(Iri(type)), Terms.Intern(JsonLdContext.DefaultVocabulary + type));
        if (!entity.Types.Contains(own) && !entity.Types.Contains(plain))
        {
            throw NgsiLdException.BadRequest($"The entity {entity.Id} is no {type}.", member);
        }
    }

    private static FrozenDictionary<string, string> Read()
    {
        if (!BundledContexts.TryGet(Url, out var document))
        {
            throw new InvalidOperationException($"The @context {Url} is not bundled.");
        }

        using var json = JsonDocument.Parse(document);
        return json.RootElement.GetProperty("@context").EnumerateObject().ToFrozenDictionary(static term => term.Name, static term => term.Value.GetString()!, StringComparer.Ordinal);
    }
}
