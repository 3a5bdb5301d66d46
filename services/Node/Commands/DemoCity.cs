using System.Text.Json;
using Twin.EntityRegistry;
using Twin.Gateway;
using Twin.NgsiLd.Contexts;
using Twin.Node.Districts;
using Twin.ScenarioEngine;

namespace Twin.Node.Commands;

/// <summary>
/// One city of the demo: a node on its own directory, in one process, or in one for each of its services. The processes of
/// a city share the directory, and with it the key by which they know each other.
/// </summary>
internal sealed class DemoCity : IAsyncDisposable
{
    private readonly List<DemoProcess> _processes = [];

    private DemoCity(DistrictPlan plan, string directory) => (Plan, Data) = (plan, directory);

    public DistrictPlan Plan { get; }

    /// <summary>The node's data directory.</summary>
    public string Data { get; }

    /// <summary>Where the node answers.</summary>
    public Uri Http => _processes[^1].Http;

    /// <summary>Its processes; the last is the front door.</summary>
    public IReadOnlyList<DemoProcess> Processes => _processes;

    /// <summary>The names and paths of its scenarios, what there is first; empty until they are begun.</summary>
    public IReadOnlyList<(string Name, string Path)> Scenarios { get; set; } = [];

    /// <summary>Starts the node and waits until it answers.</summary>
    /// <exception cref="Import.NodeException">A process ended instead; the message has the end of its log.</exception>
    public static async Task<DemoCity> StartAsync(DistrictPlan plan, string directory, int port, bool split, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(directory)!);
        var city = new DemoCity(plan, directory);
        try
        {
            var settings = await SettingsAsync(cancellationToken);
            if (split)
            {
                await city.StartRegistryAsync(settings, cancellationToken);
            }

            await city.StartProcessAsync(split ? $"{GatewayService.Name},{ScenarioEngineService.Name}" : null, port, settings, cancellationToken);
            return city;
        }
        catch
        {
            await city.DisposeAsync();
            throw;
        }
    }

    /// <summary>Ends the front door first: what it has let in is answered.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var process in Enumerable.Reverse(_processes))
        {
            await process.DisposeAsync();
        }
    }

    /// <summary>Starts the registry, and tells the settings where it answers.</summary>
    private async Task StartRegistryAsync(Dictionary<string, string> settings, CancellationToken cancellationToken)
    {
        await StartProcessAsync(EntityRegistryService.Name, 0, settings, cancellationToken);
        settings["Twin__Services__Addresses__" + EntityRegistryService.Name] = _processes[0].Http.GetLeftPart(UriPartial.Authority);
        settings["Twin__Grpc__Addresses__" + EntityRegistryService.Name] = (await _processes[0].Grpc).GetLeftPart(UriPartial.Authority);
    }

    private async Task StartProcessAsync(string? service, int port, Dictionary<string, string> settings, CancellationToken cancellationToken)
    {
        var (what, log) = service is null ? (Plan.City, Data + ".log") : ($"{Plan.City} ({service})", $"{Data}.{service}.log");
        settings["Twin__Services"] = service ?? "all";
        _processes.Add(await DemoProcess.StartAsync(what, ["--port", $"{port}", "--data", Data, "--name", Plan.City], settings, log, cancellationToken));
    }

    /// <summary>A demo is for one machine: it listens to nobody else, and may ask its neighbour, who is on the machine too.</summary>
    public static async Task<Dictionary<string, string>> SettingsAsync(CancellationToken cancellationToken)
    {
        var settings = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["Twin__Address"] = "127.0.0.1",
            ["Twin__Outbound__AllowLoopback"] = "true",
        };
        var types = await DistrictTypes.IrisAsync(cancellationToken);
        for (var i = 0; i < types.Count; i++)
        {
            settings[$"Twin__OpenData__Types__{i}"] = types[i];
        }

        return settings;
    }
}

/// <summary>The districts' types as IRIs, by the context that is bundled.</summary>
internal static class DistrictTypes
{
    public static async Task<List<string>> IrisAsync(CancellationToken cancellationToken)
    {
        var context = await new ContextCompiler().CompileUrlAsync(
            DistrictGenerator.ContextUrl,
            static (url, _) => BundledContexts.TryGet(url, out var document) ? ValueTask.FromResult(document) : throw new JsonException($"{url} is not bundled."),
            cancellationToken);
        return [.. DistrictGenerator.Types.Select(context.ExpandTerm)];
    }
}
