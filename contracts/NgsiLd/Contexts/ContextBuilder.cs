using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Twin.NgsiLd.Contexts;

/// <summary>Compiles gathered documents to terms: context processing of JSON-LD 1.1 API, 4.1, with the core on top.</summary>
internal sealed class ContextBuilder
{
    public static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, MaxDepth = ContextLimits.JsonDepth };

    private readonly ContextDocuments? _documents;
    private readonly Dictionary<string, TermDefinition> _terms = new(StringComparer.Ordinal);
    private readonly HashSet<string> _protected = new(StringComparer.Ordinal);
    private readonly List<string> _including = [];

    // A user @context without @vocab is read with the default one: a definition that gives only a type still means something.
    private string _vocabulary = JsonLdContext.DefaultVocabulary;

    private ContextBuilder(ContextDocuments? documents) => _documents = documents;

    /// <summary>Compiles a user's @context.</summary>
    public static JsonLdContext Build(JsonElement context, ContextDocuments documents)
    {
        var builder = new ContextBuilder(documents);
        builder.Process(context, null);
        foreach ((string term, TermDefinition definition) in JsonLdContext.Core.Definitions)
        {
            builder._terms[term] = definition;
        }

        return new JsonLdContext(builder._terms, Compact(context), UrlOf(context));
    }

    /// <summary>Compiles the core @context.</summary>
    public static JsonLdContext Core()
    {
        if (!BundledContexts.TryGet(JsonLdContext.CoreUrl, out ReadOnlyMemory<byte> bytes))
        {
            throw new InvalidOperationException("The core @context is not bundled.");
        }

        using JsonDocument document = JsonDocument.Parse(bytes);
        var builder = new ContextBuilder(null);
        builder.Process(document.RootElement.GetProperty("@context"u8), JsonLdContext.CoreUrl);
        return new JsonLdContext(builder._terms, [(byte)'"', .. System.Text.Encoding.UTF8.GetBytes(JsonLdContext.CoreUrl), (byte)'"'], JsonLdContext.CoreUrl);
    }

    /// <summary>Whether the text before a colon can be the scheme of an IRI (RFC 3987).</summary>
    public static bool IsScheme(ReadOnlySpan<char> text)
    {
        if (text.IsEmpty || !char.IsAsciiLetter(text[0]))
        {
            return false;
        }

        foreach (char c in text)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('+' or '-' or '.'))
            {
                return false;
            }
        }

        return true;
    }

    private void Process(JsonElement context, string? url)
    {
        switch (context.ValueKind)
        {
            case JsonValueKind.Null:
                if (_protected.Count > 0)
                {
                    throw Invalid("null after protected terms", url);
                }

                _terms.Clear();
                _vocabulary = JsonLdContext.DefaultVocabulary;
                break;
            case JsonValueKind.String:
                Include(ContextDocuments.Resolve(context.GetString()!, url));
                break;
            case JsonValueKind.Array:
                foreach (JsonElement item in context.EnumerateArray())
                {
                    if (item.ValueKind == JsonValueKind.Array)
                    {
                        throw Invalid("an array within the array", url);
                    }

                    Process(item, url);
                }

                break;
            case JsonValueKind.Object:
                Define(context, url);
                break;
            default:
                throw Invalid($"the value {context.GetRawText()}, where a URL, an object or null is asked for", url);
        }
    }

    private void Include(string url)
    {
        if (_including.Contains(url))
        {
            throw NgsiLdException.BadRequest($"The @context '{url}' includes itself, by way of {string.Join(", ", _including.Select(u => $"'{u}'"))}.", "@context");
        }

        _including.Add(url);
        Process(_documents![url], url);
        _including.RemoveAt(_including.Count - 1);
    }

    private void Define(JsonElement context, string? url)
    {
        var members = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        if (context.TryGetProperty("@import"u8, out JsonElement import))
        {
            string imported = ContextDocuments.Resolve(import.GetString()!, url);
            JsonElement target = _documents![imported];
            if (target.ValueKind != JsonValueKind.Object || target.TryGetProperty("@import"u8, out _))
            {
                throw Invalid("an @import of something that is not one object, or that imports again", imported);
            }

            foreach (JsonProperty member in target.EnumerateObject())
            {
                members[member.Name] = member.Value;
            }
        }

        foreach (JsonProperty member in context.EnumerateObject())
        {
            members[member.Name] = member.Value;
        }

        ReadKeywords(members, url);
        new TermReader(members, _terms, _vocabulary, url, url is not null && BundledContexts.IsCore(url)).ReadAll(OnDefined(members, url));
        if (_terms.Count > ContextLimits.Terms)
        {
            throw NgsiLdException.BadRequest($"The @context defines more than {ContextLimits.Terms} terms{At(url)}.", "@context");
        }
    }

    private void ReadKeywords(Dictionary<string, JsonElement> members, string? url)
    {
        if (members.TryGetValue("@version", out JsonElement version) && !(version.ValueKind == JsonValueKind.Number && version.GetDouble() == 1.1))
        {
            throw Invalid("an @version other than 1.1", url);
        }

        if (!members.TryGetValue("@vocab", out JsonElement vocabulary))
        {
            return;
        }

        _vocabulary = vocabulary.ValueKind switch
        {
            JsonValueKind.Null => JsonLdContext.DefaultVocabulary,
            JsonValueKind.String => new TermReader([], _terms, _vocabulary, url, core: false).Iri(vocabulary.GetString()!),
            _ => throw Invalid("an @vocab that is not a string", url),
        };
    }

    /// <summary>Says what happens to a definition: JSON-LD 1.1 API, 4.2.2 steps 26 and 27.</summary>
    private Action<string, TermDefinition, bool?> OnDefined(Dictionary<string, JsonElement> members, string? url)
    {
        // What the core protects is protected by coming last; here only users guard their terms against other users.
        bool core = url is not null && BundledContexts.IsCore(url);
        bool all = !core && members.TryGetValue("@protected", out JsonElement flag) && flag.ValueKind == JsonValueKind.True;
        return (term, definition, own) =>
        {
            if (_protected.Contains(term) && _terms.TryGetValue(term, out TermDefinition? before) && before != definition)
            {
                if (core)
                {
                    return;
                }

                throw NgsiLdException.BadRequest($"The @context redefines the protected term '{term}'{At(url)}.", "@context");
            }

            _terms[term] = definition;
            if (own ?? all)
            {
                _protected.Add(term);
            }
        };
    }

    private static NgsiLdException Invalid(string what, string? url) => NgsiLdException.BadRequest($"The @context holds {what}{At(url)}.", "@context");

    private static string At(string? url) => url is null ? string.Empty : $" (at '{url}')";

    /// <summary>The value as the user gave it, without spaces; an array of one is that one.</summary>
    private static byte[] Compact(JsonElement context)
    {
        while (context.ValueKind == JsonValueKind.Array && context.GetArrayLength() == 1)
        {
            context = context[0];
        }

        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, WriterOptions))
        {
            context.WriteTo(writer);
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static string? UrlOf(JsonElement context) => context.ValueKind switch
    {
        JsonValueKind.String => ContextDocuments.Resolve(context.GetString()!, null),
        JsonValueKind.Array when context.GetArrayLength() == 1 => UrlOf(context[0]),
        _ => null,
    };
}
