using Microsoft.Extensions.DependencyInjection;
using Twin.EntityRegistry;
using Twin.Hosting.Events;
using Twin.Hosting.Storage;
using Twin.Telemetry.Storage;
using Twin.Telemetry.Tail;

namespace Twin.Telemetry.Registry;

/// <summary>
/// Where the entity registry is in the same process, a question about history waits for the changes that were committed
/// before it, so that who writes an entity and then asks for its history finds the write there. It waits a moment only:
/// then what there is is answered.
/// </summary>
internal sealed class Freshness(IServiceProvider services, TelemetryStore store, TailWriter tail, TimeProvider clock)
{
    private static readonly TimeSpan Most = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(2);

    private readonly ConsumerProgress? progress =
        services.GetKeyedService<ServiceDatabase>(EntityRegistryService.Name) is { } registry
            ? new ConsumerProgress(registry, services.GetRequiredKeyedService<ServiceDatabase>(TelemetryService.Name), RegistryChanges.ConsumerName, clock)
            : null;

    private readonly EventOutbox? outbox = services.GetKeyedService<EventOutbox>(EntityRegistryService.Name);
    private long fresh = -1;

    /// <summary>Waits until the history has what the registry had committed when this was called.</summary>
    public async Task WaitAsync(CancellationToken cancel)
    {
        if (progress is null || outbox is null)
        {
            return;
        }

        // Nothing was written there since it was found to have all: the usual case, and it costs nothing.
        var commits = outbox.Commits;
        if (commits == Volatile.Read(ref fresh))
        {
            return;
        }

        var started = clock.GetTimestamp();
        var end = await progress.EndAsync(cancel);
        while (!await progress.HasReachedAsync(end, cancel) && clock.GetElapsedTime(started) < Most)
        {
            await Task.Delay(Pause, clock, cancel);
        }

        var last = await store.LastArrivalAsync(cancel);
        while (last > 0 && await store.AnyArrivalAsync(last, cancel) && clock.GetElapsedTime(started) < Most)
        {
            await Task.Delay(Pause, clock, cancel);
        }

        // They leave the table with the commit of their points, which are to be seen a moment later.
        await tail.SettledAsync(cancel);
        if (clock.GetElapsedTime(started) < Most)
        {
            Volatile.Write(ref fresh, commits);
        }
    }
}
