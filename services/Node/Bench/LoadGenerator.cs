using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Twin.Node.Bench;

/// <summary>Drives load from another process: <c>wrk</c> where it is installed, this executable's own client else.</summary>
internal sealed class LoadGenerator : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("twin-bench-load-").FullName;
    private readonly string? wrk;

    /// <summary>Looks for <c>wrk</c> in the path.</summary>
    public LoadGenerator()
    {
        wrk = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Select(place => Path.Combine(place, "wrk")).FirstOrDefault(File.Exists);
        using var script = typeof(LoadGenerator).Assembly.GetManifestResourceStream("Twin.Node.Bench.load.lua")!;
        using var file = File.Create(Path.Combine(folder, "load.lua"));
        script.CopyTo(file);
    }

    /// <summary>The program that makes the load.</summary>
    public string Name => wrk is null ? "twin's own client" : "wrk, one thread";

    /// <summary>Writes requests to a file that both generators replay.</summary>
    public string Prepare(byte[][] requests)
    {
        var path = Path.Combine(folder, Guid.CreateVersion7().ToString("N"));
        using var file = File.Create(path);
        foreach (var request in requests)
        {
            file.Write(System.Text.Encoding.ASCII.GetBytes(request.Length.ToString(CultureInfo.InvariantCulture) + "\n"));
            file.Write(request);
        }

        return path;
    }

    /// <summary>Replays a prepared file for a time.</summary>
    /// <exception cref="BenchException">The generator failed.</exception>
    public async Task<LoadResult> RunAsync(Uri host, string requests, int connections, TimeSpan duration, CancellationToken cancellationToken)
    {
        var address = host.GetLeftPart(UriPartial.Authority);
        var seconds = duration.TotalSeconds.ToString("0", CultureInfo.InvariantCulture);
        var count = connections.ToString(CultureInfo.InvariantCulture);
        var start = wrk is null
            ? BenchNode.Self(["bench", "load", address, "--requests", requests, "--connections", count, "--seconds", seconds])
            : new ProcessStartInfo(wrk, ["-t1", $"-c{count}", $"-d{seconds}s", "--timeout", "30s", "-s", Path.Combine(folder, "load.lua"), address, "--", requests]);
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        using var process = Process.Start(start)!;
        try
        {
            var fault = process.StandardError.ReadToEndAsync(cancellationToken);
            var output = await process.StandardOutput.ReadToEndAsync(cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
            var line = output.Split('\n').FirstOrDefault(line => line.StartsWith("RESULT ", StringComparison.Ordinal))
                ?? throw new BenchException($"{start.FileName} printed no result: {output} {await fault}");
            return JsonSerializer.Deserialize(line["RESULT ".Length..], LoadJson.Default.LoadResult)!;
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill();
            }
        }
    }

    /// <inheritdoc />
    public void Dispose() => Directory.Delete(folder, recursive: true);
}
