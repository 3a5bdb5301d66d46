using System.Text.Json;
using Twin.NgsiLd.Contexts;

namespace Twin.NgsiLd.Queries;

/// <summary>Makes entity queries of URL parameters (6.4.3.2) and of the body of POST /entityOperations/query (5.2.23).</summary>
public static class EntityQueryParser
{
    private const int MaximumBody = 1024 * 1024;

    private static readonly string[] OfTheQuery =
    [
        "id", "idPattern", "type", "q", "csf", "scopeQ", "georel", "geometry", "coordinates", "geoproperty", "attrs", "pick", "omit", "datasetId",
        "lang", "expandValues", "jsonKeys", "join", "joinLevel", "containedBy", "orderBy", "collation", "orderFrom", "orderGeometry", "local",
        "entityMap", "entityMapLifetime", "splitEntities",
    ];

    /// <summary>Parameters that other parts of the endpoint read: paging, format.</summary>
    private static readonly string[] OfTheAnswer = ["limit", "offset", "count", "options", "format", "geometryProperty", "keep", "drop"];

    /// <summary>The members of a Query, and how each is read.</summary>
    private static readonly string[] Texts = ["q", "csf", "scopeQ", "lang", "join", "entityMapLifetime"];

    private static readonly string[] Flags = ["entityMap", "splitEntities"];

    private static readonly string[] Lists = ["attrs", "pick", "omit", "datasetId", "containedBy", "expandValues", "jsonKeys"];

    /// <summary>Parses URL parameters, percent-decoded. Empty values are taken as absent.</summary>
    /// <param name="parameters">Names and values as they came, repeated names too.</param>
    /// <param name="context">The @context that expands names.</param>
    /// <param name="more">Further parameters that the endpoint reads itself.</param>
    /// <exception cref="NgsiLdException">BadRequestData naming the parameter: unknown, repeated, wrong, or a query too wide (5.7.2.4).</exception>
    public static EntityQuery FromParameters(IEnumerable<KeyValuePair<string, string>> parameters, JsonLdContext context, IReadOnlyCollection<string>? more = null)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        var given = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach ((string name, string value) in parameters)
        {
            if (!OfTheQuery.Contains(name) && !OfTheAnswer.Contains(name) && more?.Contains(name) != true)
            {
                throw NgsiLdException.BadRequest($"The parameter '{name}' is not known here.", name);
            }

            if (value.Length > 0 && !given.TryAdd(name, value))
            {
                throw NgsiLdException.BadRequest($"The parameter '{name}' is given twice; put several values into one, with commas.", name);
            }
        }

        EntityQuery query = Build(given, context);
        bool isEveryType = query.Selectors is [{ Type.IsEveryType: true }];
        bool? local = ParseBoolean(given, "local");
        if (isEveryType && local == false)
        {
            throw NgsiLdException.BadRequest("type=* asks this node only; local=false contradicts it (6.4.3.2).", "local");
        }

