using Twin.EntityRegistry.Index;
using Twin.EntityRegistry.Queries;
using Twin.EntityRegistry.Tenants;
using Twin.NgsiLd.Entities;
using Twin.NgsiLd.Queries;

namespace Twin.EntityRegistry.Entities;

/// <summary>What a write sees and does: the newest state of its tenant, and the changes it has made so far.</summary>
internal sealed class WriteScope
{
    private readonly Tenant _tenant;
    private readonly EntityStore _store;
    private readonly List<EntityChange> _changes;
    private Dictionary<string, EntityChange>? _own;

    internal WriteScope(Tenant tenant, EntityStore store, DateTimeOffset now, List<EntityChange> changes)
    {
        _tenant = tenant;
        _store = store;
        _changes = changes;
        Now = (now.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks) / TimeSpan.TicksPerMicrosecond;
    }

    /// <summary>The moment of the write in microseconds since 1970 UTC: one moment for the whole request.</summary>
    public long Now { get; }

    /// <summary>The entity's newest state; null when there is none.</summary>
    public EntityDocument? Find(string id) => Newest(id).Document;

    /// <summary>The newest states that match: what readers see, with what is on its way to the store laid over it.</summary>
    public List<EntityDocument> All(EntityQuery query, EvaluationContext evaluation)
    {
        var found = new List<EntityDocument>();
        foreach (EntityDocument committed in QueryExecutor.All(_tenant.Index, query, evaluation, CancellationToken.None))
        {
            if (!_tenant.Heads.ContainsKey(committed.Id))
            {
                found.Add(committed);
            }
        }

        foreach (Tenant.Head head in _tenant.Heads.Values)
        {
            if (head.Document is { } newest && query.Matches(newest, evaluation))
            {
                found.Add(newest);
            }
        }

        return found;
    }

    /// <summary>Creates the entity or gives it a new state.</summary>
    public void Put(EntityDocument next)
    {
        (EntityDocument? before, long sequence) = Newest(next.Id);
        if (before is null)
        {
            sequence = _store.NextSequence();
        }

        Record(new EntityChange(_tenant, next.Id, sequence, before, next, StoredForm.Write(next)));
    }

    /// <summary>Deletes the entity.</summary>
    public void Delete(string id)
    {
        (EntityDocument? before, long sequence) = Newest(id);
        if (before is not null)
        {
            Record(new EntityChange(_tenant, id, sequence, before, null, []));
        }
    }

    private (EntityDocument? Document, long Sequence) Newest(string id)
    {
        if (_own is not null && _own.TryGetValue(id, out EntityChange? change))
        {
            return (change.After, change.Sequence);
        }

        if (_tenant.Heads.TryGetValue(id, out Tenant.Head head))
        {
            return (head.Document, head.Sequence);
        }

        Resident? resident = _tenant.Index.FindResident(id);
        return (resident?.Document, resident?.Sequence ?? 0);
    }

    private void Record(EntityChange change)
    {
        _changes.Add(change);
        (_own ??= new Dictionary<string, EntityChange>(StringComparer.Ordinal))[change.Id] = change;
    }
}
