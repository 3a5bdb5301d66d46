using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Twin.EntityRegistry.Contexts;
using Twin.EntityRegistry.Entities;
using Twin.EntityRegistry.EntityMaps;
using Twin.EntityRegistry.Federation;
using Twin.EntityRegistry.Http;
using Twin.EntityRegistry.OpenApi;
using Twin.EntityRegistry.Registrations;
using Twin.EntityRegistry.Tenants;
using Twin.Hosting.Authentication;
using Twin.Hosting.OpenApi;
using Twin.NgsiLd;
using Twin.NgsiLd.Contexts;
using Twin.NgsiLd.Entities;
using Twin.NgsiLd.Queries;
using Twin.NgsiLd.Representations;

namespace Twin.EntityRegistry.Queries;

/// <summary>Consumption of entities: GS CIM 009 5.7.1 and 5.7.2 over 6.4, 6.5 and 6.23.</summary>
internal sealed class QueryEndpoints(
    TenantDirectory tenants,
    ContextResolver contexts,
    EntityAccess access,
    EntityBodies bodies,
    FederatedReader federation,
    EntityPages pages,
    EntityMapDirectory maps,
    TimeProvider clock)
{
    private const string EntitiesPath = "/ngsi-ld/v1/entities";
    private const string QueryPath = "/ngsi-ld/v1/entityOperations/query";

    private static readonly string[] OfTheAnswer = ["options", "format", "geometryProperty", "lang", "local", "entityMap", "entityMapLifetime"];

    private static readonly string[] RetrieveParameters =
    [
        .. OfTheAnswer, "type", "attrs", "pick", "omit", "datasetId", "join", "joinLevel", "containedBy", "jsonKeys", "expandValues",
    ];

    /// <summary>What a query by POST reads from the URL.</summary>
    internal static readonly string[] PostParameters = [.. OfTheAnswer, "limit", "offset", "count", "pageAfter"];

    /// <summary>What a query by GET reads.</summary>
    internal static readonly string[] QueryParameters =
    [
        .. RetrieveParameters, "id", "idPattern", "q", "csf", "scopeQ", "georel", "geometry", "coordinates", "geoproperty",
        "orderBy", "collation", "orderFrom", "orderGeometry", "splitEntities", "limit", "offset", "count", "pageAfter",
    ];

    private static readonly string[] RetrieveOperation = [RegistrationOperations.RetrieveEntity];

    /// <summary>The route table.</summary>
    public void Map(IEndpointRouteBuilder api)
    {
        RouteGroupBuilder reads = api.MapGroup("");
        reads.RequireAuthorization(TwinPolicies.ReadEntities).WithTags("Entities");
        reads.MapGet("/entities", NgsiLdProblems.Guard(QueryAsync))
            .Operation("queryEntity", "Query Entities", "5.7.2, 6.4.3.2").Reads("NGSILD-Scenario").Reads(QueryParameters).Gives(StatusCodes.Status422UnprocessableEntity, "There is no such view of a scenario", "ProblemDetails", "application/problem+json")
            .AnswersEntities("A page of entities", "EntityAnswers", "FeatureCollection", "NGSILD-Results-Count", "Twin-Next").MakesMaps().FindsTenant();
        reads.MapGet("/entities/{entityId}", NgsiLdProblems.Guard(RetrieveAsync))
            .Operation("retrieveEntity", "Retrieve Entity", "5.7.1, 6.5.3.1").Reads("NGSILD-Scenario").Reads(RetrieveParameters).Gives(StatusCodes.Status422UnprocessableEntity, "There is no such view of a scenario", "ProblemDetails", "application/problem+json")
            .AnswersEntities("The entity", "EntityOrLinked", "FeatureOrLinked").Finds();
        reads.MapPost("/entityOperations/query", NgsiLdProblems.Guard(QueryByPostAsync))
            .Operation("queryBatch", "Query Entities by POST", "5.7.2, 6.23.3.1").Takes("Query").Reads("NGSILD-Scenario").Reads(PostParameters).Gives(StatusCodes.Status422UnprocessableEntity, "There is no such view of a scenario", "ProblemDetails", "application/problem+json")
            .AnswersEntities("A page of entities", "EntityAnswers", "FeatureCollection", "NGSILD-Results-Count", "Twin-Next").MakesMaps().FindsTenant();
    }

    /// <summary>Reads a query from the URL (6.4.3.2).</summary>
    /// <exception cref="NgsiLdException">What it is refused for.</exception>
    public async Task<(Tenant Tenant, EntityQuery Query, JsonLdContext Context)> ReadAsync(HttpContext http)
    {
        NgsiLdRequest.AllowParameters(http, QueryParameters);
        Tenant tenant = tenants.Get(NgsiLdRequest.TenantName(http));
        JsonLdContext context = await contexts.FromLinkAsync(http.Request, http.RequestAborted);
        EntityQuery query = EntityQueryParser.FromParameters(http.Request.Query.SelectMany(p => p.Value.Select(v => KeyValuePair.Create(p.Key, v ?? ""))), context, ["pageAfter"]);
        return (tenant, query, context);
    }

    /// <summary>Reads a query from the body (5.2.23).</summary>
    /// <exception cref="NgsiLdException">What it is refused for.</exception>
    public async Task<(Tenant Tenant, EntityQuery Query, JsonLdContext Context)> ReadBodyAsync(HttpContext http)
    {
        NgsiLdRequest.AllowParameters(http, PostParameters);
        using RequestBody body = await RequestBody.ReadAsync(http);
        JsonLdContext context = await bodies.ContextAsync(http, body.Memory);
        Tenant tenant = tenants.Get(NgsiLdRequest.TenantName(http));
        EntityQuery query = EntityQueryParser.FromBody(body.Memory, context, NgsiLdRequest.Flag(http, "local"));
        return (tenant, query with { WantsEntityMap = query.WantsEntityMap || NgsiLdRequest.Flag(http, "entityMap") }, context);
    }

    /// <summary>Who asks, when.</summary>
    public EvaluationContext Evaluation(HttpContext http, Tenant tenant) =>
        new(Timestamps.FromInstant(clock.GetUtcNow()), access.Of(http), tenant.Resolve);

    /// <summary>5.7.1 Retrieve Entity: 200, 404 when nobody that was asked has it.</summary>
    private async Task RetrieveAsync(HttpContext http)
    {
        if (!NgsiLdRequest.Negotiate(http, geoJson: true, out MediaType media))
        {
            return;
        }

        NgsiLdRequest.AllowParameters(http, RetrieveParameters);
        Representation representation = Representation.Of(http, media);
        string id = NgsiLdRequest.EntityId(http);
        Tenant tenant = tenants.Get(NgsiLdRequest.TenantName(http));
        JsonLdContext context = await contexts.FromLinkAsync(http.Request, http.RequestAborted);
        EntityQuery query = RetrieveQuery.Of(http, context);
        EvaluationContext evaluation = Evaluation(http, tenant);
        EntityDocument? local = tenant.Index.Find(id);
        EntityDocument? found = local;
        IReadOnlyList<ContextSourceRegistration> sources =
            federation.Sources(http, tenant, RetrieveOperation, () => WantedInformation.Of(query) with { Ids = [id], IdPattern = null });
        ContextSourceRegistration[] holders = [];
        if (sources.Count > 0)
        {
            SourceAnswer<EntityNode>[] answers = await federation.RetrieveAsync(http, tenant, sources, id, context);
            FederatedReader.Warn(http, answers.Select(a => a.Warning));
            SourceView[] views = [.. answers.Where(a => a.Value?.Id == id).Select(a => new SourceView(a.Source, a.Value!))];
            holders = [.. views.Select(v => v.Source)];
            found = views.Length == 0 ? local : FederatedMerge.Merge(local, views);
        }

        if (found is null || !query.Matches(found, evaluation))
        {
            throw NgsiLdException.NotFound($"There is no entity {id}{(query.Selectors.Count == 0 ? "" : " of the type asked for")} with something of what is asked for.");
        }

        MapOne(http, tenant, evaluation, query, id, local is not null, holders);
        await new EntityAnswer(http, representation, context, query, evaluation).WriteOneAsync(found);
    }

    /// <summary>5.7.1.4: the map that is asked for, when the one referred to is gone or there was none.</summary>
    private void MapOne(HttpContext http, Tenant tenant, in EvaluationContext evaluation, EntityQuery query, string id, bool here, ContextSourceRegistration[] holders)
    {
        if (query.WantsEntityMap || EntityMapReference.IsIn(http))
        {
            EntityMap? known = EntityMapReference.Find(http, maps, tenant, evaluation.Scope);
            EntityMap map = known
                ?? maps.Add(tenant, evaluation.Scope, [new MappedEntity(id, EntityMap.SourcesOf(here, holders, []))], query.EntityMapLifetime);
            EntityMapReference.Write(http, map, isNew: known is null);
        }
    }

    /// <summary>5.7.2 Query Entities.</summary>
    private async Task QueryAsync(HttpContext http)
    {
        if (!NgsiLdRequest.Negotiate(http, geoJson: true, out MediaType media))
        {
            return;
        }

        NgsiLdRequest.AllowParameters(http, QueryParameters);
        Representation representation = Representation.Of(http, media);
        Paging paging = Paging.Of(http);
        (Tenant tenant, EntityQuery query, JsonLdContext context) = await ReadAsync(http);
        await AnswerAsync(http, EntitiesPath, tenant, query, paging, representation, context);
    }

    /// <summary>5.7.2 Query Entities, the query in the body (5.2.23).</summary>
    private async Task QueryByPostAsync(HttpContext http)
    {
        if (!NgsiLdRequest.AcceptsBody(http) || !NgsiLdRequest.Negotiate(http, geoJson: true, out MediaType media))
        {
            return;
        }

        NgsiLdRequest.AllowParameters(http, PostParameters);
        Representation representation = Representation.Of(http, media);
        Paging paging = Paging.Of(http);
        (Tenant tenant, EntityQuery query, JsonLdContext context) = await ReadBodyAsync(http);
        await AnswerAsync(http, QueryPath, tenant, query, paging, representation, context);
    }

    private async Task AnswerAsync(
        HttpContext http,
        string path,
        Tenant tenant,
        EntityQuery query,
        Paging paging,
        Representation representation,
        JsonLdContext context)
    {
        EvaluationContext evaluation = Evaluation(http, tenant);
        EntityPage page = await pages.FindAsync(http, tenant, query, paging, context, evaluation);
        paging.WriteHeaders(http, path, page.Total, page.More, page.Next);
        await new EntityAnswer(http, representation, context, query, evaluation).WriteAllAsync(page.Entities);
    }
}
