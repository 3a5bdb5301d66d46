using System.Data.Common;
using Twin.Hosting.Storage;

namespace Twin.Hosting.Events;

/// <summary>What one read of an outbox gave.</summary>
/// <param name="Events">The events of the topics asked for, in commit order.</param>
/// <param name="End">The place after all that was read, wanted or not.</param>
/// <param name="Empty">Whether there was nothing to read.</param>
/// <param name="Full">Whether as much was read as may be at once: there may be more.</param>
internal sealed record OutboxBatch(IReadOnlyList<TopicEvent> Events, OutboxPosition End, bool Empty, bool Full);

/// <summary>How much of an outbox a reader has before it.</summary>
/// <param name="Events">Events of all topics.</param>
/// <param name="Oldest">When the oldest of them was appended; null when there is none.</param>
internal readonly record struct OutboxLag(long Events, DateTimeOffset? Oldest);

/// <summary>Reads an outbox in commit order, and removes what everybody has read.</summary>
internal sealed class OutboxLog(ServiceDatabase database, TimeProvider time)
{
    private readonly (string After, string Columns) sql = database.Kind == StoreKind.Sqlite
        ? ("position > @position", "position")
        : ("(tx, position) > (@tx, @position)", "tx, position");

    private readonly int offset = database.Kind == StoreKind.Sqlite ? 1 : 2;

    // Transactions of PostgreSQL commit in another order than they began in: what is older than every running one is final.
    // SQLite steps from row to row, and what is not asked for costs nothing. PostgreSQL sends a result to its end, whether
    // read or not: there the blocks that reach the limit are counted off first, without their payload.
    private readonly string page = database.Kind == StoreKind.Sqlite
        ? "SELECT position, topic, count, events FROM outbox WHERE position > @position ORDER BY position LIMIT @limit"
        : """
          SELECT tx, position, topic, count, events
          FROM (SELECT *, sum(count) OVER (ORDER BY tx, position) - count AS before
                FROM (SELECT * FROM outbox
                      WHERE (tx, position) > (@tx, @position) AND tx < pg_snapshot_xmin(pg_current_snapshot())
                      ORDER BY tx, position LIMIT @limit) AS candidates) AS counted
          WHERE before < @limit
          ORDER BY tx, position
          """;

    public ServiceDatabase Database => database;

    /// <summary>Opens the connection that a reader keeps; the lock that makes it the only one ends with it.</summary>
    /// <returns>Null when a reader in another process holds the lock.</returns>
    public async Task<DbConnection?> OpenAsync(string reader, CancellationToken cancellationToken)
    {
        if (database.Kind == StoreKind.Sqlite)
        {
            return await database.DataSource.OpenConnectionAsync(cancellationToken);
        }

        var connection = await database.OpenWriterAsync(cancellationToken);
        await using var command = connection.Command("SELECT pg_try_advisory_lock(hashtextextended(@name, 0))")
            .With("@name", $"twin outbox {database.Service} {reader}");
        if (await command.ExecuteScalarAsync(cancellationToken) is true)
        {
            return connection;
        }

        await connection.DisposeAsync();
        return null;
    }

    public async Task<OutboxBatch> ReadAsync(
        DbConnection connection, OutboxPosition after, IReadOnlySet<string>? topics, int limit, CancellationToken cancellationToken)
    {
        var events = new List<TopicEvent>();
        var end = after;
        var read = 0;
        await using var command = connection.Command(page).With(after).With("@limit", limit);
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        while (read < limit && await rows.ReadAsync(cancellationToken))
        {
            end = EventCommands.Position(rows, database.Kind);
            var topic = rows.GetString(offset);
            read += rows.GetInt32(offset + 1);
            if (topics?.Contains(topic) != false)
            {
                events.AddRange(EventCodec.Unpack(rows.GetFieldValue<byte[]>(offset + 2)).Select(one => new TopicEvent(topic, one)));
            }
        }

        return new OutboxBatch(events, end, read == 0, read >= limit);
    }

    public async Task<OutboxLag> LagAsync(DbConnection connection, OutboxPosition after, CancellationToken cancellationToken)
    {
        await using var command = connection
            .Command($"SELECT coalesce(sum(count), 0), min(appended_at) FROM outbox WHERE {sql.After}").With(after);
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        await rows.ReadAsync(cancellationToken);
        return new OutboxLag(
            rows.GetInt64(0), rows.IsDBNull(1) ? null : DateTimeOffset.FromUnixTimeMilliseconds(rows.GetInt64(1)));
    }

    /// <summary>Where a reader that keeps its place here goes on; the beginning when it is new.</summary>
    public async Task<OutboxPosition> PlaceOfAsync(string reader, CancellationToken cancellationToken)
    {
        await using var connection = await database.DataSource.OpenConnectionAsync(cancellationToken);
        await using var command = connection
            .Command($"SELECT {sql.Columns} FROM outbox_readers WHERE reader = @reader").With("@reader", reader);
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        return await rows.ReadAsync(cancellationToken) ? EventCommands.Position(rows, database.Kind) : default;
    }

    /// <summary>
    /// Notes how far a reader has come, and removes what all have passed. A reader that has not been seen for
    /// <paramref name="patience"/> no longer holds anything back.
    /// </summary>
    public async Task PassAsync(string reader, OutboxPosition position, TimeSpan patience, CancellationToken cancellationToken)
    {
        var (columns, values, update) = database.Kind == StoreKind.Sqlite
            ? ("position", "@position", "position = excluded.position")
            : ("tx, position", "@tx, @position", "tx = excluded.tx, position = excluded.position");
        var now = time.GetUtcNow();
        using var turn = await database.TakeWriteTurnAsync(cancellationToken);
        await using var connection = await database.DataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using (var note = connection.Command(
            $"INSERT INTO outbox_readers (reader, {columns}, seen_at) VALUES (@reader, {values}, @now) ON CONFLICT (reader) DO UPDATE SET {update}, seen_at = excluded.seen_at",
            transaction).With("@reader", reader).With(position).With("@now", now.ToUnixTimeMilliseconds()))
        {
            await note.ExecuteNonQueryAsync(cancellationToken);
        }

        OutboxPosition passed;
        await using (var slowest = connection.Command(
            $"SELECT {sql.Columns} FROM outbox_readers WHERE seen_at >= @since ORDER BY {sql.Columns} LIMIT 1", transaction)
            .With("@since", (now - patience).ToUnixTimeMilliseconds()))
        {
            await using var rows = await slowest.ExecuteReaderAsync(cancellationToken);
            passed = await rows.ReadAsync(cancellationToken) ? EventCommands.Position(rows, database.Kind) : position;
        }

        var upTo = database.Kind == StoreKind.Sqlite ? "position <= @position" : "(tx, position) <= (@tx, @position)";
        await using (var prune = connection.Command($"DELETE FROM outbox WHERE {upTo}", transaction).With(passed))
        {
            await prune.ExecuteNonQueryAsync(cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>
    /// Forgets the readers of another transport, which would hold pruning back. Who reads instead begins with all that
    /// they have left, and the inbox drops what is read twice.
    /// </summary>
    public async Task ForgetOthersAsync(string transport, bool anybody, CancellationToken cancellationToken)
    {
        using var turn = await database.TakeWriteTurnAsync(cancellationToken);
        await using var connection = await database.DataSource.OpenConnectionAsync(cancellationToken);
        await using var command = connection
            .Command("DELETE FROM outbox_readers WHERE reader NOT LIKE @transport OR (reader = @nobody AND @anybody)")
            .With("@transport", transport + "%").With("@nobody", OutboxReader.Nobody).With("@anybody", anybody);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
