using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;
using Twin.EntityRegistry;
using Twin.EntityRegistry.Contexts;
using Twin.EntityRegistry.Entities;
using Twin.EntityRegistry.Federation;
using Twin.EntityRegistry.Http;
using Twin.EntityRegistry.OpenApi;
using Twin.EntityRegistry.Registrations;
using Twin.Telemetry.Federation;
using Twin.Telemetry.OpenApi;
using Twin.Hosting.Authentication;
using Twin.NgsiLd;
using Twin.NgsiLd.Contexts;
using Twin.NgsiLd.Queries;
using Twin.NgsiLd.Representations;
using Twin.Telemetry.Queries;
using Twin.Telemetry.Registry;
using Twin.Telemetry.Series;

namespace Twin.Telemetry.Temporal;

/// <summary>Consumption of temporal evolutions: GS CIM 009 5.7.3 and 5.7.4 over 6.18, 6.19 and 6.24.</summary>
internal sealed class TemporalQueryEndpoints(
    SeriesDirectory directory,
    TemporalReader reader,
    SeriesAggregator aggregator,
    SeriesReader points,
    ContextResolver contexts,
    EntityBodies bodies,
    EntityAccess access,
    Freshness freshness,
    FederatedEvolutions federation,
    TemporalMaps maps,
    IOptions<TelemetryOptions> options,
    IOptions<SignInOptions> signIn,
    TimeProvider clock)
{
    private const string EntitiesPath = "/ngsi-ld/v1/temporal/entities";
    private const string QueryPath = "/ngsi-ld/v1/temporal/entityOperations/query";
    private const int MostOfTheSuite = 30;
    private const int Most = 10_000;

    private static readonly string[] OfTheAnswer = ["options", "format", "lang", "local", "entityMap", "entityMapLifetime"];
    private static readonly string[] RetrieveParameters = [.. OfTheAnswer, .. TemporalQuery.Parameters, "attrs", "pick", "omit", "datasetId"];
    private static readonly string[] PostParameters = [.. OfTheAnswer, "limit", "offset", "count"];

    private static readonly string[] QueryParameters =
    [
        .. RetrieveParameters, "type", "id", "idPattern", "q", "csf", "scopeQ", "georel", "geometry", "coordinates", "geoproperty",
        "expandValues", "jsonKeys", "orderBy", "splitEntities", "limit", "offset", "count",
    ];

    private int MostInstances => options.Value.PageInstances ?? (signIn.Value.Open ? MostOfTheSuite : Most);

    /// <summary>The route table.</summary>
    public void Map(IEndpointRouteBuilder api)
    {
        var reads = api.MapGroup("/temporal");
        reads.RequireAuthorization(TwinPolicies.ReadEntities).WithTags("Temporal evolutions");
        reads.MapGet("/entities", NgsiLdProblems.Guard(QueryAsync))
            .Operation("queryTemporal", "Query Temporal Evolution of Entities", "5.7.4, 6.18.3.2").Reads(Described(QueryParameters)).AnswersEvolutions("EvolutionList").FindsTenant();
        reads.MapGet("/entities/{entityId}", NgsiLdProblems.Guard(RetrieveAsync))
            .Operation("retrieveTemporal", "Retrieve Temporal Evolution of Entity", "5.7.3, 6.19.3.1").Reads(Described(RetrieveParameters)).AnswersEvolutions("Evolution").Finds();
        reads.MapPost("/entityOperations/query", NgsiLdProblems.Guard(QueryByPostAsync))
            .Operation("queryBatchTemporal", "Query Temporal Evolution of Entities by POST", "5.7.4, 6.24.3.1").Takes("TemporalQuery").Reads(Described(PostParameters))
            .AnswersEvolutions("EvolutionList").FindsTenant();
    }

    /// <summary>The components of parameters: two of them mean something else here than in queries of entities.</summary>
    private static string[] Described(string[] parameters) => [.. parameters.Select(static name => name is "options" or "format" ? name + ".temporal" : name)];

    private async Task RetrieveAsync(HttpContext http)
    {
        if (!NgsiLdRequest.Negotiate(http, geoJson: false, out var media))
        {
            return;
        }

        NgsiLdRequest.AllowParameters(http, RetrieveParameters);
        var id = NgsiLdRequest.EntityId(http);
        var format = TemporalFormat.Of(http);
        var context = await contexts.FromLinkAsync(http.Request, http.RequestAborted);
        var projection = Projection.Parse(Get("pick"), Get("omit"), Get("attrs"), Get("datasetId"), context);
        LinkedRetrieval.None.Require(projection.Depth, "pick");
        var query = new EntityQuery
        {
            Projection = projection,
            Language = LanguageFilter.Parse(Get("lang")),
            WantsEntityMap = NgsiLdRequest.Flag(http, "entityMap"),
            EntityMapLifetime = EntityQueryParser.ParseLifetime(Get("entityMapLifetime")),
            Texts = http.Request.Query.Where(static one => one.Value is [{ Length: > 0 }, ..]).ToDictionary(static one => one.Key, static one => one.Value[0]!, StringComparer.Ordinal),
        };
        var temporal = Aggregated(TemporalQuery.Parse(Get), ref format);
        await freshness.WaitAsync(http.RequestAborted);
        var wants = new EvolutionsWanted(query, temporal, context, Evaluation(http), MostInstances) { Aggregates = format.Form == TemporalForm.AggregatedValues };
        var told = federation.Open(http, RegistrationOperations.RetrieveTemporal, wants, id);
        var tenant = Tenant(http, told);
        var (window, known) = told is null
            ? (await federation.OursAsync(tenant, id, wants, http.RequestAborted), null)
            : await federation.RetrieveAsync(told, tenant, id, wants);
        Require(tenant, told);
        FederatedReader.Warn(http, told?.Warnings ?? []);
        if (window is null)
        {
            throw NgsiLdException.NotFound($"There is no history of {id} with what is asked for.");
        }

        if (query.WantsEntityMap && maps.Concerns(http, query))
        {
            maps.Add(http, access.Of(http), [id], query.EntityMapLifetime);
        }

        await AnswerAsync(http, media, context, format, query, temporal, [window], known, isList: false);

        string? Get(string name) => (string?)http.Request.Query[name];
    }

    private async Task QueryAsync(HttpContext http)
    {
        if (!NgsiLdRequest.Negotiate(http, geoJson: false, out var media))
        {
            return;
        }

        NgsiLdRequest.AllowParameters(http, QueryParameters);
        var format = TemporalFormat.Of(http);
        var paging = Paging.Of(http);
        var context = await contexts.FromLinkAsync(http.Request, http.RequestAborted);
        var query = EntityQueryParser.FromParameters(http.Request.Query.SelectMany(p => p.Value.Select(v => KeyValuePair.Create(p.Key, v ?? ""))), context, TemporalQuery.Parameters);
        await AnswerAsync(http, media, context, format, query, TemporalQuery.Parse(name => (string?)http.Request.Query[name]), paging, EntitiesPath);
    }

    private async Task QueryByPostAsync(HttpContext http)
    {
        if (!NgsiLdRequest.AcceptsBody(http) || !NgsiLdRequest.Negotiate(http, geoJson: false, out var media))
        {
            return;
        }

        NgsiLdRequest.AllowParameters(http, PostParameters);
        var format = TemporalFormat.Of(http);
        var paging = Paging.Of(http);
        using var body = await RequestBody.ReadAsync(http);
        var context = await bodies.ContextAsync(http, body.Memory);
        var (given, rest) = TemporalQueryBody.Split(body.Memory);
        var query = EntityQueryParser.FromBody(rest, context, NgsiLdRequest.Flag(http, "local"));
        var temporal = TemporalQuery.Parse(given.GetValueOrDefault);
        if (format.Form is null && temporal.AggregationMethods.Length > 0)
        {
            format = format with { Form = TemporalForm.AggregatedValues };
        }

        await AnswerAsync(http, media, context, format, query, temporal, paging, QueryPath);
    }

    private async Task AnswerAsync(
        HttpContext http, MediaType media, JsonLdContext context, TemporalFormat format, EntityQuery query, TemporalQuery temporal, Paging paging, string path)
    {
        temporal = Aggregated(temporal, ref format);
        await freshness.WaitAsync(http.RequestAborted);
        var descending = OrderOf(query);
        var evaluation = Evaluation(http);
        var wants = new EvolutionsWanted(query, temporal, context, evaluation, MostInstances) { Aggregates = format.Form == TemporalForm.AggregatedValues, Descending = descending == true };
        var told = federation.Open(http, RegistrationOperations.QueryTemporal, wants, null);
        var tenant = Tenant(http, told);
        var judge = reader.For(query, temporal, evaluation, MostInstances + 1);
        var candidates = Candidates(tenant, query, descending);
        if (told is not null)
        {
            await AnswerAsync(http, media, format, paging, path, told, tenant, wants, () => Candidates(tenant, query, descending ?? false));
            return;
        }

        if (maps.Concerns(http, query))
        {
            candidates = await MappedAsync(http, query, judge, candidates, evaluation.Scope);
        }

        var windows = new List<EntityWindow>();
        long matches = 0;
        var more = false;
        foreach (var entity in candidates)
        {
            // A page is full of what is answered; what only counts need not be read whole.
            var onPage = matches >= paging.Offset && windows.Count < paging.Limit;
            if (await judge.TakeAsync(entity, onPage && format.Form != TemporalForm.AggregatedValues, http.RequestAborted) is not { } window)
            {
                continue;
            }

            if (onPage)
            {
                windows.Add(window);
            }

            matches++;
            more = matches > paging.Offset + paging.Limit;
            if (more && !paging.Count)
            {
                break;
            }
        }

        paging.WriteHeaders(http, path, matches, more);
        await AnswerAsync(http, media, context, format, query, temporal, windows, null, isList: true);
    }

    /// <summary>The same with other sources.</summary>
    private async Task AnswerAsync(
        HttpContext http, MediaType media, TemporalFormat format, Paging paging, string path, SourceConversation told, Tenant tenant, EvolutionsWanted wants, Func<IEnumerable<SeriesEntity>> candidates)
    {
        var mapped = maps.Concerns(http, wants.Query);
        var ids = mapped ? maps.Find(http, wants.Evaluation.Scope) : null;
        if (ids is null)
        {
            ids = await federation.IdsAsync(told, tenant, candidates(), wants, mapped || paging.Count ? int.MaxValue : (int)Math.Min(int.MaxValue, (long)paging.Offset + paging.Limit + 1));
            Require(tenant, told);
            if (mapped)
            {
                maps.Add(http, wants.Evaluation.Scope, ids, wants.Query.EntityMapLifetime);
                http.Response.StatusCode = StatusCodes.Status201Created;
            }
        }

        var (windows, known) = await federation.FindAsync(told, tenant, [.. ids.Skip(paging.Offset).Take(paging.Limit)], wants);
        FederatedReader.Warn(http, told.Warnings);
        paging.WriteHeaders(http, path, ids.Length, ids.Length > paging.Offset + paging.Limit);
        await AnswerAsync(http, media, wants.Context, format, wants.Query, wants.Temporal, windows, known, isList: true);
    }

    private async Task AnswerAsync(
        HttpContext http, MediaType media, JsonLdContext context, TemporalFormat format, EntityQuery query, TemporalQuery temporal, List<EntityWindow> windows, long? known, bool isList)
    {
        var form = format.Form ?? TemporalForm.Normalized;
        if (form != TemporalForm.AggregatedValues && TemporalPage.Cut(windows, temporal, MostInstances, known) is { } range)
        {
            http.Response.StatusCode = StatusCodes.Status206PartialContent;
            http.Response.Headers.ContentRange = range;
        }

        NgsiLdResponse.WriteContextHeaders(http, media, context);
        var render = new RenderOptions
        {
            Context = context,
            SystemAttributes = format.SystemAttributes,
            IncludesContext = media == MediaType.JsonLd,
            Projection = query.Projection,
            Language = query.Language,
        };
        var body = new EvolutionBody(http);
        await using (var writer = new Utf8JsonWriter(body.Writer, NgsiLdResponse.JsonOptions))
        {
            var answer = new TemporalAnswer(writer, render, temporal);
            if (isList)
            {
                writer.WriteStartArray();
            }

            foreach (var window in windows)
            {
                await WriteAsync(body, writer, answer, form, window, temporal, http.RequestAborted);
            }

            if (isList)
            {
                writer.WriteEndArray();
            }
        }

        await body.EndAsync();
    }

    private Task WriteAsync(EvolutionBody body, Utf8JsonWriter writer, TemporalAnswer answer, TemporalForm form, EntityWindow window, TemporalQuery temporal, CancellationToken cancel)
    {
        switch (form)
        {
            case TemporalForm.AggregatedValues:
                return new AggregatedAnswer(aggregator, points).WriteAsync(body, writer, answer, window, temporal, cancel);
            case TemporalForm.TemporalValues:
                answer.WriteValues(window);
                return Task.CompletedTask;
            default:
                answer.WriteNormalized(window);
                return Task.CompletedTask;
        }
    }

    /// <summary>The entities of the map that the request names, or of a new one (201).</summary>
    private async Task<IEnumerable<SeriesEntity>> MappedAsync(
        HttpContext http, EntityQuery query, TemporalReader.Judge judge, IEnumerable<SeriesEntity> candidates, AccessScope scope)
    {
        if (maps.Find(http, scope) is { } ids)
        {
            return [.. ids.Select(Tenant(http, null).FindEntity).OfType<SeriesEntity>()];
        }

        var found = new List<SeriesEntity>();
        foreach (var entity in candidates)
        {
            if (await judge.TakeAsync(entity, reads: false, http.RequestAborted) is not null)
            {
                found.Add(entity);
            }
        }

        maps.Add(http, scope, found.Select(static entity => entity.Id), query.EntityMapLifetime);
        http.Response.StatusCode = StatusCodes.Status201Created;
        return found;
    }

    /// <summary>Aggregation needs methods, and reads series by itself.</summary>
    private static TemporalQuery Aggregated(TemporalQuery temporal, ref TemporalFormat format)
    {
        if (format.Form != TemporalForm.AggregatedValues)
        {
            return temporal;
        }

        return temporal.AggregationMethods.Length > 0
            ? temporal with { LastN = null }
            : throw NgsiLdException.BadRequest("aggregatedValues needs aggrMethods (4.5.19.1).", "aggrMethods");
    }

    /// <summary>5.7.4.4: evolutions have an order by id alone.</summary>
    private static bool? OrderOf(EntityQuery query) => query.Texts.GetValueOrDefault("orderBy") switch
    {
        null => null,
        "id" or "id;asc" => false,
        "id;desc" => true,
        _ => throw NgsiLdException.BadRequest("Temporal evolutions are ordered by id alone (5.7.4.4).", "orderBy"),
    };

    private static IEnumerable<SeriesEntity> Candidates(Tenant tenant, EntityQuery query, bool? descending)
    {
        var entities = query.CandidateIds is { } ids
            ? ids.Select(tenant.FindEntity).OfType<SeriesEntity>()
            : tenant.Entities;
        return descending switch
        {
            null => entities.OrderBy(static entity => entity.Key),
            false => entities.OrderBy(static entity => entity.Id, StringComparer.Ordinal),
            true => entities.OrderByDescending(static entity => entity.Id, StringComparer.Ordinal),
        };
    }

    /// <summary>The tenant; a stranger where other sources may know of it (<see cref="Require"/>).</summary>
    private Tenant Tenant(HttpContext http, SourceConversation? told)
    {
        var name = NgsiLdRequest.TenantName(http);
        var stranger = new Tenant(0, name ?? "");
        var tenant = directory.FindTenant(name) ?? stranger;
        if (told is null)
        {
            Require(tenant, told);
        }

        return tenant;
    }

    /// <summary>Refuses a tenant of which neither this node nor a source was there to tell.</summary>
    /// <exception cref="NgsiLdException">NonexistentTenant.</exception>
    private static void Require(Tenant tenant, SourceConversation? told)
    {
        if (tenant.Key == 0 && told is not { Registrations.Count: > 0 })
        {
            throw new NgsiLdException(NgsiLdErrorType.NonexistentTenant, $"There is no tenant '{tenant.Name}' here. A tenant comes into being with the first write that names it.", "NGSILD-Tenant");
        }
    }

    private EvaluationContext Evaluation(HttpContext http) => new(Timestamps.FromInstant(clock.GetUtcNow()), access.Of(http));
}
