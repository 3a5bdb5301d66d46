using System.Buffers;
using System.Collections.Frozen;
using System.Text.Json;

namespace Twin.NgsiLd.Contexts;

/// <summary>Reads the term definitions of one @context object: JSON-LD 1.1 API, 4.2.</summary>
internal sealed class TermReader(Dictionary<string, JsonElement> members, Dictionary<string, TermDefinition> terms, string vocabulary, string? url, bool core)
{
    private static readonly FrozenSet<string> ContextKeywords = new[] { "@base", "@direction", "@import", "@language", "@propagate", "@protected", "@version", "@vocab" }.ToFrozenSet(StringComparer.Ordinal);
    private static readonly FrozenSet<string> Keywords = new[]
    {
        "@base", "@container", "@context", "@direction", "@graph", "@id", "@import", "@included", "@index", "@json", "@language", "@list", "@nest",
        "@none", "@prefix", "@propagate", "@protected", "@reverse", "@set", "@type", "@value", "@version", "@vocab",
    }.ToFrozenSet(StringComparer.Ordinal);
    private static readonly FrozenSet<string> DefinitionKeywords = new[] { "@id", "@reverse", "@container", "@context", "@direction", "@index", "@language", "@nest", "@prefix", "@protected", "@type" }.ToFrozenSet(StringComparer.Ordinal);

    private static readonly SearchValues<char> Letters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    private readonly Dictionary<string, bool> _done = new(StringComparer.Ordinal);
    private Action<string, TermDefinition, bool?> _define = static (_, _, _) => { };

    /// <summary>Reads every definition, each after those it leans on.</summary>
    /// <param name="define">Takes a term, its definition, and its own <c>@protected</c> flag if it has one.</param>
    public void ReadAll(Action<string, TermDefinition, bool?> define)
    {
        _define = define;
        foreach (string term in members.Keys)
        {
            Read(term);
        }
    }

    /// <summary>An IRI within the @context: term, compact IRI, IRI or a name of the vocabulary.</summary>
    public string Iri(string value)
    {
        if (Keywords.Contains(value))
        {
            return value;
        }

        if (members.ContainsKey(value))
        {
            Read(value);
        }

        if (terms.TryGetValue(value, out TermDefinition? definition) && definition.Iri is { } whole)
        {
            return whole;
        }

        int colon = value.IndexOf(':', StringComparison.Ordinal);
        if (colon > 0)
        {
            string prefix = value[..colon];
            string suffix = value[(colon + 1)..];
            if (prefix == "_" || suffix.StartsWith("//", StringComparison.Ordinal))
            {
                return value;
            }

            if (members.ContainsKey(prefix))
            {
                Read(prefix);
            }

            if (terms.TryGetValue(prefix, out TermDefinition? start) && start is { IsPrefix: true, Iri: { } iri })
            {
                return iri + suffix;
            }

            if (ContextBuilder.IsScheme(prefix))
            {
                return value;
            }
        }

        return vocabulary + value;
    }

    private void Read(string term)
    {
        if (ContextKeywords.Contains(term))
        {
            return;
        }

        if (_done.TryGetValue(term, out bool finished))
        {
            if (!finished)
            {
                throw Invalid(term, "is defined by itself");
            }

            return;
        }

        _done[term] = false;
        JsonElement value = members[term];
        if (term.Length == 0)
        {
            throw NgsiLdException.BadRequest($"The @context defines an empty term{At}.", "@context");
        }

        if (Keywords.Contains(term))
        {
            // JSON-LD lets @type alone be said again, to make it a set; NGSI-LD reads one type and several alike.
            if (term != "@type" || value.ValueKind != JsonValueKind.Object)
            {
                throw Invalid(term, "is a keyword and cannot be defined");
            }
        }
        else if (!LooksLikeKeyword(term))
        {
            Define(term, value);
        }

        _done[term] = true;
    }

