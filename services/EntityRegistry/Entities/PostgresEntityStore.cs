using Npgsql;
using NpgsqlTypes;
using Twin.Contracts;
using Twin.Hosting.Events;
using Twin.Hosting.Storage;

namespace Twin.EntityRegistry.Entities;

/// <summary>The registry's store in PostgreSQL: one statement for all the rows of a commit, as arrays.</summary>
internal sealed class PostgresEntityStore(ServiceDatabase database, EventOutbox outbox, TimeProvider clock) : EntityStore(database)
{
    /// <inheritdoc />
    public override async Task CommitAsync(IReadOnlyList<ChangeSet> group)
    {
        // The last state of each row decides; a statement may not touch a row twice.
        var last = new Dictionary<(int Tenant, long Sequence), EntityChange>();
        foreach (ChangeSet changes in group)
        {
            foreach (EntityChange change in changes.Changes)
            {
                last[(change.Tenant.Key, change.Sequence)] = change;
            }
        }

        await using NpgsqlConnection connection = (NpgsqlConnection)await Database.DataSource.OpenConnectionAsync();
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync();
        EntityChange[] deleted = [.. last.Values.Where(c => c.After is null)];
        if (deleted.Length > 0)
        {
            await using NpgsqlCommand delete = new(
                "DELETE FROM entity USING unnest($1, $2) AS gone (tenant, sequence) WHERE entity.tenant = gone.tenant AND entity.sequence = gone.sequence",
                connection,
                transaction);
            delete.Parameters.Add(Array(deleted.Select(c => c.Tenant.Key), NpgsqlDbType.Integer));
            delete.Parameters.Add(Array(deleted.Select(c => c.Sequence), NpgsqlDbType.Bigint));
            await delete.ExecuteNonQueryAsync();
        }

        EntityChange[] kept = [.. last.Values.Where(c => c.After is not null)];
        if (kept.Length > 0)
        {
            await using NpgsqlCommand upsert = new(
                """
                INSERT INTO entity (tenant, sequence, id, document) SELECT * FROM unnest($1, $2, $3, $4)
                ON CONFLICT (tenant, sequence) DO UPDATE SET document = excluded.document
                """,
                connection,
                transaction);
            upsert.Parameters.Add(Array(kept.Select(c => c.Tenant.Key), NpgsqlDbType.Integer));
            upsert.Parameters.Add(Array(kept.Select(c => c.Sequence), NpgsqlDbType.Bigint));
            upsert.Parameters.Add(Array(kept.Select(c => c.Id), NpgsqlDbType.Text));
            upsert.Parameters.Add(Array(kept.Select(c => c.Stored), NpgsqlDbType.Bytea));
            await upsert.ExecuteNonQueryAsync();
        }

        await outbox.AppendAsync(transaction, EntityTopics.Entities, EntityEvents.Of(group, clock.GetUtcNow()), CancellationToken.None);
        await transaction.CommitAsync();
        outbox.Committed();
    }

    private static NpgsqlParameter<T[]> Array<T>(IEnumerable<T> values, NpgsqlDbType type) =>
        new() { TypedValue = [.. values], NpgsqlDbType = NpgsqlDbType.Array | type };
}
