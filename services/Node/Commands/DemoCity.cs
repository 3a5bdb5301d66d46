using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;
using Twin.NgsiLd.Contexts;
using Twin.Node.Districts;
using Twin.Node.Import;

namespace Twin.Node.Commands;

/// <summary>One city of the demo: a node in a process of its own, on its own directory, with its own log.</summary>
internal sealed class DemoCity : IAsyncDisposable
{
    private const int Sigterm = 15;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly Task _log;

    private DemoCity(DistrictPlan plan, string directory, Process process)
    {
        (Plan, Data, _process) = (plan, directory, process);
        _log = CopyAsync(process.StandardError, LogFile);
        Exited = process.WaitForExitAsync();
    }

    public DistrictPlan Plan { get; }

    /// <summary>The node's data directory.</summary>
    public string Data { get; }

    /// <summary>Where the node answers.</summary>
    public Uri Http { get; private set; } = null!;

    /// <summary>Where its log goes.</summary>
    public string LogFile => Data + ".log";

    /// <summary>Ends with the process.</summary>
    public Task Exited { get; }

    /// <summary>The exit code of a process that has ended.</summary>
    public int ExitCode => _process.ExitCode;

    /// <summary>Starts the node and waits until it answers.</summary>
    /// <exception cref="NodeException">It ended instead; the message has the end of its log.</exception>
    public static async Task<DemoCity> StartAsync(DistrictPlan plan, string directory, int port, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(directory)!);
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "twin"), ["serve", "--port", $"{port}", "--data", directory, "--name", plan.City])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // A demo is for one machine: it listens to nobody else, and may ask its neighbour, who is on the machine too.
        start.Environment["Twin__Address"] = "127.0.0.1";
        start.Environment["Twin__Outbound__AllowLoopback"] = "true";
        var types = await DistrictTypes.IrisAsync(cancellationToken);
        for (var i = 0; i < types.Count; i++)
        {
            start.Environment[$"Twin__OpenData__Types__{i}"] = types[i];
        }

        var city = new DemoCity(plan, directory, Process.Start(start) ?? throw new NodeException("The node's process could not be started."));
        try
        {
            city.Http = await city.ReadyAsync(cancellationToken);
            return city;
        }
        catch
        {
            await city.DisposeAsync();
            throw;
        }
    }

    /// <summary>Asks the process to end well, and makes it end when it does not.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _ = Kill(_process.Id, Sigterm);
            if (await Task.WhenAny(Exited, Task.Delay(Patience, TimeProvider.System)) != Exited)
            {
                _process.Kill(entireProcessTree: true);
            }
        }

        await Exited;
        await _log;
        _process.Dispose();
    }

    private async Task<Uri> ReadyAsync(CancellationToken cancellationToken)
    {
        while (await _process.StandardOutput.ReadLineAsync(cancellationToken) is { } line)
        {
            if (line.StartsWith("ready ", StringComparison.Ordinal))
            {
                return new Uri(line["ready ".Length..]);
            }
        }

        await Exited;
        await _log;
        var end = string.Join('\n', File.ReadLines(LogFile).TakeLast(5));
        throw new NodeException($"The node of {Plan.City} did not start:\n{end}");
    }

    private static async Task CopyAsync(StreamReader from, string file)
    {
        await using var log = new StreamWriter(file, append: false) { AutoFlush = true };
        while (await from.ReadLineAsync() is { } line)
        {
            await log.WriteLineAsync(line);
        }
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Kill(int pid, int signal);
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
