using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Twin.Tests.Support;

/// <summary>A server that a test starts, waits for and stops or kills.</summary>
public sealed class ServerProcess : IAsyncDisposable
{
    private readonly Process process;
    private readonly StringBuilder output = new();
    private readonly TaskCompletionSource ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ServerProcess(Process process) => this.process = process;

    /// <summary>Starts a program and returns once it has printed a line that begins with <paramref name="readyLine"/>.</summary>
    public static async Task<ServerProcess> StartAsync(ProcessStartInfo start, string? readyLine, CancellationToken cancellationToken)
    {
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        var server = new ServerProcess(new Process { StartInfo = start, EnableRaisingEvents = true });
        server.process.OutputDataReceived += (_, line) => server.Hear(line.Data, readyLine);
        server.process.ErrorDataReceived += (_, line) => server.Hear(line.Data, readyLine);
        server.process.Exited += (_, _) => server.ready.TrySetException(new InvalidOperationException($"{start.FileName} ended: {server.Output}"));
        server.process.Start();
        server.process.BeginOutputReadLine();
        server.process.BeginErrorReadLine();
        if (readyLine is not null)
        {
            await server.ready.Task.WaitAsync(TimeSpan.FromSeconds(60), cancellationToken);
        }

        return server;
    }

    /// <summary>What it has printed so far.</summary>
    public string Output
    {
        get
        {
            lock (output)
            {
                return output.ToString();
            }
        }
    }

    /// <summary>Whether it has ended.</summary>
    public bool HasEnded => process.HasExited;

    /// <summary>
    /// A port of loopback that is free now, with its next <paramref name="neighbours"/>; one below those that the system
    /// gives to whoever asks for any, so that none of the tests beside takes it before the server does.
    /// </summary>
    public static int FreePort(int neighbours = 0)
    {
        while (true)
        {
            var port = Random.Shared.Next(12_000, 32_000 - neighbours);
            if (Enumerable.Range(port, neighbours + 1).All(IsFree))
            {
                return port;
            }
        }
    }

    /// <summary>Ends it as a power cut would.</summary>
    public async Task KillAsync()
    {
        if (!process.HasExited)
        {
            process.Kill(entireProcessTree: true);
        }

        await process.WaitForExitAsync();
    }

    /// <summary>SIGTERM, and waits for its end.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        using var terminate = Process.Start("kill", ["-TERM", process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        await process.WaitForExitAsync(cancellationToken);
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        process.Dispose();
    }

    private void Hear(string? line, string? readyLine)
    {
        lock (output)
        {
            output.AppendLine(line);
        }

        if (readyLine is not null && line?.StartsWith(readyLine, StringComparison.Ordinal) == true)
        {
            ready.TrySetResult();
        }
    }

    private static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
