using Microsoft.AspNetCore.Http;
using Twin.EntityRegistry.EntityMaps;
using Twin.EntityRegistry.Federation;
using Twin.EntityRegistry.Http;
using Twin.EntityRegistry.Registrations;
using Twin.EntityRegistry.Tenants;
using Twin.NgsiLd;
using Twin.NgsiLd.Contexts;
using Twin.NgsiLd.Entities;
using Twin.NgsiLd.Queries;

namespace Twin.EntityRegistry.Queries;

/// <summary>
/// Finds a page of the entities of a query (GS CIM 009 5.7.2), whether it came by GET or by POST: from our index alone in the order of
/// creation, merged with other sources in the order of ids, or by an entity map.
/// </summary>
internal sealed class EntityPages(FederatedReader federation, EntityMapDirectory maps)
{
    /// <summary>More than any page: everything.</summary>
    private const long All = int.MaxValue;

    private static readonly string[] Operations = [RegistrationOperations.QueryEntity, RegistrationOperations.QueryBatch];

    /// <summary>Finds the page, and writes what its answer's headers say of sources and maps.</summary>
    /// <exception cref="NgsiLdException">TooManyResults: more than an entity map holds.</exception>
    public async Task<EntityPage> FindAsync(HttpContext http, Tenant tenant, EntityQuery query, Paging paging, JsonLdContext context, EvaluationContext evaluation)
    {
        IReadOnlyList<ContextSourceRegistration> sources = query.IsLocal ? [] : federation.Sources(http, tenant, Operations, () => WantedInformation.Of(query));
        bool mapped = query.WantsEntityMap || EntityMapReference.IsIn(http);
        if (sources.Count == 0 && !mapped)
        {
            return Local(tenant, query, paging, evaluation, http.RequestAborted);
        }

        FederatedQuery asking = federation.Open(http, tenant, sources, query, context, evaluation);
        EntityPage page;
        if (mapped)
        {
            EntityMap? known = EntityMapReference.Find(http, maps, tenant, evaluation.Scope);
            EntityMap map = known ?? maps.Add(tenant, evaluation.Scope, await MapAsync(tenant, query, asking, evaluation, http.RequestAborted), query.EntityMapLifetime);
            page = await OfMapAsync(map, asking, paging);
            EntityMapReference.Write(http, map, isNew: known is null);
            http.Response.StatusCode = known is null ? StatusCodes.Status201Created : StatusCodes.Status200OK;
        }
        else
        {
            page = query.Order is { IsById: false } order ? await OrderedAsync(asking, order, paging, evaluation) : await FederatedAsync(asking, paging);
        }

        FederatedReader.Warn(http, asking.Warnings);
        return page;
    }

    /// <summary>Makes an entity map of a query without answering its entities (5.14.4).</summary>
    public async Task<EntityMap> MapAsync(HttpContext http, Tenant tenant, EntityQuery query, JsonLdContext context, EvaluationContext evaluation)
    {
        IReadOnlyList<ContextSourceRegistration> sources = query.IsLocal ? [] : federation.Sources(http, tenant, Operations, () => WantedInformation.Of(query));
        FederatedQuery asking = federation.Open(http, tenant, sources, query, context, evaluation);
        MappedEntity[] entities = await MapAsync(tenant, query, asking, evaluation, http.RequestAborted);
        FederatedReader.Warn(http, asking.Warnings);
        return maps.Add(tenant, evaluation.Scope, entities, query.EntityMapLifetime);
    }

    private static EntityPage Local(Tenant tenant, EntityQuery query, Paging paging, EvaluationContext evaluation, CancellationToken cancel)
    {
        if (query.Order is { IsById: true } || (query.Order is null && paging.IsAfterId))
        {
            return LocalById(tenant, query, paging, evaluation, cancel);
        }

        if (query.Order is not { } order)
        {
            return QueryExecutor.Run(tenant.Index, query, evaluation, paging.Offset, paging.Limit, paging.AfterSequence, paging.Count, cancel);
        }

        List<EntityDocument> entities = order.Page(QueryExecutor.All(tenant.Index, query, evaluation, cancel), paging.Offset, paging.Limit, evaluation, out int total);
        return new EntityPage(entities, total, total > paging.Offset + paging.Limit, null);
    }

    private static EntityPage LocalById(Tenant tenant, EntityQuery query, Paging paging, EvaluationContext evaluation, CancellationToken cancel)
    {
        int skip = paging.AfterId is null ? paging.Offset : 0;
        List<EntityDocument> found = QueryExecutor.InIdOrder(tenant.Index, query, evaluation, paging.AfterId, (long)skip + paging.Limit + 1, paging.Count, cancel, out int total);
        return new EntityPage([.. found.Skip(skip).Take(paging.Limit)], total, found.Count > skip + paging.Limit, null) { IsById = true };
    }

