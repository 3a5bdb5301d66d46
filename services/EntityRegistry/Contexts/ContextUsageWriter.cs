using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Twin.EntityRegistry.Contexts;

/// <summary>Saves the usage counters now and then: they are statistics, and a write per read would be dear.</summary>
internal sealed partial class ContextUsageWriter(ContextStore store, TimeProvider time, ILogger<ContextUsageWriter> log) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await store.SaveUsageAsync(stoppingToken);
            }
            catch (System.Data.Common.DbException e)
            {
                LogNotSaved(e);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The usage of @contexts could not be saved; it is tried again.")]
    private partial void LogNotSaved(Exception e);
}
