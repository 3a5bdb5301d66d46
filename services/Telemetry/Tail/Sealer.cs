using System.Data.Common;
using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Twin.Telemetry.Chunks;
using Twin.Telemetry.Keeping;
using Twin.Telemetry.Series;
using Twin.Telemetry.Storage;

namespace Twin.Telemetry.Tail;

/// <summary>
/// Turns tails into chunks in the background. Chunks come into the store and blocks leave it in one transaction: whenever
/// the process ends, each point is in one of them.
/// </summary>
internal sealed partial class Sealer(TelemetryStore store, TailWriter tail, TimeProvider clock, ILogger<Sealer> log) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly Channel<bool> wanted = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly SemaphoreSlim turn = new(1, 1);
    private readonly ByteWriter writer = new(64 * 1024);
    private (List<TimeSeries> Series, long LastBlock)? pending;
    private long dropped;

    /// <summary>What else belongs to the transaction that removes points.</summary>
    /// <param name="transaction">The transaction.</param>
    /// <param name="series">Series that lose points.</param>
    /// <param name="points">Points that go.</param>
    public delegate Task RemovalNote(DbTransaction transaction, int series, long points);

    /// <summary>Seals everything that is committed, whatever its size.</summary>
    /// <exception cref="Exception">The store failed; what was to be sealed waits for the next attempt.</exception>
    public async Task SealAsync(CancellationToken cancel)
    {
        await turn.WaitAsync(cancel);
        try
        {
            await SealAllAsync(cancel);
        }
        finally
        {
            turn.Release();
        }
    }

    private async Task SealAllAsync(CancellationToken cancel)
    {
        if (pending is not null)
        {
            await SealPendingAsync(cancel);
        }

        pending = await tail.FreezeAsync(cancel);
        await SealPendingAsync(cancel);
    }

    /// <summary>Deletes series with all their points, and their entity when it is to go too.</summary>
    public async Task RemoveAsync(SeriesEntity entity, IReadOnlyList<TimeSeries> gone, bool whole, RemovalNote? note, CancellationToken cancel)
    {
        await turn.WaitAsync(cancel);
        try
        {
            if (pending is not null)
            {
                await SealPendingAsync(cancel);
            }

            await RemovedAsync(entity, gone, whole, note, cancel);
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>The same, and no block of the tail has points of them any more once the tail is sealed next.</summary>
    public async Task EraseAsync(SeriesEntity entity, IReadOnlyList<TimeSeries> gone, bool whole, RemovalNote note, CancellationToken cancel)
    {
        await turn.WaitAsync(cancel);
        try
        {
            await SealAllAsync(cancel);
            await RemovedAsync(entity, gone, whole, note, cancel);
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>Takes all points of a time out of some series, in one transaction.</summary>
    public async Task EraseAsync(SeriesEntity entity, IReadOnlyList<TimeSeries> series, long from, long until, RemovalNote note, CancellationToken cancel)
    {
        await turn.WaitAsync(cancel);
        try
        {
            await SealAllAsync(cancel);
            var ready = new List<SealedSeries>();
            long points = 0;
            foreach (var one in series)
            {
                if (await SeriesErasing.PrepareAsync(store, one, from, until, writer, cancel) is { } found)
                {
                    ready.Add(found.Sealed);
                    points += found.Points;
                }
            }

            entity.BeginRemoval();
            try
            {
                await RewriteAsync(ready, transaction => note(transaction, ready.Count, points));
            }
            finally
            {
                entity.EndRemoval();
            }
        }
        finally
        {
            turn.Release();
        }
    }

    private async Task RemovedAsync(SeriesEntity entity, IReadOnlyList<TimeSeries> gone, bool whole, RemovalNote? note, CancellationToken cancel)
    {
        entity.BeginRemoval();
        Count(gone);
        try
        {
            await tail.RemoveAsync(entity, gone, whole, note is null ? null : transaction => note(transaction, gone.Count, gone.Sum(static one => one.Count)), cancel);
        }
        finally
        {
            Count(gone);
            entity.EndRemoval();
        }
    }

    /// <summary>Puts other chunks in the place of some while nothing else is sealed.</summary>
    /// <param name="prepare">Makes them.</param>
    /// <param name="cancel">Ends the waiting and the preparation.</param>
    public async Task RewriteAsync(Func<ByteWriter, CancellationToken, Task<IReadOnlyList<SealedSeries>>> prepare, CancellationToken cancel)
    {
        await turn.WaitAsync(cancel);
        try
        {
            var ready = await prepare(writer, cancel);
            if (ready.Count > 0)
            {
                await RewriteAsync(ready);
            }
        }
        finally
        {
            turn.Release();
        }
    }

    private async Task RewriteAsync(IReadOnlyList<SealedSeries> ready, Func<DbTransaction, Task>? note = null)
    {
        Count(ready.Select(static one => one.Series));
        try
        {
            await store.SealAsync(ready, lastBlock: 0, wipe: true, note);
            Publish(ready);
        }
        finally
        {
            Count(ready.Select(static one => one.Series));
        }
    }

    private static void Count(IEnumerable<TimeSeries> some)
    {
        foreach (var one in some)
        {
            one.Rewrites++;
        }
    }

    private static void Publish(IReadOnlyList<SealedSeries> ready)
    {
        foreach (var done in ready)
        {
            done.Series.SealedStart = done.Start;
            done.Series.SealedEnd = done.End;
            done.Series.SealedCount = done.Count;
        }
    }

    /// <inheritdoc />
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        tail.SealWanted = () => wanted.Writer.TryWrite(true);
        tail.SealingCaughtUp = () => SealAsync(CancellationToken.None);
        await base.StartAsync(cancellationToken);
    }

    /// <summary>Seals what the tail holds, so that the next start need not replay it; the writer has stopped by now.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        try
        {
            await SealAsync(cancellationToken);
        }
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            Log.Failed(log, fault);
        }
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
        try
        {
            while (await wanted.Reader.ReadAsync(stoppingToken))
            {
                await TrySealAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // What is not sealed is in the tail.
        }
    }

    private async Task TrySealAsync(CancellationToken cancel)
    {
        try
        {
            await SealAsync(cancel);
        }
        catch (Exception fault) when (fault is not (OperationCanceledException or OutOfMemoryException))
        {
            Log.Failed(log, fault);
            await Task.Delay(Pause, clock, cancel);
            wanted.Writer.TryWrite(true);
        }
    }

    private async Task SealPendingAsync(CancellationToken cancel)
    {
        var (series, lastBlock) = pending!.Value;
        if (series.Count == 0 && lastBlock == dropped)
        {
            pending = null;
            return;
        }

        var started = clock.GetTimestamp();
        // In the order of the store's key: neighbours are written together.
        series.Sort(static (a, b) => a.Key.CompareTo(b.Key));
        var ready = new List<SealedSeries>(series.Count);
        foreach (var one in series)
        {
            ready.Add(await SeriesSealing.PrepareAsync(store, one, writer, cancel));
            // Sealing is in no hurry: whoever asks meanwhile comes first.
            await Task.Yield();
        }

        await store.SealAsync(ready, lastBlock);
        Publish(ready);
        long points = 0;
        foreach (var done in ready)
        {
            points += done.Series.Frozen!.Count;
            done.Series.Frozen = null;
        }

        (pending, dropped) = (null, lastBlock);
        Log.Sealed(log, points, ready.Count, clock.GetElapsedTime(started).TotalMilliseconds);
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Debug, Message = "{Points} points of {Series} series sealed in {Milliseconds:0} ms")]
        public static partial void Sealed(ILogger logger, long points, int series, double milliseconds);

        [LoggerMessage(Level = LogLevel.Error, Message = "Sealing failed; the points stay in the tail and it is tried again")]
        public static partial void Failed(ILogger logger, Exception failure);
    }
}
