using Microsoft.Data.Sqlite;
using Npgsql;

namespace Twin.Hosting.Storage;

/// <summary>Tells a store that cannot work now from a statement that is wrong.</summary>
public static class StoreFaults
{
    // https://www.sqlite.org/rescode.html
    private const int SqliteBusy = 5;
    private const int SqliteLocked = 6;
    private const int SqliteReadOnly = 8;
    private const int SqliteIoError = 10;
    private const int SqliteFull = 13;
    private const int SqliteCannotOpen = 14;

    // errno(3)
    private const int NoSpace = 28;

    /// <summary>Why the store does not work now, such as "its disk is full"; null when the fault is another.</summary>
    public static string? Reason(Exception fault) => fault switch
    {
        SqliteException { SqliteErrorCode: SqliteFull } or PostgresException { SqlState: PostgresErrorCodes.DiskFull } or IOException { HResult: NoSpace } => "its disk is full",
        SqliteException { SqliteErrorCode: SqliteIoError } or PostgresException { SqlState: PostgresErrorCodes.IoError } => "its disk fails",
        SqliteException { SqliteErrorCode: SqliteReadOnly } or PostgresException { SqlState: PostgresErrorCodes.ReadOnlySqlTransaction } => "it may only be read",
        SqliteException { SqliteErrorCode: SqliteCannotOpen } => "its files cannot be opened",
        SqliteException { SqliteErrorCode: SqliteBusy or SqliteLocked } => "it is busy",
        NpgsqlException { IsTransient: true } => "its database does not answer",
        _ => null,
    };
}

/// <summary>A change that a store did not take.</summary>
/// <param name="At">When.</param>
/// <param name="Reason">Why, as in <see cref="StoreFaults.Reason"/>.</param>
public sealed record StoreRefusal(DateTimeOffset At, string Reason);
