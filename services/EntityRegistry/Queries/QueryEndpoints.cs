using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Twin.EntityRegistry.Contexts;
using Twin.EntityRegistry.Entities;
using Twin.EntityRegistry.Federation;
using Twin.EntityRegistry.Http;
using Twin.EntityRegistry.Index;
using Twin.EntityRegistry.Registrations;
using Twin.EntityRegistry.Tenants;
using Twin.Hosting.Authentication;
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
    TimeProvider clock)
{
    private const string EntitiesPath = "/ngsi-ld/v1/entities";
    private const string QueryPath = "/ngsi-ld/v1/entityOperations/query";

    private static readonly string[] OfTheAnswer = ["options", "format", "geometryProperty", "lang", "local"];

    private static readonly string[] RetrieveParameters =
    [
        .. OfTheAnswer, "type", "attrs", "pick", "omit", "datasetId", "join", "joinLevel", "containedBy", "jsonKeys", "expandValues",
    ];

    private static readonly string[] PostParameters = [.. OfTheAnswer, "limit", "offset", "count", "pageAfter"];

    private static readonly string[] QueryParameters =
    [
        .. RetrieveParameters, "id", "idPattern", "q", "csf", "scopeQ", "georel", "geometry", "coordinates", "geoproperty",
        "orderBy", "collation", "orderFrom", "orderGeometry", "splitEntities", "limit", "offset", "count", "pageAfter",
    ];

    /// <summary>The route table.</summary>
    public void Map(IEndpointRouteBuilder api)
    {
        RouteGroupBuilder reads = api.MapGroup("");
        reads.RequireAuthorization(TwinPolicies.ReadEntities);
        reads.MapGet("/entities", NgsiLdProblems.Guard(QueryAsync)).WithName("queryEntity");
        reads.MapGet("/entities/{entityId}", NgsiLdProblems.Guard(RetrieveAsync)).WithName("retrieveEntity");
        reads.MapPost("/entityOperations/query", NgsiLdProblems.Guard(QueryByPostAsync)).WithName("queryBatch");
    }

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
        EntityDocument? found = tenant.Index.Find(id);
        IReadOnlyList<ContextSourceRegistration> sources = federation.Sources(http, tenant, RegistrationOperations.RetrieveEntity, [id], [.. query.CandidateTypes ?? []], Wanted(query));
        if (sources.Count > 0)
        {
            SourceAnswer[] answers = await federation.RetrieveAsync(http, tenant, sources, id, context);
            FederatedReader.Warn(http, answers);
            found = FederatedMerge.One(id, found, answers);
        }

        if (found is null || !query.Matches(found, evaluation))
        {
            throw NgsiLdException.NotFound($"There is no entity {id}{(query.Selectors.Count == 0 ? "" : " of the type asked for")} with something of what is asked for.");
        }

        await new EntityAnswer(http, representation, context, query, evaluation).WriteOneAsync(found);
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
        Tenant tenant = tenants.Get(NgsiLdRequest.TenantName(http));
        JsonLdContext context = await contexts.FromLinkAsync(http.Request, http.RequestAborted);
        EntityQuery query = EntityQueryParser.FromParameters(http.Request.Query.SelectMany(p => p.Value.Select(v => KeyValuePair.Create(p.Key, v ?? ""))), context, ["pageAfter"]);
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
        using RequestBody body = await RequestBody.ReadAsync(http);
        JsonLdContext context = await bodies.ContextAsync(http, body.Memory);
        Tenant tenant = tenants.Get(NgsiLdRequest.TenantName(http));
        EntityQuery query = EntityQueryParser.FromBody(body.Memory, context, NgsiLdRequest.Flag(http, "local"));
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
        IReadOnlyList<ContextSourceRegistration> sources = query.IsLocal || path != EntitiesPath
            ? []
            : federation.Sources(
                http,
                tenant,
                RegistrationOperations.QueryEntity,
                [.. query.CandidateIds ?? []],
                [.. query.CandidateTypes ?? []],
                Wanted(query));
        EntityPage page = sources.Count == 0
            ? Local(tenant.Index, query, paging, evaluation, http.RequestAborted)
            : await FederatedAsync(http, tenant, sources, query, paging, context, evaluation);
        paging.WriteHeaders(http, path, page.Total, page.More, query.Order is null ? page.Last : null);
        await new EntityAnswer(http, representation, context, query, evaluation).WriteAllAsync(page.Entities);
    }

    private static EntityPage Local(ResidentIndex index, EntityQuery query, Paging paging, EvaluationContext evaluation, CancellationToken cancel)
    {
        if (query.Order is not { } order)
        {
            return QueryExecutor.Run(index, query, evaluation, paging.Offset, paging.Limit, paging.After, paging.Count, cancel);
        }

        List<EntityDocument> entities = order.Page(QueryExecutor.All(index, query, evaluation, cancel), paging.Offset, paging.Limit, evaluation, out int total);
        return new EntityPage(entities, total, total > paging.Offset + paging.Limit, null);
    }

    /// <summary>
    /// Ours and theirs, merged by id. Each source is asked for as many entities as the page may need of it; the page is cut from the
    /// union: ours first, then each source's in the order of registration, or in the order asked for.
    /// </summary>
    private async Task<EntityPage> FederatedAsync(
        HttpContext http,
        Tenant tenant,
        IReadOnlyList<ContextSourceRegistration> sources,
        EntityQuery query,
        Paging paging,
        JsonLdContext context,
        EvaluationContext evaluation)
    {
        int reach = paging.Offset + paging.Limit;
        Task<SourceAnswer[]> asking = federation.QueryAsync(http, tenant, sources, context, Math.Max(reach + 1, 1), paging.Count);
        EntityPage ours = QueryExecutor.Run(tenant.Index, query, evaluation, 0, query.Order is null ? reach + 1 : int.MaxValue, null, paging.Count, http.RequestAborted);
        SourceAnswer[] answers = await asking;
        FederatedReader.Warn(http, answers);
        List<EntityDocument> union = FederatedMerge.All(ours.Entities, answers, tenant.Index);
        int total = union.Count + Math.Max(0, ours.Total - ours.Entities.Count) + answers.Sum(a => Math.Max(0, (a.Count ?? 0) - a.Entities.Count));
        if (query.Order is { } order)
        {
            return new EntityPage(order.Page(union, paging.Offset, paging.Limit, evaluation, out _), total, union.Count > reach, null);
        }

        return new EntityPage([.. union.Skip(paging.Offset).Take(paging.Limit)], total, union.Count > reach, null);
    }

    private static int[] Wanted(EntityQuery query) => [.. query.Projection.Attributes?.Select(a => a.Id) ?? []];

    private EvaluationContext Evaluation(HttpContext http, Tenant tenant) =>
        new(Timestamps.FromInstant(clock.GetUtcNow()), access.Of(http), tenant.Resolve);
}
