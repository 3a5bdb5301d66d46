using System.Collections.Concurrent;
using Twin.Telemetry.Series;
using Twin.Telemetry.Tail;

namespace Twin.Telemetry.Ingest;

/// <summary>Batches of bodies that are taken, for those of the next: they are large, and the heap is not asked for each.</summary>
internal sealed class BatchPool
{
    /// <summary>Batches that wait, 0.4 MB each.</summary>
    private const int Most = 32;

    /// <summary>The first batch of a body, which may be short.</summary>
    private const int Least = 256;

    private readonly ConcurrentBag<PointBatch> free = [];

    /// <summary>An empty batch whose newest values are told to the registry.</summary>
    public PointBatch Rent(Tenant tenant)
    {
        if (!free.TryTake(out var batch))
        {
            return new PointBatch(tenant, Least) { Announces = true };
        }

        batch.Reuse(tenant);
        return batch;
    }

    /// <summary>Takes a batch back that is committed.</summary>
    public void Return(PointBatch batch)
    {
        if (free.Count < Most)
        {
            free.Add(batch);
        }
    }
}
