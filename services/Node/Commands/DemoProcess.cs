using System.Diagnostics;
using System.Runtime.InteropServices;
using Twin.Node.Import;

namespace Twin.Node.Commands;

/// <summary><c>twin serve</c> in a process of its own, with its own log.</summary>
internal sealed class DemoProcess : IAsyncDisposable
{
    private const int Sigterm = 15;
    private const string GrpcLine = "grpc ";
    private const string ReadyLine = "ready ";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly TaskCompletionSource<Uri> _grpc = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _log;

    private DemoProcess(string what, string logFile, Process process)
    {
        (What, LogFile, _process) = (what, logFile, process);
        _log = CopyAsync(process.StandardError);
        Exited = process.WaitForExitAsync();
    }

    /// <summary>What runs in it, for people.</summary>
    public string What { get; }

    /// <summary>Where it answers HTTP.</summary>
    public Uri Http { get; private set; } = null!;

    /// <summary>Where it answers gRPC; it says so before it is ready.</summary>
    public Task<Uri> Grpc => _grpc.Task;

    /// <summary>Where its log goes.</summary>
    public string LogFile { get; }

    /// <summary>Ends with the process.</summary>
    public Task Exited { get; }

    /// <summary>The exit code of a process that has ended.</summary>
    public int ExitCode => _process.ExitCode;

    /// <summary>Starts it and waits until it answers.</summary>
    /// <exception cref="NodeException">It ended instead; the message has the end of its log.</exception>
    public static async Task<DemoProcess> StartAsync(
        string what, IEnumerable<string> arguments, IEnumerable<KeyValuePair<string, string>> settings, string logFile, CancellationToken cancellationToken)
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

        var process = new DemoProcess(what, logFile, Process.Start(start) ?? throw new NodeException("The node's process could not be started."));
        try
        {
            process.Http = await process.ReadyAsync(cancellationToken);
            return process;
        }
        catch
        {
            await process.DisposeAsync();
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
            if (line.StartsWith(ReadyLine, StringComparison.Ordinal))
            {
                return new Uri(line[ReadyLine.Length..]);
            }
        }

        await Exited;
        await _log;
        var end = string.Join('\n', File.ReadLines(LogFile).TakeLast(5));
        throw new NodeException($"{What} did not start:\n{end}");
    }

    private async Task CopyAsync(StreamReader from)
    {
        await using var log = new StreamWriter(LogFile, append: false) { AutoFlush = true };
        while (await from.ReadLineAsync() is { } line)
        {
            if (line.StartsWith(GrpcLine, StringComparison.Ordinal) && Uri.TryCreate(line[GrpcLine.Length..], UriKind.Absolute, out var grpc))
            {
                _grpc.TrySetResult(grpc);
            }

            await log.WriteLineAsync(line);
        }

        _grpc.TrySetCanceled();
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Kill(int pid, int signal);
}