    /// <summary>
    /// A page in the order of ids. What is counted is exact: the merged matches where the walk came to its end, else the ids that
    /// anyone holds to match, each once; of an entity in several parts that matches only here or there, the whole is not judged again.
    /// </summary>
    private static async Task<EntityPage> FederatedAsync(FederatedQuery asking, Paging paging)
    {
        int skip = paging.AfterId is null ? paging.Offset : 0;
        var page = new List<EntityDocument>(Math.Min(paging.Limit, 64));
        int seen = 0;
        bool more = false;
        await foreach (EntityDocument entity in asking.MatchesAsync(paging.AfterId, (long)skip + paging.Limit + 1))
        {
            more = seen >= skip && page.Count == paging.Limit;
            if (more)
            {
                break;
            }

            if (seen++ >= skip)
            {
                page.Add(entity);
            }
        }

        int total = seen;
        if (paging.Count && (more || paging.AfterId is not null))
        {
            total = 0;
            await foreach (Sighting _ in asking.WalkAsync(null, All, idsOnly: true))
            {
                total++;
            }
        }

        return new EntityPage(page, total, more, null) { IsById = true };
    }

    /// <summary>A page in another order: every match is looked at, and no more of them are held than the page and what comes before it.</summary>
    private static async Task<EntityPage> OrderedAsync(FederatedQuery asking, EntityOrder order, Paging paging, EvaluationContext evaluation)
    {
        var page = new OrderedPage(order, paging.Offset, paging.Limit, evaluation);
        await foreach (EntityDocument entity in asking.MatchesAsync(null, All))
        {
            page.Add(entity);
        }

        return new EntityPage(page.Take(), page.Total, page.Total > paging.Offset + paging.Limit, null);
    }

    /// <summary>
    /// The page at an offset of a map. What matches no longer leaves the map and the page fills up behind it (5.5.9.3); what only a
    /// silent source could tell of stays in the map and is missing from the page.
    /// </summary>
    private static async Task<EntityPage> OfMapAsync(EntityMap map, FederatedQuery asking, Paging paging)
    {
        var page = new List<EntityDocument>(Math.Min(paging.Limit, 64));
        int at = paging.Offset;
        int end = paging.Offset + paging.Limit;
        while (at < end)
        {
            MappedEntity[] some = [.. map.Entities.Skip(at).Take(end - at)];
            if (some.Length == 0)
            {
                break;
            }

            (Dictionary<string, EntityDocument> found, HashSet<string> silent) = await asking.FindAsync([.. some.Select(e => KeyValuePair.Create(e.Id, e.Sources))]);
            page.AddRange(some.Where(e => found.ContainsKey(e.Id)).Select(e => found[e.Id]));
            HashSet<string> gone = [.. some.Where(e => !found.ContainsKey(e.Id) && !e.Sources.Any(silent.Contains)).Select(e => e.Id)];
            if (gone.Count > 0)
            {
                map.Remove(gone);
            }

            at += some.Length - gone.Count;
        }

        int total = map.Entities.Length;
        return new EntityPage(page, total, paging.Limit > 0 && total > end, null);
    }

    private async Task<MappedEntity[]> MapAsync(Tenant tenant, EntityQuery query, FederatedQuery asking, EvaluationContext evaluation, CancellationToken cancel)
    {
        var known = new Dictionary<string, string[]>(StringComparer.Ordinal);
        var entities = new List<MappedEntity>();
        if (asking.Sources.Count == 0)
        {
            string[] here = EntityMap.SourcesOf(here: true, [], known);
            int most = maps.MostEntities;
            EntityPage ours = Local(tenant, query, new Paging(most, 0, false, null), evaluation, cancel);
            return ours.More ? throw TooMany(most) : [.. ours.Entities.Select(e => new MappedEntity(e.Id, here))];
        }

        var sources = new Dictionary<string, string[]>(StringComparer.Ordinal);
        await foreach (Sighting seen in asking.WalkAsync(null, All, idsOnly: true))
        {
            if (sources.Count == maps.MostEntities)
            {
                throw TooMany(maps.MostEntities);
            }

            sources[seen.Id] = EntityMap.SourcesOf(seen.Ours is not null, seen.Theirs.Select(t => t.Source), known);
            entities.Add(new MappedEntity(seen.Id, sources[seen.Id]));
        }

        if (query.Order is not { IsById: false } order)
        {
            return [.. entities];
        }

        EntityPage ordered = await OrderedAsync(asking, order, new Paging(maps.MostEntities, 0, false, null), evaluation);
        return [.. ordered.Entities.Where(e => sources.ContainsKey(e.Id)).Select(e => new MappedEntity(e.Id, sources[e.Id]))];
    }

    private static NgsiLdException TooMany(int most) =>
        new(NgsiLdErrorType.TooManyResults, $"An entity map holds at most {most} entities; narrow the query.", "entityMap");
}
