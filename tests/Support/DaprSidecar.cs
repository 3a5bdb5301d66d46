using System.Diagnostics;

namespace Twin.Tests.Support;

/// <summary>A real Dapr sidecar, where the shared tools offer one.</summary>
public sealed class DaprSidecar : IAsyncDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("twin-dapr-").FullName;
    private ServerProcess? process;

    /// <summary>Why there is none here, or null when there is.</summary>
    public static string? Missing => SharedTools.Find("tools/dapr/sidecar") is null
        ? "No Dapr sidecar is offered: TWIN_SHARED/tools/dapr/sidecar is not there."
        : null;

    /// <summary>The port of its HTTP API.</summary>
    public int HttpPort { get; } = ServerProcess.FreePort(neighbours: 2);

    /// <summary>Starts it beside an application that listens, or will, on a port.</summary>
    /// <param name="appPort">Where it delivers.</param>
    /// <param name="appToken">What it shows there.</param>
    /// <param name="component">The YAML of a pub/sub component named <c>pubsub</c>.</param>
    public async Task StartAsync(int appPort, string appToken, string component, CancellationToken cancellationToken)
    {
        var resources = Directory.CreateDirectory(Path.Combine(folder, "resources")).FullName;
        await File.WriteAllTextAsync(Path.Combine(resources, "pubsub.yaml"), component, cancellationToken);
        var start = new ProcessStartInfo(SharedTools.Find("tools/dapr/sidecar")!, ["twin", HttpPort.ToString(), resources, appPort.ToString()]);
        start.Environment["DAPR_NAMES"] = Path.Combine(folder, "names");
        start.Environment["APP_API_TOKEN"] = appToken;
        process = await ServerProcess.StartAsync(start, null, cancellationToken);
    }

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
