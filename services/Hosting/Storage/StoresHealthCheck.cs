using System.Globalization;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Twin.Hosting.Storage;

/// <summary>Whether the stores took the last change. One that does not is read all the same: degraded, not unready.</summary>
internal sealed class StoresHealthCheck(IEnumerable<DatabaseOfAService> databases) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var refusals = databases.Where(static one => one.Database.Refusal is not null).Select(static one => string.Create(
            CultureInfo.InvariantCulture, $"the store of {one.Database.Service} did not take its last change, at {one.Database.Refusal!.At:u}: {one.Database.Refusal.Reason}")).ToList();
        return Task.FromResult(refusals.Count == 0 ? HealthCheckResult.Healthy() : HealthCheckResult.Degraded(string.Join("; ", refusals)));
    }
}
