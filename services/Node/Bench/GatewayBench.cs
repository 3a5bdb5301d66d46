namespace Twin.Node.Bench;

/// <summary>
/// What the gateway costs: the same requests to a process that holds the gateway and the registry, and to one that holds
/// the registry alone, in turn.
/// </summary>
internal sealed class GatewayBench(BenchRequest request, LoadGenerator generator, TimeProvider time, CancellationToken cancellationToken)
{
    /// <summary>The share of the throughput of the service's own port that is promised through the gateway.</summary>
    public const double Promise = 0.85;

    /// <summary>Runs the scenarios; the ceiling of each row is the service's own port.</summary>
    public async Task<BenchResults> RunAsync()
    {
        var entities = request.Entities[0];
        await using var throughStore = await BenchStore.CreateAsync(request.Store, request.Folder, cancellationToken);
        await using var ownStore = await BenchStore.CreateAsync(request.Store, request.Folder, cancellationToken);
        var busyBefore = await BenchMachine.BusyCoresAsync(time, cancellationToken);
        await using var through = await BenchNode.StartAsync(throughStore.Folder, throughStore.Settings, time, cancellationToken);
        var registryOnly = new Dictionary<string, string>(ownStore.Settings) { ["Twin__Services"] = "entity-registry,bench" };
        await using var own = await BenchNode.StartAsync(ownStore.Folder, registryOnly, time, cancellationToken);
        foreach (var node in new[] { through, own })
        {
            await BenchFilling.FillAsync(node.Api, entities, _ => { }, time, cancellationToken);
            await BenchChecks.RunAsync(node.Api, entities, cancellationToken);
        }

        var measurement = new BenchMeasurement(generator, request.Seconds, request.Runs, time);
        var rows = new List<BenchRow>();
        foreach (var scenario in request.Scenarios)
        {
            BenchTarget[] targets =
            [
                new("gateway", through.Address, generator.Prepare(scenario.Requests(through.Api, entities))),
                new("own port", own.Address, generator.Prepare(scenario.Requests(own.Api, entities))),
            ];
            foreach (var connections in request.Connections)
            {
                var (results, busy) = await measurement.RunAsync(targets, connections, cancellationToken);
                var row = BenchMeasurement.Row(scenario, entities, connections, "gateway", results["gateway"], results["own port"], busy);
                rows.Add(row with { Met = row.Ratio >= Promise });
            }
        }

        return new BenchResults(
            BenchMachine.Look(ownStore.Folder, time), request.Store, generator.Name, request.Seconds, request.Runs, busyBefore, [], rows);
    }
}
