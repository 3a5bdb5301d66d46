using System.Collections.Frozen;
using System.Text;

namespace Twin.NgsiLd.Contexts;

/// <summary>
/// A compiled @context (GS CIM 009 V1.9.1, 4.4; JSON-LD 1.1): the user's terms with the core's on top, which no user
/// @context overrides. Immutable, made by <see cref="ContextCompiler"/>, shared by all requests that name it.
/// </summary>
public sealed class JsonLdContext
{
    /// <summary>Where names that no @context defines live (4.4).</summary>
    public const string DefaultVocabulary = "https://uri.etsi.org/ngsi-ld/default-context/";

    /// <summary>The URL of the core @context that this node speaks.</summary>
    public const string CoreUrl = "https://uri.etsi.org/ngsi-ld/v1/ngsi-ld-core-context-v1.9.jsonld";

    /// <summary>The relation by which a Link header names a @context.</summary>
    public const string LinkRelation = "http://www.w3.org/ns/json-ld#context";

    private readonly FrozenDictionary<string, TermDefinition> _terms;
    private readonly FrozenDictionary<string, TermDefinition>.AlternateLookup<ReadOnlySpan<char>> _spans;
    private readonly TermSelection _selection;
    private readonly CompactedNames _names;
    private readonly byte[] _json;

    internal JsonLdContext(IReadOnlyDictionary<string, TermDefinition> terms, byte[] json, string? url)
    {
        _terms = terms.ToFrozenDictionary(StringComparer.Ordinal);
        _spans = _terms.GetAlternateLookup<ReadOnlySpan<char>>();
        _selection = new TermSelection(this, _terms);
        _names = new CompactedNames();
        _json = json;
        Url = url;
        LinkHeader = LinkTo(url);
    }

    private JsonLdContext(JsonLdContext other, string url)
    {
        _terms = other._terms;
        _spans = other._spans;
        _selection = other._selection;
        _names = other._names;
        _json = other._json;
        Url = url;
        LinkHeader = LinkTo(url);
    }

    /// <summary>The core @context of V1.9.1 alone.</summary>
    public static JsonLdContext Core => BundledContexts.CoreContext;

    /// <summary>The URL that stands for this @context, null when it is an array or object that has none.</summary>
    public string? Url { get; }

    /// <summary>
    /// The value of <c>@context</c> to write into an application/ld+json answer, as the user gave it and without spaces:
    /// a string, an array or an object. The core @context stays implicit (4.4).
    /// </summary>
    public ReadOnlySpan<byte> Json => _json;

    /// <summary>The Link header of an application/json answer, null when there is no <see cref="Url"/>.</summary>
    public string? LinkHeader { get; }

    /// <summary>The terms, for tools that list them.</summary>
    public IEnumerable<KeyValuePair<string, TermDefinition>> Definitions => _terms;

    /// <summary>The same @context under a URL at which it is served, so that a Link header can name it (4.4, 5.13).</summary>
    public JsonLdContext WithUrl(string url) => new(this, url);

    /// <summary>The definition of a term.</summary>
    public bool TryGetDefinition(ReadOnlySpan<char> term, out TermDefinition definition) => _spans.TryGetValue(term, out definition!);

    /// <summary>
    /// The IRI of a name as JSON-LD expands it relative to the vocabulary: a term, a compact IRI, an IRI, or else a name
    /// of the default vocabulary. An alias yields its keyword.
    /// </summary>
    /// <exception cref="NgsiLdException">BadRequestData: the name is empty, or the @context sets it to null.</exception>
    public string ExpandTerm(string term)
    {
        Span<char> buffer = stackalloc char[256];
        ReadOnlySpan<char> iri = Expand(term, ref buffer, vocab: true, out string? whole);
        return whole ?? iri.ToString();
    }

    /// <summary>The <see cref="Terms"/> number of a name in a write; interns it. Allocates nothing when it is known.</summary>
    /// <exception cref="NgsiLdException">BadRequestData: empty, a keyword, or set to null by the @context.</exception>
    public int Expand(ReadOnlySpan<byte> utf8Term)
    {
        Span<char> text = utf8Term.Length <= 256 ? stackalloc char[256] : new char[utf8Term.Length];
        return Expand(text[..Encoding.UTF8.GetChars(utf8Term, text)]);
    }

    /// <inheritdoc cref="Expand(ReadOnlySpan{byte})"/>
    public int Expand(ReadOnlySpan<char> term)
    {
        Span<char> buffer = stackalloc char[256];
        ReadOnlySpan<char> iri = Expand(term, ref buffer, vocab: true, out string? whole);
        if (iri[0] == '@')
        {
            throw NgsiLdException.BadRequest($"'{term}' is the JSON-LD keyword {iri}; it names no type or attribute.", term.ToString());
        }

        return whole is null ? Terms.Intern(iri) : Terms.Intern(whole);
    }

