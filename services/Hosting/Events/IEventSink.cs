namespace Twin.Hosting.Events;

/// <summary>
/// Where a reader of an outbox takes the events: to a consumer of this process, to Kafka, or to Dapr. It is the seam
/// between the transports; the reading, retrying and pruning are the same for all.
/// </summary>
internal interface IEventSink
{
    /// <summary>Names the reader for good: its place in the outbox, its lock and its lag go by it.</summary>
    string Reader { get; }

    /// <summary>The topics it wants; null for all.</summary>
    IReadOnlySet<string>? Topics { get; }

    /// <summary>The place to go on from.</summary>
    Task<OutboxPosition> StartAsync(OutboxLog log, CancellationToken cancellationToken);

    /// <summary>
    /// Takes the events of a batch. Returns once they are safe on the other side; an exception makes the reader come again
    /// from where it last was.
    /// </summary>
    Task DeliverAsync(OutboxLog log, OutboxBatch batch, CancellationToken cancellationToken);
}
