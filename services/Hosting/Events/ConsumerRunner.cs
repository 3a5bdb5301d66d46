using System.Data.Common;
using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Twin.Hosting.Storage;

namespace Twin.Hosting.Events;

/// <summary>A place to note together with the effect of a batch.</summary>
internal readonly record struct OffsetMark(string Source, OutboxPosition Position);

/// <summary>
/// Runs one consumer on what a transport brings: inbox, effect and offset in one transaction, retries with growing pauses,
/// and a dead letter for what keeps failing. When it returns, every event has taken effect once or lies with the dead letters.
/// </summary>
internal sealed partial class ConsumerRunner(
    IEventConsumer consumer, ServiceDatabase database, EventOptions options, EventLag lag, TimeProvider time, ILogger<ConsumerRunner> logger)
{
    private readonly Inbox inbox = new(database, time);
    private readonly DeadLetterStore deadLetters = new(database, time);
    private DateTimeOffset tidied = time.GetUtcNow();

    public IEventConsumer Consumer => consumer;

    public ServiceDatabase Database => database;

    public Task<OutboxPosition> OffsetAsync(string source, CancellationToken cancellationToken) =>
        inbox.OffsetAsync(consumer.Name, source, cancellationToken);

    /// <summary>Handles a batch; throws only when the store is away or the process stops.</summary>
    public async Task HandleAsync(IReadOnlyList<TopicEvent> events, OffsetMark? mark, CancellationToken cancellationToken)
    {
        if (events.Count == 0)
        {
            return;
        }

        using var activity = Start(events);
        try
        {
            await AttemptAsync(events, mark, cancellationToken);
        }
        catch (Exception e) when (!IsTheEnd(e, cancellationToken))
        {
            // One of them is to blame: alone, each shows whether it is the one.
            Log.BatchFailed(logger, events.Count, consumer.Name, e);
            for (var i = 0; i < events.Count; i++)
            {
                await HandleOneAsync(events[i], i == events.Count - 1 ? mark : null, cancellationToken);
            }
        }

        await TidyAsync(cancellationToken);
    }

    /// <summary>Sets an event aside untried, because nobody can make sense of it.</summary>
    public async Task SetAsideAsync(TopicEvent one, string error, CancellationToken cancellationToken) =>
        await SetAsideAsync(one, 0, error, null, cancellationToken);

    /// <summary>Runs the consumer on a dead letter once more; its effect and the letter's removal are one transaction.</summary>
    public async Task ReplayAsync(DeadLetter letter, CancellationToken cancellationToken)
    {
        using var activity = Start([new TopicEvent(letter.Topic, letter.Event)]);
        using var turn = await database.TakeWriteTurnAsync(cancellationToken);
        await using var connection = await database.DataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await DeadLetterStore.RemoveAsync(transaction, letter.Id, cancellationToken))
        {
            await consumer.HandleAsync([letter.Event], transaction, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            lag.Handled(database.Service, consumer.Name, 1, 0);
        }
    }

    private async Task HandleOneAsync(TopicEvent one, OffsetMark? mark, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await AttemptAsync([one], mark, cancellationToken);
                return;
            }
            catch (Exception e) when (!IsTheEnd(e, cancellationToken) && attempt >= options.MaxAttempts)
            {
                Log.SetAside(logger, one.Event.Id, one.Event.Type, consumer.Name, attempt, e);
                await SetAsideAsync(one, attempt, $"{e.GetType().Name}: {e.Message}", mark, cancellationToken);
                return;
            }
            catch (Exception e) when (!IsTheEnd(e, cancellationToken))
            {
                lag.Retried(database.Service, consumer.Name);
                await Task.Delay(Backoff.Delay(options, attempt - 1), time, cancellationToken);
            }
        }
    }

    private async Task AttemptAsync(IReadOnlyList<TopicEvent> events, OffsetMark? mark, CancellationToken cancellationToken)
    {
        using var turn = await database.TakeWriteTurnAsync(cancellationToken);
        await using var connection = await database.DataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var fresh = await inbox.NoteAsync(transaction, consumer.Name, events, cancellationToken);
        if (fresh.Count > 0)
        {
            await consumer.HandleAsync([.. fresh.Select(one => one.Event)], transaction, cancellationToken);
        }

        await MarkAsync(transaction, mark, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        lag.Handled(database.Service, consumer.Name, fresh.Count, events.Count - fresh.Count);
    }

    private async Task SetAsideAsync(TopicEvent one, int attempts, string error, OffsetMark? mark, CancellationToken cancellationToken)
    {
        using var turn = await database.TakeWriteTurnAsync(cancellationToken);
        await using var connection = await database.DataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if ((await inbox.NoteAsync(transaction, consumer.Name, [one], cancellationToken)).Count > 0)
        {
            await deadLetters.AddAsync(transaction, consumer.Name, one, attempts, error, cancellationToken);
            lag.SetAside(database.Service, consumer.Name);
        }

        await MarkAsync(transaction, mark, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private Task MarkAsync(DbTransaction transaction, OffsetMark? mark, CancellationToken cancellationToken) => mark is { } place
        ? inbox.AdvanceAsync(transaction, consumer.Name, place.Source, place.Position, cancellationToken)
        : Task.CompletedTask;

    private async Task TidyAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (now - tidied > TimeSpan.FromHours(1))
        {
            tidied = now;
            await inbox.ForgetAsync(consumer.Name, options.Retention, cancellationToken);
        }
    }

    // A store that is away is no fault of the event: the transport comes again with all of it.
    private static bool IsTheEnd(Exception e, CancellationToken cancellationToken) =>
        cancellationToken.IsCancellationRequested || e is DbException { IsTransient: true };

    // One event continues the trace of its cause; a batch has many causes and links to them.
    private Activity? Start(IReadOnlyList<TopicEvent> events)
    {
        if (!EventLag.Activities.HasListeners())
        {
            return null;
        }

        var causes = events.Select(one => one.Event.TraceParent).OfType<string>().Distinct(StringComparer.Ordinal).Take(128)
            .Select(cause => ActivityContext.TryParse(cause, null, isRemote: true, out var context) ? context : default)
            .Where(context => context != default)
            .ToList();
        var activity = causes.Count == 1
            ? EventLag.Activities.StartActivity("process " + consumer.Name, ActivityKind.Consumer, causes[0])
            : EventLag.Activities.StartActivity(
                "process " + consumer.Name, ActivityKind.Consumer, default(ActivityContext), links: causes.Select(cause => new ActivityLink(cause)));
        activity?.SetTag("messaging.operation.type", "process");
        activity?.SetTag("messaging.consumer.group.name", consumer.Name);
        activity?.SetTag("messaging.batch.message_count", events.Count);
        return activity;
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Warning, Message = "A batch of {Count} events failed in {Consumer}; each is tried alone")]
        public static partial void BatchFailed(ILogger logger, int count, string consumer, Exception error);

        [LoggerMessage(Level = LogLevel.Error, Message = "Event {Id} of type {Type} is set aside: {Consumer} failed {Attempts} times")]
        public static partial void SetAside(ILogger logger, Guid id, string type, string consumer, int attempts, Exception error);
    }
}
