using Twin.EntityRegistry.Entities;
using Twin.EntityRegistry.Index;
using Twin.NgsiLd.Entities;

namespace Twin.EntityRegistry.Tenants;

/// <summary>
/// One NGSI-LD tenant (GS CIM 009 4.14): its committed entities, and the head of those that are on their way to the
/// store.
/// </summary>
/// <param name="key">The tenant's number in the store.</param>
/// <param name="name">The value of the NGSILD-Tenant header; empty for the default tenant.</param>
internal sealed class Tenant(int key, string name)
{
    private ResidentIndex _index = new();
    private Func<string, EntityDocument?>? _resolve;

    /// <summary>The tenant's number in the store.</summary>
    public int Key { get; } = key;

    /// <summary>The value of the NGSILD-Tenant header; empty for the default tenant.</summary>
    public string Name { get; } = name;

    /// <summary>What is committed: what readers read.</summary>
    public ResidentIndex Index
    {
        get => Volatile.Read(ref _index);
        set => Volatile.Write(ref _index, value);
    }

    /// <summary>Finds a committed entity by id, for links from entity to entity; made once, so that a query need not.</summary>
    public Func<string, EntityDocument?> Resolve => _resolve ??= id => Index.Find(id);

    /// <summary>
    /// What writers have made of an entity and the store has not committed yet. Guarded by the writer's lock; a writer
    /// looks here first, a reader never.
    /// </summary>
    public Dictionary<string, Head> Heads { get; } = new(StringComparer.Ordinal);

    /// <summary>An entity's newest state, still uncommitted.</summary>
    /// <param name="Document">The state; null when deleted.</param>
    /// <param name="Sequence">Its place in creation order.</param>
    /// <param name="Change">The last change, which takes the head away once it is committed.</param>
    internal readonly record struct Head(EntityDocument? Document, long Sequence, EntityChange Change);
}
