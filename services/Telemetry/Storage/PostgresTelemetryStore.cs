using System.Data.Common;
using Npgsql;
using NpgsqlTypes;
using Twin.Hosting.Storage;
using Twin.Telemetry.Chunks;
using Twin.Telemetry.Series;
using Twin.Telemetry.Tail;

namespace Twin.Telemetry.Storage;

/// <summary>The history in PostgreSQL: rows of a commit as arrays, chunks as a binary copy.</summary>
internal sealed class PostgresTelemetryStore(ServiceDatabase database, TimeProvider clock) : TelemetryStore(database)
{
    /// <inheritdoc />
    public override async Task CommitAsync(IReadOnlyList<PointBatch> group)
    {
        await using var connection = (NpgsqlConnection)await Database.DataSource.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        TimeSeries[] series = [.. group.SelectMany(static batch => batch.Unstored).Where(static one => !one.Stored).Distinct()];
        SeriesEntity[] entities = [.. series.Select(static one => one.Entity).Where(static entity => !entity.Stored).Concat(group.SelectMany(static batch => batch.ChangedEntities)).Distinct()];
        await using var commands = new NpgsqlBatch(connection, transaction);
        if (entities.Length > 0)
        {
            commands.BatchCommands.Add(new NpgsqlBatchCommand(
                """
                INSERT INTO entity (tenant, key, id, types, scopes, created_at, modified_at, made) SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8)
                ON CONFLICT (tenant, key) DO UPDATE SET types = excluded.types, scopes = excluded.scopes,
                    created_at = excluded.created_at, modified_at = excluded.modified_at, made = excluded.made
                """)
            {
                Parameters =
                {
                    Array(entities.Select(static entity => entity.Tenant.Key), NpgsqlDbType.Integer),
                    Array(entities.Select(static entity => entity.Key), NpgsqlDbType.Integer),
                    Array(entities.Select(static entity => entity.Id), NpgsqlDbType.Text),
                    Array(entities.Select(SeriesRows.Types), NpgsqlDbType.Text),
                    Array(entities.Select(SeriesRows.Scopes), NpgsqlDbType.Text),
                    Array(entities.Select(static entity => entity.CreatedAt), NpgsqlDbType.Bigint),
                    Array(entities.Select(static entity => entity.ModifiedAt), NpgsqlDbType.Bigint),
                    Array(entities.Select(static entity => entity.Made ? 1 : 0), NpgsqlDbType.Integer),
                },
            });
        }

        if (series.Length > 0)
        {
            commands.BatchCommands.Add(new NpgsqlBatchCommand(
                $"""
                INSERT INTO series (tenant, key, entity, attribute, dataset, sealed_count, sealed_start, sealed_end)
                SELECT tenant, key, entity, attribute, dataset, 0, {long.MaxValue}, -1
                FROM unnest($1, $2, $3, $4, $5) AS made (tenant, key, entity, attribute, dataset) ON CONFLICT DO NOTHING
                """)
            {
                Parameters =
                {
                    Array(series.Select(static one => one.Entity.Tenant.Key), NpgsqlDbType.Integer),
                    Array(series.Select(static one => one.Key), NpgsqlDbType.Integer),
                    Array(series.Select(static one => one.Entity.Key), NpgsqlDbType.Integer),
                    Array(series.Select(static one => one.Attribute), NpgsqlDbType.Text),
                    Array(series.Select(static one => one.Dataset), NpgsqlDbType.Text),
                },
            });
        }

        foreach (var batch in group.Where(static batch => batch.Block.Length > 0))
        {
            commands.BatchCommands.Add(new NpgsqlBatchCommand("INSERT INTO tail_block (tenant, id, data) VALUES ($1, $2, $3)")
            {
                Parameters = { One(batch.Tenant.Key), One(batch.BlockId), One(batch.Block) },
            });
        }

        if (group.Any(static batch => batch.Arrivals.Count > 0))
        {
            commands.BatchCommands.Add(new NpgsqlBatchCommand("DELETE FROM arrival WHERE id = ANY($1)")
            {
                Parameters = { Array(group.SelectMany(static batch => batch.Arrivals), NpgsqlDbType.Bigint) },
            });
        }

        foreach (var (tenant, upload) in group.Where(static batch => batch.Upload is not null).Select(static batch => (batch.Tenant, batch.Upload!)))
        {
            commands.BatchCommands.Add(new NpgsqlBatchCommand(
                """
                INSERT INTO upload (tenant, id, position, line, header, refused, complete, touched_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
                ON CONFLICT (tenant, id) DO UPDATE SET position = excluded.position, line = excluded.line, header = excluded.header,
                    refused = excluded.refused, complete = excluded.complete, touched_at = excluded.touched_at
                """)
            {
                Parameters =
                {
                    One(tenant.Key), One(upload.Id), One(upload.Position), One(upload.Line), One(upload.Header), One(upload.Refused),
                    One(upload.Complete ? 1L : 0L), One(clock.GetUtcNow().UtcTicks),
                },
            });
        }

        if (commands.BatchCommands.Count > 0)
        {
            await commands.ExecuteNonQueryAsync();
        }

        await transaction.CommitAsync();
    }

