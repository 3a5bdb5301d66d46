using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Twin.EntityRegistry.EntityMaps;
using Twin.EntityRegistry.Http;
using Twin.EntityRegistry.Tenants;
using Twin.NgsiLd;
using Twin.NgsiLd.Queries;

namespace Twin.Telemetry.Temporal;

/// <summary>
/// Entity maps of temporal queries (GS CIM 009 5.7.3.4, 5.7.4.4): those of the entity registry of the same process, under
/// whose path they are served.
/// </summary>
internal sealed class TemporalMaps(IServiceProvider services)
{
    private readonly EntityMapDirectory? maps = services.GetService<EntityMapDirectory>();
    private readonly TenantDirectory? tenants = services.GetService<TenantDirectory>();

    /// <summary>Whether the request uses a map, or wants one.</summary>
    /// <exception cref="NgsiLdException">OperationNotSupported where there is no entity registry in the process.</exception>
    public bool Concerns(HttpContext http, EntityQuery query) =>
        (query.WantsEntityMap || EntityMapReference.IsIn(http))
        && (maps is not null ? true : throw new NgsiLdException(NgsiLdErrorType.OperationNotSupported, "Entity maps of temporal queries need the entity registry in the same process.", "entityMap"));

    /// <summary>The ids of the map that the request names; null when it names none that is there.</summary>
    public string[]? Find(HttpContext http, AccessScope access)
    {
        if (EntityMapReference.Find(http, maps!, TenantOf(http), access) is not { } map)
        {
            return null;
        }

        EntityMapReference.Write(http, map, isNew: false);
        return [.. map.Entities.Select(static entity => entity.Id)];
    }

    /// <summary>Keeps a new map, and names it in the answer.</summary>
    public void Add(HttpContext http, AccessScope access, IEnumerable<string> ids, TimeSpan? lifetime)
    {
        MappedEntity[] entities = [.. ids.Select(static id => new MappedEntity(id, [EntityMap.Here]))];
        if (entities.Length > maps!.MostEntities)
        {
            throw new NgsiLdException(NgsiLdErrorType.TooManyResults, $"An entity map holds at most {maps.MostEntities} entities; narrow the query.", "entityMap");
        }

        EntityMapReference.Write(http, maps.Add(TenantOf(http), access, entities, lifetime), isNew: true);
    }

    /// <summary>The registry's tenant of that name; one of the history alone has maps of its own.</summary>
    private Tenant TenantOf(HttpContext http)
    {
        var name = NgsiLdRequest.TenantName(http);
        return string.IsNullOrEmpty(name) ? tenants!.Default : tenants!.All.FirstOrDefault(tenant => tenant.Name == name) ?? new Tenant(-1 - Math.Abs(name.GetHashCode(StringComparison.Ordinal)), name);
    }
}
