using System.CommandLine;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Spectre.Console;
using Twin.Hosting.Composition;
using Twin.Node.Districts;
using Twin.Node.Import;

namespace Twin.Node.Commands;

/// <summary><c>twin demo</c>: two cities on one machine, each with a district, that answer each other.</summary>
internal static class DemoCommand
{
    private const int FirstPort = 8080;

    public static Command Create()
    {
        var data = new Option<string?>("--data") { Description = "Directory of the two nodes (twin-demo in the user's data directory)", HelpName = "DIR" };
        var ports = new Option<string?>("--ports") { Description = "Their ports (8080,8081, or free ones where those are taken); 0 picks one", HelpName = "P1,P2" };
        var scale = new Option<int>("--scale") { Description = "Districts side by side in each city, 1 to 1000", DefaultValueFactory = static _ => 1, HelpName = "N" };
        var split = new Option<bool>("--split") { Description = "Each city in two processes, entity-registry and everything else that the demo needs, instead of one" };
        var readings = new Option<int>("--readings") { Description = "Days of readings up to now that the sensors get, every five minutes; 365 is a year", HelpName = "DAYS" };
        var fresh = new Option<bool>("--fresh") { Description = "Throws away what an earlier demo left in the directory" };
        scale.Validators.Add(static result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > 1000)
            {
                result.AddError("--scale: 1 to 1000.");
            }
        });
        readings.Validators.Add(static result =>
        {
            if (result.GetValueOrDefault<int>() is < 0 or > 3660)
            {
                result.AddError("--readings: 0 to 3660 days.");
            }
        });
        var command = new Command(
            "demo",
            """
            Starts two nodes, Mulhouse and Lörrach, loads a synthetic district into each, registers each with the other, and
            prints where they answer and four commands to try; each city has three scenarios to compare. Ctrl-C stops both; the next demo finds the districts.
            Settings in the environment reach both cities: with a Kafka broker, the events of each have a topic of their own.

            Examples:
              twin demo
              twin demo --readings 365
              twin demo --data /tmp/demo --ports 0,0 --fresh
              Twin__Events__Kafka__BootstrapServers=127.0.0.1:9092 twin demo --split

            Exit codes: 0 stopped by Ctrl-C or SIGTERM, 1 a node did not start or both ended, 2 wrong arguments.
            """)
        {
            data, ports, scale, readings, split, fresh,
        };
        command.SetAction((parsed, cancellationToken) => RunAsync(
            parsed.GetValue(data) ?? DefaultDirectory(), PortsOf(parsed.GetValue(ports)), parsed.GetValue(scale), parsed.GetValue(readings), parsed.GetValue(split), parsed.GetValue(fresh), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(string directory, (int, int) ports, int scale, int readings, bool split, bool fresh, CancellationToken cancellationToken)
    {
        directory = Path.GetFullPath(directory);
        var cities = new List<DemoCity>();
        try
        {
            await StartAsync(cities, directory, ports, split, fresh, cancellationToken);
            await FillAsync(cities, scale, readings, cancellationToken);
            await Console.Out.WriteLineAsync(DemoGuide.Of(cities));
            await Console.Out.FlushAsync(cancellationToken);
            return await WatchAsync(cities, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return 0;
        }
        catch (Exception fault) when (fault is NodeException or IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync(fault.Message);
            return 1;
        }
        finally
        {
            await Task.WhenAll(cities.Select(static c => c.DisposeAsync().AsTask()));
        }
    }

    private static async Task StartAsync(List<DemoCity> cities, string directory, (int First, int Second) ports, bool split, bool fresh, CancellationToken cancellationToken)
    {
        foreach (var (plan, port) in DistrictPlans.All.Zip([ports.First, ports.Second]))
        {
            var data = Path.Combine(directory, plan.Key);
            if (fresh && Directory.Exists(data))
            {
                Clear(data);
            }

            TwinCommand.ErrorConsole.MarkupLineInterpolated($"starting {plan.City} …");
            cities.Add(await DemoCity.StartAsync(plan, data, port, split, cancellationToken));
        }
    }

    private static void Clear(string data)
    {
        if (NodeAddress.Read(data) is { } node && DoctorNode.IsAlive(node.Pid))
        {
            throw new SettingException($"--fresh: {node.Name} still runs on {data} (pid {node.Pid}). Stop it first.");
        }

        Directory.Delete(data, recursive: true);
    }

    private static async Task FillAsync(List<DemoCity> cities, int scale, int readings, CancellationToken cancellationToken)
    {
        foreach (var city in cities)
        {
            using var node = new NodeClient(city.Http, LocalToken.Of(null, city.Data), DistrictGenerator.ContextUrl, TimeProvider.System);
            var loaded = 0;
            var count = await Told($"loading the district of {city.Plan.City}", () => loaded, DemoDistrict.LoadAsync(city.Plan, city.Data, node, scale, n => loaded = n, cancellationToken));
            TwinCommand.ErrorConsole.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"{city.Plan.City}: {(count == 0 ? "the district is there already" : $"{count} entities loaded")}");
            city.Scenarios = await DemoScenarios.KeepAsync(city.Plan, node, cancellationToken);
            foreach (var peer in cities.Where(c => c != city))
            {
                await DemoDistrict.IntroduceAsync(node, peer.Plan, peer.Http, cancellationToken);
            }

            if (readings > 0)
            {
                TwinCommand.ErrorConsole.MarkupLineInterpolated($"{await new DemoReadings(city, node, TimeProvider.System).LoadAsync(readings, cancellationToken)}");
            }
        }
    }

    /// <summary>Shows a spinner and a count on a terminal, lines elsewhere.</summary>
    private static Task<int> Told(string what, Func<int> count, Task<int> work) => Console.IsErrorRedirected
        ? work
        : TwinCommand.ErrorConsole.Status().StartAsync(what, async status =>
        {
            while (await Task.WhenAny(work, Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System)) != work)
            {
                status.Status($"{Markup.Escape(what)}: {count()} entities");
            }

            return await work;
        });

    /// <summary>Waits for Ctrl-C; tells of a process that ends by itself, and goes on with the others.</summary>
    private static async Task<int> WatchAsync(List<DemoCity> cities, CancellationToken cancellationToken)
    {
        var running = cities.SelectMany(static c => c.Processes).ToList();
        while (running.Count > 0)
        {
            var ended = await Task.WhenAny(running.Select(static p => p.Exited)).WaitAsync(cancellationToken);
            cancellationToken.ThrowIfCancellationRequested();
            foreach (var process in running.Where(p => p.Exited == ended).ToList())
            {
                running.Remove(process);
                TwinCommand.ErrorConsole.MarkupLineInterpolated($"[yellow]{process.What} has ended with code {process.ExitCode}; its log: {process.LogFile}. {(running.Count > 0 ? $"{running[^1].What} goes on." : "")}[/]");
            }
        }

        return 1;
    }

    private static string DefaultDirectory()
    {
        var home = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);
        return Path.Combine(home.Length > 0 ? home : Path.GetTempPath(), "twin-demo");
    }

    private static (int First, int Second) PortsOf(string? text)
    {
        if (text is null)
        {
            return (Free(FirstPort), Free(FirstPort + 1));
        }

        var parts = text.Split(',');
        return parts.Length == 2 && Port(parts[0]) is { } first && Port(parts[1]) is { } second && (first != second || first == 0)
            ? (first, second)
            : throw new SettingException($"--ports {text}: give two different ports, such as 8080,8081.");

        static int? Port(string part) => int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port <= 65535 ? port : null;
    }

    /// <summary>The port when nobody has it, else 0: the node picks one.</summary>
    private static int Free(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return port;
        }
        catch (SocketException)
        {
            return 0;
        }
    }
}
