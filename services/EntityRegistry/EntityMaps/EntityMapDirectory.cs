using Microsoft.Extensions.Options;
using Twin.EntityRegistry.Tenants;
using Twin.NgsiLd;
using Twin.NgsiLd.Queries;
using Twin.NgsiLd.Representations;

namespace Twin.EntityRegistry.EntityMaps;

/// <summary>
/// The entity maps of this process, in memory and bounded: a map that is gone is made anew by the request that refers to it
/// (GS CIM 009 5.7.2.4), so that none needs to outlive a restart.
/// </summary>
internal sealed class EntityMapDirectory(IOptions<EntityMapOptions> options, TimeProvider clock)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, EntityMap> _maps = new(StringComparer.Ordinal);

    /// <summary>Entities in one map at most.</summary>
    public int MostEntities => options.Value.MostEntities;

    private long Now => Timestamps.FromInstant(clock.GetUtcNow());

    /// <summary>A live map of the tenant that the caller may use; null when there is none.</summary>
    public EntityMap? Find(Tenant tenant, AccessScope access, string id)
    {
        lock (_gate)
        {
            return _maps.TryGetValue(id, out EntityMap? map) && map.Tenant == tenant.Key && ReferenceEquals(map.Access, access) && map.ExpiresAt > Now ? map : null;
        }
    }

    /// <summary>A live map of the tenant that the caller may use.</summary>
    /// <exception cref="NgsiLdException">ResourceNotFound.</exception>
    public EntityMap Get(Tenant tenant, AccessScope access, string id) =>
        Find(tenant, access, id) ?? throw NgsiLdException.NotFound($"There is no entity map {id}; a query with entityMap=true makes one.");

    /// <summary>Keeps a new map; others make room for it where there is none.</summary>
    /// <param name="tenant">Whose entities.</param>
    /// <param name="access">What its maker sees.</param>
    /// <param name="entities">The matches.</param>
    /// <param name="lifetime">How long it is wanted; the node may make it less.</param>
    public EntityMap Add(Tenant tenant, AccessScope access, MappedEntity[] entities, TimeSpan? lifetime)
    {
        TimeSpan life = lifetime ?? TimeSpan.FromSeconds(options.Value.LifetimeSeconds);
        DateTimeOffset at = clock.GetUtcNow();
        long now = Timestamps.FromInstant(at);
        var map = new EntityMap(
            $"urn:ngsi-ld:EntityMap:{Guid.CreateVersion7(at)}", tenant.Key, access, entities, Bounded(now, now + (long)Math.Min(life.TotalMicroseconds, long.MaxValue / 4)));
        lock (_gate)
        {
            MakeRoom(now, entities.Length);
            _maps[map.Id] = map;
        }

        return map;
    }

    /// <summary>Changes when a map ends, within what the node allows.</summary>
    public void Extend(EntityMap map, long expiresAt) => map.ExpiresAt = Bounded(Now, expiresAt);

    /// <summary>Takes a map away.</summary>
    public void Remove(EntityMap map)
    {
        lock (_gate)
        {
            _maps.Remove(map.Id);
        }
    }

    private long Bounded(long now, long expiresAt) => Math.Min(expiresAt, now + (options.Value.MostLifetimeSeconds * 1_000_000L));

    private void MakeRoom(long now, int entities)
    {
        foreach (EntityMap gone in _maps.Values.Where(m => m.ExpiresAt <= now).ToArray())
        {
            _maps.Remove(gone.Id);
        }

        long held = _maps.Values.Sum(m => (long)m.Entities.Length);
        foreach (EntityMap soonest in _maps.Values.OrderBy(m => m.ExpiresAt).ToArray())
        {
            if (held + entities <= options.Value.MostEntitiesInAll && _maps.Count < options.Value.MostMaps)
            {
                return;
            }

            held -= soonest.Entities.Length;
            _maps.Remove(soonest.Id);
        }
    }
}
