using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Twin.Telemetry.Series;

namespace Twin.Telemetry.Live;

/// <summary>All viewers of live values of the process: how many there may be, the one clock of their heartbeats, and their end.</summary>
internal sealed partial class LiveHub(IHostApplicationLifetime lifetime, IOptions<TelemetryOptions> options, TimeProvider clock, ILogger<LiveHub> log) : BackgroundService
{
    private readonly Lock gate = new();
    private readonly Dictionary<Tenant, LiveTenant> tenants = [];
    private readonly long run = clock.GetUtcNow().ToUnixTimeMilliseconds();
    private int viewers;
    private long droppedInAll;

    /// <summary>Whether the node is about to end.</summary>
    public bool IsClosing => lifetime.ApplicationStopping.IsCancellationRequested;

    /// <summary>The viewers now.</summary>
    public int Viewers => Volatile.Read(ref viewers);

    /// <summary>Viewers that were dropped since they did not read.</summary>
    public long Dropped => Interlocked.Read(ref droppedInAll);

    /// <summary>Takes a place.</summary>
    /// <returns>False when all are taken.</returns>
    public bool TryEnter()
    {
        if (!IsClosing && Interlocked.Increment(ref viewers) <= options.Value.LiveViewers)
        {
            return true;
        }

        if (!IsClosing)
        {
            Leave();
        }

        return false;
    }

    /// <summary>Gives a place back.</summary>
    public void Leave() => Interlocked.Decrement(ref viewers);

    /// <summary>Takes a viewer into a tenant, whose publishing begins with the first one.</summary>
    public (LiveTenant Tenant, LiveViewer Viewer) Join(Tenant tenant, LiveKey key, Func<LiveGroup> make, LiveId? since, Action drop, out Missed missed)
    {
        // The lock keeps the sweep from closing the tenant meanwhile.
        lock (gate)
        {
            if (!tenants.TryGetValue(tenant, out var live))
            {
                tenants.Add(tenant, live = new LiveTenant(tenant, run, clock));
                _ = live.RunAsync();
            }

            return (live, live.Add(key, make, since, drop, out missed));
        }
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var closing = lifetime.ApplicationStopping.Register(Close);
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(options.Value.LiveHeartbeatSeconds), clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                Beat();
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            Close();
        }
    }

    private void Beat()
    {
        var forgotten = clock.GetUtcNow().AddSeconds(-options.Value.LiveResumeSeconds);
        var patience = Math.Max(1, options.Value.LiveSlowSeconds / options.Value.LiveHeartbeatSeconds);
        foreach (var tenant in All())
        {
            lock (gate)
            {
                if (tenant.EmptySince <= forgotten)
                {
                    tenants.Remove(tenant.Tenant);
                    tenant.Close();
                    continue;
                }
            }

            if (tenant.Ring(patience) is var dropped and > 0)
            {
                Interlocked.Add(ref droppedInAll, dropped);
                Log.Dropped(log, dropped, tenant.Tenant.Name, options.Value.LiveSlowSeconds);
            }
        }
    }

    private void Close()
    {
        foreach (var tenant in All())
        {
            tenant.Close();
        }
    }

    private List<LiveTenant> All()
    {
        lock (gate)
        {
            return [.. tenants.Values];
        }
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Warning, Message = "{Count} viewers of live values of {Tenant} were dropped: they had read nothing of what was sent to them for {Seconds} s")]
        public static partial void Dropped(ILogger log, int count, string tenant, int seconds);
    }
}
