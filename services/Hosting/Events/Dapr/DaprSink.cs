namespace Twin.Hosting.Events.Dapr;

/// <summary>Takes events from an outbox to a Dapr pub/sub component.</summary>
internal sealed class DaprSink(DaprPublisher publisher, EventOptions options) : IEventSink
{
    public const string Name = "dapr";

    public string Reader => Name;

    public IReadOnlySet<string>? Topics => null;

    public async Task<OutboxPosition> StartAsync(OutboxLog log, CancellationToken cancellationToken)
    {
        await publisher.EnsureReadyAsync(cancellationToken);
        await publisher.EnsureComponentAsync(cancellationToken);
        return await log.PlaceOfAsync(Reader, cancellationToken);
    }

    public async Task DeliverAsync(OutboxLog log, OutboxBatch batch, CancellationToken cancellationToken)
    {
        foreach (var topic in batch.Events.GroupBy(one => one.Topic, one => one.Event, StringComparer.Ordinal))
        {
            foreach (var bulk in OnePerSubject(topic))
            {
                await publisher.PublishAsync(TopicNames.AtBroker(options, topic.Key), bulk, cancellationToken);
            }
        }
    }

    /// <summary>
    /// Splits events so that each part holds at most one of a subject, and the parts keep the order of each. A bulk may
    /// succeed in part: some components publish its entries all at once, and Kafka's, whose producer is not idempotent, lets
    /// a later entry through where an earlier one fails with its broker. The next part goes out when all of one is safe.
    /// </summary>
    private static List<List<TwinEvent>> OnePerSubject(IEnumerable<TwinEvent> events)
    {
        var parts = new List<List<TwinEvent>>();
        var seen = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var one in events)
        {
            var part = seen.GetValueOrDefault(one.Subject);
            seen[one.Subject] = part + 1;
            if (part == parts.Count)
            {
                parts.Add([]);
            }

            parts[part].Add(one);
        }

        return parts;
    }
}
