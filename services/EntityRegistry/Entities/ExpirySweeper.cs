using Microsoft.Extensions.Hosting;
using Twin.EntityRegistry.Index;
using Twin.EntityRegistry.Tenants;
using Twin.NgsiLd.Entities;
using Twin.NgsiLd.Representations;

namespace Twin.EntityRegistry.Entities;

/// <summary>
/// Deletes transient entities whose time is over (GS CIM 009 V1.9.1, expiresAt). Readers do not see them from the
/// moment on; the sweep frees their memory and tells the events.
/// </summary>
internal sealed class ExpirySweeper(TenantDirectory tenants, EntityWriter writer, TimeProvider clock) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(30);
    private const int MostPerSweep = 1_000;

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Pause, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                foreach (Tenant tenant in tenants.All)
                {
                    await SweepAsync(tenant, stoppingToken);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The node stops; what has expired is invisible all the same.
        }
    }

    private async Task SweepAsync(Tenant tenant, CancellationToken cancel)
    {
        List<string> expired = Expired(tenant.Index, Timestamps.FromInstant(clock.GetUtcNow()));
        if (expired.Count > 0)
        {
            await writer.WriteAsync(
                tenant,
                scope =>
                {
                    foreach (string id in expired)
                    {
                        // It may have been renewed or created anew meanwhile.
                        if (scope.Find(id) is { ExpiresAt: not 0 } entity && entity.ExpiresAt <= scope.Now)
                        {
                            scope.Delete(id);
                        }
                    }

                    return true;
                },
                cancel);
        }
    }

    private static List<string> Expired(ResidentIndex index, long now)
    {
        var expired = new List<string>();
        Posting.View transient = index.Transient;
        for (int i = 0; i < transient.Count && expired.Count < MostPerSweep; i++)
        {
            EntityDocument? entity = index.At(transient.Items[i]).Document;
            if (entity is { ExpiresAt: not 0 } && entity.ExpiresAt <= now)
            {
                expired.Add(entity.Id);
            }
        }

        return expired;
    }
}
