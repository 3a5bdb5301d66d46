using Npgsql;
using Twin.Hosting.Storage;

namespace Twin.Telemetry.Storage;

/// <summary>
/// Rids PostgreSQL's files of what was deleted: a table keeps the bytes of its dead rows until others come to lie there, and
/// even VACUUM (FULL) takes along those that an old snapshot may still see. Each table is emptied into new files, with the
/// rows that are there put back; the old files are cut to nothing at the commit. What the write-ahead log and its archive
/// hold goes with their own retention.
/// </summary>
internal static class PostgresRemains
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    public static async Task OverwriteAsync(ServiceDatabase database, TimeProvider clock, CancellationToken cancel)
    {
        await using var connection = (NpgsqlConnection)await database.OpenWriterAsync(cancel);
        foreach (var table in (string[])["chunk", "tail_block", "arrival", "dead_letters", "series", "entity", "erasure"])
        {
            while (!await TryRewriteAsync(connection, table, cancel))
            {
                await Task.Delay(Pause, clock, cancel);
            }
        }
    }

    /// <returns>False when readers were in the way: they are not held up for longer than a moment.</returns>
    private static async Task<bool> TryRewriteAsync(NpgsqlConnection connection, string table, CancellationToken cancel)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        try
        {
            // Readers go on until the table is emptied.
            await RunAsync(connection, transaction, $"LOCK TABLE {table} IN EXCLUSIVE MODE", cancel);
            // Stored alike: what is compressed here would stay so there.
            await RunAsync(connection, transaction, $"CREATE UNLOGGED TABLE kept (LIKE {table} INCLUDING STORAGE)", cancel);
            await RunAsync(connection, transaction, $"INSERT INTO kept SELECT * FROM {table}", cancel);
            await RunAsync(connection, transaction, "SET LOCAL lock_timeout = '1s'", cancel);
            await RunAsync(connection, transaction, $"TRUNCATE {table}", cancel);
            await RunAsync(connection, transaction, $"INSERT INTO {table} OVERRIDING SYSTEM VALUE SELECT * FROM kept", cancel);
            await RunAsync(connection, transaction, "DROP TABLE kept", cancel);
            await transaction.CommitAsync(cancel);
            return true;
        }
        catch (PostgresException fault) when (fault.SqlState is PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.DeadlockDetected)
        {
            await transaction.RollbackAsync(cancel);
            return false;
        }
    }

    private static async Task RunAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, string sql, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(sql, connection, transaction) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync(cancel);
    }
}
