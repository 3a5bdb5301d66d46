namespace Twin.Hosting.Events;

/// <summary>Takes events from an outbox straight to a consumer of the same process.</summary>
internal sealed class ConsumerSink(ConsumerRunner runner) : IEventSink
{
    public const string Transport = "in-process/";

    public string Reader => $"{Transport}{runner.Database.Service}/{runner.Consumer.Name}";

    public IReadOnlySet<string>? Topics { get; } = runner.Consumer.Topics.ToHashSet(StringComparer.Ordinal);

    // The place lies beside the effect, so that the two never disagree.
    public Task<OutboxPosition> StartAsync(OutboxLog log, CancellationToken cancellationToken) =>
        runner.OffsetAsync(log.Database.Service, cancellationToken);

    public Task DeliverAsync(OutboxLog log, OutboxBatch batch, CancellationToken cancellationToken) =>
        runner.HandleAsync(batch.Events, new OffsetMark(log.Database.Service, batch.End), cancellationToken);
}

/// <summary>Reads past everything, where nobody wants anything.</summary>
internal sealed class NobodySink : IEventSink
{
    public string Reader => OutboxReader.Nobody;

    public IReadOnlySet<string>? Topics { get; } = new HashSet<string>(StringComparer.Ordinal);

    public Task<OutboxPosition> StartAsync(OutboxLog log, CancellationToken cancellationToken) =>
        log.PlaceOfAsync(Reader, cancellationToken);

    public Task DeliverAsync(OutboxLog log, OutboxBatch batch, CancellationToken cancellationToken) => Task.CompletedTask;
}
