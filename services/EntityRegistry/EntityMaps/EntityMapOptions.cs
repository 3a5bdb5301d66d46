using System.ComponentModel.DataAnnotations;

namespace Twin.EntityRegistry.EntityMaps;

/// <summary>Bounds of entity maps. Settings under <c>Twin:EntityMaps</c>.</summary>
internal sealed class EntityMapOptions
{
    /// <summary>How long a map lives when its maker does not say, in seconds.</summary>
    [Range(1, 86_400)]
    public int LifetimeSeconds { get; set; } = 600;

    /// <summary>How long a map lives at most, in seconds, whatever is asked for.</summary>
    [Range(1, 604_800)]
    public int MostLifetimeSeconds { get; set; } = 3_600;

    /// <summary>Entities in one map at most; a query that finds more gets none (TooManyResults).</summary>
    [Range(1, 10_000_000)]
    public int MostEntities { get; set; } = 100_000;

    /// <summary>Entities in all maps together at most; the maps that end soonest make room.</summary>
    [Range(1, 100_000_000)]
    public int MostEntitiesInAll { get; set; } = 1_000_000;

    /// <summary>Maps at most; those that end soonest make room.</summary>
    [Range(1, 1_000_000)]
    public int MostMaps { get; set; } = 1_000;
}
