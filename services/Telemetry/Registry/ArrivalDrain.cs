using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Twin.Contracts.Registry.V1;
using Twin.Telemetry.Keeping;
using Twin.Telemetry.Series;
using Twin.Telemetry.Storage;
using Twin.Telemetry.Tail;

namespace Twin.Telemetry.Registry;

/// <summary>Makes points of the changes that have arrived, in their order, in as few commits as they allow.</summary>
internal sealed partial class ArrivalDrain(
    TelemetryStore store, SeriesDirectory directory, TailWriter tail, Sealer sealer, ChangePoints points, ArrivalSignal signal,
    ChangeGate gate, Deletions deletions,
    IOptions<TelemetryOptions> options, TimeProvider clock, ILogger<ArrivalDrain> log) : BackgroundService
{
    private const int MostAtOnce = 1000;

    /// <summary>How long a raised signal may be ahead of its transaction.</summary>
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan Late = TimeSpan.FromSeconds(1);

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await tail.Replayed.WaitAsync(stoppingToken);
        var empty = 0;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                using (await gate.PassAsync(stoppingToken))
                {
                    empty = await DrainAsync(stoppingToken) ? 0 : empty + 1;
                }

                if (empty > 0)
                {
                    await signal.WaitAsync(empty < 20 ? Soon : Late, clock, stoppingToken);
                    empty = Math.Min(empty, 20);
                }
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception fault) when (fault is not OutOfMemoryException)
            {
                Log.Failed(log, fault);
                await Task.Delay(Late, clock, stoppingToken);
            }
        }
    }

    /// <summary>Takes what is there.</summary>
    /// <returns>Whether there was anything.</returns>
    private async Task<bool> DrainAsync(CancellationToken cancel)
    {
        var arrivals = await store.ReadArrivalsAsync(MostAtOnce, cancel);
        var batches = new Dictionary<Tenant, PointBatch>();
        foreach (var arrival in arrivals)
        {
            var tenant = await directory.GetOrCreateTenantAsync(arrival.Tenant, store, cancel);
            var change = EntityChanged.Parser.ParseFrom(arrival.Data);
            if (change.Entity.IsEmpty && options.Value.ForgetDeleted && !deletions.Covers(tenant.Name, change.Id, arrival.Changed) && tenant.FindEntity(change.Id) is { } gone)
            {
                await CommitAsync(batches, cancel);
                await sealer.RemoveAsync(gone, gone.Series, whole: true, note: null, cancel);
            }

            if (!batches.TryGetValue(tenant, out var batch))
            {
                batches.Add(tenant, batch = new PointBatch(tenant));
            }

            batch.Arrivals.Add(arrival.Id);
            await points.AddAsync(batch, change, arrival.Changed, cancel);
        }

        await CommitAsync(batches, cancel);
        return arrivals.Count > 0;
    }

    private async Task CommitAsync(Dictionary<Tenant, PointBatch> batches, CancellationToken cancel)
    {
        foreach (var batch in batches.Values)
        {
            await tail.WriteAsync(batch, cancel);
        }

        batches.Clear();
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Error, Message = "Changes of the registry could not be taken into the history; they wait and are tried again")]
        public static partial void Failed(ILogger logger, Exception failure);
    }
}
