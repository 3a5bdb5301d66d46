using System.Data.Common;

namespace Twin.Hosting.Storage;

/// <summary>
/// Copies what the write-ahead log has gathered into the database file while the writers go on
/// (<see href="https://www.sqlite.org/wal.html">Write-Ahead Logging</see>, clause 3.1). Done by a commit, as SQLite does by
/// itself, the copy and its two syncs would hold up everybody who waits for that commit.
/// </summary>
internal sealed class SqliteCheckpoints(SqliteDataSource source, SemaphoreSlim turn) : IAsyncDisposable
{
    /// <summary>Pages of the log, each of 4 KiB, that are worth the two syncs.</summary>
    private const long WorthIt = 4_000;

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private readonly CancellationTokenSource stop = new();
    private Task? running;

    public void Start() => running ??= RunAsync(stop.Token);

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        if (running is not null)
        {
            await running;
        }

        stop.Dispose();
    }

    private async Task RunAsync(CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(Interval);
        try
        {
            await using var connection = await source.OpenWriterAsync(stopping);
            while (await timer.WaitForNextTickAsync(stopping))
            {
                await CopyAsync(connection, stopping);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The last connection to close copies the rest.
        }
    }

    private async Task CopyAsync(DbConnection connection, CancellationToken cancellationToken)
    {
        try
        {
            if (await CheckpointAsync(connection, "NOOP", cancellationToken) < WorthIt)
            {
                return;
            }

            // Nearly all goes beside the writers. What they add meanwhile is little, and while any of it waits the log
            // cannot begin anew.
            await CheckpointAsync(connection, "PASSIVE", cancellationToken);
            await turn.WaitAsync(cancellationToken);
            try
            {
                await CheckpointAsync(connection, "PASSIVE", cancellationToken);
            }
            finally
            {
                turn.Release();
            }
        }
        catch (DbException)
        {
            // A full or failing disk: writers meet it as well and tell their callers; the log keeps everything until then.
        }
    }

    /// <summary>Runs a checkpoint of the given mode and says how many pages wait after it.</summary>
    private static async Task<long> CheckpointAsync(DbConnection connection, string mode, CancellationToken cancellationToken)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = $"PRAGMA wal_checkpoint({mode})";
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        await rows.ReadAsync(cancellationToken);
        return rows.GetInt64(1) - rows.GetInt64(2);
    }
}
