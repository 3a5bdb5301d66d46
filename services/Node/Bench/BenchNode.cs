using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Twin.Node.Bench;

/// <summary>A node in a process of its own, on a free port, over a data directory that outlives it.</summary>
internal sealed class BenchNode : IAsyncDisposable
{
    private readonly Process process;

    private BenchNode(Process process, Uri address, TimeSpan startUp)
    {
        this.process = process;
        Address = address;
        StartUp = startUp;
    }

    /// <summary>Where it answers.</summary>
    public Uri Address { get; }

    /// <summary>From the start of the process to the line that says it is ready.</summary>
    public TimeSpan StartUp { get; }

    /// <summary>The address of its NGSI-LD API.</summary>
    public Uri Api => new(Address, "/ngsi-ld/v1");

    /// <summary>Resident memory now, in bytes.</summary>
    public long ResidentBytes
    {
        get
        {
            process.Refresh();
            return process.WorkingSet64;
        }
    }

    /// <summary>Processor time that it has used so far.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            process.Refresh();
            return process.TotalProcessorTime;
        }
    }

    /// <summary>Starts a node and waits until it is ready.</summary>
    /// <param name="data">Its data directory.</param>
    /// <param name="settings">Its settings, as environment variables.</param>
    /// <exception cref="BenchException">It ended instead; the message has what it printed.</exception>
    public static async Task<BenchNode> StartAsync(string data, IReadOnlyDictionary<string, string> settings, TimeProvider time, CancellationToken cancellationToken)
    {
        var start = Self(["serve", "--port", "0", "--data", data, "--name", "bench", "--open"]);
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        start.Environment[BenchCeiling.Setting] = "true";
        // What is measured, and no more: whoever consumes the registry's events takes its share of the machine.
        start.Environment["Twin__Services"] = "entity-registry,gateway,bench";
        foreach (var (key, value) in settings)
        {
            start.Environment[key] = value;
        }

        var began = time.GetTimestamp();
        var node = Process.Start(start)!;
        var log = new StringBuilder();
        node.ErrorDataReceived += (_, line) =>
        {
            // The first lines say why a node does not start; the rest is of no use and must not fill the memory.
            if (log.Length < 4000)
            {
                log.AppendLine(line.Data);
            }
        };
        node.BeginErrorReadLine();
        while (await node.StandardOutput.ReadLineAsync(cancellationToken) is { } line)
        {
            if (line.StartsWith("ready ", StringComparison.Ordinal))
            {
                return new BenchNode(node, new Uri(line["ready ".Length..]), time.GetElapsedTime(began));
            }
        }

        await node.WaitForExitAsync(cancellationToken);
        throw new BenchException(string.Create(CultureInfo.InvariantCulture, $"The node ended with {node.ExitCode}: {log}"));
    }

    /// <summary>This executable with other arguments.</summary>
    public static ProcessStartInfo Self(IEnumerable<string> arguments)
    {
        var program = Environment.ProcessPath!;
        return Path.GetFileNameWithoutExtension(program) == "dotnet"
            ? new ProcessStartInfo(program, [typeof(BenchNode).Assembly.Location, .. arguments])
            : new ProcessStartInfo(program, arguments);
    }

    /// <summary>Asks it to end (SIGTERM) and waits; kills it after half a minute.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            using var terminate = Process.Start("kill", ["-TERM", process.Id.ToString(CultureInfo.InvariantCulture)]);
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
            await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
        }

        process.Dispose();
    }
}
