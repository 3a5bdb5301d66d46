using System.Data.Common;
using Twin.EntityRegistry.Index;
using Twin.EntityRegistry.Tenants;
using Twin.Hosting.Events;
using Twin.Hosting.Storage;
using Twin.NgsiLd.Entities;

namespace Twin.EntityRegistry.Entities;

/// <summary>
/// The durable side of the registry: rows in creation order, each with its entity's stored form, and the outbox in the
/// same transaction. It is written by one committer and read once, at start.
/// </summary>
internal abstract class EntityStore(ServiceDatabase database)
{
    private long _sequence;

    /// <summary>The store that the node's settings chose.</summary>
    public static EntityStore Create(ServiceDatabase database, EventOutbox outbox, TimeProvider clock) => database.Kind switch
    {
        StoreKind.Sqlite => new SqliteEntityStore(database, outbox, clock),
        StoreKind.PostgreSql => new PostgresEntityStore(database, outbox, clock),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    /// <summary>The database of the service.</summary>
    public ServiceDatabase Database { get; } = database;

    /// <summary>A place in creation order that no entity has had.</summary>
    public long NextSequence() => Interlocked.Increment(ref _sequence);

    /// <summary>Commits change sets with their events, all of them or none.</summary>
    /// <param name="group">In the order in which they were decided.</param>
    public abstract Task CommitAsync(IReadOnlyList<ChangeSet> group);

    /// <summary>Makes a tenant durable and returns its key.</summary>
    public async Task<int> CreateTenantAsync(string name, CancellationToken cancel)
    {
        await using DbConnection connection = await Database.DataSource.OpenConnectionAsync(cancel);
        await using DbCommand command = connection.CreateCommand();
        command.CommandText =
            """
            INSERT INTO tenant (key, name) SELECT max(key) + 1, @name FROM tenant WHERE true
            ON CONFLICT (name) DO UPDATE SET name = excluded.name RETURNING key
            """;
        DbParameter parameter = command.CreateParameter();
        parameter.ParameterName = "name";
        parameter.Value = name;
        command.Parameters.Add(parameter);
        return Convert.ToInt32(await command.ExecuteScalarAsync(cancel), System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>Streams the store into the tenants' indexes.</summary>
    /// <returns>How many entities came back.</returns>
    public async Task<long> LoadAsync(TenantDirectory tenants, CancellationToken cancel)
    {
        await using DbConnection connection = await Database.DataSource.OpenConnectionAsync(cancel);
        await using (DbCommand command = connection.CreateCommand())
        {
            command.CommandText = "SELECT key, name FROM tenant";
            await using DbDataReader reader = await command.ExecuteReaderAsync(cancel);
            while (await reader.ReadAsync(cancel))
            {
                tenants.Add(reader.GetInt32(0), reader.GetString(1));
            }
        }

        Dictionary<int, Tenant> byKey = tenants.All.ToDictionary(t => t.Key);
        await using DbCommand rows = connection.CreateCommand();
        rows.CommandText = "SELECT tenant, sequence, document FROM entity ORDER BY sequence";
        await using DbDataReader entities = await rows.ExecuteReaderAsync(System.Data.CommandBehavior.SequentialAccess, cancel);
        long count = 0;
        var batch = new List<(int Tenant, long Sequence, byte[] Document)>(LoadBatch);
        while (await entities.ReadAsync(cancel))
        {
            batch.Add((entities.GetInt32(0), entities.GetInt64(1), entities.GetFieldValue<byte[]>(2)));
            count++;
            if (batch.Count == LoadBatch)
            {
                Insert(batch, byKey);
                batch.Clear();
            }
        }

        Insert(batch, byKey);
        return count;
    }

    private const int LoadBatch = 4096;

    /// <summary>Parsing is most of the work of a start and goes side by side; insertion keeps the order.</summary>
    private void Insert(List<(int Tenant, long Sequence, byte[] Document)> rows, Dictionary<int, Tenant> tenants)
    {
        var documents = new EntityDocument[rows.Count];
        Parallel.For(0, rows.Count, i => documents[i] = StoredForm.Read(rows[i].Document));
        for (int i = 0; i < rows.Count; i++)
        {
            tenants[rows[i].Tenant].Index.Insert(rows[i].Sequence, documents[i]);
            _sequence = Math.Max(_sequence, rows[i].Sequence);
        }
    }
}
