using System.Data.Common;
using System.Security.Cryptography;
using Twin.Telemetry.Keeping;

namespace Twin.Telemetry.Storage;

/// <summary>What the store keeps of erasures, and of deletions that changes under way may not undo.</summary>
internal sealed class ErasureStore(TelemetryStore store)
{
    /// <summary>Runs a transaction.</summary>
    public async Task RunAsync(Func<DbTransaction, Task> work)
    {
        using var turn = await store.Database.TakeWriteTurnAsync(CancellationToken.None);
        await using var connection = await store.Database.DataSource.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await work(transaction);
        await transaction.CommitAsync();
    }

    /// <summary>Makes it durable that an erasure was asked for.</summary>
    public Task AddAsync(Erasure erasure) => RunAsync(transaction => RunAsync(
        transaction,
        """
        INSERT INTO erasure (id, tenant, entity, attributes, start, finish, requested_at, state, series, points, ended_at)
        VALUES (@id, @tenant, @entity, @attributes, @start, @finish, @requested, 0, 0, 0, 0)
        """,
        ("id", erasure.Id),
        ("tenant", erasure.Tenant),
        ("entity", erasure.Entity),
        ("attributes", string.Concat(erasure.Attributes.Select(static name => name + " "))),
        ("start", erasure.From),
        ("finish", erasure.Until),
        ("requested", erasure.RequestedAt.UtcTicks)));

    /// <summary>Says, within the transaction that removes the points, that they are removed; from here on no name stands there.</summary>
    public static Task RemovedAsync(DbTransaction transaction, string id, int series, long points) => RunAsync(
        transaction,
        "UPDATE erasure SET state = 1, entity = '', attributes = '', series = @series, points = @points WHERE id = @id",
        ("series", series),
        ("points", points),
        ("id", id));

    /// <summary>Says that nothing is left of some.</summary>
    public Task CompletedAsync(IReadOnlyList<Erasure> some, DateTimeOffset at) => RunAsync(async transaction =>
    {
        foreach (var erasure in some)
        {
            await RunAsync(transaction, "UPDATE erasure SET state = 2, ended_at = @at WHERE id = @id", ("at", at.UtcTicks), ("id", erasure.Id));
        }
    });

    /// <summary>All erasures, in the order in which they were asked for.</summary>
    public async Task<List<Erasure>> ReadAsync(CancellationToken cancel)
    {
        var found = new List<Erasure>();
        await using var connection = await store.Database.DataSource.OpenConnectionAsync(cancel);
        await using var command = TelemetryStore.Command(
            connection, "SELECT id, tenant, start, finish, requested_at, entity, attributes, state, series, points, ended_at FROM erasure ORDER BY requested_at, id");
        await using var rows = await command.ExecuteReaderAsync(cancel);
        while (await rows.ReadAsync(cancel))
        {
            found.Add(new Erasure(rows.GetString(0), rows.GetInt32(1), rows.GetInt64(2), rows.GetInt64(3), new DateTimeOffset(rows.GetInt64(4), TimeSpan.Zero))
            {
                Entity = rows.GetString(5),
                Attributes = SeriesRows.Parts(rows.GetString(6)),
                State = (ErasureState)rows.GetInt32(7),
                Series = rows.GetInt32(8),
                Points = rows.GetInt64(9),
                EndedAt = rows.GetInt64(10) is > 0 and var ended ? new DateTimeOffset(ended, TimeSpan.Zero) : null,
            });
        }

        return found;
    }

    /// <summary>Forgets erasures that ended long ago.</summary>
    public Task ForgetAsync(DateTimeOffset before) => RunAsync(transaction => RunAsync(
        transaction, "DELETE FROM erasure WHERE state = 2 AND ended_at < @before", ("before", before.UtcTicks)));

    /// <summary>The key under which deletions are marked: made when it is first asked for.</summary>
    public async Task<byte[]> DeletionKeyAsync(CancellationToken cancel)
    {
        byte[]? key = null;
        await RunAsync(async transaction =>
        {
            await using var read = TelemetryStore.Command(transaction.Connection!, "SELECT key FROM deletion_key");
            read.Transaction = transaction;
            key = (byte[]?)await read.ExecuteScalarAsync(cancel);
            if (key is null)
            {
                await RunAsync(transaction, "INSERT INTO deletion_key (key) VALUES (@key)", ("key", key = RandomNumberGenerator.GetBytes(32)));
            }
        });
        return key!;
    }

    /// <summary>All deletions that are remembered.</summary>
    public async Task<List<Deletion>> ReadDeletionsAsync(CancellationToken cancel)
    {
        var found = new List<Deletion>();
        await using var connection = await store.Database.DataSource.OpenConnectionAsync(cancel);
        await using var command = TelemetryStore.Command(connection, "SELECT mark, start, finish, changed_until FROM deletion");
        await using var rows = await command.ExecuteReaderAsync(cancel);
        while (await rows.ReadAsync(cancel))
        {
            found.Add(new Deletion(
                System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(rows.GetFieldValue<byte[]>(0)), rows.GetInt64(1), rows.GetInt64(2), rows.GetInt64(3)));
        }

        return found;
    }

    /// <summary>Remembers deletions within a transaction.</summary>
    public static async Task AddDeletionsAsync(DbTransaction transaction, IReadOnlyList<Deletion> some)
    {
        foreach (var one in some)
        {
            var mark = new byte[16];
            System.Buffers.Binary.BinaryPrimitives.WriteUInt128BigEndian(mark, one.Mark);
            await RunAsync(
                transaction,
                """
                INSERT INTO deletion (mark, start, finish, changed_until) VALUES (@mark, @start, @finish, @until)
                ON CONFLICT (mark, start, finish) DO UPDATE SET changed_until = excluded.changed_until
                """,
                ("mark", mark),
                ("start", one.From),
                ("finish", one.Until),
                ("until", one.ChangedUntil));
        }
    }

    /// <summary>Forgets deletions of before a time.</summary>
    public Task ForgetDeletionsAsync(long before, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        return RunAsync(transaction => RunAsync(transaction, "DELETE FROM deletion WHERE changed_until < @before", ("before", before)));
    }

    /// <summary>Removes dead letters within a transaction.</summary>
    public static async Task RemoveLettersAsync(DbTransaction transaction, IReadOnlyList<long> letters)
    {
        foreach (var letter in letters)
        {
            await RunAsync(transaction, "DELETE FROM dead_letters WHERE id = @id", ("id", letter));
        }
    }

    private static async Task RunAsync(DbTransaction transaction, string sql, params (string Name, object Value)[] values)
    {
        await using var command = TelemetryStore.Command(transaction.Connection!, sql, values);
        command.Transaction = transaction;
        await command.ExecuteNonQueryAsync();
    }
}
