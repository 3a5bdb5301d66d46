using System.Diagnostics;
using System.Globalization;

namespace Twin.Tests.Support;

/// <summary>A real Mosquitto, where the machine has one; its sessions survive a stop.</summary>
/// <param name="settings">More lines of its configuration; without any, everybody may come.</param>
public sealed class MosquittoBroker(params string[] settings) : IAsyncDisposable
{
    private static readonly string[] Places = [.. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':'), "/usr/sbin", "/usr/local/sbin"];
    private readonly string folder = Directory.CreateTempSubdirectory("twin-mosquitto-").FullName;
    private ServerProcess? process;

    /// <summary>Why there is none here, or null when there is.</summary>
    public static string? Missing => Find("mosquitto") is null || Find("mosquitto_pub") is null
        ? "A Mosquitto broker and its clients are needed (Debian: apt-get install mosquitto mosquitto-clients)."
        : null;

    /// <summary>Where it answers on loopback, across restarts.</summary>
    public int Port { get; } = ServerProcess.FreePort();

    /// <summary>The same, as a setting has it.</summary>
    public string PortText => Port.ToString(CultureInfo.InvariantCulture);

    /// <summary>Its folder, which goes with it; its settings may name files there.</summary>
    public string Folder => folder;

    /// <summary>What it has said so far.</summary>
    public string Log => process?.Output ?? "";

    /// <summary>Starts it on the sessions that it left, if any.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var data = Directory.CreateDirectory(Path.Combine(folder, "data")).FullName;
        var file = Path.Combine(folder, "mosquitto.conf");
        await File.WriteAllLinesAsync(
            file,
            [
                $"listener {Port} 127.0.0.1",
                .. settings.Length == 0 ? ["allow_anonymous true"] : settings,
                // As root it would become a user who cannot read the folder.
                $"user {Environment.UserName}",
                "persistence true", $"persistence_location {data}/", "max_queued_messages 0",
                "log_dest stderr", "log_timestamp false", "connection_messages true",
            ],
            cancellationToken);
        process = await ServerProcess.StartAsync(new ProcessStartInfo(Find("mosquitto")!, ["-c", file]), "mosquitto version", cancellationToken);
    }

    /// <summary>Ends it well: it keeps the sessions.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await process!.StopAsync(cancellationToken);
        await process.DisposeAsync();
        process = null;
    }

    /// <summary>Publishes with <c>mosquitto_pub</c>.</summary>
    /// <param name="arguments">Its arguments but for address and port, such as <c>-t topic -m message</c>.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="InvalidOperationException">It failed.</exception>
    public Task PublishAsync(string[] arguments, CancellationToken cancellationToken) => PublishAsync(arguments, null, cancellationToken);

    /// <summary>Publishes with <c>mosquitto_pub</c> what is on its input.</summary>
    public async Task PublishAsync(string[] arguments, string? input, CancellationToken cancellationToken)
    {
        using var publisher = Process.Start(new ProcessStartInfo(Find("mosquitto_pub")!, ["-h", "127.0.0.1", "-p", PortText, .. arguments])
        {
            UseShellExecute = false,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        })!;
        if (input is not null)
        {
            await publisher.StandardInput.WriteAsync(input.AsMemory(), cancellationToken);
        }

        publisher.StandardInput.Close();
        var said = await publisher.StandardError.ReadToEndAsync(cancellationToken);
        await publisher.WaitForExitAsync(cancellationToken);
        if (publisher.ExitCode != 0)
        {
            throw new InvalidOperationException($"mosquitto_pub ended with {publisher.ExitCode}: {said}");
        }
    }

    /// <summary>A file of passwords for the setting <c>password_file</c>.</summary>
    public async Task<string> PasswordsAsync(string user, string password, CancellationToken cancellationToken)
    {
        var file = Path.Combine(folder, "passwords");
        using var tool = Process.Start(Find("mosquitto_passwd")!, ["-b", "-c", file, user, password]);
        await tool.WaitForExitAsync(cancellationToken);
        return file;
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (process is not null)
        {
            await process.DisposeAsync();
        }

        Directory.Delete(folder, recursive: true);
    }

    private static string? Find(string tool) => Array.Find([.. Places.Select(place => Path.Combine(place, tool))], File.Exists);
}
