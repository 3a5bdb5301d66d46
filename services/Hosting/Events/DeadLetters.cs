using Microsoft.Extensions.Logging;
using Twin.Hosting.Storage;

namespace Twin.Hosting.Events;

/// <summary>An event that a consumer could not handle.</summary>
/// <param name="Id">Numbers the letters of a service.</param>
/// <param name="Consumer">Who could not handle it.</param>
/// <param name="Topic">Where it came from.</param>
/// <param name="Event">The event, whole.</param>
/// <param name="Attempts">How often it was tried, replays included.</param>
/// <param name="Error">What happened at the last attempt, at most 2,000 characters.</param>
/// <param name="FailedAt">When that was.</param>
public sealed record DeadLetter(
    long Id, string Consumer, string Topic, TwinEvent Event, int Attempts, string Error, DateTimeOffset FailedAt);

/// <summary>Which dead letters; what is null is not asked for.</summary>
public sealed record DeadLetterFilter(string? Consumer = null, string? Topic = null, string? Type = null, string? Subject = null);

/// <summary>What came of a replay.</summary>
/// <param name="Found">False when there is no such letter any more.</param>
/// <param name="Error">Why it failed again; null when the event has taken effect and the letter is gone.</param>
public sealed record ReplayOutcome(bool Found, string? Error)
{
    /// <summary>Whether the event has taken effect.</summary>
    public bool Succeeded => Found && Error is null;
}

/// <summary>
/// The events of one service that were set aside, for its operator. Registered as a singleton keyed by the service with its
/// first consumer or outbox.
/// </summary>
public sealed class DeadLetters
{
    /// <summary>The longest page of <see cref="ListAsync"/>.</summary>
    public const int MaxPage = 1000;

    private readonly DeadLetterStore store;
    private readonly Dictionary<string, ConsumerRunner> runners;
    private readonly ServiceDatabase database;
    private readonly IEventRouter router;

    internal DeadLetters(ServiceDatabase database, IEnumerable<ConsumerRunner> runners, IEventRouter router, TimeProvider time)
    {
        this.router = router;
        this.database = database;
        this.runners = runners.Where(runner => runner.Database == database).ToDictionary(runner => runner.Consumer.Name, StringComparer.Ordinal);
        store = new DeadLetterStore(database, time);
    }

    /// <summary>A page of the letters that match, oldest first.</summary>
    /// <param name="filter">Which ones.</param>
    /// <param name="after">The id of the last letter of the page before; 0 for the first page.</param>
    /// <param name="limit">The length of the page, 1 to <see cref="MaxPage"/>.</param>
    public Task<IReadOnlyList<DeadLetter>> ListAsync(DeadLetterFilter filter, long after, int limit, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, MaxPage);
        return store.ListAsync(filter, after, limit, cancellationToken);
    }

    /// <summary>How many letters match.</summary>
    public Task<long> CountAsync(DeadLetterFilter filter, CancellationToken cancellationToken) => store.CountAsync(filter, cancellationToken);

    /// <summary>One letter; null when there is none of that id.</summary>
    public Task<DeadLetter?> FindAsync(long id, CancellationToken cancellationToken) => store.FindAsync(id, cancellationToken);

    /// <summary>Runs the consumer on the event once more. When that works the letter is gone, else it stays with the new error.</summary>
    /// <exception cref="InvalidOperationException">The consumer is not part of this process.</exception>
    public async Task<ReplayOutcome> ReplayAsync(long id, CancellationToken cancellationToken)
    {
        var letter = await store.FindAsync(id, cancellationToken);
        if (letter is null)
        {
            return new ReplayOutcome(false, null);
        }

        var replay = ReplayerOf(letter);
        try
        {
            await replay(letter, cancellationToken);
            return new ReplayOutcome(true, null);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            var error = $"{e.GetType().Name}: {e.Message}";
            await store.FailedAgainAsync(id, error, cancellationToken);
            return new ReplayOutcome(true, error);
        }
    }

    /// <summary>Replays every letter that matches and is there when the call begins, oldest first.</summary>
    /// <returns>How many took effect, and how many failed again.</returns>
    public async Task<(int Succeeded, int Failed)> ReplayAllAsync(DeadLetterFilter filter, CancellationToken cancellationToken)
    {
        var (succeeded, failed, after) = (0, 0, 0L);
        while (await ListAsync(filter, after, MaxPage, cancellationToken) is { Count: > 0 } page)
        {
            foreach (var letter in page)
            {
                var outcome = await ReplayAsync(letter.Id, cancellationToken);
                succeeded += outcome.Succeeded ? 1 : 0;
                failed += outcome.Error is null ? 0 : 1;
            }

            after = page[^1].Id;
        }

        return (succeeded, failed);
    }

    /// <summary>Removes a letter for good; the event never takes effect.</summary>
    /// <returns>False when there was none of that id.</returns>
    public async Task<bool> DiscardAsync(long id, CancellationToken cancellationToken)
    {
        using var turn = await database.TakeWriteTurnAsync(cancellationToken);
        await using var connection = await database.DataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var removed = await DeadLetterStore.RemoveAsync(transaction, id, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return removed;
    }

    private Func<DeadLetter, CancellationToken, Task> ReplayerOf(DeadLetter letter)
    {
        if (runners.TryGetValue(letter.Consumer, out var runner))
        {
            return runner.ReplayAsync;
        }

        if (letter.Consumer is "kafka" or "dapr")
        {
            return async (refused, cancellationToken) =>
            {
                await router.RepublishAsync(refused, cancellationToken);
                await DiscardAsync(refused.Id, cancellationToken);
            };
        }

        throw new InvalidOperationException(
            $"The consumer '{letter.Consumer}' of '{database.Service}' is not part of this process. Replay where it runs, or discard the letter.");
    }
}
