using System.Diagnostics;
using System.Globalization;
using Npgsql;

namespace Twin.Tests.Support;

/// <summary>
/// One PostgreSQL server per test run, from the distribution's binaries, in a temporary folder and on a free loopback
/// port. A test class takes a database of its own. Where no server is installed the tests skip and say so.
/// </summary>
public sealed class PostgresServer : IAsyncDisposable
{
    private static readonly SemaphoreSlim Gate = new(1, 1);
    private static PostgresServer? shared;
    private static int databases;

    private readonly string bin;
    private readonly string folder;
    private readonly int port;

    private PostgresServer(string bin, string folder, int port)
    {
        this.bin = bin;
        this.folder = folder;
        this.port = port;
    }

    /// <summary>Why no server can be started here, or null when one can.</summary>
    public static string? Missing => Binaries() is null
        ? "No PostgreSQL server is installed (Debian: apt-get install postgresql)."
        : Environment.IsPrivilegedProcess && !File.Exists("/usr/sbin/runuser")
            ? "PostgreSQL refuses to run as root and there is no runuser."
            : null;

    /// <summary>Creates an empty database and returns the connection string of a superuser; skips the test without a server.</summary>
    public static async Task<string> CreateDatabaseAsync(CancellationToken cancellationToken = default)
    {
        if (Missing is { } reason)
        {
            Xunit.Assert.Skip(reason);
        }

        await Gate.WaitAsync(cancellationToken);
        try
        {
            shared ??= await StartAsync(cancellationToken);
            var name = "t" + Interlocked.Increment(ref databases).ToString(CultureInfo.InvariantCulture);
            await using var connection = new NpgsqlConnection(shared.ConnectionString("postgres"));
            await connection.OpenAsync(cancellationToken);
            await using var create = new NpgsqlCommand($"CREATE DATABASE {name}", connection);
            await create.ExecuteNonQueryAsync(cancellationToken);
            return shared.ConnectionString(name);
        }
        finally
        {
            Gate.Release();
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        NpgsqlConnection.ClearAllPools();
        await RunAsync("pg_ctl", ["-D", Path.Combine(folder, "data"), "-m", "immediate", "-s", "-w", "stop"], CancellationToken.None);
        Directory.Delete(folder, recursive: true);
    }

    private string ConnectionString(string database) =>
        $"Host=127.0.0.1;Port={port};Username=postgres;Database={database};Maximum Pool Size=20";

    private static async Task<PostgresServer> StartAsync(CancellationToken cancellationToken)
    {
        var place = Directory.CreateTempSubdirectory("twin-postgres-").FullName;
        File.SetUnixFileMode(place, (UnixFileMode)0b111_111_111);
        var server = new PostgresServer(Binaries()!, place, ServerProcess.FreePort());
        await server.RunAsync(
            "initdb", ["-D", Path.Combine(place, "data"), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync"], cancellationToken);
        var settings = $"-p {server.port} -k {place} -c listen_addresses=127.0.0.1 -c max_connections=200 -c max_prepared_transactions=0";
        await server.RunAsync(
            "pg_ctl",
            ["-D", Path.Combine(place, "data"), "-l", Path.Combine(place, "log"), "-s", "-w", "-t", "60", "-o", settings, "start"],
            cancellationToken);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => server.DisposeAsync().AsTask().GetAwaiter().GetResult();
        return server;
    }

    // As root the server's own user runs it: PostgreSQL refuses root.
    private async Task RunAsync(string program, string[] arguments, CancellationToken cancellationToken)
    {
        var path = Path.Combine(bin, program);
        var start = Environment.IsPrivilegedProcess
            ? new ProcessStartInfo("/usr/sbin/runuser", ["-u", "postgres", "--", path, .. arguments])
            : new ProcessStartInfo(path, arguments);
        start.WorkingDirectory = folder;
        // pg_ctl hands its output on to the server it starts: a pipe would stay open as long as the server.
        start.RedirectStandardOutput = program != "pg_ctl";
        start.Environment["LC_ALL"] = "C.UTF-8";
        using var process = Process.Start(start)!;
        if (start.RedirectStandardOutput)
        {
            await process.StandardOutput.ReadToEndAsync(cancellationToken);
        }

        await process.WaitForExitAsync(cancellationToken);
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} ended with {process.ExitCode}.");
        }
    }

    private static string? Binaries() => !Directory.Exists("/usr/lib/postgresql")
        ? null
        : Directory.GetDirectories("/usr/lib/postgresql")
            .OrderByDescending(path => int.TryParse(Path.GetFileName(path), CultureInfo.InvariantCulture, out var version) ? version : 0)
            .Select(path => Path.Combine(path, "bin"))
            .FirstOrDefault(path => File.Exists(Path.Combine(path, "initdb")));
}
