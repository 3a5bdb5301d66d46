using System.Globalization;
using Npgsql;
using Twin.Hosting.Composition;

namespace Twin.Node.Bench;

/// <summary>A data directory, and on PostgreSQL a database, of which nothing is left afterwards.</summary>
internal sealed class BenchStore : IAsyncDisposable
{
    private const string ConnectionSetting = "Twin__Storage__PostgreSql__ConnectionString";

    private readonly string? server;
    private readonly string? database;

    private BenchStore(string folder, string? server, string? database, IReadOnlyDictionary<string, string> settings)
    {
        this.server = server;
        this.database = database;
        Folder = folder;
        Settings = settings;
    }

    /// <summary>The data directory.</summary>
    public string Folder { get; }

    /// <summary>What a node needs to be told to use it.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; }

    /// <summary>Makes an empty one.</summary>
    /// <param name="kind"><c>sqlite</c> or <c>postgresql</c>.</param>
    /// <param name="parent">Where the data directory is made; the system's temporary folder when null.</param>
    public static async Task<BenchStore> CreateAsync(string kind, string? parent, CancellationToken cancellationToken)
    {
        var folder = parent is null
            ? Directory.CreateTempSubdirectory("twin-bench-").FullName
            : Directory.CreateDirectory(Path.Combine(parent, "twin-bench-" + Guid.CreateVersion7().ToString("N"))).FullName;
        if (kind == "sqlite")
        {
            return new BenchStore(folder, null, null, new Dictionary<string, string> { ["Twin__Storage__Kind"] = "sqlite" });
        }

        var login = Environment.GetEnvironmentVariable(ConnectionSetting)
            ?? throw new SettingException($"Set {ConnectionSetting} to a server on which databases may be made, such as Host=127.0.0.1;Username=postgres.");
        var name = string.Create(CultureInfo.InvariantCulture, $"twin_bench_{Environment.ProcessId}_{Guid.CreateVersion7():N}");
        await ExecuteAsync(login, $"CREATE DATABASE {name}", cancellationToken);
        var settings = new Dictionary<string, string>
        {
            ["Twin__Storage__Kind"] = "postgresql",
            [ConnectionSetting] = new NpgsqlConnectionStringBuilder(login) { Database = name }.ConnectionString,
        };
        return new BenchStore(folder, login, name, settings);
    }

    /// <summary>What the history takes on disk, in bytes. The node is down.</summary>
    public async Task<long> HistoryBytesAsync(CancellationToken cancellationToken)
    {
        if (server is null)
        {
            return Directory.GetFiles(Folder, "telemetry.db*").Sum(static file => new FileInfo(file).Length);
        }

        await using var connection = new NpgsqlConnection(Settings[ConnectionSetting]);
        await connection.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand("SELECT coalesce(sum(pg_total_relation_size(oid)), 0)::bigint FROM pg_class WHERE relkind = 'r' AND relnamespace = 'telemetry'::regnamespace", connection);
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        Directory.Delete(Folder, recursive: true);
        if (server is not null)
        {
            await ExecuteAsync(server, $"DROP DATABASE IF EXISTS {database} WITH (FORCE)", CancellationToken.None);
        }
    }

    private static async Task ExecuteAsync(string login, string sql, CancellationToken cancellationToken)
    {
        await using var connection = new NpgsqlConnection(login);
        await connection.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
