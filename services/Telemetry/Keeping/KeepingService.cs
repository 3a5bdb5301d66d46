using System.Data.Common;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Twin.Hosting.Storage;
using Twin.Telemetry.Chunks;
using Twin.Telemetry.Series;
using Twin.Telemetry.Storage;
using Twin.Telemetry.Tail;

namespace Twin.Telemetry.Keeping;

/// <summary>
/// Forgets what is older than the settings keep, and makes steps of what they keep as steps: now and then, and when an
/// operator asks for it. It works in small transactions, between which points come in and are sealed.
/// </summary>
internal sealed partial class KeepingService(
    SeriesDirectory directory, TelemetryStore store, TailWriter tail, Sealer sealer, KeepingRules rules, IOptions<TelemetryOptions> options, TimeProvider clock,
    ILogger<KeepingService> log) : BackgroundService
{
    /// <summary>What one transaction takes along at most, but for the last turn in it.</summary>
    private const int MostPoints = 200_000;
    private const int MostTurns = 100;

    private static readonly TimeSpan FirstAfter = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(30);

    private readonly SeriesKeeping keeping = new(store);
    private readonly SemaphoreSlim wanted = new(0, 1);
    private readonly SemaphoreSlim turn = new(1, 1);
    private readonly Lock changing = new();
    private CancellationTokenSource? stopping;
    private KeepingPass? last;
    private long nextAt;

    /// <summary>The pass that goes on, or the last one; null when there was none since the start.</summary>
    public KeepingPass? Last => Volatile.Read(ref last);

    /// <summary>When the next pass begins by itself; null when no rule asks for one.</summary>
    public DateTimeOffset? NextAt => Volatile.Read(ref nextAt) is var ticks and > 0 ? new DateTimeOffset(ticks, TimeSpan.Zero) : null;

    private TimeSpan Interval => TimeSpan.FromSeconds(options.Value.KeepingSeconds);

    /// <summary>Asks for a pass now.</summary>
    /// <returns>False when one goes on.</returns>
    public bool TryStart()
    {
        lock (changing)
        {
            if (wanted.CurrentCount > 0 || Last is { State: KeepingState.Running })
            {
                return false;
            }

            wanted.Release();
            return true;
        }
    }

    /// <summary>Ends the pass that goes on; what it has done stays done.</summary>
    /// <returns>False when none does.</returns>
    public bool TryCancel()
    {
        lock (changing)
        {
            if (stopping is null)
            {
                return false;
            }

            stopping.Cancel();
            return true;
        }
    }

    /// <summary>Runs a pass now.</summary>
    /// <returns>The pass, which has ended.</returns>
    /// <exception cref="DbException">The store refused; what was done stays done.</exception>
    public async Task<KeepingPass> RunAsync(CancellationToken cancel)
    {
        await turn.WaitAsync(cancel);
        try
        {
            using var own = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            var pass = new KeepingPass(rules, directory.Tenants.SelectMany(static tenant => tenant.Entities).SelectMany(static entity => entity.Series), clock.GetUtcNow());
            lock (changing)
            {
                stopping = own;
                Volatile.Write(ref last, pass);
            }

            try
            {
                await RunAsync(pass, own.Token);
            }
            finally
            {
                lock (changing)
                {
                    stopping = null;
                }
            }

            return pass;
        }
        finally
        {
            turn.Release();
        }
    }

    /// <inheritdoc />
    public override void Dispose()
    {
        wanted.Dispose();
        turn.Dispose();
        base.Dispose();
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await tail.Replayed.WaitAsync(stoppingToken);
        try
        {
            for (var pause = Interval < FirstAfter ? Interval : FirstAfter; ;)
            {
                await WaitAsync(pause, stoppingToken);
                pause = await TryRunAsync(stoppingToken) || Interval < Retry ? Interval : Retry;
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The rest is done after the next start.
        }
    }

    /// <summary>Waits until it is time, or somebody asks.</summary>
    private async Task WaitAsync(TimeSpan pause, CancellationToken cancel)
    {
        if (rules.All.Count == 0)
        {
            await wanted.WaitAsync(cancel);
            return;
        }

        Volatile.Write(ref nextAt, (clock.GetUtcNow() + pause).UtcTicks);
        using var woken = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var asked = wanted.WaitAsync(woken.Token);
        var due = Task.Delay(pause, clock, woken.Token);
        await await Task.WhenAny(asked, due);
        await woken.CancelAsync();
        // One that was asked for in this very moment is this one.
        await asked.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
    }

    /// <returns>False when the store refused.</returns>
    private async Task<bool> TryRunAsync(CancellationToken cancel)
    {
        try
        {
            await RunAsync(cancel);
            return true;
        }
        catch (Exception fault) when (fault is not (OperationCanceledException or OutOfMemoryException))
        {
            Log.Failed(log, fault);
            return false;
        }
    }

    private async Task RunAsync(KeepingPass pass, CancellationToken cancel)
    {
        try
        {
            if (pass.Plans.Exists(static plan => IsOld(plan.Series.Tail, plan.Before) || IsOld(plan.Series.Frozen, plan.Before)))
            {
                // What is too old may not stay in the tail either.
                await sealer.SealAsync(cancel);
            }

            var left = new Queue<SeriesPlan>(pass.Plans);
            while (left.Count > 0)
            {
                await TakeTurnsAsync(pass, left, cancel);
            }

            pass.End(KeepingState.Completed, clock.GetUtcNow());
            Log.Completed(log, pass.Plans.Count, pass.Forgotten);
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            pass.End(KeepingState.Cancelled, clock.GetUtcNow());
        }
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            var reason = StoreFaults.Reason(fault);
            store.Database.Note(reason ?? "the log of the node says why");
            pass.End(KeepingState.Failed, clock.GetUtcNow(), reason is null ? "The store refused; the log of the node says why." : $"The store did not take it: {reason}.");
            throw;
        }

        static bool IsOld(Points.PointColumns? points, long before) => points is { Count: > 0 } && points.Times[0] < before;
    }

    /// <summary>One transaction: a turn at each of some series.</summary>
    private async Task TakeTurnsAsync(KeepingPass pass, Queue<SeriesPlan> left, CancellationToken cancel)
    {
        var taken = new List<(SeriesPlan Plan, KeepingTurn Turn)>();
        await sealer.RewriteAsync(
            async (writer, stop) =>
            {
                long points = 0;
                while (points < MostPoints && taken.Count < MostTurns && left.TryDequeue(out var plan))
                {
                    var one = await PrepareAsync(pass, plan, writer, stop);
                    points += one.Read;
                    if (one.Sealed is null)
                    {
                        pass.Done(plan);
                    }
                    else
                    {
                        taken.Add((plan, one));
                    }
                }

                return [.. taken.Select(static one => one.Turn.Sealed!)];
            },
            cancel);
        if (taken.Count > 0)
        {
            store.Database.Note(refusal: null);
        }

        foreach (var (plan, one) in taken)
        {
            pass.Note(plan, one);
            left.Enqueue(plan);
        }
    }

    private async Task<KeepingTurn> PrepareAsync(KeepingPass pass, SeriesPlan plan, ByteWriter writer, CancellationToken cancel)
    {
        try
        {
            return await keeping.PrepareAsync(plan, writer, cancel);
        }
        catch (InvalidDataException fault)
        {
            // The others are not to wait for it.
            pass.LeaveOut(plan, fault);
            Log.LeftOut(log, fault, plan.Series.Key);
            return KeepingTurn.Nothing;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Information, Message = "Retention and down-sampling are done: {Series} series, {Points} points were forgotten")]
        public static partial void Completed(ILogger logger, int series, long points);

        [LoggerMessage(Level = LogLevel.Error, Message = "The chunks of series {Series} cannot be read; retention and down-sampling leave it out")]
        public static partial void LeftOut(ILogger logger, Exception failure, int series);

        [LoggerMessage(Level = LogLevel.Error, Message = "Retention and down-sampling came to an end before all was done; they are tried again")]
        public static partial void Failed(ILogger logger, Exception failure);
    }
}
