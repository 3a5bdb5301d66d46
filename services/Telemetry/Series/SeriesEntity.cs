namespace Twin.Telemetry.Series;

/// <summary>An entity that has series.</summary>
/// <param name="tenant">Its tenant.</param>
/// <param name="key">Its number in the store.</param>
/// <param name="id">Its id, a URI.</param>
internal sealed class SeriesEntity(Tenant tenant, int key, string id)
{
    private string[] types = [];

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

    /// <summary>Whether the store has it as it is here. Written by the committer.</summary>
    public bool Stored { get; set; }
}
