namespace Twin.Node.Bench;

/// <summary>What is measured against what: a broker, or the ceiling of ours.</summary>
/// <param name="Name">Its name in the table.</param>
/// <param name="Host">Where it answers.</param>
/// <param name="Requests">The file of requests that is replayed.</param>
internal sealed record BenchTarget(string Name, Uri Host, string Requests);

/// <summary>The runs of one scenario, in turn over its targets, so that a drift of the machine meets them all.</summary>
internal sealed class BenchMeasurement(LoadGenerator generator, int seconds, int runs, TimeProvider time)
{
    /// <summary>Runs that come before the first that counts, in seconds: code compiles in tiers as it warms.</summary>
    private const int WarmUpSeconds = 2;

    /// <summary>Runs A, B, A, B ... and returns each target's results.</summary>
    public async Task<(Dictionary<string, LoadResult[]> Results, double BusyCores)> RunAsync(
        IReadOnlyList<BenchTarget> targets, int connections, CancellationToken cancellationToken)
    {
        var busy = await BenchMachine.BusyCoresAsync(time, cancellationToken);
        foreach (var target in targets)
        {
            await generator.RunAsync(target.Host, target.Requests, connections, TimeSpan.FromSeconds(WarmUpSeconds), cancellationToken);
        }

        var results = targets.ToDictionary(target => target.Name, _ => new LoadResult[runs]);
        for (var run = 0; run < runs; run++)
        {
            foreach (var target in targets)
            {
                results[target.Name][run] = await generator.RunAsync(
                    target.Host, target.Requests, connections, TimeSpan.FromSeconds(seconds), cancellationToken);
            }
        }

        return (results, busy);
    }

    /// <summary>One row of the table.</summary>
    public static BenchRow Row(BenchScenario scenario, int entities, int connections, string target, LoadResult[] results, LoadResult[]? ceiling, double busyCores)
    {
        var rates = results.Select(result => result.Rate * scenario.Units).ToArray();
        double? ceilingRate = ceiling is null ? null : Median(ceiling.Select(result => result.Rate * scenario.Units));
        var median = Median(rates);
        var ratio = median / ceilingRate;
        return new BenchRow(
            scenario.Name,
            entities,
            connections,
            target,
            median,
            rates.Min(),
            rates.Max(),
            Median(results.Select(result => result.P50Microseconds)) / 1000,
            Median(results.Select(result => result.P99Microseconds)) / 1000,
            ceilingRate,
            ratio,
            Met(scenario, connections, median, ratio),
            results.Sum(result => result.Refused + result.Broken),
            busyCores);
    }

    /// <summary>The middle value; the mean of both when there are two.</summary>
    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    private static bool? Met(BenchScenario scenario, int connections, double median, double? ratio) =>
        ratio is null || scenario.PromisedAt is { } at && at != connections ? null
        : scenario.CeilingShare is { } share ? ratio >= share
        : median >= scenario.Rate;
}
