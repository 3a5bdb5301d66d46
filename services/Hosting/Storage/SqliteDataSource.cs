using System.Data;
using System.Data.Common;
using Microsoft.Data.Sqlite;

namespace Twin.Hosting.Storage;

/// <summary>Opens connections to one SQLite file with the settings that make a commit durable and a read cheap.</summary>
internal sealed class SqliteDataSource(string path) : DbDataSource
{
    // A pooled handle keeps its settings, but a connection does not tell whether its handle is new: say them each time.
    // WAL with FULL syncs the log at each commit, so that an acknowledged commit survives a power cut.
    // A commit copies the log into the file only when SqliteCheckpoints has fallen far behind.
    private const string Shared =
        "PRAGMA busy_timeout=10000; PRAGMA synchronous=FULL; PRAGMA temp_store=MEMORY; PRAGMA wal_autocheckpoint=32000; ";

    private const string Reader = Shared + "PRAGMA cache_size=-8192; PRAGMA mmap_size=67108864;";

    private const string Writer = Shared
        + "PRAGMA page_size=4096; PRAGMA journal_mode=WAL; PRAGMA cache_size=-32768; PRAGMA journal_size_limit=67108864;";

    private readonly string pooled = Build(path, pooling: true);
    private readonly string dedicated = Build(path, pooling: false);

    public override string ConnectionString => pooled;

    /// <summary>A connection outside the pool, tuned for writes; its holder keeps it open.</summary>
    public async Task<DbConnection> OpenWriterAsync(CancellationToken cancellationToken) =>
        await OpenAsync(dedicated, Writer, cancellationToken);

    protected override DbConnection CreateDbConnection() => new SqliteConnection(pooled);

    protected override DbConnection OpenDbConnection()
    {
        var connection = new SqliteConnection(pooled);
        try
        {
            connection.Open();
            Execute(connection, Reader);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    protected override async ValueTask<DbConnection> OpenDbConnectionAsync(CancellationToken cancellationToken = default) =>
        await OpenAsync(pooled, Reader, cancellationToken);

    protected override async ValueTask DisposeAsyncCore()
    {
        await base.DisposeAsyncCore();
        using var connection = new SqliteConnection(pooled);
        SqliteConnection.ClearPool(connection);
    }

    private static async Task<SqliteConnection> OpenAsync(string connectionString, string settings, CancellationToken cancellationToken)
    {
        var connection = new SqliteConnection(connectionString);
        try
        {
            await connection.OpenAsync(cancellationToken);
            Execute(connection, settings);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private static void Execute(SqliteConnection connection, string settings)
    {
        using var command = connection.CreateCommand();
        command.CommandText = settings;
        command.CommandType = CommandType.Text;
        command.ExecuteNonQuery();
    }

    private static string Build(string path, bool pooling) => new SqliteConnectionStringBuilder
    {
        DataSource = path,
        Mode = SqliteOpenMode.ReadWriteCreate,
        Cache = SqliteCacheMode.Private,
        ForeignKeys = true,
        Pooling = pooling,
        DefaultTimeout = 30,
    }.ToString();
}
