using System.Runtime.CompilerServices;
using Grpc.Core;
using Twin.Contracts.Registry.V1;
using Twin.EntityRegistry.Entities;
using Twin.NgsiLd;
using Twin.NgsiLd.Contexts;
using Twin.NgsiLd.Entities;
using Twin.ScenarioEngine.Scenarios;
using RegistryClient = Twin.Contracts.Registry.V1.EntityRegistry.EntityRegistryClient;

namespace Twin.ScenarioEngine.State;

/// <summary>The entities of the twin that scenarios are laid over, asked of the entity registry.</summary>
internal sealed class BaseEntities(RegistryClient registry, PastTwin past, ForecastTwin forecasts)
{
    /// <summary>An entity; null when there is none.</summary>
    public async Task<EntityDocument?> FindAsync(ScenarioBase twin, string id, CancellationToken cancel) =>
        twin.IsPresent ? await RetrieveAsync(twin, id, cancel) : (await SomeAsync(twin, [id], cancel)).GetValueOrDefault(id);

    private async Task<EntityDocument?> RetrieveAsync(ScenarioBase twin, string id, CancellationToken cancel)
    {
        try
        {
            var entity = await registry.RetrieveEntityAsync(new RetrieveEntityRequest { Tenant = twin.Tenant, Id = id }, cancellationToken: cancel);
            return StoredForm.Read(entity.Json.Memory);
        }
        catch (RpcException fault) when (fault.StatusCode is StatusCode.NotFound)
        {
            return null;
        }
        catch (RpcException) when (cancel.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancel);
        }
    }

    /// <summary>Some entities by their ids; those that are not there are not in the answer.</summary>
    public async Task<Dictionary<string, EntityDocument>> SomeAsync(ScenarioBase twin, IReadOnlyCollection<string> ids, CancellationToken cancel)
    {
        var found = new Dictionary<string, EntityDocument>(StringComparer.Ordinal);
        if (ids.Count == 0)
        {
            return found;
        }

        var request = new QueryEntitiesRequest { Tenant = twin.Tenant };
        request.Ids.AddRange(ids);
        await foreach (var entity in ReadAsync(twin, request, null, ids, cancel))
        {
            found[entity.Id] = entity;
        }

        return found;
    }

    /// <summary>The entities of a base in the order in which they came into being.</summary>
    /// <param name="twin">The base.</param>
    /// <param name="types">The types of which they have at least one; null for all.</param>
    /// <param name="cancel">Ends it.</param>
    /// <exception cref="NgsiLdException">NonexistentTenant.</exception>
    public IAsyncEnumerable<EntityDocument> AllAsync(ScenarioBase twin, IReadOnlyList<int>? types, CancellationToken cancel) =>
        ReadAsync(twin, new QueryEntitiesRequest { Tenant = twin.Tenant, Type = types is null ? "" : string.Join('|', types.Select(Terms.Iri)) }, types, null, cancel);

    private async IAsyncEnumerable<EntityDocument> ReadAsync(
        ScenarioBase twin, QueryEntitiesRequest request, IReadOnlyList<int>? types, IReadOnlyCollection<string>? ids, [EnumeratorCancellation] CancellationToken cancel)
    {
        if (twin.Clock == BaseClock.Past)
        {
            await foreach (var entity in past.ReadAsync(twin, types, ids, cancel))
            {
                yield return entity;
            }

            yield break;
        }

        var values = twin.Clock == BaseClock.Forecast ? await forecasts.ReadAsync(twin, cancel) : null;
        using var call = registry.QueryEntities(request, cancellationToken: cancel);
        while (await NextAsync(call, twin.Tenant, cancel))
        {
            var entity = StoredForm.Read(call.ResponseStream.Current.Json.Memory);
            yield return values is null ? entity : values.Apply(entity);
        }
    }

    /// <summary>The ids of entities with when each last changed, without the entities.</summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="type">The type's IRI.</param>
    /// <param name="q">What they match (4.9), with IRIs.</param>
    /// <param name="cancel">Ends it.</param>
    /// <exception cref="NgsiLdException">NonexistentTenant.</exception>
    public async Task<List<(string Id, long Version)>> VersionsAsync(string tenant, string type, string q, CancellationToken cancel)
    {
        using var call = registry.QueryEntities(new QueryEntitiesRequest { Tenant = tenant, Type = type, Q = q, VersionsOnly = true }, cancellationToken: cancel);
        var found = new List<(string, long)>();
        while (await NextAsync(call, tenant, cancel))
        {
            found.Add((call.ResponseStream.Current.Id, call.ResponseStream.Current.Version));
        }

        return found;
    }

    /// <summary>The entities of a type that match.</summary>
    public async IAsyncEnumerable<EntityDocument> MatchingAsync(string tenant, string type, string q, [EnumeratorCancellation] CancellationToken cancel)
    {
        using var call = registry.QueryEntities(new QueryEntitiesRequest { Tenant = tenant, Type = type, Q = q }, cancellationToken: cancel);
        while (await NextAsync(call, tenant, cancel))
        {
            yield return StoredForm.Read(call.ResponseStream.Current.Json.Memory);
        }
    }

    private static async Task<bool> NextAsync(AsyncServerStreamingCall<Entity> call, string tenant, CancellationToken cancel)
    {
        try
        {
            return await call.ResponseStream.MoveNext(cancel);
        }
        catch (RpcException fault) when (fault.StatusCode is StatusCode.NotFound)
        {
            throw new NgsiLdException(NgsiLdErrorType.NonexistentTenant, $"There is no tenant {tenant}.", "NGSILD-Tenant");
        }
        catch (RpcException) when (cancel.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancel);
        }
    }
}
