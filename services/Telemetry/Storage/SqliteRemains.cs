using System.Data.Common;
using Twin.Hosting.Storage;

namespace Twin.Telemetry.Storage;

/// <summary>
/// Rids an SQLite file of what was deleted: free pages, and free room in pages, keep the bytes of before. The file is built
/// anew (<see href="https://www.sqlite.org/lang_vacuum.html">VACUUM</see>), the log copied into it and cut to nothing.
/// </summary>
internal static class SqliteRemains
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    public static async Task OverwriteAsync(ServiceDatabase database, TimeProvider clock, CancellationToken cancel)
    {
        await using var connection = await database.OpenWriterAsync(cancel);
        using (await database.TakeWriteTurnAsync(cancel))
        {
            // The copy may be larger than memory. It holds nothing of what was deleted.
            await RunAsync(connection, "PRAGMA temp_store = FILE", cancel);
            await RunAsync(connection, "PRAGMA secure_delete = ON", cancel);
            await RunAsync(connection, "VACUUM", cancel);
            await RunAsync(connection, "PRAGMA busy_timeout = 100", cancel);
        }

        while (!await TruncateAsync(database, connection, cancel))
        {
            // Somebody reads what was there before; the log is theirs until they are done.
            await Task.Delay(Pause, clock, cancel);
        }
    }

    /// <returns>Whether nothing of the log is left.</returns>
    private static async Task<bool> TruncateAsync(ServiceDatabase database, DbConnection connection, CancellationToken cancel)
    {
        using var turn = await database.TakeWriteTurnAsync(cancel);
        await using var command = TelemetryStore.Command(connection, "PRAGMA wal_checkpoint(TRUNCATE)");
        await using var row = await command.ExecuteReaderAsync(cancel);
        return await row.ReadAsync(cancel) && row.GetInt64(0) == 0;
    }

    private static async Task RunAsync(DbConnection connection, string sql, CancellationToken cancel)
    {
        await using var command = TelemetryStore.Command(connection, sql);
        await command.ExecuteNonQueryAsync(cancel);
    }
}
