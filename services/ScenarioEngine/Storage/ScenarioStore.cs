using System.Data.Common;
using System.Globalization;
using Twin.Hosting.Storage;
using Twin.ScenarioEngine.Scenarios;

namespace Twin.ScenarioEngine.Storage;

/// <summary>
/// Scenarios and their revisions, in SQLite or PostgreSQL by the same statements. A revision is written once and read
/// for ever; the head of a scenario moves only from the revision that the writer has seen.
/// </summary>
internal sealed class ScenarioStore(ServiceDatabase database)
{
    private const string Columns = """
        s.id, s.name, s.description, s.fork_id, s.fork_revision, s.created_at, r.number, r.recorded_at, r.hash, r.merged_id, r.merged_revision
        FROM scenario s JOIN revision r ON r.tenant = s.tenant AND r.scenario = s.id AND r.number = s.head
        """;

    /// <summary>Adds a scenario with its first revision.</summary>
    public async Task AddAsync(string tenant, Scenario scenario, ScenarioContent content, CancellationToken cancel)
    {
        using var turn = await database.TakeWriteTurnAsync(cancel);
        await using var connection = await database.DataSource.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        await RunAsync(
            transaction,
            "INSERT INTO scenario (tenant, id, name, description, fork_id, fork_revision, head, created_at) VALUES (@tenant, @id, @name, @description, @fork_id, @fork_revision, @head, @created_at)",
            cancel,
            ("tenant", tenant), ("id", scenario.Id), ("name", scenario.Name), ("description", scenario.Description),
            ("fork_id", scenario.ForkOf is { } fork ? fork.Id : DBNull.Value), ("fork_revision", scenario.ForkOf is { } of ? of.Revision : DBNull.Value),
            ("head", scenario.Head.Number), ("created_at", scenario.CreatedAt));
        await WriteAsync(transaction, tenant, scenario.Id, scenario.Head, content, cancel);
        await transaction.CommitAsync(cancel);
    }

    /// <summary>Moves the head on to a new revision.</summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="id">The scenario.</param>
    /// <param name="seen">The head that the writer has seen.</param>
    /// <param name="next">The new one.</param>
    /// <param name="content">Its content.</param>
    /// <param name="cancel">Ends it; nothing is written then.</param>
    /// <returns>False when the head is another one, or the scenario is gone: nothing was written.</returns>
    public async Task<bool> AdvanceAsync(string tenant, string id, int seen, Revision next, ScenarioContent content, CancellationToken cancel)
    {
        using var turn = await database.TakeWriteTurnAsync(cancel);
        await using var connection = await database.DataSource.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        var moved = await RunAsync(
            transaction,
            "UPDATE scenario SET head = @next WHERE tenant = @tenant AND id = @id AND head = @seen",
            cancel,
            ("next", next.Number), ("tenant", tenant), ("id", id), ("seen", seen));
        if (moved == 0)
        {
            return false;
        }

        await WriteAsync(transaction, tenant, id, next, content, cancel);
        await transaction.CommitAsync(cancel);
        return true;
    }

    /// <summary>Deletes a scenario with its revisions; its forks stay.</summary>
    /// <returns>Whether it was there, with that head.</returns>
    public async Task<bool> RemoveAsync(string tenant, string id, int seen, CancellationToken cancel)
    {
        using var turn = await database.TakeWriteTurnAsync(cancel);
        await using var connection = await database.DataSource.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        var removed = await RunAsync(transaction, "DELETE FROM scenario WHERE tenant = @tenant AND id = @id AND head = @seen", cancel, ("tenant", tenant), ("id", id), ("seen", seen));
        if (removed == 0)
        {
            return false;
        }

        await RunAsync(transaction, "DELETE FROM revision WHERE tenant = @tenant AND scenario = @id", cancel, ("tenant", tenant), ("id", id));
        await transaction.CommitAsync(cancel);
        return true;
    }

    /// <summary>A scenario; null when there is none.</summary>
    public async Task<Scenario?> FindAsync(string tenant, string id, CancellationToken cancel)
    {
        var found = await ReadAsync($"SELECT {Columns} WHERE s.tenant = @tenant AND s.id = @id", Read, cancel, ("tenant", tenant), ("id", id));
        return found.Count == 0 ? null : found[0];
    }

