using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Twin.EntityRegistry;
using Twin.EntityRegistry.Contexts;
using Twin.EntityRegistry.Entities;
using Twin.EntityRegistry.Http;
using Twin.EntityRegistry.OpenApi;
using Twin.EntityRegistry.Queries;
using Twin.Hosting.Authentication;
using Twin.Hosting.OpenApi;
using Twin.NgsiLd;
using Twin.NgsiLd.Contexts;
using Twin.NgsiLd.Entities;
using Twin.NgsiLd.Queries;
using Twin.NgsiLd.Representations;
using Twin.ScenarioEngine.Scenarios;
using Twin.ScenarioEngine.Storage;

namespace Twin.ScenarioEngine.State;

/// <summary>
/// The state of a scenario as NGSI-LD entities, by the evaluator that answers <c>/ngsi-ld/v1/entities</c> (GS CIM 009
/// 5.7.1, 5.7.2): what the caller may not see of the twin is not seen here either.
/// </summary>
internal sealed class StateEndpoints(ScenarioStore store, StateReader reader, ContextResolver contexts, EntityBodies bodies, EntityAccess access, TimeProvider clock)
{
    /// <summary>By which the gateway brings reads of <c>/ngsi-ld/v1</c> here.</summary>
    private const string Header = "NGSILD-Scenario";

    private static readonly string[] Own = ["revision", "validAt"];
    private static readonly string[] OfTheAnswer = ["type", "attrs", "pick", "omit", "datasetId", "options", "format", "geometryProperty", "lang", "local"];
    private static readonly string[] OneParameters = [.. Own, .. OfTheAnswer];

    private static readonly string[] AllParameters =
        [.. OneParameters, "id", "idPattern", "q", "scopeQ", "georel", "geometry", "coordinates", "geoproperty", "limit", "offset", "count"];

    private static readonly string[] PostParameters = [.. Own, "options", "format", "geometryProperty", "lang", "local", "limit", "offset", "count"];

