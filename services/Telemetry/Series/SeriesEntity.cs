namespace Twin.Telemetry.Series;

/// <summary>An entity that has series.</summary>
/// <param name="tenant">Its tenant.</param>
/// <param name="key">Its number in the store.</param>
/// <param name="id">Its id, a URI.</param>
internal sealed class SeriesEntity(Tenant tenant, int key, string id)
{
    private string[] types = [];
    private string[] scopes = [];
    private TimeSeries[] series = [];
    private bool removed;
    private TaskCompletionSource? changing;
    private int removals;

    /// <summary>Its tenant.</summary>
    public Tenant Tenant { get; } = tenant;

    /// <summary>Its number in the store.</summary>
    public int Key { get; } = key;

    /// <summary>Its id, a URI.</summary>
    public string Id { get; } = id;

    /// <summary>Its types as full IRIs; empty when nobody has said them.</summary>
    public string[] Types
    {
        get => Volatile.Read(ref types);
        set => Volatile.Write(ref types, value);
    }

    /// <summary>Its scopes (GS CIM 009 4.18).</summary>
    public string[] Scopes
    {
        get => Volatile.Read(ref scopes);
        set => Volatile.Write(ref scopes, value);
    }

    /// <summary>Its series, in the order in which they came into being.</summary>
    public TimeSeries[] Series => Volatile.Read(ref series);

    /// <summary>Whether the entity was deleted; one of the same id is another one. Written by the committer.</summary>
    public bool Removed
    {
        get => Volatile.Read(ref removed);
        set => Volatile.Write(ref removed, value);
    }

    /// <summary>How often points of several series were taken away at once. Who reads several for one answer reads again when it has changed.</summary>
    public int Removals => Volatile.Read(ref removals);

    /// <summary>Ends when no points are being taken away: who reads then reads all of before or all of afterwards.</summary>
    public Task Settled => Volatile.Read(ref changing)?.Task ?? Task.CompletedTask;

    /// <summary>Points of several series are about to be taken away at once. The sealer's.</summary>
    public void BeginRemoval()
    {
        Volatile.Write(ref changing, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        Interlocked.Increment(ref removals);
    }

    /// <summary>They are, or it failed.</summary>
    public void EndRemoval()
    {
        Interlocked.Increment(ref removals);
        Interlocked.Exchange(ref changing, null)?.SetResult();
    }

    /// <summary>When its history began, in ticks UTC; 0 when nobody has said it.</summary>
    public long CreatedAt { get; set; }

    /// <summary>When its history last changed through the temporal API or an event, in ticks UTC; 0 when nobody has said it.</summary>
    public long ModifiedAt { get; set; }

    /// <summary>Whether the entity registry has it because its history told it so.</summary>
    public bool Made { get; set; }

    /// <summary>Whether it came into being here with its types, and the entity registry has not been told of it yet.</summary>
    public bool IsNews { get; set; }

    /// <summary>Whether the store has it as it is here. Written by the committer.</summary>
    public bool Stored { get; set; }

    /// <summary>Adds a series of it. Whoever calls holds the lock of its tenant.</summary>
    public void Add(TimeSeries one) => Volatile.Write(ref series, [.. series, one]);

    /// <summary>Takes a series away. Whoever calls holds the lock of its tenant.</summary>
    public void Remove(TimeSeries one) => Volatile.Write(ref series, [.. series.Where(other => !ReferenceEquals(other, one))]);
}
