using System.Data.Common;
using Npgsql;
using Twin.Hosting.Storage;

namespace Twin.Hosting.Events;

/// <summary>What the consumers of one service have dealt with, and how far they have come. All within the caller's transaction.</summary>
internal sealed class Inbox(ServiceDatabase database, TimeProvider time)
{
    /// <summary>Notes events as dealt with.</summary>
    /// <returns>Those that were not noted before, each once, in the order given.</returns>
    public async Task<IReadOnlyList<TopicEvent>> NoteAsync(
        DbTransaction transaction, string consumer, IReadOnlyList<TopicEvent> events, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow().ToUnixTimeSeconds();
        if (transaction is NpgsqlTransaction)
        {
            return await NoteAllAsync(transaction, consumer, events, now, cancellationToken);
        }

        var fresh = new List<TopicEvent>(events.Count);
        await using var command = transaction.Connection!
            .Command("INSERT OR IGNORE INTO inbox (consumer, event_id, received_at) VALUES (@consumer, @id, @now)", transaction)
            .With("@consumer", consumer).With("@id", Array.Empty<byte>()).With("@now", now);
        foreach (var one in events)
        {
            command.Parameters[1].Value = one.Event.Id.ToByteArray(bigEndian: true);
            if (await command.ExecuteNonQueryAsync(cancellationToken) == 1)
            {
                fresh.Add(one);
            }
        }

        return fresh;
    }

    /// <summary>Where the consumer goes on in the outbox of a service; the beginning when it is new.</summary>
    public async Task<OutboxPosition> OffsetAsync(string consumer, string source, CancellationToken cancellationToken)
    {
        var columns = database.Kind == StoreKind.Sqlite ? "position" : "tx, position";
        await using var connection = await database.DataSource.OpenConnectionAsync(cancellationToken);
        await using var command = connection
            .Command($"SELECT {columns} FROM event_offsets WHERE consumer = @consumer AND source = @source")
            .With("@consumer", consumer).With("@source", source);
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        return await rows.ReadAsync(cancellationToken) ? EventCommands.Position(rows, database.Kind) : default;
    }

    /// <summary>Notes how far the consumer has come in the outbox of a service.</summary>
    public async Task AdvanceAsync(
        DbTransaction transaction, string consumer, string source, OutboxPosition position, CancellationToken cancellationToken)
    {
        var (columns, values, update) = database.Kind == StoreKind.Sqlite
            ? ("position", "@position", "position = excluded.position")
            : ("tx, position", "@tx, @position", "tx = excluded.tx, position = excluded.position");
        await using var command = transaction.Connection!.Command(
            $"INSERT INTO event_offsets (consumer, source, {columns}) VALUES (@consumer, @source, {values}) ON CONFLICT (consumer, source) DO UPDATE SET {update}",
            transaction).With("@consumer", consumer).With("@source", source).With(position);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Forgets what was dealt with longer ago than <paramref name="retention"/>.</summary>
    public async Task ForgetAsync(string consumer, TimeSpan retention, CancellationToken cancellationToken)
    {
        var since = time.GetUtcNow() - retention;
        using var turn = await database.TakeWriteTurnAsync(cancellationToken);
        await using var connection = await database.DataSource.OpenConnectionAsync(cancellationToken);
        // Ids of version 7 sort by time: the first condition finds old rows by the key, the second spares late arrivals.
        await using var command = connection
            .Command("DELETE FROM inbox WHERE consumer = @consumer AND event_id < @id AND received_at < @since")
            .With("@consumer", consumer).WithId("@id", Guid.CreateVersion7(since)).With("@since", since.ToUnixTimeSeconds());
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async Task<IReadOnlyList<TopicEvent>> NoteAllAsync(
        DbTransaction transaction, string consumer, IReadOnlyList<TopicEvent> events, long now, CancellationToken cancellationToken)
    {
        var noted = new HashSet<Guid>(events.Count);
        // In the order of ids, so that two processes that hold the same events after a rebalance wait and do not deadlock.
        await using var command = transaction.Connection!.Command(
            "INSERT INTO inbox (consumer, event_id, received_at) SELECT @consumer, id, @now FROM unnest(@ids) AS id ORDER BY id ON CONFLICT DO NOTHING RETURNING event_id",
            transaction)
            .With("@consumer", consumer).With("@now", now).With("@ids", events.Select(one => one.Event.Id).ToArray());
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        while (await rows.ReadAsync(cancellationToken))
        {
            noted.Add(rows.GetGuid(0));
        }

        return [.. events.Where(one => noted.Remove(one.Event.Id))];
    }
}