    /// <summary>The route table.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/scenarios/{scenarioId}/entities");
        api.RequireAuthorization(TwinPolicies.ReadScenarios).WithTags("Scenarios");
        Describe(api.MapGet("", NgsiLdProblems.Guard(AllAsync)).Operation("queryScenarioEntities", "Entities as a scenario has them"), AllParameters)
            .AnswersEntities("A page of entities", "EntityAnswers", "FeatureCollection", "NGSILD-Results-Count");
        Describe(api.MapGet("/{entityId}", NgsiLdProblems.Guard(OneAsync)).Operation("retrieveScenarioEntity", "An entity as a scenario has it"), OneParameters)
            .AnswersEntities("The entity", "EntityOrLinked", "FeatureOrLinked");
        var posts = routes.MapGroup("/scenarios/{scenarioId}/entityOperations/query");
        posts.RequireAuthorization(TwinPolicies.ReadScenarios).WithTags("Scenarios");
        Describe(posts.MapPost("", NgsiLdProblems.Guard(PostAsync)).Operation("queryScenarioBatch", "Entities as a scenario has them, by POST"), PostParameters)
            .Takes("Query").AnswersEntities("A page of entities", "EntityAnswers", "FeatureCollection", "NGSILD-Results-Count")
            .Gives(StatusCodes.Status422UnprocessableEntity, "The query asks for an order, links, maps or parts", "ProblemDetails", "application/problem+json");
    }

    private static IEndpointConventionBuilder Describe(IEndpointConventionBuilder endpoint, string[] parameters) =>
        endpoint.WithMetadata(new DescribedParameters(["Link", "NGSILD-Tenant", .. parameters])).Shares(504, "ContextNotAvailable").Shares(409, "Conflict").Finds();

    private async Task AllAsync(HttpContext http)
    {
        if (!NgsiLdRequest.Negotiate(http, geoJson: true, out var media))
        {
            return;
        }

        NgsiLdRequest.AllowParameters(http, AllParameters);
        var context = await contexts.FromLinkAsync(http.Request, http.RequestAborted);
        var given = http.Request.Query.Where(static p => p.Key != "local").SelectMany(static p => p.Value.Select(v => KeyValuePair.Create(p.Key, v ?? "")));
        var query = EntityQueryParser.FromParameters([.. given, KeyValuePair.Create("local", "true")], context, Own);
        await AnswerAsync(http, media, query, context);
    }

    private async Task PostAsync(HttpContext http)
    {
        if (!NgsiLdRequest.AcceptsBody(http) || !NgsiLdRequest.Negotiate(http, geoJson: true, out var media))
        {
            return;
        }

        NgsiLdRequest.AllowParameters(http, PostParameters);
        using var body = await RequestBody.ReadAsync(http);
        var context = await bodies.ContextAsync(http, body.Memory);
        await AnswerAsync(http, media, EntityQueryParser.FromBody(body.Memory, context, isLocal: true), context);
    }

    private async Task AnswerAsync(HttpContext http, MediaType media, EntityQuery query, JsonLdContext context)
    {
        if (query.Order is not null || query.SplitsEntities || query.WantsEntityMap || query.Join != LinkedRetrieval.None)
        {
            throw new NgsiLdException(NgsiLdErrorType.OperationNotSupported, "Entities of a scenario are answered in the order in which they came into being, without links, maps and parts.");
        }

        var (representation, paging) = (Representation.Of(http, media), Paging.Of(http));
        var state = await StateAsync(http);
        var evaluation = Evaluation(http);
        var page = new List<EntityDocument>();
        long matches = 0;
        var more = false;
        await foreach (var entity in reader.AllAsync(state, query.CandidateTypes, http.RequestAborted))
        {
            if (!query.Matches(entity, evaluation))
            {
                continue;
            }

            if (matches >= paging.Offset && page.Count < paging.Limit)
            {
                page.Add(entity);
            }

            matches++;
            more = matches > paging.Offset + (long)paging.Limit;
            if (more && !paging.Count)
            {
                break;
            }
        }

        paging.WriteHeaders(http, Path(http), matches, more);
        await new EntityAnswer(http, representation, context, query, evaluation).WriteAllAsync(page);
    }

    /// <summary>Where the pages are: who came by the header goes on by it.</summary>
    private static string Path(HttpContext http) => http.Request.Headers.ContainsKey(Header)
        ? "/ngsi-ld/v1/entities"
        : NgsiLdResponse.Location("/scenarios", NgsiLdRequest.Segment(http, "scenarioId")) + "/entities";

    private async Task OneAsync(HttpContext http)
    {
        if (!NgsiLdRequest.Negotiate(http, geoJson: true, out var media))
        {
            return;
        }

        NgsiLdRequest.AllowParameters(http, OneParameters);
        var representation = Representation.Of(http, media);
        var id = NgsiLdRequest.EntityId(http);
        var context = await contexts.FromLinkAsync(http.Request, http.RequestAborted);
        var query = RetrieveQuery.Of(http, context);
        var state = await StateAsync(http);
        var evaluation = Evaluation(http);
        var found = await reader.FindAsync(state, id, http.RequestAborted);
        if (found is null || !query.Matches(found, evaluation))
        {
            throw NgsiLdException.NotFound($"The scenario has no entity {id} with something of what is asked for.");
        }

        await new EntityAnswer(http, representation, context, query, evaluation).WriteOneAsync(found);
    }

    private async Task<ScenarioState> StateAsync(HttpContext http)
    {
        var (tenant, validAt) = (ScenarioRequest.Tenant(http), ScenarioRequest.ValidAt(http));
        var scenario = await ScenarioRequest.FindAsync(http, store, tenant);
        var (revision, content) = await ScenarioRequest.RevisionAsync(http, store, tenant, scenario);
        http.Response.Headers.ETag = revision.Tag;
        return new ScenarioState(content, revision.RecordedAt, validAt);
    }

    private EvaluationContext Evaluation(HttpContext http) => new(Timestamps.FromInstant(clock.GetUtcNow()), access.Of(http));
}
