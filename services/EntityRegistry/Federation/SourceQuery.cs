using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Twin.EntityRegistry.Http;
using Twin.EntityRegistry.Registrations;
using Twin.NgsiLd.Contexts;
using Twin.NgsiLd.Queries;

namespace Twin.EntityRegistry.Federation;

/// <summary>Which part of a source's matches is asked for.</summary>
/// <param name="Limit">Entities at most.</param>
internal readonly record struct SourcePage(int Limit)
{
    /// <summary>Whether they are to come in the order of ids.</summary>
    public bool InOrder { get; init; }

    /// <summary>The id after which to go on; null for an offset.</summary>
    public string? After { get; init; }

    /// <summary>Entities before the page.</summary>
    public int Offset { get; init; }

    /// <summary>Whether ids are enough.</summary>
    public bool IdsOnly { get; init; }
}

/// <summary>
/// A query in the words in which other sources are asked it (GS CIM 009 5.7.2.4): for whole, normalized entities, with those filters
/// that a source can judge alone. What it cannot is left out here and applied to the merged entity.
/// </summary>
internal sealed class SourceQuery(EntityQuery query, JsonLdContext context)
{
    /// <summary>Servers commonly refuse request lines of 8 KB and more.</summary>
    private const int LongestUrl = 4_000;

    /// <summary>Ids in one URL.</summary>
    private const int IdsPerUrl = 40;

    private readonly List<KeyValuePair<string, string>> _filters = [.. Filters(query)];

    /// <summary>Asks for a page of the matches; null when the source cannot be asked this.</summary>
    public SourceRequest? Page(ContextSourceRegistration source, SourcePage page)
    {
        var paging = new StringBuilder(96).Append(CultureInfo.InvariantCulture, $"?limit={page.Limit}");
        if (!page.IdsOnly)
        {
            paging.Append("&options=sysAttrs");
        }

        if (page.Offset > 0)
        {
            paging.Append(CultureInfo.InvariantCulture, $"&offset={page.Offset}");
        }

        if (page.After is not null)
        {
            paging.Append("&pageAfter=").Append(Uri.EscapeDataString(page.After));
        }

        paging.Append(source.LocalOnly ? "&local=true" : "");
        return Request(source, paging.ToString(), null, page);
    }

    /// <summary>Asks for those of some entities that match, in as many requests as the source needs for it.</summary>
    public IEnumerable<SourceRequest?> Entities(ContextSourceRegistration source, IReadOnlyList<string> ids)
    {
        bool byPost = MayPost(source) && query.Selectors.Count > 0 && query.Selectors.All(s => s.Type is not null);
        foreach (string[] some in ids.Chunk(byPost ? Paging.MostLimit : IdsPerUrl))
        {
            string paging = string.Create(CultureInfo.InvariantCulture, $"?limit={some.Length}&options=sysAttrs{(source.LocalOnly ? "&local=true" : "")}");
            yield return Request(source, paging, some, new SourcePage(some.Length));
        }
    }

    private static IEnumerable<KeyValuePair<string, string>> Filters(EntityQuery query)
    {
        bool typed = query.Selectors.Count > 0 && query.Selectors.All(s => s.Type is not null);

        // Parts of an entity cannot be judged by what the whole must fulfil; but a query must stay narrow (5.7.2.4).
        bool judged = !query.SplitsEntities || !typed;
        bool q = query.Q is not null && judged && (query.Q.LinkDepth == 0 || !typed);
        foreach ((string name, string value) in query.Texts)
        {
            bool sent = name switch
            {
                "q" or "expandValues" or "jsonKeys" => q,
                "scopeQ" or "georel" or "geometry" or "coordinates" or "geoproperty" => judged,

                // It leaves attributes out that other filters and the order need here, so that it goes only where nothing else narrows.
                "attrs" => !typed && query.Q is null && query.Geo is null,
                _ => false,
            };
            if (sent)
            {
                yield return KeyValuePair.Create(name, value);
            }
        }
    }

    private static bool MayPost(ContextSourceRegistration source) => source.Operations.Contains(RegistrationOperations.QueryBatch);