    /// <summary>A page of scenarios in the order in which they were created, of which there may be one more than asked for.</summary>
    public Task<List<Scenario>> ListAsync(string tenant, int offset, int most, CancellationToken cancel) => ReadAsync(
        $"SELECT {Columns} WHERE s.tenant = @tenant ORDER BY s.created_at, s.id LIMIT @most OFFSET @offset", Read, cancel, ("tenant", tenant), ("most", most), ("offset", offset));

    /// <summary>How many a tenant has.</summary>
    public async Task<long> CountAsync(string tenant, CancellationToken cancel) =>
        (await ReadAsync("SELECT count(*) FROM scenario WHERE tenant = @tenant", static row => Convert.ToInt64(row.GetValue(0), CultureInfo.InvariantCulture), cancel, ("tenant", tenant)))[0];

    /// <summary>The revisions of a scenario, the newest first.</summary>
    public Task<List<Revision>> RevisionsAsync(string tenant, string id, int offset, int most, CancellationToken cancel) => ReadAsync(
        "SELECT number, recorded_at, hash, merged_id, merged_revision FROM revision WHERE tenant = @tenant AND scenario = @id ORDER BY number DESC LIMIT @most OFFSET @offset",
        static row => ReadRevision(row, 0),
        cancel, ("tenant", tenant), ("id", id), ("most", most), ("offset", offset));

    /// <summary>The revisions of a scenario, up to one, that came of merges.</summary>
    public Task<List<Revision>> MergesAsync(string tenant, string id, int until, CancellationToken cancel) => ReadAsync(
        "SELECT number, recorded_at, hash, merged_id, merged_revision FROM revision WHERE tenant = @tenant AND scenario = @id AND number <= @until AND merged_id IS NOT NULL ORDER BY number",
        static row => ReadRevision(row, 0), cancel, ("tenant", tenant), ("id", id), ("until", until));

    /// <summary>A revision with its content; null when there is none.</summary>
    public async Task<(Revision Revision, ScenarioContent Content)?> ContentAsync(string tenant, string id, int number, CancellationToken cancel)
    {
        var found = await ReadAsync(
            "SELECT number, recorded_at, hash, merged_id, merged_revision, content FROM revision WHERE tenant = @tenant AND scenario = @id AND number = @number",
            static row => (ReadRevision(row, 0), ScenarioContent.Read(row.GetFieldValue<byte[]>(5))),
            cancel, ("tenant", tenant), ("id", id), ("number", number));
        return found.Count == 0 ? null : found[0];
    }

    private static Scenario Read(DbDataReader row) => new(
        row.GetString(0), row.GetString(1), row.GetString(2), row.IsDBNull(3) ? null : (row.GetString(3), row.GetInt32(4)),
        ReadRevision(row, 6), row.GetInt64(5));

    private static Revision ReadRevision(DbDataReader row, int at) => new(
        row.GetInt32(at), row.GetInt64(at + 1), row.GetString(at + 2), row.IsDBNull(at + 3) ? null : (row.GetString(at + 3), row.GetInt32(at + 4)));

    private static async Task WriteAsync(DbTransaction transaction, string tenant, string id, Revision revision, ScenarioContent content, CancellationToken cancel) => await RunAsync(
        transaction,
        "INSERT INTO revision (tenant, scenario, number, hash, content, recorded_at, merged_id, merged_revision) VALUES (@tenant, @id, @number, @hash, @content, @recorded_at, @merged_id, @merged_revision)",
        cancel,
        ("tenant", tenant), ("id", id), ("number", revision.Number), ("hash", revision.Hash), ("content", content.Canonical), ("recorded_at", revision.RecordedAt),
        ("merged_id", revision.MergedFrom is { } merged ? merged.Id : DBNull.Value), ("merged_revision", revision.MergedFrom is { } from ? from.Revision : DBNull.Value));

    private static async Task<int> RunAsync(DbTransaction transaction, string sql, CancellationToken cancel, params (string Name, object Value)[] values)
    {
        await using var command = Command(transaction.Connection!, sql, values);
        command.Transaction = transaction;
        return await command.ExecuteNonQueryAsync(cancel);
    }

    private async Task<List<T>> ReadAsync<T>(string sql, Func<DbDataReader, T> read, CancellationToken cancel, params (string Name, object Value)[] values)
    {
        await using var connection = await database.DataSource.OpenConnectionAsync(cancel);
        await using var command = Command(connection, sql, values);
        await using var rows = await command.ExecuteReaderAsync(cancel);
        var found = new List<T>();
        while (await rows.ReadAsync(cancel))
        {
            found.Add(read(rows));
        }

        return found;
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
