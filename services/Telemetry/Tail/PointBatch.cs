using Twin.Telemetry.Chunks;
using Twin.Telemetry.Ingest;
using Twin.Telemetry.Points;
using Twin.Telemetry.Series;

namespace Twin.Telemetry.Tail;

/// <summary>
/// Points that become durable together: one block of the tail. Filled by whoever receives them, then handed to the
/// <see cref="TailWriter"/>.
/// </summary>
internal sealed class PointBatch(Tenant tenant, int capacity = 64)
{
    private TaskCompletionSource<BatchCounts> committed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TimeSeries[] series = new TimeSeries[capacity];
    private HashSet<TimeSeries>? unstored;

    /// <summary>Whose points.</summary>
    public Tenant Tenant { get; private set; } = tenant;

    /// <summary>The points.</summary>
    public PointColumns Points { get; } = new(capacity);

    /// <summary>The series of each point.</summary>
    public ReadOnlySpan<TimeSeries> Series => series.AsSpan(0, Points.Count);

    /// <summary>Series that the store may not know yet.</summary>
    public IReadOnlyCollection<TimeSeries> Unstored => unstored is null ? [] : unstored;

    /// <summary>Entities whose row changes with this batch: new ones come by their series.</summary>
    public List<SeriesEntity> ChangedEntities { get; } = [];

    /// <summary>The state of the upload that the batch belongs to, without its own counts; null when it belongs to none.</summary>
    public UploadState? Upload { get; set; }

    /// <summary>Whether the newest values are told to the entity registry, from which those of a change have come.</summary>
    public bool Announces { get; set; }

    /// <summary>The end of the batch before it in the same body: one that failed takes those behind it along.</summary>
    public Task? After { get; set; }

    /// <summary>The arrivals that the points were made of, which go with the commit.</summary>
    public List<long> Arrivals { get; } = [];

    /// <summary>The points as the store keeps them; empty for a batch of none.</summary>
    public byte[] Block { get; private set; } = [];

    /// <summary>The number of the block, given by the committer.</summary>
    public long BlockId { get; set; }

    /// <summary>Ends when the points are durable and visible; fails when they are not and will not be.</summary>
    public Task<BatchCounts> Committed => committed.Task;

    /// <summary>Empties the batch for other points. Only once it is committed: its room is worth more than itself.</summary>
    /// <param name="whose">Whose the next points are.</param>
    public void Reuse(Tenant whose)
    {
        Tenant = whose;
        Points.Clear();
        ChangedEntities.Clear();
        (unstored, Upload, After, Block, BlockId) = (null, null, null, [], 0);
        committed = new TaskCompletionSource<BatchCounts>(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    /// <summary>Adds a point.</summary>
    public void Add(TimeSeries one, long time, byte form, long bits, PointExtra? extra)
    {
        if (Points.Count == series.Length)
        {
            Array.Resize(ref series, series.Length * 2);
        }

        series[Points.Count] = one;
        Points.Append(time, form, bits, extra);
        if (!one.Stored)
        {
            (unstored ??= []).Add(one);
        }
    }

    /// <summary>Makes <see cref="Block"/>. Off the committer's thread, which has better to do.</summary>
    public void Encode(ByteWriter writer)
    {
        if (Points.Count == 0)
        {
            return;
        }

        writer.Clear();
        BlockCodec.Write(writer, this);
        Block = writer.ToArray();
    }

    /// <summary>Puts the new series of the same name in the place of those that were deleted after the points came.</summary>
    public void Renew(SeriesDirectory directory)
    {
        var renewed = false;
        for (var i = 0; i < Points.Count; i++)
        {
            if (series[i] is { Removed: true } gone)
            {
                unstored?.Remove(gone);
                series[i] = directory.GetOrCreate(Tenant, gone.Entity.Id, gone.Attribute, gone.Dataset);
                (unstored ??= []).Add(series[i]);
                renewed = true;
            }
        }

        ChangedEntities.RemoveAll(static entity => entity.Removed);
        if (renewed)
        {
            Encode(new ByteWriter(4096));
        }
    }

    public void Complete(BatchCounts counts) => committed.TrySetResult(counts);

    public void Fail(Exception fault)
    {
        committed.TrySetException(fault);
        // Whoever sent it may have gone.
        _ = committed.Task.Exception;
    }
}

/// <summary>What became of the points of a batch.</summary>
/// <param name="Taken">New ones.</param>
/// <param name="Doubled">Those that were there already, the same.</param>
/// <param name="Replaced">Those in the place of other ones.</param>
internal readonly record struct BatchCounts(long Taken, long Doubled, long Replaced)
{
    public static BatchCounts operator +(BatchCounts left, BatchCounts right) =>
        new(left.Taken + right.Taken, left.Doubled + right.Doubled, left.Replaced + right.Replaced);
}