    private SourceRequest? Request(ContextSourceRegistration source, string paging, string[]? ids, SourcePage page)
    {
        bool named = context.Url is not null || context.Json.Length == 0 || ReferenceEquals(context, JsonLdContext.Core);
        if (source.Operations.Contains(RegistrationOperations.QueryEntity) && named && query.Selectors.Count <= 1)
        {
            string url = Url(paging, ids, page);
            if (url.Length <= LongestUrl || !MayPost(source))
            {
                return new SourceRequest(url, null, page.InOrder);
            }
        }

        return MayPost(source) && (ids is null || query.Selectors.Count > 0)
            ? new SourceRequest("/entityOperations/query" + paging, Body(ids, page), page.InOrder)
            : null;
    }

    private string Url(string paging, string[]? ids, SourcePage page)
    {
        var url = new StringBuilder("/entities").Append(paging);
        if (page.InOrder)
        {
            url.Append("&orderBy=id");
        }

        if (page.IdsOnly)
        {
            url.Append("&pick=id,type");
        }

        EntitySelector? selector = query.Selectors.Count == 0 ? null : query.Selectors[0];
        Add(url, "type", selector?.Type?.Text);
        IReadOnlyCollection<string>? wanted = ids ?? selector?.Id?.Ids;
        Add(url, "id", wanted is null ? null : string.Join(',', wanted));
        Add(url, "idPattern", wanted is null ? selector?.Id?.Pattern : null);
        foreach ((string name, string value) in _filters)
        {
            Add(url, name, value);
        }

        return url.ToString();
    }

    private static void Add(StringBuilder url, string name, string? value)
    {
        if (value is not null)
        {
            url.Append('&').Append(name).Append('=').Append(Uri.EscapeDataString(value));
        }
    }

    private byte[] Body(string[]? ids, SourcePage page)
    {
        var body = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(body, NgsiLdResponse.JsonOptions);
        writer.WriteStartObject();
        writer.WriteString("type"u8, "Query"u8);
        WriteSelectors(writer, ids);
        if (page.InOrder)
        {
            writer.WriteStartObject("ordering"u8);
            WriteList(writer, "orderBy", ["id"]);
            writer.WriteEndObject();
        }

        if (page.IdsOnly)
        {
            WriteList(writer, "pick", ["id", "type"]);
        }

        WriteFilters(writer);
        writer.WritePropertyName("@context"u8);
        writer.WriteRawValue(context.Json, skipInputValidation: true);
        writer.WriteEndObject();
        writer.Flush();
        return body.WrittenSpan.ToArray();
    }

    private void WriteSelectors(Utf8JsonWriter writer, string[]? ids)
    {
        if (query.Selectors.Count == 0)
        {
            return;
        }

        writer.WriteStartArray("entities"u8);
        foreach (EntitySelector selector in query.Selectors)
        {
            writer.WriteStartObject();
            writer.WriteString("type"u8, selector.Type?.Text);
            if ((ids ?? selector.Id?.Ids) is { } wanted)
            {
                WriteList(writer, "id", wanted);
            }
            else if (selector.Id?.Pattern is { } pattern)
            {
                writer.WriteString("idPattern"u8, pattern);
            }

            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private void WriteFilters(Utf8JsonWriter writer)
    {
        foreach ((string name, string value) in _filters.Where(f => f.Key is "q" or "scopeQ"))
        {
            writer.WriteString(name, value);
        }

        foreach ((string name, string value) in _filters.Where(f => f.Key is "attrs" or "expandValues" or "jsonKeys"))
        {
            WriteList(writer, name, value.Split(','));
        }

        if (!_filters.Exists(f => f.Key == "georel"))
        {
            return;
        }

        writer.WriteStartObject("geoQ"u8);
        foreach ((string name, string value) in _filters.Where(f => f.Key is "georel" or "geometry" or "geoproperty"))
        {
            writer.WriteString(name, value);
        }

        writer.WritePropertyName("coordinates"u8);
        writer.WriteRawValue(_filters.Find(f => f.Key == "coordinates").Value);
        writer.WriteEndObject();
    }

    private static void WriteList(Utf8JsonWriter writer, string name, IEnumerable<string> values)
    {
        writer.WriteStartArray(name);
        foreach (string value in values)
        {
            writer.WriteStringValue(value);
        }

        writer.WriteEndArray();
    }
}
