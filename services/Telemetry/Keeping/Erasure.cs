namespace Twin.Telemetry.Keeping;

/// <summary>How far an erasure is; the numbers are those of the store.</summary>
internal enum ErasureState
{
    /// <summary>It is asked for, durably: nothing is gone yet.</summary>
    Requested = 0,

    /// <summary>Nobody sees the points any more; what is left of them in files is being overwritten.</summary>
    Removed = 1,

    /// <summary>Nothing is left.</summary>
    Completed = 2,
}

/// <summary>The erasure of a history, whole or in part.</summary>
/// <param name="id">What it is asked for by; says nothing of the entity.</param>
/// <param name="tenant">The key of the tenant.</param>
/// <param name="from">The first time, in ticks UTC; 0 for the beginning.</param>
/// <param name="until">The time before which it ends; <see cref="long.MaxValue"/> for no end.</param>
/// <param name="requestedAt">When it was asked for.</param>
internal sealed class Erasure(string id, int tenant, long from, long until, DateTimeOffset requestedAt)
{
    /// <summary>What it is asked for by.</summary>
    public string Id { get; } = id;

    /// <summary>The key of the tenant.</summary>
    public int Tenant { get; } = tenant;

    /// <summary>The entity's id; empty once its points are removed.</summary>
    public string Entity { get; set; } = "";

    /// <summary>The IRIs of the attributes; empty for all, and once the points are removed.</summary>
    public string[] Attributes { get; set; } = [];

    /// <summary>The first time, in ticks UTC.</summary>
    public long From { get; } = from;

    /// <summary>The time before which it ends.</summary>
    public long Until { get; } = until;

    /// <summary>Whether it is about all times.</summary>
    public bool IsOfAllTimes => From == 0 && Until == long.MaxValue;

    /// <summary>When it was asked for.</summary>
    public DateTimeOffset RequestedAt { get; } = requestedAt;

    /// <summary>When nothing was left; null until then.</summary>
    public DateTimeOffset? EndedAt { get; set; }

    /// <summary>How far it is.</summary>
    public ErasureState State { get; set; }

    /// <summary>Series that lost points.</summary>
    public int Series { get; set; }

    /// <summary>Points that went.</summary>
    public long Points { get; set; }

    /// <summary>Why the last attempt failed; null when none did.</summary>
    public string? Problem { get; set; }
}