    /// <inheritdoc />
    public override async Task SealAsync(IReadOnlyList<SealedSeries> sealedSeries, long lastBlock, bool wipe = false, Func<DbTransaction, Task>? note = null)
    {
        await using var connection = (NpgsqlConnection)await Database.DataSource.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using (var before = new NpgsqlBatch(connection, transaction))
        {
            (int Series, long Start)[] removed = [.. sealedSeries.SelectMany(static one => one.Removed.Select(start => (one.Series.Key, start)))];
            before.BatchCommands.Add(new NpgsqlBatchCommand(
                "DELETE FROM chunk USING unnest($1, $2) AS gone (series, start) WHERE chunk.series = gone.series AND chunk.start = gone.start")
            {
                Parameters = { Array(removed.Select(static chunk => chunk.Series), NpgsqlDbType.Integer), Array(removed.Select(static chunk => chunk.Start), NpgsqlDbType.Bigint) },
            });
            before.BatchCommands.Add(new NpgsqlBatchCommand(
                """
                UPDATE series SET sealed_count = now.count, sealed_start = now.start, sealed_end = now.finish
                FROM unnest($1, $2, $3, $4, $5) AS now (tenant, key, count, start, finish)
                WHERE series.tenant = now.tenant AND series.key = now.key
                """)
            {
                Parameters =
                {
                    Array(sealedSeries.Select(static one => one.Series.Entity.Tenant.Key), NpgsqlDbType.Integer),
                    Array(sealedSeries.Select(static one => one.Series.Key), NpgsqlDbType.Integer),
                    Array(sealedSeries.Select(static one => one.Count), NpgsqlDbType.Bigint),
                    Array(sealedSeries.Select(static one => one.Start), NpgsqlDbType.Bigint),
                    Array(sealedSeries.Select(static one => one.End), NpgsqlDbType.Bigint),
                },
            });
            before.BatchCommands.Add(new NpgsqlBatchCommand("DELETE FROM tail_block WHERE id <= $1") { Parameters = { One(lastBlock) } });
            await before.ExecuteNonQueryAsync();
        }

        await using (var copy = await connection.BeginBinaryImportAsync(
            "COPY chunk (series, start, finish, count, head, sums, extremes, data) FROM STDIN (FORMAT binary)"))
        {
            foreach (var one in sealedSeries)
            {
                foreach (var chunk in one.Chunks)
                {
                    await WriteAsync(copy, one.Series.Key, chunk);
                }
            }

            await copy.CompleteAsync();
        }

        if (note is not null)
        {
            await note(transaction);
        }

        await transaction.CommitAsync();
    }

    /// <inheritdoc />
    public override Task OverwriteAsync(TimeProvider clock, CancellationToken cancel) => PostgresRemains.OverwriteAsync(Database, clock, cancel);

    private static async Task WriteAsync(NpgsqlBinaryImporter copy, int series, Chunk chunk)
    {
        await copy.StartRowAsync();
        await copy.WriteAsync(series, NpgsqlDbType.Integer);
        await copy.WriteAsync(chunk.Start, NpgsqlDbType.Bigint);
        await copy.WriteAsync(chunk.End, NpgsqlDbType.Bigint);
        await copy.WriteAsync(chunk.Count, NpgsqlDbType.Integer);
        await copy.WriteAsync(chunk.Head, NpgsqlDbType.Bytea);
        await copy.WriteAsync(chunk.Sums, NpgsqlDbType.Bytea);
        await copy.WriteAsync(chunk.Extremes, NpgsqlDbType.Bytea);
        await copy.WriteAsync(chunk.Data, NpgsqlDbType.Bytea);
    }

    private static NpgsqlParameter<T> One<T>(T value) => new() { TypedValue = value };

    private static NpgsqlParameter<T[]> Array<T>(IEnumerable<T> values, NpgsqlDbType type) =>
        new() { TypedValue = [.. values], NpgsqlDbType = NpgsqlDbType.Array | type };
}
