using System.Data.Common;
using System.Text.Json;
using Twin.Contracts;
using Twin.Contracts.Events.V1;
using Twin.Contracts.Registry.V1;
using Twin.EntityRegistry;
using Twin.Hosting.Storage;
using Xunit;

namespace Twin.Tests.EndToEnd.Crash;

/// <summary>
/// The outbox and the rows of the registry's store, read while the node is down: everything that was ever committed, in
/// order. A reader of its own keeps the outbox from being pruned.
/// </summary>
internal sealed class CrashLog(StorageOptions options)
{
    private const string Service = "entity-registry";

    private readonly HashSet<Guid> seen = [];

    /// <summary>By entity id, the attributes' values after each change, in order; null for a deletion.</summary>
    public Dictionary<string, List<Dictionary<string, long>?>> Changes { get; } = new(StringComparer.Ordinal);

    /// <summary>The stored form that the last event of each entity carries; empty after a deletion.</summary>
    public Dictionary<string, byte[]> LastDocuments { get; } = new(StringComparer.Ordinal);

    /// <summary>Events read so far.</summary>
    public int Events => seen.Count;

    /// <summary>Makes the store and claims the outbox, before the first start of the node.</summary>
    public async Task PrepareAsync(CancellationToken cancellationToken)
    {
        await using var database = await OpenAsync(cancellationToken);
        await using var connection = await database.DataSource.OpenConnectionAsync(cancellationToken);
        await using var command = connection.CreateCommand();
        // A reader of the node's own transport: the node forgets those of others at its start.
        command.CommandText = options.Kind == StoreKind.Sqlite
            ? "INSERT INTO outbox_readers (reader, position, seen_at) VALUES ('in-process/crash-test', 0, @now)"
            : "INSERT INTO outbox_readers (reader, tx, position, seen_at) VALUES ('in-process/crash-test', '0', 0, @now)";
        var now = command.CreateParameter();
        now.ParameterName = "@now";
        now.Value = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        command.Parameters.Add(now);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Reads the events that are new, and the documents of all rows by entity id.</summary>
    public async Task<Dictionary<string, byte[]>> ReadAsync(CancellationToken cancellationToken)
    {
        await using var database = await OpenAsync(cancellationToken);
        await using var connection = await database.DataSource.OpenConnectionAsync(cancellationToken);
        await ReadEventsAsync(connection, cancellationToken);
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT id, document FROM entity";
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        var documents = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        while (await rows.ReadAsync(cancellationToken))
        {
            documents.Add(rows.GetString(0), rows.GetFieldValue<byte[]>(1));
        }

        return documents;
    }

    private async Task ReadEventsAsync(DbConnection connection, CancellationToken cancellationToken)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = $"SELECT topic, events FROM outbox ORDER BY {(options.Kind == StoreKind.Sqlite ? "" : "tx, ")}position";
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        while (await rows.ReadAsync(cancellationToken))
        {
            foreach (var one in EventBlock.Parser.ParseFrom(rows.GetFieldValue<byte[]>(1)).Events)
            {
                if (rows.GetString(0) == EntityTopics.Entities && seen.Add(new Guid(one.Id.Span, bigEndian: true)))
                {
                    Note(one);
                }
            }
        }
    }

    private void Note(Event one)
    {
        var change = EntityChanged.Parser.ParseFrom(one.Data);
        Assert.Equal(one.Subject, change.Id);
        Assert.Equal(one.Type == EntityTopics.Deleted, change.Entity.IsEmpty);
        if (!Changes.TryGetValue(change.Id, out var changes))
        {
            Changes.Add(change.Id, changes = []);
        }

        Assert.Equal(one.Type == EntityTopics.Created, changes.Count == 0 || changes[^1] is null);
        changes.Add(change.Entity.IsEmpty ? null : Values(change.Entity.Memory));
        LastDocuments[change.Id] = change.Entity.ToByteArray();
    }

    /// <summary>The numbers among the attributes of a stored entity, by their names in the default vocabulary.</summary>
    public static Dictionary<string, long> Values(ReadOnlyMemory<byte> entity)
    {
        using var document = JsonDocument.Parse(entity);
        return document.RootElement.EnumerateObject()
            .Where(member => member.Value.ValueKind == JsonValueKind.Object && member.Value.TryGetProperty("value", out _))
            .ToDictionary(member => member.Name.TrimStart(':'), member => member.Value.GetProperty("value").GetInt64(), StringComparer.Ordinal);
    }

    private async Task<ServiceDatabase> OpenAsync(CancellationToken cancellationToken)
    {
        var database = ServiceDatabase.Create(Service, options, typeof(EntityRegistryService).Assembly, TimeProvider.System);
        await database.PrepareAsync(cancellationToken);
        return database;
    }
}
