using System.Diagnostics;
using System.Globalization;

namespace Twin.Tests.EndToEnd.Composition;

/// <summary>The executable with arguments and settings, until it ends.</summary>
internal sealed class TwinRun : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly Process process;
    private readonly Task<string> errors;

    private TwinRun(Process process)
    {
        this.process = process;
        errors = process.StandardError.ReadToEndAsync();
    }

    public static TwinRun Start(string[] arguments, params (string Key, string Value)[] settings) => Launch(Program, arguments, settings);

    /// <summary>The same among the mounts of another process.</summary>
    public static TwinRun StartBeside(int pid, string[] arguments, params (string Key, string Value)[] settings) => Launch(
        "nsenter", ["--target", pid.ToString(CultureInfo.InvariantCulture), "--user", "--mount", "--preserve-credentials", Program, .. arguments], settings);

    private static string Program => Path.Combine(AppContext.BaseDirectory, "twin");

    private static TwinRun Launch(string program, string[] arguments, (string Key, string Value)[] settings)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        foreach (var key in start.Environment.Keys.Where(key => key.StartsWith("Twin__", StringComparison.Ordinal)).ToList())
        {
            start.Environment.Remove(key);
        }

        foreach (var (key, value) in settings)
        {
            start.Environment[key] = value;
        }

        return new TwinRun(Process.Start(start)!);
    }

    public int Id => process.Id;

    public StreamReader Output => process.StandardOutput;

    /// <summary>The address after <c>ready</c>, the first line on stdout.</summary>
    public async Task<Uri> ReadyAsync(CancellationToken cancellationToken)
    {
        var line = await process.StandardOutput.ReadLineAsync(cancellationToken).AsTask().WaitAsync(Patience, cancellationToken);
        return line?.StartsWith("ready http://127.0.0.1:", StringComparison.Ordinal) is true
            ? new Uri(line["ready ".Length..])
            : throw new InvalidOperationException($"No ready line but '{line}': {(line is null ? await errors : "")}");
    }

    public async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", ["-" + signal, process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }

    /// <summary>The exit code, and all that is left on the two outputs.</summary>
    public async Task<(int Code, string Output, string Errors)> EndAsync(CancellationToken cancellationToken)
    {
        var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken).WaitAsync(Patience, cancellationToken);
        return (process.ExitCode, await output, await errors);
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
        {
            process.Kill();
            await process.WaitForExitAsync();
        }

        process.Dispose();
    }
}
