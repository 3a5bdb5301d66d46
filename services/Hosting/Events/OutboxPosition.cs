using System.Data.Common;
using Npgsql;
using NpgsqlTypes;
using Twin.Hosting.Storage;

namespace Twin.Hosting.Events;

/// <summary>A place in an outbox, in commit order. <see cref="Transaction"/> is zero on SQLite, which needs none.</summary>
internal readonly record struct OutboxPosition(ulong Transaction, long Position) : IComparable<OutboxPosition>
{
    public int CompareTo(OutboxPosition other) =>
        Transaction != other.Transaction ? Transaction.CompareTo(other.Transaction) : Position.CompareTo(other.Position);

    public static bool operator <(OutboxPosition left, OutboxPosition right) => left.CompareTo(right) < 0;

    public static bool operator >(OutboxPosition left, OutboxPosition right) => left.CompareTo(right) > 0;

    public static bool operator <=(OutboxPosition left, OutboxPosition right) => left.CompareTo(right) <= 0;

    public static bool operator >=(OutboxPosition left, OutboxPosition right) => left.CompareTo(right) >= 0;
}

/// <summary>The few lines of ADO.NET that the SQL of the events shares.</summary>
internal static class EventCommands
{
    public static DbCommand Command(this DbConnection connection, string sql, DbTransaction? transaction = null)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        command.Transaction = transaction;
        return command;
    }

    public static DbCommand With(this DbCommand command, string name, object value)
    {
        var parameter = command.CreateParameter();
        parameter.ParameterName = name;
        parameter.Value = value;
        command.Parameters.Add(parameter);
        return command;
    }

    public static DbCommand With(this DbCommand command, OutboxPosition position)
    {
        if (command is NpgsqlCommand)
        {
            command.Parameters.Add(new NpgsqlParameter("@tx", NpgsqlDbType.Xid8) { Value = position.Transaction });
        }

        return command.With("@position", position.Position);
    }

    /// <summary>An event id as the store keeps it: a uuid, or 16 bytes in network order that sort the same.</summary>
    public static DbCommand WithId(this DbCommand command, string name, Guid id) =>
        command.With(name, command is NpgsqlCommand ? id : id.ToByteArray(bigEndian: true));

    public static OutboxPosition Position(DbDataReader reader, StoreKind kind) => kind == StoreKind.Sqlite
        ? new OutboxPosition(0, reader.GetInt64(0))
        : new OutboxPosition(reader.GetFieldValue<ulong>(0), reader.GetInt64(1));
}
