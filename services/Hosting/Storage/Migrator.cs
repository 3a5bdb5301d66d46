using System.Data.Common;
using System.Globalization;

namespace Twin.Hosting.Storage;

/// <summary>Brings the schema of one service to what this build knows, or says why it will not.</summary>
internal static class Migrator
{
    private const string Table = """
        CREATE TABLE IF NOT EXISTS applied_migrations (
            component  text    NOT NULL,
            number     integer NOT NULL,
            name       text    NOT NULL,
            checksum   text    NOT NULL,
            applied_at text    NOT NULL,
            PRIMARY KEY (component, number))
        """;

    public static async Task ApplyAsync(
        StoreEngine engine, string service, IEnumerable<MigrationSet> sets, TimeProvider time, CancellationToken cancellationToken)
    {
        await using var connection = await engine.OpenDedicatedAsync(cancellationToken);
        await engine.LockMigrationsAsync(connection, cancellationToken);
        await ExecuteAsync(connection, null, Table, cancellationToken);
        var applied = await AppliedAsync(connection, cancellationToken);
        var pending = new List<(string Component, Migration Migration)>();
        foreach (var set in sets)
        {
            Compare(service, set, applied);
            pending.AddRange(set.Migrations
                .Where(migration => !applied.ContainsKey((set.Component, migration.Number)))
                .Select(migration => (set.Component, migration)));
        }

        foreach (var (component, migration) in pending)
        {
            await ApplyAsync(connection, service, component, migration, time, cancellationToken);
        }
    }

    private static void Compare(string service, MigrationSet set, Dictionary<(string, int), string> applied)
    {
        var newest = applied.Keys.Where(key => key.Item1 == set.Component).Select(key => key.Item2).DefaultIfEmpty().Max();
        if (newest > set.Migrations.Count)
        {
            throw new StorageException(
                $"The store of '{service}' is newer than this build: its {set.Component} schema is at migration {newest}, this build knows {set.Migrations.Count}. Start the newer build that wrote it, or restore a backup made before the upgrade; there is no way down.");
        }

        foreach (var migration in set.Migrations)
        {
            if (applied.TryGetValue((set.Component, migration.Number), out var checksum) && checksum != migration.Checksum)
            {
                throw new StorageException(
                    $"Migration {migration.Number:D4}_{migration.Name} of {set.Component} is not the text that was applied to the store of '{service}'. An applied migration never changes: restore its file as it was released and put the change into a new migration.");
            }
        }
    }

    private static async Task ApplyAsync(
        DbConnection connection, string service, string component, Migration migration, TimeProvider time, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        try
        {
            await ExecuteAsync(connection, transaction, migration.Sql, cancellationToken);
            await using var record = connection.CreateCommand();
            record.Transaction = transaction;
            record.CommandText =
                "INSERT INTO applied_migrations (component, number, name, checksum, applied_at) VALUES (@component, @number, @name, @checksum, @at)";
            Add(record, "@component", component);
            Add(record, "@number", migration.Number);
            Add(record, "@name", migration.Name);
            Add(record, "@checksum", migration.Checksum);
            Add(record, "@at", time.GetUtcNow().ToString("O", CultureInfo.InvariantCulture));
            await record.ExecuteNonQueryAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }
        catch (DbException e)
        {
            throw new StorageException(
                $"Migration {migration.Number:D4}_{migration.Name} of {component} failed on the store of '{service}' and left it as it was: {e.Message}", e);
        }
    }

    private static async Task<Dictionary<(string, int), string>> AppliedAsync(DbConnection connection, CancellationToken cancellationToken)
    {
        var applied = new Dictionary<(string, int), string>();
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT component, number, checksum FROM applied_migrations";
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            applied.Add((reader.GetString(0), reader.GetInt32(1)), reader.GetString(2));
        }

        return applied;
    }

    private static void Add(DbCommand command, string name, object value)
    {
        var parameter = command.CreateParameter();
        parameter.ParameterName = name;
        parameter.Value = value;
        command.Parameters.Add(parameter);
    }

    private static async Task ExecuteAsync(
        DbConnection connection, DbTransaction? transaction, string sql, CancellationToken cancellationToken)
    {
        await using var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
