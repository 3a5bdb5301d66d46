using Twin.NgsiLd.Contexts;
using Twin.Telemetry.Ingest;
using Twin.Telemetry.Points;

namespace Twin.Telemetry.Series;

/// <summary>
/// The history of one attribute of one entity, for one dataset. What is sealed lies in the store; what is not lies here
/// too, in up to two lists: <see cref="Frozen"/> is on its way into chunks, <see cref="Tail"/> grows. The committer alone
/// writes <see cref="Tail"/> and <see cref="Newest"/>, the sealer the rest.
/// </summary>
/// <remarks>
/// Whoever reads takes the tail first, then what is frozen, then the store: points move in that direction, so that none is
/// missed, and one that is seen twice is the same point.
/// </remarks>
internal sealed class TimeSeries(int key, SeriesEntity entity, string attribute, string dataset)
{
    /// <summary>Before all times.</summary>
    public const long Never = -1;

    private PointColumns? tail;
    private PointColumns? frozen;
    private bool removed;
    private bool announced;
    private StuckRun? stuckRun;
    private int rewrites;

    /// <summary>Its number in the store, positive and never used again.</summary>
    public int Key { get; } = key;

    /// <summary>Whose attribute it is.</summary>
    public SeriesEntity Entity { get; } = entity;

    /// <summary>The attribute's name as a full IRI.</summary>
    public string Attribute { get; } = attribute;

    /// <summary>The attribute's name as a number of <see cref="Terms"/>.</summary>
    public int Term { get; } = Terms.Intern(attribute);

    /// <summary>The datasetId, a URI; empty for the default instance.</summary>
    public string Dataset { get; } = dataset;

    /// <summary>Points that are committed and neither sealed nor frozen, ordered by time.</summary>
    public PointColumns? Tail
    {
        get => Volatile.Read(ref tail);
        set => Volatile.Write(ref tail, value);
    }

    /// <summary>Points that are being sealed, ordered by time.</summary>
    public PointColumns? Frozen
    {
        get => Volatile.Read(ref frozen);
        set => Volatile.Write(ref frozen, value);
    }

    /// <summary>The time of the newest point, in ticks UTC; <see cref="Never"/> without points.</summary>
    public long Newest { get; set; } = Never;

    /// <summary>Points in chunks.</summary>
    public long SealedCount { get; set; }

    /// <summary>No sealed point is older.</summary>
    public long SealedStart { get; set; } = long.MaxValue;

    /// <summary>No sealed point is newer.</summary>
    public long SealedEnd { get; set; } = Never;

    /// <summary>Up to which time the keeping has nothing left to do; <see cref="Never"/> when it has not looked. The sealer's.</summary>
    public long KeptUntil { get; set; } = Never;

    /// <summary>
    /// Goes up when chunks are about to be replaced by others with less in them, and when they have been: it is odd in
    /// between. Who asks the store more than once for one answer asks again when it has changed.
    /// </summary>
    public int Rewrites
    {
        get => Volatile.Read(ref rewrites);
        set => Volatile.Write(ref rewrites, value);
    }

    /// <summary>Whether its newest value waits to be told to the entity registry.</summary>
    public bool Announced
    {
        get => Volatile.Read(ref announced);
        set => Volatile.Write(ref announced, value);
    }

    /// <summary>Whether the store has its row. Written by the committer.</summary>
    public bool Stored { get; set; }

    /// <summary>Whether the series was deleted; one of the same name is another one. Written by the committer.</summary>
    public bool Removed
    {
        get => Volatile.Read(ref removed);
        set => Volatile.Write(ref removed, value);
    }

    /// <summary>The equal numbers with which it ends; made when a rule asks for them first.</summary>
    public StuckRun StuckRun() => Volatile.Read(ref stuckRun) ?? Interlocked.CompareExchange(ref stuckRun, new StuckRun(), null) ?? stuckRun!;

    /// <summary>Points of the series, of which one that is on its way into a chunk may count twice.</summary>
    public long Count => SealedCount + (Tail?.Count ?? 0) + (Frozen?.Count ?? 0);
}
