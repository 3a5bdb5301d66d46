using System.Data;
using System.Data.Common;
using System.Runtime.CompilerServices;
using Twin.Hosting.Storage;
using Twin.Telemetry.Ingest;
using Twin.Telemetry.Series;
using Twin.Telemetry.Tail;

namespace Twin.Telemetry.Storage;

/// <summary>
/// The durable side of the history: blocks of points as they were committed, chunks of sealed ones, and the series that
/// they belong to. One committer and one sealer write it; anybody reads chunks.
/// </summary>
internal abstract class TelemetryStore(ServiceDatabase database)
{
    /// <summary>The store that the node's settings chose.</summary>
    public static TelemetryStore Create(ServiceDatabase database, TimeProvider clock) => database.Kind switch
    {
        StoreKind.Sqlite => new SqliteTelemetryStore(database, clock),
        StoreKind.PostgreSql => new PostgresTelemetryStore(database, clock),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    /// <summary>Where it stores.</summary>
    public ServiceDatabase Database { get; } = database;

    /// <summary>Commits batches with the series and upload states that they bring, all of them or none.</summary>
    /// <param name="group">In the order of their block numbers.</param>
    public abstract Task CommitAsync(IReadOnlyList<PointBatch> group);

    /// <summary>Puts chunks in the place of others and of the blocks up to <paramref name="lastBlock"/>, in one transaction.</summary>
    /// <param name="sealedSeries">The chunks.</param>
    /// <param name="lastBlock">The last block whose points are in them; 0 when none is.</param>
    /// <param name="wipe">Whether what goes is overwritten, where the store leaves it in its file otherwise.</param>
    /// <param name="note">What else belongs to the transaction.</param>
    public abstract Task SealAsync(IReadOnlyList<SealedSeries> sealedSeries, long lastBlock, bool wipe = false, Func<DbTransaction, Task>? note = null);

    /// <summary>Overwrites what the files still hold of what was deleted. Whoever writes meanwhile waits.</summary>
    /// <param name="clock">Times the attempts, where readers are in the way.</param>
    /// <param name="cancel">Ends it; nothing is lost, and the next time begins anew.</param>
    public abstract Task OverwriteAsync(TimeProvider clock, CancellationToken cancel);

    /// <summary>Whether a block of the tail is there.</summary>
    public async Task<bool> HoldsAsync(Tenant tenant, long block)
    {
        await using var connection = await Database.DataSource.OpenConnectionAsync();
        await using var command = Command(connection, "SELECT count(*) FROM tail_block WHERE tenant = @tenant AND id = @id", ("tenant", tenant.Key), ("id", block));
        return Convert.ToInt64(await command.ExecuteScalarAsync(), System.Globalization.CultureInfo.InvariantCulture) > 0;
    }

    /// <summary>Deletes series with their chunks, and their entity when it is to go too, in one transaction.</summary>
    /// <param name="entity">The entity.</param>
    /// <param name="gone">Its series that go.</param>
    /// <param name="whole">Whether it goes too.</param>
    /// <param name="note">What else belongs to the transaction.</param>
    public async Task RemoveAsync(SeriesEntity entity, IReadOnlyList<TimeSeries> gone, bool whole, Func<DbTransaction, Task>? note = null)
    {
        using var turn = await Database.TakeWriteTurnAsync(CancellationToken.None);
        await using var connection = await Database.DataSource.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        foreach (var sql in (string[])["DELETE FROM chunk WHERE series = @key", "DELETE FROM series WHERE tenant = @tenant AND key = @key"])
        {
            foreach (var one in gone)
            {
                await RunAsync(connection, transaction, sql, ("key", one.Key), ("tenant", entity.Tenant.Key));
            }
        }

        if (whole)
        {
            await RunAsync(connection, transaction, "DELETE FROM entity WHERE tenant = @tenant AND key = @key", ("key", entity.Key), ("tenant", entity.Tenant.Key));
        }

        if (note is not null)
        {
            await note(transaction);
        }

        await transaction.CommitAsync();
    }

    /// <summary>Makes a tenant durable and returns its key.</summary>
    public async Task<int> CreateTenantAsync(string name, CancellationToken cancel)
    {
        using var turn = await Database.TakeWriteTurnAsync(cancel);
        await using var connection = await Database.DataSource.OpenConnectionAsync(cancel);
        await using var command = Command(
            connection,
            """
            INSERT INTO tenant (key, name) SELECT max(key) + 1, @name FROM tenant WHERE true
            ON CONFLICT (name) DO UPDATE SET name = excluded.name RETURNING key
            """,
            ("name", name));
        return Convert.ToInt32(await command.ExecuteScalarAsync(cancel), System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>Reads tenants, entities and series into the directory.</summary>
    public async Task LoadSeriesAsync(SeriesDirectory directory, CancellationToken cancel)
    {
        await using var connection = await Database.DataSource.OpenConnectionAsync(cancel);
        await ForEachAsync(connection, "SELECT key, name FROM tenant", row => directory.AddTenant(row.GetInt32(0), row.GetString(1)), cancel);
        var tenants = directory.Tenants.ToDictionary(static tenant => tenant.Key);
        var entities = new Dictionary<int, SeriesEntity>();
        await ForEachAsync(
            connection,
            "SELECT tenant, key, id, types, scopes, created_at, modified_at, made FROM entity",
            row =>
            {
                var entity = new SeriesEntity(tenants[row.GetInt32(0)], row.GetInt32(1), row.GetString(2))
                {
                    Types = [.. SeriesRows.Parts(row.GetString(3)).Select(string.Intern)],
                    Scopes = SeriesRows.Parts(row.GetString(4)),
                    CreatedAt = row.GetInt64(5),
                    ModifiedAt = row.GetInt64(6),
                    Made = row.GetInt32(7) != 0,
                };
                directory.AddStored(entity);
                entities.Add(entity.Key, entity);
            },
            cancel);
        await ForEachAsync(
            connection,
            "SELECT key, entity, attribute, dataset, sealed_count, sealed_start, sealed_end FROM series",
            row => directory.AddStored(new TimeSeries(row.GetInt32(0), entities[row.GetInt32(1)], string.Intern(row.GetString(2)), row.GetString(3))
            {
                SealedCount = row.GetInt64(4),
                SealedStart = row.GetInt64(5),
                SealedEnd = row.GetInt64(6),
                Newest = row.GetInt64(6),
            }),
            cancel);
    }

    /// <summary>Streams the blocks that are not sealed, in the order of their commits.</summary>
    public async IAsyncEnumerable<TailBlock> ReadTailAsync([EnumeratorCancellation] CancellationToken cancel)
    {
        await using var connection = await Database.DataSource.OpenConnectionAsync(cancel);
        await using var command = Command(connection, "SELECT id, tenant, data FROM tail_block ORDER BY id");
        await using var rows = await command.ExecuteReaderAsync(CommandBehavior.SequentialAccess, cancel);
        while (await rows.ReadAsync(cancel))
        {
            yield return new TailBlock(rows.GetInt64(0), rows.GetInt32(1), rows.GetFieldValue<byte[]>(2));
        }
    }

    /// <summary>Streams the chunks of one series that have points from <paramref name="from"/> to before <paramref name="until"/>.</summary>
    public async IAsyncEnumerable<StoredChunk> ReadAsync(
        int series, long from, long until, ChunkParts parts, bool descending = false, [EnumeratorCancellation] CancellationToken cancel = default)
    {
        await using var connection = await Database.DataSource.OpenConnectionAsync(cancel);
        await using var command = Command(
            connection,
            $"""
            SELECT series, start, finish, count{Columns(parts)} FROM chunk
            WHERE series = @series AND start < @until AND finish >= @from
              AND start >= coalesce((SELECT max(start) FROM chunk WHERE series = @series AND start <= @from), @from)
            ORDER BY start{(descending ? " DESC" : "")}
            """,
            ("series", series),
            ("from", from),
            ("until", until));
        await using var rows = await command.ExecuteReaderAsync(CommandBehavior.SequentialAccess, cancel);
        while (await rows.ReadAsync(cancel))
        {
            yield return Chunk(rows, parts);
        }
    }

    /// <summary>Hands over the chunks of all series from one key to another, by series and time, one after the other.</summary>
    public async Task ReadManyAsync(int first, int last, long from, long until, ChunkParts parts, Action<StoredChunk> take, CancellationToken cancel)
    {
        await using var connection = await Database.DataSource.OpenConnectionAsync(cancel);
        await using var command = Command(
            connection,
            $"""
            SELECT series, start, finish, count{Columns(parts)} FROM chunk
            WHERE series BETWEEN @first AND @last AND start < @until AND finish >= @from ORDER BY series, start
            """,
            ("first", first),
            ("last", last),
            ("from", from),
            ("until", until));
        await using var rows = await command.ExecuteReaderAsync(CommandBehavior.SequentialAccess, cancel);
        while (await rows.ReadAsync(cancel))
        {
            take(Chunk(rows, parts));
        }
    }

    /// <summary>Where the chunks of a series lie, the newest first.</summary>
    /// <param name="series">The key of the series.</param>
    /// <param name="most">The most to read.</param>
    public async Task<List<ChunkRange>> ReadRangesAsync(int series, int most, CancellationToken cancel)
    {
        await using var connection = await Database.DataSource.OpenConnectionAsync(cancel);
        var ranges = new List<ChunkRange>();
        await using var command = Command(
            connection, "SELECT start, finish, count, head FROM chunk WHERE series = @series ORDER BY start DESC LIMIT @most", ("series", series), ("most", most));
        await using var rows = await command.ExecuteReaderAsync(cancel);
        while (await rows.ReadAsync(cancel))
        {
            ranges.Add(new ChunkRange(rows.GetInt64(0), rows.GetInt64(1), rows.GetInt32(2), Chunks.ChunkHead.Read(rows.GetFieldValue<byte[]>(3)).Step));
        }

        return ranges;
    }

    /// <summary>The first of the registry's changes that wait.</summary>
    public async Task<List<Arrival>> ReadArrivalsAsync(int most, CancellationToken cancel)
    {
        await using var connection = await Database.DataSource.OpenConnectionAsync(cancel);
        var arrivals = new List<Arrival>();
        await using var command = Command(connection, "SELECT id, tenant, changed, data FROM arrival ORDER BY id LIMIT @most", ("most", most));
        await using var rows = await command.ExecuteReaderAsync(cancel);
        while (await rows.ReadAsync(cancel))
        {
            arrivals.Add(new Arrival(rows.GetInt64(0), rows.GetString(1), rows.GetInt64(2), rows.GetFieldValue<byte[]>(3)));
        }

        return arrivals;
    }

    /// <summary>The newest of the changes that wait; 0 when none does.</summary>
    public Task<long> LastArrivalAsync(CancellationToken cancel) => NumberAsync("SELECT coalesce(max(id), 0) FROM arrival", cancel);

    /// <summary>Whether a change up to this one waits.</summary>
    public async Task<bool> AnyArrivalAsync(long last, CancellationToken cancel) =>
        await NumberAsync("SELECT count(*) FROM (SELECT 1 FROM arrival WHERE id <= @last LIMIT 1) AS waiting", cancel, ("last", last)) > 0;

    /// <summary>How far an upload has come; null when there is none of that id.</summary>
    public async Task<UploadState?> FindUploadAsync(int tenant, string id, CancellationToken cancel)
    {
        await using var connection = await Database.DataSource.OpenConnectionAsync(cancel);
        await using var command = Command(
            connection,
            "SELECT position, line, header, refused, complete FROM upload WHERE tenant = @tenant AND id = @id",
            ("tenant", tenant),
            ("id", id));
        await using var rows = await command.ExecuteReaderAsync(cancel);
        return await rows.ReadAsync(cancel)
            ? new UploadState(id, rows.GetInt64(0), rows.GetInt64(1), rows.GetString(2), rows.GetInt64(3), rows.GetInt64(4) == 1)
            : null;
    }

    private async Task<long> NumberAsync(string sql, CancellationToken cancel, params (string Name, object Value)[] values)
    {
        await using var connection = await Database.DataSource.OpenConnectionAsync(cancel);
        await using var command = Command(connection, sql, values);
        return Convert.ToInt64(await command.ExecuteScalarAsync(cancel), System.Globalization.CultureInfo.InvariantCulture);
    }

    private static async Task RunAsync(DbConnection connection, DbTransaction transaction, string sql, params (string Name, object Value)[] values)
    {
        await using var command = Command(connection, sql, [.. values.Where(value => sql.Contains("@" + value.Name, StringComparison.Ordinal))]);
        command.Transaction = transaction;
        await command.ExecuteNonQueryAsync();
    }

    internal static DbCommand Command(DbConnection connection, string sql, params ReadOnlySpan<(string Name, object Value)> values)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in values)
        {
            var parameter = command.CreateParameter();
            parameter.ParameterName = name;
            parameter.Value = value;
            command.Parameters.Add(parameter);
        }

        return command;
    }

    private static string Columns(ChunkParts parts) => parts switch
    {
        ChunkParts.Heads => ", head",
        ChunkParts.Sums => ", head, sums",
        ChunkParts.Extremes => ", head, sums, extremes",
        ChunkParts.Points => ", data",
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private static StoredChunk Chunk(DbDataReader row, ChunkParts parts) => new(
        row.GetInt32(0),
        row.GetInt64(1),
        row.GetInt64(2),
        row.GetInt32(3),
        parts == ChunkParts.Points ? [] : row.GetFieldValue<byte[]>(4),
        parts is ChunkParts.Sums or ChunkParts.Extremes ? row.GetFieldValue<byte[]>(5) : [],
        parts == ChunkParts.Extremes ? row.GetFieldValue<byte[]>(6) : [],
        parts == ChunkParts.Points ? row.GetFieldValue<byte[]>(4) : []);

    private static async Task ForEachAsync(DbConnection connection, string sql, Action<DbDataReader> take, CancellationToken cancel)
    {
        await using var command = Command(connection, sql);
        await using var rows = await command.ExecuteReaderAsync(cancel);
        while (await rows.ReadAsync(cancel))
        {
            take(rows);
        }
    }
}

/// <summary>A change of the entity registry that waits to become history.</summary>
internal readonly record struct Arrival(long Id, string Tenant, long Changed, byte[] Data);

/// <summary>Where a chunk lies in time, how many points it has, and the steps for which they stand; 0 for none.</summary>
internal readonly record struct ChunkRange(long Start, long End, int Count, long Step);