        query = query with { IsLocal = local == true || isEveryType };
        RequireNarrow(query);
        return query;
    }

    /// <summary>Parses the body of a query by POST.</summary>
    /// <param name="body">The JSON body.</param>
    /// <param name="context">The @context of the request.</param>
    /// <param name="isLocal">The URL's <c>local</c>.</param>
    /// <exception cref="NgsiLdException">InvalidRequest: no JSON object. BadRequestData naming the member.</exception>
    public static EntityQuery FromBody(ReadOnlyMemory<byte> body, JsonLdContext context, bool isLocal = false)
    {
        if (body.Length > MaximumBody)
        {
            throw QueryLimits.TooComplex($"a query of {body.Length} bytes, at most {MaximumBody} are read.", "body");
        }

        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = 32 });
        }
        catch (JsonException fault)
        {
            throw NgsiLdException.Invalid($"The body is not JSON: {fault.Message}");
        }

        using (document)
        {
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                throw NgsiLdException.Invalid("The body is a JSON object of type Query (5.2.23).");
            }

            return FromBody(document.RootElement, context, isLocal);
        }
    }

    private static EntityQuery FromBody(JsonElement body, JsonLdContext context, bool isLocal)
    {
        var given = new Dictionary<string, string>(StringComparer.Ordinal);
        IReadOnlyList<EntitySelector> selectors = [];
        string? type = null;
        foreach (JsonProperty member in body.EnumerateObject())
        {
            switch (member.Name)
            {
                case "type":
                    type = member.Value.ValueKind == JsonValueKind.String ? member.Value.GetString() : null;
                    break;
                case "@context":
                    break;
                case "entities":
                    selectors = QueryBody.Selectors(member.Value, context);
                    break;
                case "geoQ":
                    QueryBody.GeoQuery(member.Value, given);
                    break;
                case "ordering" or "orderingParams":
                    QueryBody.Ordering(member.Value, given);
                    break;
                case "joinLevel":
                    given["joinLevel"] = member.Value.ValueKind == JsonValueKind.Number ? member.Value.GetRawText() : throw QueryBody.Fault("joinLevel", "a positive integer");
                    break;
                case "temporalQ":
                    throw QueryBody.Fault("temporalQ", "left out: it belongs to queries of the temporal evolution (5.7.4)");
                case { } name when Flags.Contains(name):
                    given[name] = member.Value.ValueKind is JsonValueKind.True or JsonValueKind.False ? member.Value.GetRawText() : throw QueryBody.Fault(name, "true or false");
                    break;
                case { } name when Texts.Contains(name):
                    given[name] = QueryBody.Text(member.Value, name);
                    break;
                case { } name when Lists.Contains(name):
                    given[name] = QueryBody.List(member.Value, name);
                    break;
                default:
                    throw NgsiLdException.BadRequest($"A Query has no member '{member.Name}' (5.2.23).", "/" + member.Name);
            }
        }

        if (type != "Query")
        {
            throw QueryBody.Fault("type", "\"Query\"");
        }

        EntityQuery query = Build(given, context) with { Selectors = selectors, IsLocal = isLocal || selectors.Any(s => s.Type is { IsEveryType: true }) };
        RequireNarrow(query);
        return query;
    }

    private static EntityQuery Build(Dictionary<string, string> given, JsonLdContext context)
    {
        string? Get(string name) => given.GetValueOrDefault(name);
        TypeExpression? type = Get("type") is { } types ? TypeExpression.Parse(types, context) : null;
        IdFilter? id = IdFilter.Parse(Get("id")?.Split(','), Get("idPattern"));
        string[] expandValues = Get("expandValues")?.Split(',') ?? [];
        var query = new EntityQuery
        {
            Selectors = type is null && id is null ? [] : [new EntitySelector(type, id)],
            Q = Get("q") is { } q ? QExpression.Parse(q, context, expandValues) : null,
            ContextSourceFilter = Get("csf") is { } csf ? QExpression.Parse(csf, context, null, "csf") : null,
            Scopes = Get("scopeQ") is { } scopes ? ScopeQuery.Parse(scopes) : null,
            Geo = Get("georel") is null && Get("geometry") is null && Get("coordinates") is null && Get("geoproperty") is null
                ? null
                : GeoQuery.Parse(Get("georel"), Get("geometry"), Get("coordinates"), Get("geoproperty"), context),
            Projection = Projection.Parse(Get("pick"), Get("omit"), Get("attrs"), Get("datasetId"), context),
            Join = LinkedRetrieval.Parse(Get("join"), Get("joinLevel"), Get("containedBy")),
            Language = LanguageFilter.Parse(Get("lang")),
            Order = EntityOrder.Parse(Get("orderBy"), Get("collation"), Get("orderFrom"), Get("orderGeometry"), context),
            SplitsEntities = ParseBoolean(given, "splitEntities") == true,
            WantsEntityMap = ParseBoolean(given, "entityMap") == true,
            EntityMapLifetime = ParseLifetime(Get("entityMapLifetime")),
            Texts = given,
        };
        query.Join.Require(query.Q?.LinkDepth ?? 0, "q");
        query.Join.Require(query.Projection.Pick?.Depth ?? 0, "pick");
        query.Join.Require(query.Projection.Omit?.Depth ?? 0, "omit");
        return query;
    }

    /// <summary>5.7.2.4: type, attrs, q or a geoquery narrows the query, or it stays local.</summary>
    private static void RequireNarrow(EntityQuery query)
    {
        bool narrow = query.IsLocal
            || (query.Selectors.Count > 0 && query.Selectors.All(s => s.Type is not null))
            || query.Geo is not null
            || query.Q is { HasUserAttribute: true }
            || query.Projection.Attributes?.Any(a => !IsSystem(a.Iri)) == true;
        if (!narrow)
        {
            throw NgsiLdException.BadRequest(
                "The query is too wide: give type, attrs or q with an attribute that is not a system attribute, a geoquery, or local=true (5.7.2.4).", "type");
        }
    }

    private static bool IsSystem(string iri) =>
        iri.StartsWith("https://uri.etsi.org/ngsi-ld/", StringComparison.Ordinal)
        && iri["https://uri.etsi.org/ngsi-ld/".Length..] is "createdAt" or "modifiedAt" or "expiresAt" or "observedAt" or "datasetId" or "unitCode";

    /// <summary>Reads entityMapLifetime, an ISO 8601 duration; null when absent.</summary>
    /// <exception cref="NgsiLdException">BadRequestData.</exception>
    public static TimeSpan? ParseLifetime(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        try
        {
            TimeSpan lifetime = System.Xml.XmlConvert.ToTimeSpan(text);
            if (lifetime > TimeSpan.Zero)
            {
                return lifetime;
            }
        }
        catch (Exception fault) when (fault is FormatException or OverflowException)
        {
            // Said below.
        }

        throw NgsiLdException.BadRequest($"entityMapLifetime '{text}' is not a positive ISO 8601 duration such as PT10M.", "entityMapLifetime");
    }

    private static bool? ParseBoolean(Dictionary<string, string> given, string name) => given.GetValueOrDefault(name) switch
    {
        null => null,
        "true" => true,
        "false" => false,
        _ => throw NgsiLdException.BadRequest($"{name} is true or false.", name),
    };
}
