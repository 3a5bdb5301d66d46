namespace Twin.EntityRegistry.Contexts;

/// <summary>How the node came by a @context (GS CIM 009 V1.9.1, 5.13.1). The numbers are in the store.</summary>
internal enum ContextKind
{
    /// <summary>A copy of a document on the web; common to all tenants.</summary>
    Cached = 0,

    /// <summary>Added by a client, served by this node; its tenant's own.</summary>
    Hosted = 1,

    /// <summary>Made by this node, so that a Link header can name an inline @context; its tenant's own.</summary>
    ImplicitlyCreated = 2,
}

/// <summary>One @context that the node keeps, with its usage. Thread safe.</summary>
internal sealed class ContextEntry(string localId, string tenant, ContextKind kind, string? url, ReadOnlyMemory<byte> document, long createdAt)
{
    private long _hits;
    private long _usedAt;
    private long _savedHits;

    /// <summary>The id within this node.</summary>
    public string LocalId { get; } = localId;

    /// <summary>The tenant that owns it; empty for the default one and for copies.</summary>
    public string Tenant { get; } = tenant;

    /// <summary>How the node came by it.</summary>
    public ContextKind Kind { get; } = kind;

    /// <summary>Where a copy is from; null for the node's own.</summary>
    public string? Url { get; } = url;

    /// <summary>A JSON object with a member <c>@context</c>.</summary>
    public ReadOnlyMemory<byte> Document { get; } = document;

    /// <summary>Microseconds since 1970 UTC.</summary>
    public long CreatedAt { get; } = createdAt;

    /// <summary>Whether it is a core @context, which comes with the node and stays.</summary>
    public bool IsCore { get; init; }

    /// <summary>How often it was used or served.</summary>
    public long Hits => Volatile.Read(ref _hits);

    /// <summary>When it was last used or served, in microseconds since 1970 UTC; 0 is never.</summary>
    public long UsedAt => Volatile.Read(ref _usedAt);

    /// <summary>Takes over usage, from the store or from the entry that this one replaces.</summary>
    public ContextEntry WithUsage(long hits, long usedAt)
    {
        _hits = _savedHits = hits;
        _usedAt = usedAt;
        return this;
    }

    /// <summary>Counts one use.</summary>
    public void Use(long now)
    {
        Interlocked.Increment(ref _hits);
        Volatile.Write(ref _usedAt, now);
    }

    /// <summary>The usage to save, if there is any new.</summary>
    public bool TakeUnsaved(out long hits, out long usedAt)
    {
        hits = Hits;
        usedAt = UsedAt;
        return Interlocked.Exchange(ref _savedHits, hits) != hits;
    }
}
