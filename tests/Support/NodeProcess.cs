using System.Diagnostics;
using System.Globalization;
using System.Text;
using Twin.Hosting.Storage;

namespace Twin.Tests.Support;

/// <summary>
/// The real executable in a process of its own: <c>twin serve --open --port 0</c>. Killed when disposed of; a test that
/// wants it to end well calls <see cref="StopAsync"/>.
/// </summary>
public sealed class NodeProcess : IAsyncDisposable
{
    private readonly Process process;
    private readonly StringBuilder log = new();

    private NodeProcess(Process process) => this.process = process;

    /// <summary>Where it answers HTTP.</summary>
    public Uri Http { get; private set; } = null!;

    /// <summary>Where it answers gRPC.</summary>
    public Uri Grpc { get; private set; } = null!;

    /// <summary>What it has written to stderr so far.</summary>
    public string Log
    {
        get
        {
            lock (log)
            {
                return log.ToString();
            }
        }
    }

    /// <summary>Starts a node on a store and waits until it is ready.</summary>
    /// <param name="store">Its data directory and database.</param>
    /// <param name="settings">More settings, as environment variables (<c>Twin__…</c>).</param>
    /// <exception cref="InvalidOperationException">It ended instead; the message has its log.</exception>
    public static Task<NodeProcess> StartAsync(
        StorageOptions store, IReadOnlyDictionary<string, string>? settings, CancellationToken cancellationToken) => StartAsync(
        ["--open", "--port", "0", "--data", store.DataDirectory, "--name", "test"],
        new Dictionary<string, string>(settings ?? new Dictionary<string, string>())
        {
            ["Twin__Storage__Kind"] = store.Kind.ToString(),
            ["Twin__Storage__PostgreSql__ConnectionString"] = store.PostgreSql.ConnectionString ?? "",
        },
        cancellationToken);

    /// <summary>Starts <c>twin serve</c> with these arguments and settings alone, and waits until it is ready.</summary>
    /// <exception cref="InvalidOperationException">It ended instead; the message has its log.</exception>
    public static async Task<NodeProcess> StartAsync(
        IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string> settings, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "twin"), ["serve", .. arguments])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (key, value) in settings)
        {
            start.Environment[key] = value;
        }

        var node = new NodeProcess(Process.Start(start)!);
        try
        {
            await node.WaitUntilReadyAsync(cancellationToken);
            return node;
        }
        catch
        {
            await node.DisposeAsync();
            throw;
        }
    }

    /// <summary>SIGKILL: the process ends between two instructions.</summary>
    public async Task KillAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
    }

    /// <summary>SIGTERM, and the exit code.</summary>
    public async Task<int> StopAsync(CancellationToken cancellationToken)
    {
        using var terminate = Process.Start("kill", ["-TERM", process.Id.ToString(CultureInfo.InvariantCulture)]);
        await process.WaitForExitAsync(cancellationToken);
        return process.ExitCode;
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
        {
            await KillAsync();
        }

        process.Dispose();
    }

    private async Task WaitUntilReadyAsync(CancellationToken cancellationToken)
    {
        var grpc = new TaskCompletionSource<Uri>(TaskCreationOptions.RunContinuationsAsynchronously);
        process.ErrorDataReceived += (_, line) =>
        {
            lock (log)
            {
                log.AppendLine(line.Data);
            }

            if (line.Data?.StartsWith("grpc ", StringComparison.Ordinal) == true)
            {
                grpc.TrySetResult(new Uri(line.Data["grpc ".Length..]));
            }
        };
        process.BeginErrorReadLine();
        while (await process.StandardOutput.ReadLineAsync(cancellationToken) is { } line)
        {
            if (line.StartsWith("ready ", StringComparison.Ordinal))
            {
                Http = new Uri(line["ready ".Length..]);
                Grpc = await grpc.Task.WaitAsync(cancellationToken);
                return;
            }
        }

        await process.WaitForExitAsync(cancellationToken);
        throw new InvalidOperationException($"The node ended with {process.ExitCode}: {Log}");
    }
}
