using System.Diagnostics;

namespace Twin.Tests.Support;

/// <summary>A real Dapr sidecar, where the shared tools offer one.</summary>
/// <param name="appId">The name of the application beside it.</param>
/// <param name="names">The folder through which sidecars find each other; one of its own by default.</param>
public sealed class DaprSidecar(string appId = "twin", string? names = null) : IAsyncDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("twin-dapr-").FullName;
    private ServerProcess? process;

    /// <summary>Why there is none here, or null when there is.</summary>
    public static string? Missing => SharedTools.Find("tools/dapr/sidecar") is null
        ? "No Dapr sidecar is offered: TWIN_SHARED/tools/dapr/sidecar is not there."
        : null;

    /// <summary>The port of its HTTP API.</summary>
    public int HttpPort { get; } = ServerProcess.FreePort(neighbours: 2);

    /// <summary>The port of its gRPC API.</summary>
    public int GrpcPort => HttpPort + 1;

    /// <summary>The name of the application beside it.</summary>
    public string AppId => appId;

    /// <summary>Starts it beside an application that listens, or will, on a port.</summary>
    /// <param name="appPort">Where it delivers; null when the application only calls.</param>
    /// <param name="appToken">What it shows there.</param>
    /// <param name="component">The YAML of a pub/sub component named <c>pubsub</c>.</param>
    /// <param name="protocol">What the application speaks at the port: <c>http</c>, <c>h2c</c> for the gRPC listener.</param>
    public async Task StartAsync(int? appPort, string appToken, string component, CancellationToken cancellationToken, string protocol = "http")
    {
        var resources = Directory.CreateDirectory(Path.Combine(folder, "resources")).FullName;
        await File.WriteAllTextAsync(Path.Combine(resources, "pubsub.yaml"), component, cancellationToken);
        var start = new ProcessStartInfo(
            SharedTools.Find("tools/dapr/sidecar")!,
            [appId, HttpPort.ToString(), resources, .. appPort is { } port ? [port.ToString(), "--app-protocol", protocol] : Array.Empty<string>()]);
        start.Environment["DAPR_NAMES"] = names ?? Path.Combine(folder, "names");
        start.Environment["APP_API_TOKEN"] = appToken;
        process = await ServerProcess.StartAsync(start, null, cancellationToken);
    }

    /// <summary>Ends it as a power cut would.</summary>
    public Task KillAsync() => process!.KillAsync();

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (process is not null)
        {
            await process.DisposeAsync();
        }

        Directory.Delete(folder, recursive: true);
    }
}
