using System.Data.Common;
using System.Globalization;

namespace Twin.Hosting.Storage;

/// <summary>One SQLite file per service, held by one process at a time.</summary>
internal sealed class SqliteEngine : StoreEngine
{
    private readonly string service;
    private readonly string directory;
    private readonly SqliteDataSource dataSource;
    private readonly SemaphoreSlim turn = new(1, 1);
    private readonly SqliteCheckpoints checkpoints;
    private FileStream? claim;

    public SqliteEngine(string service, string directory)
    {
        this.service = service;
        this.directory = Path.GetFullPath(directory);
        dataSource = new SqliteDataSource(Path.Combine(this.directory, service + ".db"));
        checkpoints = new SqliteCheckpoints(dataSource, turn);
    }

    public override StoreKind Kind => StoreKind.Sqlite;

    public override DbDataSource DataSource => dataSource;

    public override SemaphoreSlim Turn => turn;

    public override async Task ClaimAsync(CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(directory);
        var path = Path.Combine(directory, service + ".lock");
        // Beside the lock, since a locked file cannot be read.
        var holder = Path.Combine(directory, service + ".pid");
        try
        {
            // Exclusive sharing is an advisory lock of the system: it ends with the process, however that ends.
            claim = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (File.Exists(path))
        {
            var process = File.Exists(holder) ? await File.ReadAllTextAsync(holder, cancellationToken) : "unknown";
            throw new StorageException(
                $"Another node runs on this data directory: process {process} holds {path}. Stop it, or give this one a directory of its own (--data DIR).", e);
        }

        await File.WriteAllTextAsync(holder, Environment.ProcessId.ToString(CultureInfo.InvariantCulture), cancellationToken);
    }

    public override async Task<DbConnection> OpenDedicatedAsync(CancellationToken cancellationToken) =>
        await dataSource.OpenWriterAsync(cancellationToken);

    // The claim already keeps other processes out.
    public override Task LockMigrationsAsync(DbConnection connection, CancellationToken cancellationToken) => Task.CompletedTask;

    public override void Begin() => checkpoints.Start();

    public override async ValueTask DisposeAsync()
    {
        await checkpoints.DisposeAsync();
        await dataSource.DisposeAsync();
        turn.Dispose();
        if (claim is not null)
        {
            await claim.DisposeAsync();
        }
    }
}
