using System.Data.Common;
using Microsoft.Extensions.Hosting;

namespace Twin.Hosting.Storage;

/// <summary>
/// Finds out by itself when a store that refused its last change takes changes again: readiness does not wait for somebody
/// to write.
/// </summary>
internal sealed class StoreRecovery(IEnumerable<DatabaseOfAService> databases, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                foreach (var one in databases)
                {
                    await TryAsync(one.Database, stoppingToken);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Nobody asks any more.
        }
    }

    private static async Task TryAsync(ServiceDatabase database, CancellationToken cancellationToken)
    {
        if (database.Refusal is not { } refusal)
        {
            return;
        }

        try
        {
            await StoreProbe.WriteAsync(database, cancellationToken);
            database.Recovered(refusal);
        }
        catch (Exception fault) when (fault is not OutOfMemoryException && !cancellationToken.IsCancellationRequested)
        {
            // Not yet; the next write that is refused says why.
        }
    }
}

/// <summary>Writes as much as a change of some size takes, and takes it back.</summary>
internal static class StoreProbe
{
    private const int Bytes = 256 << 10;

    /// <exception cref="DbException">The store does not take it.</exception>
    public static async Task WriteAsync(ServiceDatabase database, CancellationToken cancellationToken)
    {
        using var turn = await database.TakeWriteTurnAsync(cancellationToken);
        await using var connection = await database.DataSource.OpenConnectionAsync(cancellationToken);
        var (type, room) = database.Kind == StoreKind.Sqlite ? ("BLOB", $"zeroblob({Bytes})") : ("text", $"repeat(md5(random()::text), {Bytes / 32})");
        // Committed in between: only what has reached the disk says that there is room. An earlier attempt may have ended there.
        await RunAsync(connection, "DROP TABLE IF EXISTS store_probe", cancellationToken);
        await RunAsync(connection, $"CREATE TABLE store_probe (room {type})", cancellationToken);
        await RunAsync(connection, $"INSERT INTO store_probe (room) VALUES ({room})", cancellationToken);
        await RunAsync(connection, "DROP TABLE store_probe", cancellationToken);
    }

    private static async Task RunAsync(DbConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