    private void Define(string term, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Null:
                _define(term, new TermDefinition(null), null);
                break;
            case JsonValueKind.String:
                DefineSimple(term, value.GetString()!);
                break;
            case JsonValueKind.Object:
                DefineExpanded(term, value);
                break;
            default:
                throw Invalid(term, "is neither a string nor an object nor null");
        }
    }

    private void DefineSimple(string term, string id)
    {
        if (LooksLikeKeyword(id) && !Keywords.Contains(id))
        {
            return;
        }

        string iri = id == term ? OwnIri(term) : Mapping(term, id);
        bool prefix = iri[0] != '@' && !term.Contains(':', StringComparison.Ordinal) && !term.Contains('/', StringComparison.Ordinal)
            && iri[^1] is ':' or '/' or '?' or '#' or '[' or ']' or '@' && !Keywords.Contains(iri);
        _define(term, new TermDefinition(iri, IsPrefix: prefix), null);
    }

    private void DefineExpanded(string term, JsonElement value)
    {
        foreach (JsonProperty member in value.EnumerateObject())
        {
            if (!DefinitionKeywords.Contains(member.Name))
            {
                throw Invalid(term, $"has an unknown member '{member.Name}'");
            }
        }

        if (value.TryGetProperty("@context"u8, out _) && !core)
        {
            throw Invalid(term, "has a scoped @context, which NGSI-LD does not allow (5.5.7)");
        }

        bool? guarded = Flag(term, value, "@protected");
        (TermCoercion coercion, string? datatype) = Coercion(term, value);
        bool reverse = value.TryGetProperty("@reverse"u8, out JsonElement reversed);
        string? iri;
        if (reverse)
        {
            iri = Mapping(term, reversed.ValueKind == JsonValueKind.String ? reversed.GetString()! : throw Invalid(term, "has an @reverse that is not a string"));
        }
        else if (value.TryGetProperty("@id"u8, out JsonElement id))
        {
            iri = id.ValueKind switch
            {
                JsonValueKind.Null => null,
                JsonValueKind.String when id.GetString() == term => OwnIri(term),
                JsonValueKind.String => Mapping(term, id.GetString()!),
                _ => throw Invalid(term, "has an @id that is not a string"),
            };
        }
        else
        {
            iri = OwnIri(term);
        }

        bool prefix = Flag(term, value, "@prefix") ?? false;
        _define(term, new TermDefinition(iri, coercion, Containers(term, value), datatype, prefix && iri is not null, reverse), guarded);
    }

    /// <summary>The IRI of a term that is given none: its own compact or absolute IRI, else a name of the vocabulary.</summary>
    private string OwnIri(string term)
    {
        int colon = term.IndexOf(':', 1);
        if (colon < 0)
        {
            return vocabulary + term;
        }

        string prefix = term[..colon];
        if (members.ContainsKey(prefix))
        {
            Read(prefix);
        }

        return terms.TryGetValue(prefix, out TermDefinition? start) && start.Iri is { } iri ? iri + term[(colon + 1)..] : term;
    }

    private string Mapping(string term, string id)
    {
        string iri = Iri(id);
        if (iri == "@context" || (iri[0] == '@' && !Keywords.Contains(iri)))
        {
            throw Invalid(term, $"cannot stand for '{id}'");
        }

        int colon = term.IndexOf(':', 1);
        if (colon > 0 && colon < term.Length - 1 && OwnIri(term) != iri && IsCompact(term[..colon]))
        {
            throw Invalid(term, $"looks like a compact IRI and stands for another one, '{iri}'");
        }

        return iri;
    }

    private bool IsCompact(string prefix) => terms.TryGetValue(prefix, out TermDefinition? start) && start.IsPrefix;

    private (TermCoercion Coercion, string? Datatype) Coercion(string term, JsonElement value)
    {
        if (!value.TryGetProperty("@type"u8, out JsonElement type))
        {
            return (TermCoercion.None, null);
        }

        if (type.ValueKind != JsonValueKind.String)
        {
            throw Invalid(term, "has an @type that is not a string");
        }

        string iri = Iri(type.GetString()!);
        return iri switch
        {
            "@id" => (TermCoercion.Id, null),
            "@vocab" => (TermCoercion.Vocab, null),
            "@json" => (TermCoercion.Json, null),
            "@none" => (TermCoercion.None, null),
            _ when iri[0] != '@' && !iri.StartsWith("_:", StringComparison.Ordinal) => (TermCoercion.Datatype, iri),
            _ => throw Invalid(term, $"has the @type '{iri}', which is none"),
        };
    }

    private TermContainers Containers(string term, JsonElement value)
    {
        if (!value.TryGetProperty("@container"u8, out JsonElement container) || container.ValueKind == JsonValueKind.Null)
        {
            return TermContainers.None;
        }

        TermContainers found = TermContainers.None;
        foreach (JsonElement one in container.ValueKind == JsonValueKind.Array ? container.EnumerateArray().ToArray() : [container])
        {
            found |= (one.ValueKind == JsonValueKind.String ? one.GetString() : null) switch
            {
                "@list" => TermContainers.List,
                "@set" => TermContainers.Set,
                "@language" => TermContainers.Language,
                "@index" => TermContainers.Index,
                "@id" or "@type" or "@graph" => TermContainers.Other,
                _ => throw Invalid(term, $"has an unknown @container {one.GetRawText()}"),
            };
        }

        return found;
    }

    private bool? Flag(string term, JsonElement value, string name) => !value.TryGetProperty(name, out JsonElement flag) ? null : flag.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw Invalid(term, $"has an {name} that is not true or false"),
    };

    /// <summary>Such names are kept free for later versions of JSON-LD and ignored until then.</summary>
    private static bool LooksLikeKeyword(string name) => name.Length > 1 && name[0] == '@' && name.AsSpan(1).IndexOfAnyExcept(Letters) < 0;

    private string At => url is null ? string.Empty : $" (at '{url}')";

    private NgsiLdException Invalid(string term, string what) => NgsiLdException.BadRequest($"The term '{term}' of the @context {what}{At}.", "@context");
}
