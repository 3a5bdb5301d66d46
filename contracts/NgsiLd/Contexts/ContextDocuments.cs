using System.Text.Json;

namespace Twin.NgsiLd.Contexts;

/// <summary>The remote documents that one @context draws in, gathered before it is compiled.</summary>
internal sealed class ContextDocuments(LoadContext load) : IDisposable
{
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = ContextLimits.JsonDepth, AllowDuplicateProperties = false };
    private readonly Dictionary<string, JsonDocument> _documents = new(StringComparer.Ordinal);
    private long _bytes;

    /// <summary>Parses JSON within the limits.</summary>
    public static JsonDocument Parse(ReadOnlyMemory<byte> json, string where)
    {
        if (json.Length > ContextLimits.DocumentBytes)
        {
            throw NgsiLdException.BadRequest($"{where} has {json.Length} bytes; a @context may have {ContextLimits.DocumentBytes}.", "@context");
        }

        try
        {
            return JsonDocument.Parse(json, Options);
        }
        catch (JsonException e)
        {
            throw where == "The @context"
                ? NgsiLdException.Invalid($"{where} is not valid JSON: {e.Message}", "@context")
                : NgsiLdException.BadRequest($"{where} is not valid JSON: {e.Message}", "@context");
        }
    }

    /// <summary>The <c>@context</c> value of a gathered document.</summary>
    public JsonElement this[string url] => _documents[url].RootElement.GetProperty("@context"u8);

    /// <summary>The absolute form of a reference to a @context, without its fragment.</summary>
    public static string Resolve(string reference, string? baseUrl)
    {
        bool absolute = Uri.TryCreate(reference, UriKind.Absolute, out Uri? uri) && reference.Contains(':', StringComparison.Ordinal);
        if (!absolute && (baseUrl is null || !Uri.TryCreate(new Uri(baseUrl), reference, out uri)))
        {
            throw NgsiLdException.BadRequest($"The @context '{reference}' is not an absolute URL.", "@context");
        }

        if (uri!.Scheme is not ("http" or "https"))
        {
            throw NgsiLdException.BadRequest($"The @context '{reference}' is not an http or https URL.", "@context");
        }

        int fragment = uri.OriginalString.IndexOf('#', StringComparison.Ordinal);
        return absolute && fragment < 0 ? reference : uri.GetLeftPart(UriPartial.Query);
    }

    /// <summary>Fetches what a @context value names, and what that names, and so on.</summary>
    public async ValueTask GatherAsync(JsonElement context, string? baseUrl, CancellationToken cancellationToken)
    {
        var open = new Queue<(JsonElement Context, string? Base, int Depth)>();
        open.Enqueue((context, baseUrl, 0));
        while (open.TryDequeue(out (JsonElement Context, string? Base, int Depth) next))
        {
            foreach (string reference in References(next.Context))
            {
                string url = Resolve(reference, next.Base);
                if (_documents.ContainsKey(url))
                {
                    continue;
                }

                if (next.Depth == ContextLimits.Depth || _documents.Count == ContextLimits.Documents)
                {
                    throw NgsiLdException.BadRequest($"The @context draws in too much: '{url}' would be past {ContextLimits.Documents} documents or {ContextLimits.Depth} levels.", "@context");
                }

                open.Enqueue((await FetchAsync(url, cancellationToken), url, next.Depth + 1));
            }
        }
    }

    public void Dispose()
    {
        foreach (JsonDocument document in _documents.Values)
        {
            document.Dispose();
        }
    }

    private async ValueTask<JsonElement> FetchAsync(string url, CancellationToken cancellationToken)
    {
        ReadOnlyMemory<byte> bytes = BundledContexts.IsCore(url) && BundledContexts.TryGet(url, out ReadOnlyMemory<byte> core)
            ? core
            : await load(url, cancellationToken);

        if ((_bytes += bytes.Length) > ContextLimits.TotalBytes)
        {
            throw NgsiLdException.BadRequest($"The @context draws in more than {ContextLimits.TotalBytes} bytes; '{url}' is one too many.", "@context");
        }

        JsonDocument document = Parse(bytes, $"The @context '{url}'");
        _documents[url] = document;
        return ContextOf(document.RootElement, url);
    }

    /// <summary>The <c>@context</c> of a document.</summary>
    public static JsonElement ContextOf(JsonElement document, string url) =>
        document.ValueKind == JsonValueKind.Object && document.TryGetProperty("@context"u8, out JsonElement context)
            ? context
            : throw NgsiLdException.BadRequest($"The document at '{url}' is not a JSON object with a member @context.", "@context");

    private static IEnumerable<string> References(JsonElement context)
    {
        switch (context.ValueKind)
        {
            case JsonValueKind.String:
                yield return context.GetString()!;
                break;
            case JsonValueKind.Array:
                foreach (JsonElement item in context.EnumerateArray().Where(i => i.ValueKind is JsonValueKind.String or JsonValueKind.Object))
                {
                    foreach (string reference in References(item))
                    {
                        yield return reference;
                    }
                }

                break;
            case JsonValueKind.Object when context.TryGetProperty("@import"u8, out JsonElement import):
                yield return import.ValueKind == JsonValueKind.String ? import.GetString()! : throw NgsiLdException.BadRequest("The @context has an @import that is not a URL.", "@context");
                break;
        }
    }
}
