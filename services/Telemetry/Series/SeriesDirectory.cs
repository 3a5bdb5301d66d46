using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Twin.NgsiLd;
using Twin.Telemetry.Storage;

namespace Twin.Telemetry.Series;

/// <summary>Every series of the node, by tenant and by key. One comes into being with its first point.</summary>
internal sealed partial class SeriesDirectory : IDisposable
{
    /// <summary>The key of the default tenant, which every store has.</summary>
    public const int DefaultKey = 1;

    private readonly ConcurrentDictionary<string, Tenant> tenants = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<int, TimeSeries> byKey = new();
    private readonly SemaphoreSlim creating = new(1, 1);
    private int lastSeries;
    private int lastEntity;

    /// <summary>The tenant of requests without an NGSILD-Tenant header.</summary>
    public Tenant Default { get; } = new(DefaultKey, "");

    /// <summary>Every tenant.</summary>
    public IEnumerable<Tenant> Tenants => tenants.Values.Prepend(Default);

    /// <summary>The series of this key, or null.</summary>
    public TimeSeries? Find(int key) => byKey.GetValueOrDefault(key);

    /// <summary>The tenant of that name; null when there is none.</summary>
    public Tenant? FindTenant(string? name) => string.IsNullOrEmpty(name) ? Default : tenants.GetValueOrDefault(name);

    /// <summary>The tenant of that name, created when it is new.</summary>
    /// <exception cref="NgsiLdException">BadRequestData when the name is not one.</exception>
    public async ValueTask<Tenant> GetOrCreateTenantAsync(string? name, TelemetryStore store, CancellationToken cancel)
    {
        if (FindTenant(name) is { } known)
        {
            return known;
        }

        if (!TenantName.IsMatch(name!))
        {
            throw NgsiLdException.BadRequest("A tenant name has 1 to 128 letters, digits, '_', '-', '.' or ':'.", "NGSILD-Tenant");
        }

        await creating.WaitAsync(cancel);
        try
        {
            return FindTenant(name) ?? AddTenant(await store.CreateTenantAsync(name!, cancel), name!);
        }
        finally
        {
            creating.Release();
        }
    }

    /// <summary>The series, which becomes one of the store with the first batch that holds a point of it.</summary>
    /// <param name="tenant">Whose.</param>
    /// <param name="entity">The entity's id.</param>
    /// <param name="attribute">The attribute's full IRI.</param>
    /// <param name="dataset">The datasetId; empty for the default instance.</param>
    public TimeSeries GetOrCreate(Tenant tenant, string entity, string attribute, string dataset)
    {
        var owner = GetOrCreateEntity(tenant, entity);
        if (tenant.Find(owner, attribute, dataset) is { } known)
        {
            return known;
        }

        // A loser of a race leaves a number unused.
        var made = new TimeSeries(Interlocked.Increment(ref lastSeries), owner, string.Intern(attribute), dataset);
        var one = tenant.Add(made);
        byKey.TryAdd(one.Key, one);
        return one;
    }

    /// <summary>The entity, which becomes one of the store with its first series.</summary>
    public SeriesEntity GetOrCreateEntity(Tenant tenant, string id) =>
        tenant.FindEntity(id) ?? tenant.Add(new SeriesEntity(tenant, Interlocked.Increment(ref lastEntity), id));

    /// <summary>Forgets series, and their entity when it is to go too; their names may come again as others.</summary>
    public void Remove(SeriesEntity entity, IReadOnlyList<TimeSeries> gone, bool whole)
    {
        entity.Tenant.Remove(entity, gone, whole);
        foreach (var one in gone)
        {
            byKey.TryRemove(one.Key, out _);
        }
    }

    /// <summary>Keeps the numbers up to this one from being given again: blocks of the tail may still hold points of a deleted series.</summary>
    public void Reserve(int series) => lastSeries = Math.Max(lastSeries, series);

    /// <summary>Takes in a tenant that the store knows.</summary>
    public Tenant AddTenant(int key, string name) =>
        key == DefaultKey ? Default : tenants.GetOrAdd(name, static (n, k) => new Tenant(k, n), key);

    /// <summary>Takes in an entity that the store knows.</summary>
    public void AddStored(SeriesEntity entity)
    {
        entity.Stored = true;
        entity.Tenant.Add(entity);
        lastEntity = Math.Max(lastEntity, entity.Key);
    }

    /// <summary>Takes in a series that the store knows.</summary>
    public void AddStored(TimeSeries one)
    {
        one.Stored = true;
        one.Entity.Tenant.Add(one);
        byKey[one.Key] = one;
        lastSeries = Math.Max(lastSeries, one.Key);
    }

    /// <inheritdoc />
    public void Dispose() => creating.Dispose();

    [GeneratedRegex("^[A-Za-z0-9_.:-]{1,128}$", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex TenantName { get; }
}
