using System.Diagnostics;
using System.Text.Json;

namespace Twin.Tests.EndToEnd.Split;

/// <summary><c>twin demo</c> on a fresh directory, up and filled; ends when it is disposed of.</summary>
internal sealed class DemoRun : IAsyncDisposable
{
    private readonly Process process;
    private readonly DirectoryInfo directory;
    private readonly Task<string> errors;

    private DemoRun(Process process, DirectoryInfo directory)
    {
        (this.process, this.directory) = (process, directory);
        errors = process.StandardError.ReadToEndAsync();
    }

    /// <summary>The commands that the guide prints for trying.</summary>
    public IReadOnlyList<string> Commands { get; private set; } = [];

    /// <summary>Where Mulhouse answers.</summary>
    public Uri Mulhouse => Description("mulhouse-dmc", "node.json").Http;

    /// <summary>Where Lörrach answers.</summary>
    public Uri Loerrach => Description("loerrach-lauffenmuehle", "node.json").Http;

    /// <summary>The data directory of a city.</summary>
    public string Data(string city) => Path.Combine(directory.FullName, city);

    /// <summary>Starts it and waits for its guide.</summary>
    public static async Task<DemoRun> StartAsync(string[] arguments, IReadOnlyDictionary<string, string> settings, CancellationToken cancellationToken)
    {
        var place = Directory.CreateTempSubdirectory("twin-split-");
        var start = new ProcessStartInfo(
            Path.Combine(AppContext.BaseDirectory, "twin"), ["demo", "--data", place.FullName, "--ports", "0,0", .. arguments])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (key, value) in settings)
        {
            start.Environment[key] = value;
        }

        var demo = new DemoRun(Process.Start(start)!, place);
        try
        {
            demo.Commands = await demo.GuideAsync(cancellationToken);
            return demo;
        }
        catch
        {
            await demo.DisposeAsync();
            throw;
        }
    }

    /// <summary>What a process of a city says of itself: its pid, its address and its services.</summary>
    public (int Pid, Uri Http, string[] Services) Description(string city, string file)
    {
        using var description = JsonDocument.Parse(File.ReadAllText(Path.Combine(Data(city), file)));
        var root = description.RootElement;
        return (
            root.GetProperty("pid").GetInt32(),
            new Uri(root.GetProperty("http").GetString()!),
            [.. root.GetProperty("services").EnumerateArray().Select(static service => service.GetString()!)]);
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
        {
            TwinCli.Signal(process.Id, "TERM");
            await process.WaitForExitAsync();
        }

        process.Dispose();
        directory.Delete(recursive: true);
    }

    private async Task<List<string>> GuideAsync(CancellationToken cancellationToken)
    {
        var commands = new List<string>();
        while (await process.StandardOutput.ReadLineAsync(cancellationToken) is { } line)
        {
            if (line.StartsWith("curl ", StringComparison.Ordinal))
            {
                commands.Add(line);
            }

            if (line.StartsWith("Ctrl-C", StringComparison.Ordinal))
            {
                return commands;
            }
        }

        throw new InvalidOperationException($"The demo ended: {await errors}");
    }
}
