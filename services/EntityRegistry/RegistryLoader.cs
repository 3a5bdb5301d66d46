using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Twin.EntityRegistry.Entities;
using Twin.EntityRegistry.Registrations;
using Twin.EntityRegistry.Tenants;

namespace Twin.EntityRegistry;

/// <summary>Streams the store back into memory before the node answers.</summary>
internal sealed partial class RegistryLoader(
    EntityStore store,
    TenantDirectory tenants,
    RegistrationDirectory registrations,
    TimeProvider clock,
    ILogger<RegistryLoader> log) : IHostedService
{
    /// <inheritdoc />
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        long started = clock.GetTimestamp();
        long count = await store.LoadAsync(tenants, cancellationToken);
        await registrations.LoadAsync(cancellationToken);
        if (count > 0)
        {
            Log.Loaded(log, count, clock.GetElapsedTime(started).TotalSeconds);
        }
    }

    /// <inheritdoc />
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Information, Message = "{Count} entities are back in memory after {Seconds:0.0} s")]
        public static partial void Loaded(ILogger logger, long count, double seconds);
    }
}
