using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Spectre.Console;
using Twin.Hosting.Composition;
using Twin.Node.Bench;
using Twin.ScenarioEngine.Models;

namespace Twin.Node.Commands;

/// <summary><c>twin bench</c>: what a node does on this machine, beside what the platform could do at most.</summary>
internal static class BenchCommand
{
    private static readonly Option<string> Entities = new("--entities") { Description = "Sizes, separated by commas", DefaultValueFactory = _ => "10000", HelpName = "N,..." };
    private static readonly Option<string> Connections = new("--connections") { Description = "Numbers of connections, separated by commas", DefaultValueFactory = _ => "16,50", HelpName = "N,..." };
    private static readonly Option<string> Only = new("--only") { Description = "Scenarios, separated by commas: retrieve, type, q, near, patch, upsert", HelpName = "NAME,..." };
    private static readonly Option<int> Seconds = new("--seconds") { Description = "Seconds a run", DefaultValueFactory = _ => 5 };
    private static readonly Option<int> Runs = new("--runs") { Description = "Runs of each target, in turn; the median counts", DefaultValueFactory = _ => 3 };
    private static readonly Option<string> Store = new("--store") { Description = "sqlite, or postgresql on the server that Twin__Storage__PostgreSql__ConnectionString names", DefaultValueFactory = _ => "sqlite" };
    private static readonly Option<string?> Folder = new("--folder") { Description = "Where the data directories are made, for a disk other than that of the temporary files", HelpName = "DIR" };
    private static readonly Option<string[]> Peers = new("--peer") { Description = "Another NGSI-LD broker; it is filled and measured in the same run", HelpName = "NAME=URL" };
    private static readonly Option<bool> Json = new("--json") { Description = "Print the figures as JSON" };

