using System.CommandLine;
using System.Globalization;
using Spectre.Console;
using Twin.EntityRegistry;
using Twin.Gateway;
using Twin.Hosting.Composition;
using Twin.Node.Bench;
using Twin.ScenarioEngine;
using Twin.Telemetry;

namespace Twin.Node.Commands;

/// <summary><c>twin serve</c>: runs one process of a node until SIGTERM.</summary>
internal static class ServeCommand
{
    public static Command Create()
    {
        var port = new Option<int?>("--port") { Description = "Port of the public HTTP listener; 0 picks a free one (Twin__Port, 8080)", HelpName = "P" };
        var data = new Option<string?>("--data") { Description = "Directory that holds all that the node stores (Twin__DataDirectory, ./data)", HelpName = "DIR" };
        var name = new Option<string?>("--name") { Description = "Name of the city (Twin__Name)", HelpName = "CITY" };
        var open = new Option<bool>("--open") { Description = "Sign-in off, loopback only: for conformance suites and first steps (Twin__Open)" };
        var command = new Command(
            "serve",
            """
            Runs a node, or those of its services that Twin__Services names, until SIGTERM.

            Prints 'ready http://127.0.0.1:PORT' alone on a line when it answers. Logs go to stderr.

            Examples:
              twin serve --port 8080 --data ./mulhouse --name Mulhouse
              twin serve --port 0 --data /tmp/suite --open
              Twin__Services=entity-registry twin serve --port 8081 --data ./registry
            """)
        {
            port, data, name, open,
        };
        command.SetAction((parsed, cancellationToken) => RunAsync(
            Settings(parsed.GetValue(port), parsed.GetValue(data), parsed.GetValue(name), parsed.GetValue(open)), cancellationToken));
        return command;
    }

    /// <summary>A process with every service that there is, of which <c>Twin:Services</c> picks.</summary>
    internal static TwinNode Node(IReadOnlyDictionary<string, string?> settings)
    {
        var node = TwinNode.Create(settings)
            .With<EntityRegistryService>()
            .With<TelemetryService>()
            .With<ScenarioEngineService>()
            .With<GatewayService>();
        return BenchCeiling.Wanted ? node.With<BenchCeiling>() : node;
    }

    private static Dictionary<string, string?> Settings(int? port, string? data, string? name, bool open)
    {
        var settings = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        Set("Twin:Port", port?.ToString(CultureInfo.InvariantCulture));
        Set("Twin:DataDirectory", data);
        Set("Twin:Name", name);
        Set("Twin:Open", open ? "true" : null);
        return settings;

        void Set(string key, string? value)
        {
            if (value is not null)
            {
                settings[key] = value;
            }
        }
    }

    private static async Task<int> RunAsync(Dictionary<string, string?> settings, CancellationToken cancellationToken)
    {
        await using var node = await Node(settings).StartAsync(cancellationToken);
        if (node.Open)
        {
            TwinCommand.ErrorConsole.MarkupLine("[red bold]open: sign-in is off, whoever reaches this port may do everything. Bound to loopback only.[/]");
        }

        await Console.Error.WriteLineAsync($"grpc {node.Grpc.GetLeftPart(UriPartial.Authority)}");
        await Console.Out.WriteLineAsync($"ready {node.Http.GetLeftPart(UriPartial.Authority)}");
        await Console.Out.FlushAsync(cancellationToken);
        await node.WaitForShutdownAsync(cancellationToken);
        return 0;
    }
}
