using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Twin.Hosting.Events;
using Twin.Hosting.Storage;
using Twin.Telemetry.Registry;
using Twin.Telemetry.Series;
using Twin.Telemetry.Storage;
using Twin.Telemetry.Tail;

namespace Twin.Telemetry.Keeping;

/// <summary>
/// Erases histories. One that was asked for is durable before anybody is told so, and goes on after a restart: first its
/// points go, in one transaction, then what is left of them in the store's files is overwritten.
/// </summary>
internal sealed partial class ErasureService(
    SeriesDirectory directory, TelemetryStore store, ErasureStore erasures, Deletions deletions, TailWriter tail, Sealer sealer, ChangeGate gate, LatestTeller teller,
    [FromKeyedServices(TelemetryService.ServiceName)] DeadLetters letters, IOptions<EventOptions> events, TimeProvider clock, ILogger<ErasureService> log) : BackgroundService
{
    /// <summary>Erasures that may wait; whoever asks for another waits first.</summary>
    public const int MostWaiting = 1000;

    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Tidy = TimeSpan.FromHours(1);

    private readonly SemaphoreSlim wanted = new(0, 1);
    private readonly Lock changing = new();
    private Erasure[] all = [];

    /// <summary>Those that wait, go on, or ended in the last days, the oldest first.</summary>
    public IReadOnlyList<Erasure> All => Volatile.Read(ref all);

    /// <summary>Asks for an erasure of all that is acknowledged now.</summary>
    /// <returns>Null when too many wait.</returns>
    public async Task<Erasure?> RequestAsync(Tenant tenant, string entity, string[] attributes, long from, long until)
    {
        if (All.Count(static one => one.State != ErasureState.Completed) >= MostWaiting)
        {
            return null;
        }

        var now = clock.GetUtcNow();
        var erasure = new Erasure(Guid.CreateVersion7(now).ToString("N"), tenant.Key, from, until, now) { Entity = entity, Attributes = attributes };
        await erasures.AddAsync(erasure);
        lock (changing)
        {
            Volatile.Write(ref all, [.. all, erasure]);
            if (wanted.CurrentCount == 0)
            {
                wanted.Release();
            }
        }

        return erasure;
    }

    /// <summary>Takes up what was left, before any change of the registry is looked at.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await deletions.LoadAsync(cancellationToken);
        Volatile.Write(ref all, [.. await erasures.ReadAsync(cancellationToken)]);
        await base.StartAsync(cancellationToken);
    }

    /// <inheritdoc />
    public override void Dispose()
    {
        wanted.Dispose();
        base.Dispose();
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await tail.Replayed.WaitAsync(stoppingToken);
        try
        {
            while (true)
            {
                var done = await TryRunAsync(stoppingToken);
                await wanted.WaitAsync(done ? Tidy : Retry, stoppingToken);
            }
        }
        catch (Exception fault) when (stoppingToken.IsCancellationRequested && fault is not OutOfMemoryException)
        {
            // The next start goes on.
        }
    }

    /// <returns>False when the store refused.</returns>
    private async Task<bool> TryRunAsync(CancellationToken cancel)
    {
        Erasure[] open = [.. All.Where(static one => one.State != ErasureState.Completed)];
        try
        {
            foreach (var erasure in open.Where(static one => one.State == ErasureState.Requested))
            {
                await RemoveAsync(erasure, cancel);
            }

            if (open.Length > 0)
            {
                await OverwriteAsync(cancel);
                await CompleteAsync(open);
                store.Database.Note(refusal: null);
                Log.Completed(log, open.Length);
            }

            await ForgetAsync(cancel);
            return true;
        }
        catch (Exception fault) when (!cancel.IsCancellationRequested && fault is not OutOfMemoryException)
        {
            var reason = StoreFaults.Reason(fault);
            store.Database.Note(reason ?? "the log of the node says why");
            foreach (var erasure in open.Where(static one => one.State != ErasureState.Completed))
            {
                erasure.Problem = reason is null ? "The store refused; the log of the node says why. It is tried again." : $"The store did not take it: {reason}. It is tried again.";
            }

            Log.Failed(log, fault);
            return false;
        }
    }

    private async Task RemoveAsync(Erasure erasure, CancellationToken cancel)
    {
        var tenant = directory.Tenants.First(one => one.Key == erasure.Tenant);
        SeriesEntity? entity;
        using (await gate.CloseAsync(cancel))
        {
            entity = tenant.FindEntity(erasure.Entity);
            var now = clock.GetUtcNow();
            Deletion[] marks = erasure.Attributes.Length == 0
                ? [deletions.Of(tenant, erasure.Entity, null, null, erasure.From, erasure.Until, now)]
                : [.. erasure.Attributes.Select(attribute => deletions.Of(tenant, erasure.Entity, attribute, null, erasure.From, erasure.Until, now))];
            var set = erasure.Attributes.Length == 0 && erasure.IsOfAllTimes ? await LettersAsync(tenant, erasure.Entity, cancel) : [];
            TimeSeries[] series = entity is null ? [] : [.. entity.Series.Where(one => erasure.Attributes.Length == 0 || erasure.Attributes.Contains(one.Attribute, StringComparer.Ordinal))];
            Sealer.RemovalNote note = async (transaction, touched, points) =>
            {
                await ErasureStore.RemovedAsync(transaction, erasure.Id, touched, points);
                await Deletions.StoreAsync(transaction, marks);
                await ErasureStore.RemoveLettersAsync(transaction, set);
                (erasure.Series, erasure.Points) = (touched, points);
            };
            if (entity is null)
            {
                await erasures.RunAsync(transaction => note(transaction, 0, 0));
            }
            else if (erasure.IsOfAllTimes)
            {
                await sealer.EraseAsync(entity, series, whole: erasure.Attributes.Length == 0, note, cancel);
            }
            else
            {
                await sealer.EraseAsync(entity, series, erasure.From, erasure.Until, note, cancel);
            }

            Array.ForEach(marks, deletions.Take);
            (erasure.State, erasure.Entity, erasure.Attributes, erasure.Problem) = (ErasureState.Removed, "", [], null);
        }

        if (entity is { Removed: true })
        {
            await teller.WithdrawAsync(entity, cancel);
        }
    }

    /// <summary>The dead letters that are about the entity.</summary>
    private async Task<List<long>> LettersAsync(Tenant tenant, string entity, CancellationToken cancel)
    {
        var found = new List<long>();
        for (long after = 0; await letters.ListAsync(new DeadLetterFilter(Subject: entity), after, DeadLetters.MaxPage, cancel) is { Count: > 0 } page; after = page[^1].Id)
        {
            found.AddRange(page.Where(letter => (letter.Event.Tenant ?? "") == tenant.Name).Select(static letter => letter.Id));
        }

        return found;
    }

    private async Task OverwriteAsync(CancellationToken cancel)
    {
        long last;
        using (await store.Database.TakeWriteTurnAsync(cancel))
        {
            last = await store.LastArrivalAsync(cancel);
        }

        // Changes of before have no effect any more, and leave the store with that.
        while (last > 0 && await store.AnyArrivalAsync(last, cancel))
        {
            await Task.Delay(Pause, clock, cancel);
        }

        // What was committed while the points were removed may lie in one block with them.
        await sealer.SealAsync(cancel);
        await store.OverwriteAsync(clock, cancel);
    }

    private async Task CompleteAsync(Erasure[] some)
    {
        var now = clock.GetUtcNow();
        await erasures.CompletedAsync(some, now);
        foreach (var erasure in some)
        {
            (erasure.EndedAt, erasure.State, erasure.Problem) = (now, ErasureState.Completed, null);
        }
    }

    private async Task ForgetAsync(CancellationToken cancel)
    {
        var before = clock.GetUtcNow() - events.Value.Retention;
        await deletions.ForgetAsync(before, cancel);
        await erasures.ForgetAsync(before);
        lock (changing)
        {
            Volatile.Write(ref all, [.. all.Where(one => one.State != ErasureState.Completed || one.EndedAt >= before)]);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Information, Message = "{Count} erasures are done: nothing of them is left in the store")]
        public static partial void Completed(ILogger logger, int count);

        [LoggerMessage(Level = LogLevel.Error, Message = "An erasure came to an end before all was done; it is tried again")]
        public static partial void Failed(ILogger logger, Exception failure);
    }
}