    public static Command Create()
    {
        Store.AcceptOnlyFromAmong("sqlite", "postgresql");
        var command = new Command(
            "bench",
            """
            Measures a node on this machine: throughput of each kind of request beside that of an endpoint of the same
            server that answers as many bytes and does nothing, memory, and start-up. Starts the node itself (gateway and
            entity registry), on a free port and in a temporary directory. Load comes from wrk when it is installed.

            Ends with 1 when a promise is not kept or a request failed.

            Examples:
              twin bench
              twin bench --entities 10000,100000,1000000 --json > bench.json
              twin bench --only patch,upsert --store postgresql
              twin bench --peer orion=http://127.0.0.1:1026/ngsi-ld/v1
              twin bench gateway
            """)
        {
            Entities, Connections, Only, Seconds, Runs, Store, Folder, Peers, Json,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var generator = new LoadGenerator();
            var results = await new NodeBench(Request(parsed, BenchScenario.All), generator, TimeProvider.System, cancellationToken).RunAsync();
            return Report(parsed, results, row => BenchScenario.All.Single(scenario => scenario.Name == row.Scenario).Promise);
        });
        command.Subcommands.Add(Gateway());
        command.Subcommands.Add(Telemetry());
        command.Subcommands.Add(Live());
        command.Subcommands.Add(Scenarios());
        command.Subcommands.Add(Load());
        return command;
    }

    private static Command Gateway()
    {
        var command = new Command("gateway", "Measures what the gateway costs in the same process: the same requests through it and to the service's own port")
        {
            Entities, Connections, Only, Seconds, Runs, Store, Folder, Json,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var generator = new LoadGenerator();
            var some = BenchScenario.All.Where(scenario => scenario.Name is "retrieve" or "type" or "patch").ToList();
            var results = await new GatewayBench(Request(parsed, some), generator, TimeProvider.System, cancellationToken).RunAsync();
            return Report(parsed, results, _ => FormattableString.Invariant($"{GatewayBench.Promise:0 %} of own port"));
        });
        return command;
    }

    private static Command Telemetry()
    {
        var points = new Option<int>("--points") { Description = "Points in all", DefaultValueFactory = _ => 40_000_000 };
        var series = new Option<int>("--series") { Description = "Sensors", DefaultValueFactory = _ => 400 };
        var load = new Option<int>("--load") { Description = "Points of one request, which is acknowledged when they are durable", DefaultValueFactory = _ => 200_000 };
        var questDb = new Option<string?>("--questdb") { Description = "A QuestDB to measure beside, started with QDB_CAIRO_COMMIT_MODE=sync; its table m is filled", HelpName = "URL" };
        var postgreSql = new Option<string?>("--postgresql") { Description = "A PostgreSQL to measure beside: binary COPY into a plain table", HelpName = "CONNECTION" };
        var command = new Command(
            "telemetry",
            """
            Measures the history of a node: durable ingestion by CSV on one connection, bytes a point on disk, and three
            questions; beside QuestDB and PostgreSQL when they are named, with the same points in the same run. Then what
            50 clients wait for, idle and while points come at half the rate; and durable ingestion as NGSI-LD JSON in
            requests of 100 points each on 16 connections.

            Examples:
              twin bench telemetry
              twin bench telemetry --points 8000000 --questdb http://127.0.0.1:9000 --postgresql "Host=/var/run/postgresql"
            """)
        {
            points, series, load, questDb, postgreSql, Store, Folder, Json,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var sensors = Numbers(parsed.GetValue(series).ToString(CultureInfo.InvariantCulture), "--series", 1, 10_000)[0];
            var data = new TelemetryData(sensors, Numbers(parsed.GetValue(points).ToString(CultureInfo.InvariantCulture), "--points", 400_000, 2_000_000_000)[0]);
            var results = await new TelemetryBench(
                Numbers(parsed.GetValue(load).ToString(CultureInfo.InvariantCulture), "--load", 100, 10_000_000)[0], TimeProvider.System, cancellationToken).RunAsync(
                data,
                parsed.GetValue(Store)!,
                parsed.GetValue(Folder),
                parsed.GetValue(questDb) is { } address ? new Uri(address) : null,
                parsed.GetValue(postgreSql));
            if (parsed.GetValue(Json))
            {
                Console.Out.WriteLine(JsonSerializer.Serialize(results, TelemetryJson.Default.TelemetryResults));
            }
            else
            {
                TelemetryBench.Write(AnsiConsole.Console, results);
            }

            return 0;
        });
        return command;
    }

    private static Command Live()
    {
        var viewers = new Option<int>("--viewers") { Description = "Streams of live values at the same time", DefaultValueFactory = _ => 10_000 };
        var idle = new Option<int>("--idle") { Description = "Seconds for which they are held without a point", DefaultValueFactory = _ => 30 };
        var command = new Command("live", "Holds many viewers of live values (server-sent events): memory of each, delay, and what they take from ingestion")
        {
            viewers, idle, Store, Folder, Json,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var results = await new LiveBench(TimeProvider.System, cancellationToken).RunAsync(
                Numbers(parsed.GetValue(viewers).ToString(CultureInfo.InvariantCulture), "--viewers", 1, 1_000_000)[0],
                Numbers(parsed.GetValue(idle).ToString(CultureInfo.InvariantCulture), "--idle", 1, 3600)[0],
                parsed.GetValue(Store)!,
                parsed.GetValue(Folder));
            if (parsed.GetValue(Json))
            {
                Console.Out.WriteLine(JsonSerializer.Serialize(results, LiveJson.Default.LiveResults));
            }
            else
            {
                LiveBench.Write(Console.Out, results);
            }

            return results.Broken > 0 ? 1 : 0;
        });
        return command;
    }

    private static Command Scenarios()
    {
        var buildings = new Option<int>("--buildings") { Description = "Buildings of the district", DefaultValueFactory = _ => 1000 };
        var peer = new Option<string?>("--rc-building-simulator") { Description = "A checkout of architecture-building-systems/RC_BuildingSimulator to measure beside; needs python3 with numpy and pandas", HelpName = "DIR" };
        var validation = new Option<string?>("--validation") { Description = "Writes the validation page of the models (as /scenarios/validation shows it) to an HTML file", HelpName = "FILE" };
        var command = new Command("scenarios", "Measures scenarios at a client: a district computed cold, after one intervention, and while a slider moves; beside the plain form of the same model")
        {
            buildings, peer, validation, Store, Folder, Json,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var results = await new ScenarioBench(TimeProvider.System, cancellationToken).RunAsync(
                Numbers(parsed.GetValue(buildings).ToString(CultureInfo.InvariantCulture), "--buildings", 1, 5000)[0], parsed.GetValue(peer), parsed.GetValue(Store)!, parsed.GetValue(Folder));
            if (parsed.GetValue(Json))
            {
                Console.Out.WriteLine(JsonSerializer.Serialize(results, ScenarioJson.Default.ScenarioResults));
            }
            else
            {
                ScenarioBench.Write(Console.Out, results);
            }

            if (parsed.GetValue(validation) is { } file)
            {
                await File.WriteAllTextAsync(file, ValidationPage.Html(), cancellationToken);
            }

            return 0;
        });
        return command;
    }

    /// <summary>The load generator's own process; <see cref="LoadGenerator"/> starts it.</summary>
    private static Command Load()
    {
        var address = new Argument<string>("address");
        var requests = new Option<string>("--requests") { Required = true };
        var connections = new Option<int>("--connections") { Required = true };
        var command = new Command("load", "Replays a file of requests") { address, requests, connections, Seconds };
        command.Hidden = true;
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var result = await SocketLoad.RunAsync(
                new Uri(parsed.GetRequiredValue(address)),
                SocketLoad.ReadRequests(parsed.GetRequiredValue(requests)),
                parsed.GetValue(connections),
                TimeSpan.FromSeconds(parsed.GetValue(Seconds)),
                TimeProvider.System,
                cancellationToken);
            await Console.Out.WriteLineAsync("RESULT " + JsonSerializer.Serialize(result, LoadJson.Default.LoadResult));
            return 0;
        });
        return command;
    }

    private static BenchRequest Request(ParseResult parsed, IReadOnlyList<BenchScenario> otherwise) => new(
        Numbers(parsed.GetValue(Entities)!, "--entities", 100, 10_000_000),
        Numbers(parsed.GetValue(Connections)!, "--connections", 1, 1000),
        Scenarios(parsed.GetValue(Only), otherwise),
        Numbers(parsed.GetValue(Seconds).ToString(CultureInfo.InvariantCulture), "--seconds", 1, 600)[0],
        Numbers(parsed.GetValue(Runs).ToString(CultureInfo.InvariantCulture), "--runs", 1, 100)[0],
        parsed.GetValue(Store)!,
        parsed.GetValue(Folder),
        [.. (parsed.GetValue(Peers) ?? []).Select(Peer)]);

    private static int[] Numbers(string text, string option, int least, int most) =>
        [.. text.Split(',').Select(part =>
            int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
                ? number
                : throw new SettingException(FormattableString.Invariant($"{option}: '{part}' is no number from {least} to {most}.")))];

    private static List<BenchScenario> Scenarios(string? text, IReadOnlyList<BenchScenario> otherwise) => text is null
        ? [.. otherwise]
        : [.. text.Split(',').Select(name => BenchScenario.All.FirstOrDefault(scenario => scenario.Name == name)
            ?? throw new SettingException($"--only: no scenario is called '{name}'. There are {string.Join(", ", BenchScenario.All.Select(scenario => scenario.Name))}."))];

    private static (string Name, Uri Api) Peer(string text)
    {
        var parts = text.Split('=', 2);
        return parts.Length == 2 && Uri.TryCreate(parts[1].TrimEnd('/'), UriKind.Absolute, out var api) && api.Scheme == Uri.UriSchemeHttp
            ? (parts[0], api)
            : throw new SettingException($"--peer: '{text}' is not NAME=http://HOST:PORT/ngsi-ld/v1.");
    }

    private static int Report(ParseResult parsed, BenchResults results, Func<BenchRow, string> promise)
    {
        if (parsed.GetValue(Json))
        {
            Console.Out.WriteLine(JsonSerializer.Serialize(results, BenchJson.Default.BenchResults));
        }
        else
        {
            BenchReport.Write(AnsiConsole.Console, results, promise);
        }

        return results.Rows.Any(row => row.Met == false || row.Errors > 0) ? 1 : 0;
    }
}
