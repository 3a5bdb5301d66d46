using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Twin.Telemetry.Sources;

/// <summary>Every source of the process, by its name.</summary>
internal sealed class SourceTable
{
    private readonly List<SourceState> sources = [];

    /// <summary>All of them, those of a kind in the order of the settings.</summary>
    public IReadOnlyList<SourceState> All => sources;

    /// <summary>The source of that name, or null.</summary>
    public SourceState? Find(string name) => sources.Find(one => one.Name == name);

    /// <summary>Takes in a source. While the process is made only.</summary>
    public SourceState Add(SourceState source)
    {
        sources.Add(source);
        return source;
    }
}

/// <summary>Whether sources bring points. One that does not is no reason to send nobody here any more: degraded, not unready.</summary>
internal sealed class SourcesHealthCheck(SourceTable sources) : IHealthCheck
{
    /// <inheritdoc />
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var troubles = sources.All.Select(static one => one.Trouble).OfType<string>().ToList();
        return Task.FromResult(troubles.Count == 0 ? HealthCheckResult.Healthy() : HealthCheckResult.Degraded(string.Join("; ", troubles)));
    }
}
