using System.Diagnostics;

namespace Twin.Tests.Support;

/// <summary>A real Kafka broker, where the shared tools and a Java runtime offer one.</summary>
public sealed class KafkaBroker : IAsyncDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("twin-kafka-").FullName;
    private readonly int port = ServerProcess.FreePort(neighbours: 1);
    private ServerProcess? process;

    /// <summary>Why there is none here, or null when there is.</summary>
    public static string? Missing => SharedTools.Find("tools/kafka/start") is null
        ? "No Kafka broker is offered: TWIN_SHARED/tools/kafka/start is not there."
        : !(Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(path => File.Exists(Path.Combine(path, "java")))
            ? "A Kafka broker needs Java (Debian: apt-get install openjdk-17-jre-headless)."
            : null;

    /// <summary>Where it answers, across restarts.</summary>
    public string BootstrapServers => $"127.0.0.1:{port}";

    /// <summary>Starts it on the data that it left, if any.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(SharedTools.Find("tools/kafka/start")!, [Path.Combine(folder, "data"), port.ToString()]);
        start.Environment["KAFKA_HEAP_OPTS"] = "-Xmx256m";
        process = await ServerProcess.StartAsync(start, "ready", cancellationToken);
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
