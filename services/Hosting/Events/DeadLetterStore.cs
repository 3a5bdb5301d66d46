using System.Data.Common;
using Twin.Hosting.Storage;

namespace Twin.Hosting.Events;

/// <summary>The table of dead letters of one service.</summary>
internal sealed class DeadLetterStore(ServiceDatabase database, TimeProvider time)
{
    private const int LongestError = 2000;

    private const string Columns = "SELECT id, consumer, topic, attempts, error, failed_at, event FROM dead_letters";

    private const string Matching =
        "(@consumer = '' OR consumer = @consumer) AND (@topic = '' OR topic = @topic) AND (@type = '' OR type = @type) AND (@subject = '' OR subject = @subject)";

    public async Task AddAsync(
        DbTransaction transaction, string consumer, TopicEvent one, int attempts, string error, CancellationToken cancellationToken)
    {
        await using var command = transaction.Connection!.Command(
            """
            INSERT INTO dead_letters (consumer, topic, event_id, type, subject, attempts, error, failed_at, event)
            VALUES (@consumer, @topic, @id, @type, @subject, @attempts, @error, @now, @event)
            ON CONFLICT (consumer, event_id) DO UPDATE SET attempts = excluded.attempts, error = excluded.error, failed_at = excluded.failed_at
            """,
            transaction)
            .With("@consumer", consumer).With("@topic", one.Topic).WithId("@id", one.Event.Id).With("@type", one.Event.Type)
            .With("@subject", one.Event.Subject).With("@attempts", attempts).With("@error", Shortened(error))
            .With("@now", time.GetUtcNow().ToUnixTimeMilliseconds()).With("@event", EventCodec.ToBytes(one.Event));
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    public async Task<IReadOnlyList<DeadLetter>> ListAsync(
        DeadLetterFilter filter, long after, int limit, CancellationToken cancellationToken)
    {
        await using var connection = await database.DataSource.OpenConnectionAsync(cancellationToken);
        await using var command = Filtered(connection.Command($"{Columns} WHERE id > @after AND {Matching} ORDER BY id LIMIT @limit"), filter)
            .With("@after", after).With("@limit", limit);
        return await ReadAsync(command, cancellationToken);
    }

    public async Task<DeadLetter?> FindAsync(long id, CancellationToken cancellationToken)
    {
        await using var connection = await database.DataSource.OpenConnectionAsync(cancellationToken);
        await using var command = connection.Command($"{Columns} WHERE id = @id").With("@id", id);
        return (await ReadAsync(command, cancellationToken)).SingleOrDefault();
    }

    public async Task<long> CountAsync(DeadLetterFilter filter, CancellationToken cancellationToken)
    {
        await using var connection = await database.DataSource.OpenConnectionAsync(cancellationToken);
        await using var command = Filtered(connection.Command($"SELECT count(*) FROM dead_letters WHERE {Matching}"), filter);
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    public async Task FailedAgainAsync(long id, string error, CancellationToken cancellationToken)
    {
        using var turn = await database.TakeWriteTurnAsync(cancellationToken);
        await using var connection = await database.DataSource.OpenConnectionAsync(cancellationToken);
        await using var command = connection
            .Command("UPDATE dead_letters SET attempts = attempts + 1, error = @error, failed_at = @now WHERE id = @id")
            .With("@id", id).With("@error", Shortened(error)).With("@now", time.GetUtcNow().ToUnixTimeMilliseconds());
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Removes a letter; false when somebody else has.</summary>
    public static async Task<bool> RemoveAsync(DbTransaction transaction, long id, CancellationToken cancellationToken)
    {
        await using var command = transaction.Connection!.Command("DELETE FROM dead_letters WHERE id = @id", transaction).With("@id", id);
        return await command.ExecuteNonQueryAsync(cancellationToken) == 1;
    }

    private static string Shortened(string error) => error.Length <= LongestError ? error : error[..LongestError];

    private static DbCommand Filtered(DbCommand command, DeadLetterFilter filter) => command
        .With("@consumer", filter.Consumer ?? "").With("@topic", filter.Topic ?? "")
        .With("@type", filter.Type ?? "").With("@subject", filter.Subject ?? "");

    private static async Task<IReadOnlyList<DeadLetter>> ReadAsync(DbCommand command, CancellationToken cancellationToken)
    {
        var letters = new List<DeadLetter>();
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        while (await rows.ReadAsync(cancellationToken))
        {
            letters.Add(new DeadLetter(
                rows.GetInt64(0), rows.GetString(1), rows.GetString(2), EventCodec.FromBytes(rows.GetFieldValue<byte[]>(6)),
                rows.GetInt32(3), rows.GetString(4), DateTimeOffset.FromUnixTimeMilliseconds(rows.GetInt64(5))));
        }

        return letters;
    }
}
