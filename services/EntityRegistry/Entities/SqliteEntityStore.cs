using Microsoft.Data.Sqlite;
using Twin.Contracts;
using Twin.Hosting.Events;
using Twin.Hosting.Storage;

namespace Twin.EntityRegistry.Entities;

/// <summary>The registry's store in one SQLite file. Rows are found by their sequence, which is the row id.</summary>
internal sealed class SqliteEntityStore(ServiceDatabase database, EventOutbox outbox, TimeProvider clock) : EntityStore(database), IAsyncDisposable
{
    private SqliteConnection? _connection;
    private SqliteCommand? _upsert;
    private SqliteCommand? _delete;

    /// <inheritdoc />
    public override async Task CommitAsync(IReadOnlyList<ChangeSet> group)
    {
        SqliteConnection connection = _connection ??= await PrepareAsync();
        using WriteTurn turn = await Database.TakeWriteTurnAsync(CancellationToken.None);
        await using SqliteTransaction transaction = connection.BeginTransaction(deferred: false);
        _upsert!.Transaction = transaction;
        _delete!.Transaction = transaction;
        foreach (ChangeSet changes in group)
        {
            foreach (EntityChange change in changes.Changes)
            {
                if (change.After is null)
                {
                    _delete.Parameters[0].Value = change.Sequence;
                    _delete.ExecuteNonQuery();
                }
                else
                {
                    _upsert.Parameters[0].Value = change.Sequence;
                    _upsert.Parameters[1].Value = change.Tenant.Key;
                    _upsert.Parameters[2].Value = change.Id;
                    _upsert.Parameters[3].Value = change.Stored;
                    _upsert.ExecuteNonQuery();
                }
            }
        }

        await outbox.AppendAsync(transaction, EntityTopics.Entities, EntityEvents.Of(group, clock.GetUtcNow()), CancellationToken.None);
        transaction.Commit();
        outbox.Committed();
    }

    /// <summary>Closes the writing connection.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_connection is not null)
        {
            await _connection.DisposeAsync();
        }
    }

    private async Task<SqliteConnection> PrepareAsync()
    {
        var connection = (SqliteConnection)await Database.OpenWriterAsync(CancellationToken.None);
        _upsert = connection.CreateCommand();
        _upsert.CommandText =
            """
            INSERT INTO entity (sequence, tenant, id, document) VALUES (@sequence, @tenant, @id, @document)
            ON CONFLICT (sequence) DO UPDATE SET document = excluded.document
            """;
        _upsert.Parameters.Add("@sequence", SqliteType.Integer);
        _upsert.Parameters.Add("@tenant", SqliteType.Integer);
        _upsert.Parameters.Add("@id", SqliteType.Text);
        _upsert.Parameters.Add("@document", SqliteType.Blob);
        _delete = connection.CreateCommand();
        _delete.CommandText = "DELETE FROM entity WHERE sequence = @sequence";
        _delete.Parameters.Add("@sequence", SqliteType.Integer);
        return connection;
    }
}
