using System.Data.Common;
using Microsoft.Data.Sqlite;
using Twin.Hosting.Storage;
using Twin.Telemetry.Chunks;
using Twin.Telemetry.Tail;

namespace Twin.Telemetry.Storage;

/// <summary>The history in one SQLite file.</summary>
internal sealed class SqliteTelemetryStore(ServiceDatabase database, TimeProvider clock) : TelemetryStore(database), IAsyncDisposable
{
    private Commands? committing;
    private Commands? sealing;

    /// <inheritdoc />
    public override async Task CommitAsync(IReadOnlyList<PointBatch> group)
    {
        var commands = committing ??= await PrepareAsync();
        using var turn = await Database.TakeWriteTurnAsync(CancellationToken.None);
        await using var transaction = commands.Begin();
        foreach (var batch in group)
        {
            foreach (var entity in batch.Unstored.Select(static series => series.Entity).Where(static entity => !entity.Stored).Concat(batch.ChangedEntities))
            {
                Run(commands.Entity, entity.Tenant.Key, entity.Key, entity.Id, SeriesRows.Types(entity), SeriesRows.Scopes(entity), entity.CreatedAt, entity.ModifiedAt, entity.Made ? 1L : 0L);
            }

            foreach (var series in batch.Unstored.Where(static series => !series.Stored))
            {
                Run(commands.Series, series.Entity.Tenant.Key, series.Key, series.Entity.Key, series.Attribute, series.Dataset, long.MaxValue);
            }

            if (batch.Block.Length > 0)
            {
                Run(commands.Block, batch.BlockId, batch.Tenant.Key, batch.Block);
            }

            foreach (var arrival in batch.Arrivals)
            {
                Run(commands.Arrived, arrival);
            }

            if (batch.Upload is { } upload)
            {
                Run(
                    commands.Upload,
                    batch.Tenant.Key, upload.Id, upload.Position, upload.Line, upload.Header, upload.Refused, upload.Complete ? 1L : 0L, clock.GetUtcNow().UtcTicks);
            }
        }

        await transaction.CommitAsync();
    }

    /// <inheritdoc />
    public override async Task SealAsync(IReadOnlyList<SealedSeries> sealedSeries, long lastBlock, bool wipe = false, Func<DbTransaction, Task>? note = null)
    {
        var commands = sealing ??= await PrepareAsync();
        using var turn = await Database.TakeWriteTurnAsync(CancellationToken.None);
        commands.Wipe(wipe);
        await using var transaction = commands.Begin();
        foreach (var one in sealedSeries)
        {
            foreach (var start in one.Removed)
            {
                Run(commands.Remove, one.Series.Key, start);
            }

            foreach (var chunk in one.Chunks)
            {
                Run(commands.Chunk, one.Series.Key, chunk.Start, chunk.End, chunk.Count, chunk.Head, chunk.Sums, chunk.Extremes, chunk.Data);
            }

            Run(commands.Bounds, one.Count, one.Start, one.End, one.Series.Entity.Tenant.Key, one.Series.Key);
        }

        Run(commands.Drop, lastBlock);
        if (note is not null)
        {
            await note(transaction);
        }

        await transaction.CommitAsync();
    }

    /// <inheritdoc />
    public override Task OverwriteAsync(TimeProvider clock, CancellationToken cancel) => SqliteRemains.OverwriteAsync(Database, clock, cancel);

    /// <summary>Closes the writing connections.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var commands in new[] { committing, sealing })
        {
            if (commands is not null)
            {
                await commands.Connection.DisposeAsync();
            }
        }
    }

    private static void Run(SqliteCommand command, params ReadOnlySpan<object> values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            command.Parameters[i].Value = values[i];
        }

        command.ExecuteNonQuery();
    }

    private async Task<Commands> PrepareAsync() => new((SqliteConnection)await Database.OpenWriterAsync(CancellationToken.None));

    /// <summary>A connection of a writer with its prepared commands.</summary>
    private sealed class Commands(SqliteConnection connection)
    {
        public SqliteConnection Connection => connection;

        public SqliteCommand Entity { get; } = Make(
            connection,
            """
            INSERT INTO entity (tenant, key, id, types, scopes, created_at, modified_at, made) VALUES (@1, @2, @3, @4, @5, @6, @7, @8)
            ON CONFLICT (tenant, key) DO UPDATE SET types = excluded.types, scopes = excluded.scopes,
                created_at = excluded.created_at, modified_at = excluded.modified_at, made = excluded.made
            """);

        public SqliteCommand Series { get; } = Make(
            connection,
            """
            INSERT INTO series (tenant, key, entity, attribute, dataset, sealed_count, sealed_start, sealed_end)
            VALUES (@1, @2, @3, @4, @5, 0, @6, -1) ON CONFLICT DO NOTHING
            """);

        public SqliteCommand Block { get; } = Make(connection, "INSERT INTO tail_block (id, tenant, data) VALUES (@1, @2, @3)");

        public SqliteCommand Upload { get; } = Make(
            connection,
            """
            INSERT INTO upload (tenant, id, position, line, header, refused, complete, touched_at) VALUES (@1, @2, @3, @4, @5, @6, @7, @8)
            ON CONFLICT (tenant, id) DO UPDATE SET position = excluded.position, line = excluded.line, header = excluded.header,
                refused = excluded.refused, complete = excluded.complete, touched_at = excluded.touched_at
            """);

        public SqliteCommand Arrived { get; } = Make(connection, "DELETE FROM arrival WHERE id = @1");

        public SqliteCommand Remove { get; } = Make(connection, "DELETE FROM chunk WHERE series = @1 AND start = @2");

        public SqliteCommand Chunk { get; } = Make(
            connection,
            "INSERT INTO chunk (series, start, finish, count, head, sums, extremes, data) VALUES (@1, @2, @3, @4, @5, @6, @7, @8)");

        public SqliteCommand Bounds { get; } = Make(
            connection, "UPDATE series SET sealed_count = @1, sealed_start = @2, sealed_end = @3 WHERE tenant = @4 AND key = @5");

        public SqliteCommand Drop { get; } = Make(connection, "DELETE FROM tail_block WHERE id <= @1");

        /// <summary>Whether what is deleted is overwritten with zeros: twice the writing, which only who has a reason pays for.</summary>
        public void Wipe(bool wipe)
        {
            using var command = connection.CreateCommand();
            command.CommandText = wipe ? "PRAGMA secure_delete = ON" : "PRAGMA secure_delete = OFF";
            command.ExecuteNonQuery();
        }

        public SqliteTransaction Begin()
        {
            var transaction = connection.BeginTransaction(deferred: false);
            foreach (var command in new[] { Entity, Series, Block, Arrived, Upload, Remove, Chunk, Bounds, Drop })
            {
                command.Transaction = transaction;
            }

            return transaction;
        }

        private static SqliteCommand Make(SqliteConnection connection, string sql)
        {
            var command = connection.CreateCommand();
            command.CommandText = sql;
            for (var i = 1; sql.Contains(FormattableString.Invariant($"@{i}"), StringComparison.Ordinal); i++)
            {
                command.Parameters.Add(new SqliteParameter { ParameterName = FormattableString.Invariant($"@{i}") });
            }

            return command;
        }
    }
}
