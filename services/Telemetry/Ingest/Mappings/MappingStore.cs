using System.Data.Common;
using System.Globalization;
using Twin.Hosting.Storage;
using Twin.Telemetry.Series;

namespace Twin.Telemetry.Ingest.Mappings;

/// <summary>A mapping as it was written.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Document">Its JSON, UTF-8.</param>
/// <param name="ModifiedAt">When it was last put, in ticks UTC.</param>
internal sealed record StoredMapping(string Name, byte[] Document, long ModifiedAt);

/// <summary>The mappings that are kept, of each tenant its own.</summary>
internal sealed class MappingStore(ServiceDatabase database, TimeProvider clock)
{
    /// <summary>Mappings of a tenant.</summary>
    public const int Most = 1000;

    /// <summary>The mapping of that name, or null.</summary>
    public async Task<StoredMapping?> FindAsync(Tenant tenant, string name, CancellationToken cancel) =>
        (await ReadAsync("WHERE tenant = @tenant AND name = @name", cancel, ("tenant", tenant.Key), ("name", name))).FirstOrDefault();

    /// <summary>All mappings, by name.</summary>
    public Task<List<StoredMapping>> ListAsync(Tenant tenant, CancellationToken cancel) => ReadAsync("WHERE tenant = @tenant ORDER BY name", cancel, ("tenant", tenant.Key));

    /// <summary>Keeps a mapping, or puts it in the place of the one of its name.</summary>
    /// <returns>Whether it is a new one; null when there are too many.</returns>
    public async Task<bool?> PutAsync(Tenant tenant, string name, byte[] document, CancellationToken cancel)
    {
        using var turn = await database.TakeWriteTurnAsync(cancel);
        await using var connection = await database.DataSource.OpenConnectionAsync(cancel);
        (string, object)[] values = [("tenant", tenant.Key), ("name", name), ("document", document), ("now", clock.GetUtcNow().UtcTicks)];
        if (await RunAsync(connection, "UPDATE ingest_mapping SET document = @document, modified_at = @now WHERE tenant = @tenant AND name = @name", cancel, values) > 0)
        {
            return false;
        }

        var made = await RunAsync(
            connection,
            FormattableString.Invariant($"INSERT INTO ingest_mapping (tenant, name, document, modified_at) SELECT @tenant, @name, @document, @now WHERE (SELECT count(*) FROM ingest_mapping WHERE tenant = @tenant) < {Most}"),
            cancel,
            values);
        return made > 0 ? true : null;
    }

    /// <summary>Forgets a mapping.</summary>
    /// <returns>Whether there was one.</returns>
    public async Task<bool> DeleteAsync(Tenant tenant, string name, CancellationToken cancel)
    {
        using var turn = await database.TakeWriteTurnAsync(cancel);
        await using var connection = await database.DataSource.OpenConnectionAsync(cancel);
        return await RunAsync(connection, "DELETE FROM ingest_mapping WHERE tenant = @tenant AND name = @name", cancel, ("tenant", tenant.Key), ("name", name)) > 0;
    }

    private async Task<List<StoredMapping>> ReadAsync(string which, CancellationToken cancel, params (string Name, object Value)[] values)
    {
        await using var connection = await database.DataSource.OpenConnectionAsync(cancel);
        await using var command = Command(connection, "SELECT name, document, modified_at FROM ingest_mapping " + which, values);
        await using var rows = await command.ExecuteReaderAsync(cancel);
        var found = new List<StoredMapping>();
        while (await rows.ReadAsync(cancel))
        {
            found.Add(new StoredMapping(rows.GetString(0), rows.GetFieldValue<byte[]>(1), Convert.ToInt64(rows.GetValue(2), CultureInfo.InvariantCulture)));
        }

        return found;
    }

    private static async Task<int> RunAsync(DbConnection connection, string sql, CancellationToken cancel, params (string Name, object Value)[] values)
    {
        await using var command = Command(connection, sql, values);
        return await command.ExecuteNonQueryAsync(cancel);
    }

    private static DbCommand Command(DbConnection connection, string sql, (string Name, object Value)[] values)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in values)
        {
            var parameter = command.CreateParameter();
            (parameter.ParameterName, parameter.Value) = (name, value);
            command.Parameters.Add(parameter);
        }

        return command;
    }
}
