using System.Globalization;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace Twin.Hosting.Events;

/// <summary>Whether events flow: degraded, then unready, as the oldest one waits longer.</summary>
internal sealed class EventsHealthCheck(EventLag lag, IOptions<EventOptions> options) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var slowest = lag.Readers.MaxBy(reader => reader.Age);
        if (slowest is null || slowest.Age <= options.Value.DegradedLag)
        {
            return Task.FromResult(HealthCheckResult.Healthy());
        }

        var age = slowest.Age.TotalSeconds.ToString("F0", CultureInfo.InvariantCulture);
        var description = $"{slowest.Reader} of {slowest.Service} is {age} s behind"
            + (slowest.Error is null ? "" : $": {slowest.Error}");
        return Task.FromResult(slowest.Age > options.Value.UnhealthyLag
            ? HealthCheckResult.Unhealthy(description)
            : HealthCheckResult.Degraded(description));
    }
}
