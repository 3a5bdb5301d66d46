using System.Data.Common;

namespace Twin.Hosting.Storage;

/// <summary>What differs between SQLite and PostgreSQL in opening and claiming the database of one service.</summary>
internal abstract class StoreEngine : IAsyncDisposable
{
    public abstract StoreKind Kind { get; }

    public abstract DbDataSource DataSource { get; }

    /// <summary>Makes the place where the state goes and claims it, before migrations.</summary>
    public abstract Task ClaimAsync(CancellationToken cancellationToken);

    /// <summary>A connection outside the pool that its holder keeps.</summary>
    public abstract Task<DbConnection> OpenDedicatedAsync(CancellationToken cancellationToken);

    /// <summary>Waits until no other process migrates this database; the lock ends with the connection.</summary>
    public abstract Task LockMigrationsAsync(DbConnection connection, CancellationToken cancellationToken);

    public abstract ValueTask DisposeAsync();
}
