using System.Data.Common;
using System.Reflection;
using System.Text.RegularExpressions;

namespace Twin.Hosting.Storage;

/// <summary>
/// The database of one service: its own SQLite file, or its own schema and role in PostgreSQL. Nobody else reads it.
/// Registered by <see cref="StorageRegistration.AddServiceDatabase"/> as a singleton keyed by the service's name; its
/// schema is in place before the first hosted service starts.
/// </summary>
public sealed partial class ServiceDatabase : IAsyncDisposable
{
    private readonly StoreEngine engine;
    private readonly IReadOnlyList<MigrationSet> migrations;
    private readonly TimeProvider time;
    private bool prepared;
    private StoreRefusal? refused;

    private ServiceDatabase(string service, StoreEngine engine, IReadOnlyList<MigrationSet> migrations, TimeProvider time)
    {
        Service = service;
        this.engine = engine;
        this.migrations = migrations;
        this.time = time;
    }

    /// <summary>The name of the service, in kebab case.</summary>
    public string Service { get; }

    /// <summary>The engine behind <see cref="DataSource"/>.</summary>
    public StoreKind Kind => engine.Kind;

    /// <summary>The last change, when the store did not take it; null once it takes changes again, which is tried every second. Readiness tells it.</summary>
    public StoreRefusal? Refusal => Volatile.Read(ref refused);

    /// <summary>
    /// Opens pooled connections: for reads, and for short writes that hold a <see cref="TakeWriteTurnAsync">turn</see>.
    /// </summary>
    public DbDataSource DataSource => engine.DataSource;

    /// <summary>
    /// Describes the database of a service without touching it. Call <see cref="PrepareAsync"/> before use when no host does.
    /// </summary>
    /// <param name="service">Kebab case: it names the file, or the schema and role.</param>
    /// <param name="options">Where the state goes.</param>
    /// <param name="migrations">Embeds <c>Migrations/sqlite|postgresql/NNNN_name.sql</c>.</param>
    /// <param name="time">Dates the migrations.</param>
    public static ServiceDatabase Create(string service, StorageOptions options, Assembly migrations, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(time);
        if (!ServiceName.IsMatch(service))
        {
            throw new ArgumentException($"'{service}' is not a service name: lower case letters, digits and single hyphens, at most 48.", nameof(service));
        }

        StoreEngine chosen = options.Kind == StoreKind.Sqlite
            ? new SqliteEngine(service, options.DataDirectory)
            : new PostgreSqlEngine(service, options.PostgreSql);
        return new ServiceDatabase(
            service,
            chosen,
            [
                MigrationSet.Read("hosting", typeof(ServiceDatabase).Assembly, options.Kind),
                MigrationSet.Read(service, migrations, options.Kind),
            ],
            time);
    }

    /// <summary>Claims the store for this process and brings its schema up to date. A second call does nothing.</summary>
    /// <exception cref="StorageException">
    /// Another process holds the files, the schema is newer than this build, an applied migration has changed, or one fails.
    /// </exception>
    public async Task PrepareAsync(CancellationToken cancellationToken)
    {
        if (prepared)
        {
            return;
        }

        try
        {
            await engine.ClaimAsync(cancellationToken);
            await Migrator.ApplyAsync(engine, Service, migrations, time, cancellationToken);
        }
        catch (DbException e)
        {
            throw new StorageException($"The store of '{Service}' cannot be opened: {e.Message}", e);
        }

        engine.Begin();
        prepared = true;
    }

    /// <summary>
    /// A connection outside the pool for a writer that keeps it and its prepared commands: a
    /// <c>SqliteConnection</c> or an <c>NpgsqlConnection</c>. The caller disposes of it.
    /// </summary>
    public Task<DbConnection> OpenWriterAsync(CancellationToken cancellationToken) => engine.OpenDedicatedAsync(cancellationToken);

    /// <summary>
    /// Waits for the caller's turn to write. SQLite takes one write transaction at a time; whoever finds it busy polls with
    /// growing pauses, so the writers of a process queue here instead. Free on PostgreSQL. Hold it from before the
    /// transaction begins until it has ended, and for nothing else.
    /// </summary>
    public async ValueTask<WriteTurn> TakeWriteTurnAsync(CancellationToken cancellationToken)
    {
        if (engine.Turn is { } turn)
        {
            await turn.WaitAsync(cancellationToken);
        }

        return new WriteTurn(engine.Turn);
    }

    /// <summary>Says of a change whether the store took it.</summary>
    /// <param name="refusal">Why it did not; null when it did.</param>
    public void Note(string? refusal)
    {
        if (refusal is not null)
        {
            Volatile.Write(ref refused, new StoreRefusal(time.GetUtcNow(), refusal));
        }
        else if (Refusal is not null)
        {
            Volatile.Write(ref refused, null);
        }
    }

    /// <summary>Says that the store has taken a change again, unless it has refused another one since.</summary>
    internal void Recovered(StoreRefusal from) => Interlocked.CompareExchange(ref refused, null, from);

    /// <inheritdoc />
    public ValueTask DisposeAsync() => engine.DisposeAsync();

    [GeneratedRegex("^(?=.{1,48}$)[a-z][a-z0-9]*(-[a-z0-9]+)*$", RegexOptions.CultureInvariant)]
    private static partial Regex ServiceName { get; }
}

/// <summary>The right to run a write transaction; the next writer goes on when it is disposed of.</summary>
public readonly struct WriteTurn : IDisposable, IEquatable<WriteTurn>
{
    private readonly SemaphoreSlim? turn;

    internal WriteTurn(SemaphoreSlim? turn) => this.turn = turn;

    /// <inheritdoc />
    public void Dispose() => turn?.Release();

    /// <inheritdoc />
    public bool Equals(WriteTurn other) => ReferenceEquals(turn, other.turn);

    /// <inheritdoc />
    public override bool Equals(object? obj) => obj is WriteTurn other && Equals(other);

    /// <inheritdoc />
    public override int GetHashCode() => turn?.GetHashCode() ?? 0;

    /// <summary>Whether both are turns at the same store.</summary>
    public static bool operator ==(WriteTurn left, WriteTurn right) => left.Equals(right);

    /// <summary>Whether they are turns at different stores.</summary>
    public static bool operator !=(WriteTurn left, WriteTurn right) => !left.Equals(right);
}
