using System.Diagnostics;
using Spectre.Console;
using Twin.Node.Commands;

namespace Twin.Node.Bench;

/// <summary>What <c>twin bench</c> is asked for.</summary>
/// <param name="Peers">Other brokers by name, addresses ending in <c>/ngsi-ld/v1</c>. They are filled first.</param>
internal sealed record BenchRequest(
    IReadOnlyList<int> Entities,
    IReadOnlyList<int> Connections,
    IReadOnlyList<BenchScenario> Scenarios,
    int Seconds,
    int Runs,
    string Store,
    string? Folder,
    IReadOnlyList<(string Name, Uri Api)> Peers);

/// <summary>Measures a node, size by size: start, memory, filling, each scenario, and the start over what was stored.</summary>
internal sealed class NodeBench(BenchRequest request, LoadGenerator generator, TimeProvider time, CancellationToken cancellationToken)
{
    private readonly BenchMeasurement measurement = new(generator, request.Seconds, request.Runs, time);
    private readonly List<BenchSize> sizes = [];
    private readonly List<BenchRow> rows = [];

    /// <summary>Runs everything; progress goes to stderr.</summary>
    public async Task<BenchResults> RunAsync()
    {
        var busy = await BenchMachine.BusyCoresAsync(time, cancellationToken);
        BenchMachine? machine = null;
        foreach (var entities in request.Entities)
        {
            await using var store = await BenchStore.CreateAsync(request.Store, request.Folder, cancellationToken);
            machine ??= BenchMachine.Look(store.Folder, time);
            await MeasureAsync(store, entities);
        }

        return new BenchResults(
            machine ?? throw new UnreachableException(), request.Store, generator.Name, request.Seconds, request.Runs, busy, sizes, rows);
    }

    private async Task MeasureAsync(BenchStore store, int entities)
    {
        double emptyStart, idle, filling, loaded;
        await using (var node = await BenchNode.StartAsync(store.Folder, store.Settings, time, cancellationToken))
        {
            emptyStart = node.StartUp.TotalSeconds;
            idle = Megabytes(node);
            Say($"{entities:#,0} entities: the node was ready after {emptyStart:0.00} s; filling");
            filling = await FillAsync(node.Api, entities);
            foreach (var (name, api) in request.Peers)
            {
                Say($"filling {name}");
                await FillAsync(api, entities);
            }

            foreach (var scenario in request.Scenarios)
            {
                await MeasureAsync(node, scenario, entities);
            }

            loaded = Megabytes(node);
        }

        Say($"starting over what was stored");
        await using var again = await BenchNode.StartAsync(store.Folder, store.Settings, time, cancellationToken);
        sizes.Add(new BenchSize(entities, emptyStart, idle, filling, loaded, again.StartUp.TotalSeconds, Megabytes(again)));
    }

    private async Task<double> FillAsync(Uri api, int entities)
    {
        var rate = await BenchFilling.FillAsync(api, entities, _ => { }, time, cancellationToken);
        await BenchChecks.RunAsync(api, entities, cancellationToken);
        return rate;
    }

    private async Task MeasureAsync(BenchNode node, BenchScenario scenario, int entities)
    {
        var requests = scenario.Requests(node.Api, entities);
        var bytes = await AnswerBytesAsync(node.Api, requests);
        List<BenchTarget> targets =
        [
            new("node", node.Address, generator.Prepare(requests)),
            new("ceiling", node.Address, generator.Prepare(scenario.CeilingRequests(node.Address, bytes, requests))),
            .. request.Peers.Select(peer => new BenchTarget(peer.Name, peer.Api, generator.Prepare(scenario.Requests(peer.Api, entities)))),
        ];
        foreach (var connections in request.Connections)
        {
            Say($"{scenario.Title}, {connections} connections");
            var (results, busy) = await measurement.RunAsync(targets, connections, cancellationToken);
            rows.Add(BenchMeasurement.Row(scenario, entities, connections, "node", results["node"], results["ceiling"], busy));
            rows.AddRange(request.Peers.Select(peer => BenchMeasurement.Row(scenario, entities, connections, peer.Name, results[peer.Name], null, busy)));
        }
    }

    /// <summary>The mean size of an answer, over some of the requests.</summary>
    private async Task<int> AnswerBytesAsync(Uri api, byte[][] requests)
    {
        using var connection = await RawHttpConnection.OpenAsync(api, cancellationToken);
        var sample = requests.Take(50).ToArray();
        long bytes = 0;
        foreach (var one in sample)
        {
            bytes += (await connection.SendAsync(one, cancellationToken)).Body.Length;
        }

        return (int)(bytes / sample.Length);
    }

    private static double Megabytes(BenchNode node) => node.ResidentBytes / 1e6;

    private static void Say(FormattableString what) => TwinCommand.ErrorConsole.MarkupLine(Markup.Escape(FormattableString.Invariant(what)));
}
