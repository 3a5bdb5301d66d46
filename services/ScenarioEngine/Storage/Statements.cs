using System.Data.Common;
using Twin.Hosting.Storage;

namespace Twin.ScenarioEngine.Storage;

/// <summary>Statements that both stores take alike.</summary>
internal static class Statements
{
    /// <summary>Runs a statement of a transaction.</summary>
    /// <returns>How many rows it touched.</returns>
    public static async Task<int> RunAsync(this DbTransaction transaction, string sql, CancellationToken cancel, params (string Name, object Value)[] values)
    {
        await using var command = Command(transaction.Connection!, sql, values);
        command.Transaction = transaction;
        return await command.ExecuteNonQueryAsync(cancel);
    }

    /// <summary>Writes in one transaction, in the database's turn.</summary>
    public static async Task<T> WriteAsync<T>(this ServiceDatabase database, Func<DbTransaction, Task<T>> write, CancellationToken cancel)
    {
        using var turn = await database.TakeWriteTurnAsync(cancel);
        await using var connection = await database.DataSource.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        var result = await write(transaction);
        await transaction.CommitAsync(cancel);
        return result;
    }

    /// <summary>Reads rows.</summary>
    public static async Task<List<T>> ReadAsync<T>(this ServiceDatabase database, string sql, Func<DbDataReader, T> read, CancellationToken cancel, params (string Name, object Value)[] values)
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
