using System.Collections.Frozen;

namespace Twin.NgsiLd.Contexts;

/// <summary>
/// Which name an IRI gets (JSON-LD 1.1 API, 6.1 to 6.3): a term by the inverse @context, else the rest after the
/// vocabulary, else the shortest compact IRI, else the IRI itself. A name is used only if it expands to the IRI again.
/// </summary>
internal sealed class TermSelection
{
    private readonly JsonLdContext _context;
    private readonly FrozenDictionary<string, string> _inverse;
    private readonly (string Term, string Iri)[] _prefixes;

    public TermSelection(JsonLdContext context, FrozenDictionary<string, TermDefinition> terms)
    {
        _context = context;
        _inverse = Inverse(terms);
        _prefixes = [.. terms.Where(t => t.Value is { IsPrefix: true, Iri: not null, IsKeyword: false }).Select(t => (t.Key, t.Value.Iri!))];
    }

    public string Compact(string iri)
    {
        if (_inverse.TryGetValue(iri, out string? term))
        {
            return term;
        }

        if (iri.Length > JsonLdContext.DefaultVocabulary.Length && iri.StartsWith(JsonLdContext.DefaultVocabulary, StringComparison.Ordinal))
        {
            string suffix = iri[JsonLdContext.DefaultVocabulary.Length..];
            if (!_context.IsTerm(suffix) && _context.ExpandsTo(suffix, iri))
            {
                return suffix;
            }
        }

        string? best = null;
        foreach ((string prefix, string start) in _prefixes)
        {
            if (iri.Length <= start.Length || !iri.StartsWith(start, StringComparison.Ordinal))
            {
                continue;
            }

            string candidate = string.Concat(prefix, ":", iri.AsSpan(start.Length));
            if ((best is null || Precedes(candidate, best)) && _context.ExpandsTo(candidate, iri))
            {
                best = candidate;
            }
        }

        return best ?? iri;
    }

    private static FrozenDictionary<string, string> Inverse(FrozenDictionary<string, TermDefinition> terms)
    {
        var best = new Dictionary<string, (string Term, int Rank)>(StringComparer.Ordinal);
        foreach ((string term, TermDefinition definition) in terms)
        {
            if (definition.Iri is not { } iri || definition.IsReverse)
            {
                continue;
            }

            int own = Rank(definition);
            if (!best.TryGetValue(iri, out (string Term, int Rank) other) || own < other.Rank || (own == other.Rank && Precedes(term, other.Term)))
            {
                best[iri] = (term, own);
            }
        }

        return best.ToFrozenDictionary(b => b.Key, b => b.Value.Term, StringComparer.Ordinal);
    }

    private static bool Precedes(string a, string b) =>
        a.Length != b.Length ? a.Length < b.Length : string.CompareOrdinal(a, b) < 0;

    /// <summary>
    /// For a type, and for an attribute, whose value is a node object without <c>@id</c>, 6.2 prefers a set, and then a term
    /// coerced to <c>@id</c> to a plain one. Terms that pure JSON-LD would pass over, since a datatype or a container does
    /// not fit, come last instead of never: the form of an NGSI-LD attribute does not depend on them.
    /// </summary>
    private static int Rank(TermDefinition definition) => (definition.Coercion, definition.Containers) switch
    {
        (TermCoercion.Id, TermContainers.Set) => 0,
        (TermCoercion.None, TermContainers.Set) => 1,
        (TermCoercion.Id, TermContainers.None) => 2,
        (TermCoercion.None, TermContainers.None) => 3,
        (_, TermContainers.None or TermContainers.Set) => 4,
        _ => 5,
    };
}
