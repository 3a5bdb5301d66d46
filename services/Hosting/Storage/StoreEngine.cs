using System.Data.Common;

namespace Twin.Hosting.Storage;

/// <summary>What differs between SQLite and PostgreSQL in opening and claiming the database of one service.</summary>
internal abstract class StoreEngine : IAsyncDisposable
{
    public abstract StoreKind Kind { get; }

    public abstract DbDataSource DataSource { get; }

    /// <summary>What writers of the process wait for before they write; null where the store takes several at once.</summary>
    public virtual SemaphoreSlim? Turn => null;

    /// <summary>Makes the place where the state goes and claims it, before migrations.</summary>
    public abstract Task ClaimAsync(CancellationToken cancellationToken);

    /// <summary>A connection outside the pool that its holder keeps.</summary>
    public abstract Task<DbConnection> OpenDedicatedAsync(CancellationToken cancellationToken);

    /// <summary>Waits until no other process migrates this database; the lock ends with the connection.</summary>
    public abstract Task LockMigrationsAsync(DbConnection connection, CancellationToken cancellationToken);

    /// <summary>Begins what goes on beside the service, once the schema is in place.</summary>
    public virtual void Begin()
    {
    }

    public abstract ValueTask DisposeAsync();
}
