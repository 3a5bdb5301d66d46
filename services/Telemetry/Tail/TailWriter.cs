using System.Data.Common;
using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Twin.Hosting.Storage;
using Twin.Telemetry.Chunks;
using Twin.Telemetry.Points;
using Twin.Telemetry.Series;
using Twin.Telemetry.Storage;

namespace Twin.Telemetry.Tail;

/// <summary>
/// The one way in which points come in. Batches that arrive while the last commit is on its way to the disk go with the
/// next one (group commit); readers see points when they are durable, never before, and so do the counts.
/// </summary>
internal sealed partial class TailWriter(
    TelemetryStore store, SeriesDirectory directory, IOptions<TelemetryOptions> options, ILogger<TailWriter> log) : BackgroundService
{
    /// <summary>Batches that may wait; whoever brings another waits too.</summary>
    private const int MostWaiting = 16;

    /// <summary>Points that one commit takes along at most.</summary>
    private const int MostPerCommit = 500_000;

    private readonly Channel<PointBatch> queue = Channel.CreateBounded<PointBatch>(new BoundedChannelOptions(MostWaiting) { SingleReader = true });
    private readonly SemaphoreSlim turn = new(1, 1);
    private readonly TailTable table = new(store);
    private readonly TaskCompletionSource replayed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private List<PointBatch>? doubtful;
    private bool anyRemoved;
    private long lastBlock;
    private int blocks;

    /// <summary>Ends when the tail of before the start is back in memory.</summary>
    public Task Replayed => replayed.Task;

    /// <summary>Called after each commit when there is enough to seal.</summary>
    public Action? SealWanted { get; set; }

    /// <summary>Called after a commit with the series whose newest value has changed.</summary>
    public Action<List<TimeSeries>>? Announce { get; set; }

    /// <summary>Waits, before a commit, until sealing has caught up; throws when it cannot.</summary>
    public Func<Task>? SealingCaughtUp { get; set; }

    /// <summary>Hands a batch over; it waits while too many others do.</summary>
    public async ValueTask EnqueueAsync(PointBatch batch, CancellationToken cancel)
    {
        try
        {
            await queue.Writer.WriteAsync(batch, cancel);
        }
        catch (ChannelClosedException)
        {
            throw new TailUnavailableException("The node is stopping.");
        }
    }

    /// <summary>Makes a batch durable and visible.</summary>
    /// <exception cref="TailUnavailableException">The store did not take it; nothing of it is there.</exception>
    public async Task<BatchCounts> WriteAsync(PointBatch batch, CancellationToken cancel)
    {
        batch.Encode(new ByteWriter(4096));
        await EnqueueAsync(batch, cancel);
        return await batch.Committed.WaitAsync(cancel);
    }

    /// <summary>Takes what has been committed so far for sealing, and the number of the last block that is in it.</summary>
    public async Task<(List<TimeSeries> Series, long LastBlock)> FreezeAsync(CancellationToken cancel)
    {
        await turn.WaitAsync(cancel);
        try
        {
            blocks = 0;
            return (table.Freeze(), lastBlock);
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>Ends when what is committed now is to be seen.</summary>
    public async Task SettledAsync(CancellationToken cancel)
    {
        await turn.WaitAsync(cancel);
        turn.Release();
    }

    /// <summary>Deletes series with all their points, and their entity when it is to go too. Whoever calls holds the sealer's turn.</summary>
    public async Task RemoveAsync(SeriesEntity entity, IReadOnlyList<TimeSeries> gone, bool whole, Func<DbTransaction, Task>? note, CancellationToken cancel)
    {
        await turn.WaitAsync(cancel);
        try
        {
            // From here on to the end: what the store has forgotten must not be remembered here.
            await store.RemoveAsync(entity, gone, whole, note);
            anyRemoved = true;
            directory.Remove(entity, gone, whole);
            foreach (var one in gone)
            {
                table.Drop(one);
                one.Frozen = null;
            }
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>Brings the tail back into memory before anybody asks.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await store.LoadSeriesAsync(directory, cancellationToken);
        await foreach (var block in store.ReadTailAsync(cancellationToken))
        {
            var (keys, points) = BlockCodec.Read(block);
            var batch = new PointBatch(directory.Default, points.Count);
            for (var i = 0; i < keys.Length; i++)
            {
                directory.Reserve((int)keys[i]);
                if (directory.Find((int)keys[i]) is { } series)
                {
                    batch.Add(series, points.Times[i], points.Forms[i], points.Bits[i], points.ExtraAt(i));
                }
            }

            await table.ApplyAsync(batch);
            (lastBlock, blocks) = (block.Id, blocks + 1);
        }

        replayed.SetResult();
        await base.StartAsync(cancellationToken);
    }

    /// <summary>Stops taking batches and waits until those that were taken are durable.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        queue.Writer.TryComplete();
        if (ExecuteTask is { } running)
        {
            await running.WaitAsync(cancellationToken);
        }

        await base.StopAsync(cancellationToken);
    }

    /// <inheritdoc />
    public override void Dispose()
    {
        turn.Dispose();
        base.Dispose();
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var group = new List<PointBatch>();
        while (await queue.Reader.WaitToReadAsync(CancellationToken.None))
        {
            var size = 0;
            while (size < MostPerCommit && queue.Reader.TryRead(out var batch))
            {
                group.Add(batch);
                size += batch.Points.Count;
            }

            await CommitAsync(group);
            group.Clear();
        }
    }

    private async Task CommitAsync(List<PointBatch> group)
    {
        try
        {
            if (table.Points > 2L * options.Value.SealPoints && SealingCaughtUp is { } caughtUp)
            {
                await caughtUp();
            }

            await turn.WaitAsync();
        }
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            group.ForEach(batch => batch.Fail(new TailUnavailableException("Points cannot be sealed, and no more fit into memory.", fault)));
            return;
        }

        try
        {
            await ResolveAsync();
            if (DropBroken(group))
            {
                return;
            }

            if (anyRemoved)
            {
                group.ForEach(batch => batch.Renew(directory));
            }

            group.ForEach(batch => batch.BlockId = batch.Block.Length > 0 ? ++lastBlock : 0);
            await StoreAsync(group);
            blocks += group.Count;
            await ApplyAsync(group);
        }
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            Log.CommitFailed(log, fault, group.Count);
            var reason = StoreFaults.Reason(fault) is { } known ? $": {known}" : "";
            group.ForEach(batch => batch.Fail(new TailUnavailableException($"The store did not take the points{reason}; send them again.", fault)));
        }
        finally
        {
            turn.Release();
        }

        if (table.Points >= options.Value.SealPoints || blocks >= options.Value.SealBlocks)
        {
            SealWanted?.Invoke();
        }
    }

    /// <summary>Of a body nothing is stored behind a batch that was not: whoever sends the rest goes on there.</summary>
    /// <returns>Whether nothing is left.</returns>
    private static bool DropBroken(List<PointBatch> group)
    {
        group.RemoveAll(static batch =>
        {
            var broken = batch.After is { IsFaulted: true };
            if (broken)
            {
                batch.Fail(new TailUnavailableException("The points before these were not taken; send them again."));
            }

            return broken;
        });
        return group.Count == 0;
    }

    private async Task StoreAsync(List<PointBatch> group)
    {
        try
        {
            await store.CommitAsync(group);
            store.Database.Note(refusal: null);
        }
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            // The connection may have gone between the commit and its confirmation.
            doubtful = [.. group];
            store.Database.Note(StoreFaults.Reason(fault) ?? "the log of the node says why");
            throw;
        }
    }

    /// <summary>Finds out whether a commit that was not confirmed has happened all the same.</summary>
    private async Task ResolveAsync()
    {
        if (doubtful is not { } group)
        {
            return;
        }

        if (group.Find(static batch => batch.BlockId > 0) is { } first && await store.HoldsAsync(first.Tenant, first.BlockId))
        {
            await ApplyAsync(group);
        }

        doubtful = null;
    }

    private async Task ApplyAsync(List<PointBatch> group)
    {
        foreach (var batch in group)
        {
            foreach (var series in batch.Unstored)
            {
                series.Stored = true;
                series.Entity.Stored = true;
            }

            batch.Complete(await table.ApplyAsync(batch));
        }

        if (table.Announced.Count > 0)
        {
            var changed = table.TakeAnnounced();
            Announce?.Invoke(changed);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Error, Message = "A commit of {Batches} batches of points failed; their senders were told")]
        public static partial void CommitFailed(ILogger logger, Exception failure, int batches);
    }
}

/// <summary>The store cannot take points now: 503 at the edge, and nothing has changed.</summary>
internal sealed class TailUnavailableException(string message, Exception? inner = null) : Exception(message, inner);
