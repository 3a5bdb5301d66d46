using System.Data.Common;
using System.Security.Cryptography;
using Dapper;
using Twin.Hosting.Storage;

namespace Twin.EntityRegistry.Contexts;

/// <summary>The table <c>context</c>, alike on SQLite and PostgreSQL.</summary>
internal sealed class ContextTable(ServiceDatabase database)
{
    private const string Columns = "local_id, tenant, kind, url, document, created_at, used_at, hits";

    /// <summary>Every @context.</summary>
    public async Task<List<ContextEntry>> ReadAllAsync(CancellationToken cancellationToken)
    {
        await using DbConnection connection = await database.DataSource.OpenConnectionAsync(cancellationToken);
        return await ReadAsync(connection, $"SELECT {Columns} FROM context ORDER BY created_at, local_id", null, cancellationToken);
    }

    /// <summary>The copy of a URL, when another process has made one.</summary>
    public async Task<ContextEntry?> FindUrlAsync(string url, CancellationToken cancellationToken)
    {
        await using DbConnection connection = await database.DataSource.OpenConnectionAsync(cancellationToken);
        return (await ReadAsync(connection, $"SELECT {Columns} FROM context WHERE url = @url", new { url }, cancellationToken)).SingleOrDefault();
    }

    /// <summary>The tenant's own @context of an id, when another process has made it.</summary>
    public async Task<ContextEntry?> FindOwnAsync(string localId, string tenant, CancellationToken cancellationToken)
    {
        await using DbConnection connection = await database.DataSource.OpenConnectionAsync(cancellationToken);
        return (await ReadAsync(connection, $"SELECT {Columns} FROM context WHERE local_id = @localId AND tenant = @tenant", new { localId, tenant }, cancellationToken)).SingleOrDefault();
    }

    /// <summary>
    /// Adds a @context, or replaces the copy of its URL. Where the same inline @context was made before, that one stays and
    /// is answered.
    /// </summary>
    public async Task<ContextEntry> PutAsync(ContextEntry entry, CancellationToken cancellationToken)
    {
        using WriteTurn turn = await database.TakeWriteTurnAsync(cancellationToken);
        await using DbConnection connection = await database.DataSource.OpenConnectionAsync(cancellationToken);
        var row = new
        {
            entry.LocalId,
            entry.Tenant,
            Kind = (long)entry.Kind,
            entry.Url,
            ContentHash = SHA256.HashData(entry.Document.Span),
            Document = entry.Document.ToArray(),
            entry.CreatedAt,
            entry.UsedAt,
            entry.Hits,
        };
        string onConflict = entry.Kind == ContextKind.Cached
            ? "ON CONFLICT (url) DO UPDATE SET document = excluded.document, content_hash = excluded.content_hash, created_at = excluded.created_at, "
              + "hits = CASE WHEN excluded.hits > context.hits THEN excluded.hits ELSE context.hits END, "
              + "used_at = CASE WHEN excluded.used_at > context.used_at THEN excluded.used_at ELSE context.used_at END"
            : "ON CONFLICT DO NOTHING";
        int added = await connection.ExecuteAsync(new CommandDefinition(
            $"INSERT INTO context (local_id, tenant, kind, url, content_hash, document, created_at, used_at, hits) VALUES (@LocalId, @Tenant, @Kind, @Url, @ContentHash, @Document, @CreatedAt, @UsedAt, @Hits) {onConflict}",
            row, cancellationToken: cancellationToken));
        return entry.Kind == ContextKind.Hosted && added == 1
            ? entry
            : (await ReadAsync(
                connection,
                entry.Kind == ContextKind.Cached ? $"SELECT {Columns} FROM context WHERE url = @Url" : $"SELECT {Columns} FROM context WHERE kind = @Kind AND tenant = @Tenant AND content_hash = @ContentHash",
                row,
                cancellationToken)).Single();
    }

    /// <summary>Removes a @context.</summary>
    public async Task DeleteAsync(string localId, CancellationToken cancellationToken)
    {
        using WriteTurn turn = await database.TakeWriteTurnAsync(cancellationToken);
        await using DbConnection connection = await database.DataSource.OpenConnectionAsync(cancellationToken);
        await connection.ExecuteAsync(new CommandDefinition("DELETE FROM context WHERE local_id = @localId", new { localId }, cancellationToken: cancellationToken));
    }

    /// <summary>Saves the usage of several @contexts in one transaction.</summary>
    public async Task SaveUsageAsync(IReadOnlyList<(string LocalId, long Hits, long UsedAt)> usage, CancellationToken cancellationToken)
    {
        using WriteTurn turn = await database.TakeWriteTurnAsync(cancellationToken);
        await using DbConnection connection = await database.DataSource.OpenConnectionAsync(cancellationToken);
        await using DbTransaction transaction = await connection.BeginTransactionAsync(cancellationToken);
        await connection.ExecuteAsync(new CommandDefinition(
            "UPDATE context SET hits = @Hits, used_at = @UsedAt WHERE local_id = @LocalId",
            usage.Select(u => new { u.LocalId, u.Hits, u.UsedAt }),
            transaction,
            cancellationToken: cancellationToken));
        await transaction.CommitAsync(cancellationToken);
    }

    private static async Task<List<ContextEntry>> ReadAsync(DbConnection connection, string sql, object? parameters, CancellationToken cancellationToken)
    {
        var entries = new List<ContextEntry>();
        await using DbDataReader reader = await connection.ExecuteReaderAsync(new CommandDefinition(sql, parameters, cancellationToken: cancellationToken));
        while (await reader.ReadAsync(cancellationToken))
        {
            entries.Add(new ContextEntry(
                reader.GetString(0),
                reader.GetString(1),
                (ContextKind)reader.GetInt64(2),
                reader.IsDBNull(3) ? null : reader.GetString(3),
                reader.GetFieldValue<byte[]>(4),
                reader.GetInt64(5)).WithUsage(reader.GetInt64(7), reader.GetInt64(6)));
        }

        return entries;
    }
}
