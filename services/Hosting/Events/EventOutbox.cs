using System.Data.Common;
using System.Runtime.CompilerServices;
using Twin.Hosting.Storage;

namespace Twin.Hosting.Events;

/// <summary>
/// The log of what a service has done: events are appended in the transaction that changes the state, and read from there
/// in commit order. Registered by <see cref="EventRegistration.AddEventOutbox"/> as a singleton keyed by the service.
/// </summary>
public sealed class EventOutbox
{
    private const string Insert =
        "INSERT INTO outbox (topic, count, appended_at, events) VALUES (@topic, @count, @at, @events)";

    private readonly TimeProvider time;
    private readonly ConditionalWeakTable<DbConnection, DbCommand> inserts = [];
    private readonly List<SemaphoreSlim> readers = [];
    private long commits;

    internal EventOutbox(ServiceDatabase database, IReadOnlyCollection<string> topics, TimeProvider time)
    {
        Database = database;
        Topics = topics;
        this.time = time;
    }

    /// <summary>The topics that the service appends to.</summary>
    public IReadOnlyCollection<string> Topics { get; }

    internal ServiceDatabase Database { get; }

    /// <summary>
    /// Appends events within the caller's transaction: they are delivered if and only if it commits. Events of one
    /// subject stay in the order of the transactions when the service writes a subject from one transaction at a time.
    /// Call <see cref="Committed"/> after the commit; a reader that nobody wakes comes by itself a little later.
    /// </summary>
    /// <param name="transaction">Of a connection to the service's database.</param>
    /// <param name="topic">One of <see cref="Topics"/>.</param>
    /// <param name="events">In the order in which they happened. Fastest by the hundred.</param>
    /// <exception cref="ArgumentException">The service has not declared the topic.</exception>
    public async ValueTask AppendAsync(
        DbTransaction transaction, string topic, IReadOnlyList<TwinEvent> events, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        ArgumentNullException.ThrowIfNull(events);
        if (!Topics.Contains(topic))
        {
            throw new ArgumentException($"The service '{Database.Service}' has not declared the topic '{topic}' in AddEventOutbox.", nameof(topic));
        }

        var command = InsertFor(transaction.Connection ?? throw new ArgumentException("The transaction has ended.", nameof(transaction)));
        command.Transaction = transaction;
        command.Parameters[0].Value = topic;
        command.Parameters[2].Value = time.GetUtcNow().ToUnixTimeMilliseconds();
        for (var next = 0; next < events.Count;)
        {
            var (block, count) = EventCodec.Pack(events, next);
            command.Parameters[1].Value = count;
            command.Parameters[3].Value = block;
            await command.ExecuteNonQueryAsync(cancellationToken);
            next += count;
        }
    }

    /// <summary>How often <see cref="Committed"/> was called: what was committed before a number was read has been counted in it.</summary>
    public long Commits => Volatile.Read(ref commits);

    /// <summary>Tells the readers that a transaction with events has committed.</summary>
    public void Committed()
    {
        Interlocked.Increment(ref commits);
        foreach (var reader in readers)
        {
            // A reader that has not run since it was last woken sees this commit as well.
            if (reader.CurrentCount == 0)
            {
                reader.Release();
            }
        }
    }

    /// <summary>A signal that is released after commits. Taken while the host is built, before anything is appended.</summary>
    internal SemaphoreSlim AddReader()
    {
        var signal = new SemaphoreSlim(0);
        readers.Add(signal);
        return signal;
    }

    // Kept with the connection: a writer that keeps its connection prepares once.
    private DbCommand InsertFor(DbConnection connection)
    {
        if (!inserts.TryGetValue(connection, out var command))
        {
            command = connection.Command(Insert).With("@topic", "").With("@count", 0).With("@at", 0L).With("@events", Array.Empty<byte>());
            inserts.Add(connection, command);
        }

        return command;
    }
}