    /// <summary>The <see cref="Terms"/> number of a name in a query, if any entity ever used it. Interns nothing.</summary>
    public bool TryExpand(ReadOnlySpan<char> term, out int id)
    {
        id = -1;
        if (term.IsEmpty || (_spans.TryGetValue(term, out TermDefinition? definition) && definition.Iri is null))
        {
            return false;
        }

        Span<char> buffer = stackalloc char[256];
        ReadOnlySpan<char> iri = Expand(term, ref buffer, vocab: true, out string? whole);
        return whole is null ? Terms.TryGet(iri, out id) : Terms.TryGet(whole, out id);
    }

    /// <summary>
    /// The IRI of a value: with <paramref name="vocab"/> like <see cref="ExpandTerm"/> (<c>@type</c>, vocab, objectType),
    /// without it a compact IRI or an IRI (<c>@id</c>, object). There is no base: a relative reference stays as it is.
    /// </summary>
    public string ExpandIri(string value, bool vocab)
    {
        if (value.Length == 0)
        {
            return value;
        }

        Span<char> buffer = stackalloc char[256];
        ReadOnlySpan<char> iri = Expand(value, ref buffer, vocab, out string? whole);
        return whole ?? iri.ToString();
    }

    /// <summary>The name of an attribute in this @context, JSON-escaped, with quotes and colon: <c>"temperature":</c>.</summary>
    public ReadOnlySpan<byte> PropertyName(int termId) => _names.Get(termId, this).Property;

    /// <summary>The name of a type or attribute in this @context as a JSON string with its quotes.</summary>
    public ReadOnlySpan<byte> Quoted(int termId) => _names.Get(termId, this).Property.AsSpan()[..^1];

    /// <summary>The name of a type or attribute in this @context.</summary>
    public string Compact(int termId) => _names.Get(termId, this).Text;

    /// <summary>The name of a type or attribute in this @context as UTF-8, not escaped for JSON.</summary>
    public ReadOnlySpan<byte> CompactUtf8(int termId) => _names.Get(termId, this).Utf8;

    /// <summary>The shortest form of an IRI that expands to it again, relative to the vocabulary (JSON-LD 1.1 API, 6.2).</summary>
    public string CompactIri(string iri) => _selection.Compact(iri);

    internal bool IsTerm(ReadOnlySpan<char> name) => _spans.ContainsKey(name);

    /// <summary>Whether a name expands to the IRI.</summary>
    internal bool ExpandsTo(string name, string iri)
    {
        if (_terms.TryGetValue(name, out TermDefinition? definition))
        {
            return definition.Iri == iri;
        }

        Span<char> buffer = stackalloc char[256];
        return Expand(name, ref buffer, vocab: true, out string? whole).SequenceEqual(iri) || whole == iri;
    }

    internal static string? LinkTo(string? url) => url is null ? null : $"<{url}>; rel=\"{LinkRelation}\"; type=\"application/ld+json\"";

    /// <summary>JSON-LD 1.1 API, 5.2. The answer is in <paramref name="whole"/> when it exists as a string already.</summary>
    private ReadOnlySpan<char> Expand(ReadOnlySpan<char> value, ref Span<char> buffer, bool vocab, out string? whole)
    {
        whole = null;
        if (value.IsEmpty)
        {
            throw NgsiLdException.BadRequest("A name is empty.");
        }

        if (vocab && _spans.TryGetValue(value, out TermDefinition? definition))
        {
            whole = definition.Iri ?? throw NgsiLdException.BadRequest($"The @context sets '{value}' to null: it has no meaning here.", value.ToString());
            return whole;
        }

        if (value[0] == '@')
        {
            return value;
        }

        int colon = value.IndexOf(':');
        if (colon > 0)
        {
            ReadOnlySpan<char> suffix = value[(colon + 1)..];
            if (suffix.StartsWith("//") || value[..colon] is "_")
            {
                return value;
            }

            if (_spans.TryGetValue(value[..colon], out TermDefinition? prefix) && prefix is { IsPrefix: true, Iri: { } start })
            {
                return Join(start, suffix, ref buffer);
            }

            if (ContextBuilder.IsScheme(value[..colon]))
            {
                return value;
            }
        }

        return vocab ? Join(DefaultVocabulary, value, ref buffer) : value;
    }

    private static ReadOnlySpan<char> Join(string start, ReadOnlySpan<char> end, ref Span<char> buffer)
    {
        int length = start.Length + end.Length;
        if (length > buffer.Length)
        {
            buffer = new char[length];
        }

        start.CopyTo(buffer);
        end.CopyTo(buffer[start.Length..]);
        return buffer[..length];
    }
}
