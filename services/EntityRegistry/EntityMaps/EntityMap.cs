using Twin.EntityRegistry.Registrations;
using Twin.NgsiLd.Queries;

namespace Twin.EntityRegistry.EntityMaps;

/// <summary>An entity that a query found, and who holds it.</summary>
/// <param name="Id">The entity's id.</param>
/// <param name="Sources">Registration ids, and <see cref="EntityMap.Here"/> for ourselves.</param>
internal readonly record struct MappedEntity(string Id, string[] Sources);

/// <summary>
/// The matches of one query at one moment, by id (GS CIM 009 5.2.39): what keeps the pages of a walk the same while entities come
/// and go. It belongs to the tenant and to those who see what its maker saw.
/// </summary>
/// <param name="id">A URI.</param>
/// <param name="tenant">The tenant's key.</param>
/// <param name="access">What its maker sees.</param>
/// <param name="entities">The matches, in the order of the pages.</param>
/// <param name="expiresAt">When it ends, in microseconds since 1970 UTC.</param>
internal sealed class EntityMap(string id, int tenant, AccessScope access, MappedEntity[] entities, long expiresAt)
{
    /// <summary>Stands for this node among an entity's sources (5.2.39).</summary>
    public const string Here = "@none";

    private MappedEntity[] _entities = entities;
    private long _expiresAt = expiresAt;

    /// <summary>The map's id, a URI.</summary>
    public string Id { get; } = id;

    /// <summary>The tenant's key.</summary>
    public int Tenant { get; } = tenant;

    /// <summary>What its maker sees.</summary>
    public AccessScope Access { get; } = access;

    /// <summary>The matches, in the order of the pages; those that are found to match no longer are taken out.</summary>
    public MappedEntity[] Entities => Volatile.Read(ref _entities);

    /// <summary>When it ends, in microseconds since 1970 UTC.</summary>
    public long ExpiresAt
    {
        get => Volatile.Read(ref _expiresAt);
        set => Volatile.Write(ref _expiresAt, value);
    }

    /// <summary>The sources that hold an entity, ready to be shared by many: few combinations make up a map.</summary>
    public static string[] SourcesOf(bool here, IEnumerable<ContextSourceRegistration> sources, Dictionary<string, string[]> known)
    {
        string[] all = [.. here ? [Here] : Array.Empty<string>(), .. sources.Select(s => s.Id).Distinct(StringComparer.Ordinal)];
        string key = string.Join(' ', all);
        return known.TryGetValue(key, out string[]? same) ? same : known[key] = all;
    }

    /// <summary>Takes out what matches no longer (5.5.9.3).</summary>
    public void Remove(IReadOnlySet<string> ids)
    {
        MappedEntity[] before;
        MappedEntity[] after;
        do
        {
            before = Entities;
            after = [.. before.Where(e => !ids.Contains(e.Id))];
        }
        while (Interlocked.CompareExchange(ref _entities, after, before) != before);
    }
}
