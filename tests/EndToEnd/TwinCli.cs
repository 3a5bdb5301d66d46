using System.Diagnostics;
using System.Globalization;
using System.Text;
using Twin.Tests.Support;

namespace Twin.Tests.EndToEnd;

/// <summary>The real executable, or a shell, run to its end or until it is stopped.</summary>
internal sealed class TwinCli : IDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _said = new();
    private readonly Task<string> _error;

    private TwinCli(Process process)
    {
        _process = process;
        _error = ListenAsync();
    }

    public StreamReader Output => _process.StandardOutput;

    public int Id => _process.Id;

    public static TwinCli Start(params string[] arguments) => Start(new Dictionary<string, string>(), arguments);

    /// <summary>Starts it with more settings in its environment.</summary>
    public static TwinCli Start(IReadOnlyDictionary<string, string> settings, params string[] arguments) =>
        Launch(Path.Combine(AppContext.BaseDirectory, "twin"), arguments, settings);

    /// <summary>Runs to the end.</summary>
    public static async Task<(int Code, string Output, string Error)> RunAsync(CancellationToken cancellationToken, params string[] arguments)
    {
        using var twin = Start(arguments);
        return await twin.EndAsync(cancellationToken);
    }

    /// <summary>Runs a line as a person would paste it.</summary>
    public static async Task<string> PasteAsync(string line, CancellationToken cancellationToken)
    {
        using var shell = Launch("bash", ["-c", line]);
        return (await shell.EndAsync(cancellationToken)).Output;
    }

    /// <summary>Sends a signal, such as <c>INT</c>.</summary>
    public static void Signal(int pid, string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", pid.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    public static bool IsAlive(int pid) => Directory.Exists($"/proc/{pid}") && !File.ReadAllText($"/proc/{pid}/stat").Contains(") Z ", StringComparison.Ordinal);

    public async Task<(int Code, string Output, string Error)> EndAsync(CancellationToken cancellationToken)
    {
        var output = await _process.StandardOutput.ReadToEndAsync(cancellationToken);
        await _process.WaitForExitAsync(cancellationToken);
        return (_process.ExitCode, output, await _error);
    }

    /// <summary>Whether it says something to people before long.</summary>
    public Task<bool> SaysAsync(string text, CancellationToken cancellationToken) =>
        Eventually.HoldsAsync(() => Task.FromResult(Said().Contains(text, StringComparison.Ordinal)), 30, cancellationToken);

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        _process.Dispose();
    }

    private async Task<string> ListenAsync()
    {
        while (await _process.StandardError.ReadLineAsync() is { } line)
        {
            lock (_said)
            {
                _said.Append(line).Append('\n');
            }
        }

        return Said();
    }

    private string Said()
    {
        lock (_said)
        {
            return _said.ToString();
        }
    }

    private static TwinCli Launch(string program, string[] arguments, IReadOnlyDictionary<string, string>? settings = null)
    {
        var start = new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (key, value) in settings ?? new Dictionary<string, string>())
        {
            start.Environment[key] = value;
        }

        return new(Process.Start(start)!);
    }
}
