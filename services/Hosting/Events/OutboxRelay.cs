using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Twin.Hosting.Events;

/// <summary>Decides who reads an outbox.</summary>
internal interface IEventRouter
{
    /// <summary>Readers whose names do not begin so belong to another transport.</summary>
    string Transport { get; }

    /// <summary>The sinks of an outbox.</summary>
    IReadOnlyList<IEventSink> SinksOf(EventOutbox outbox);

    /// <summary>Publishes once more what the broker refused.</summary>
    Task RepublishAsync(DeadLetter letter, CancellationToken cancellationToken);
}

/// <summary>Within the process each consumer is a reader of its own: a slow one holds nobody back.</summary>
internal sealed class InProcessRouter(IEnumerable<ConsumerRunner> runners) : IEventRouter
{
    public string Transport => ConsumerSink.Transport;

    public IReadOnlyList<IEventSink> SinksOf(EventOutbox outbox)
    {
        var sinks = runners.Where(runner => runner.Consumer.Topics.Any(outbox.Topics.Contains))
            .Select(IEventSink (runner) => new ConsumerSink(runner)).ToList();
        return sinks.Count > 0 ? sinks : [new NobodySink()];
    }

    public Task RepublishAsync(DeadLetter letter, CancellationToken cancellationToken) => throw new InvalidOperationException(
        $"The letter was refused by '{letter.Consumer}', which is not configured any more. Configure it again, or discard the letter.");
}

/// <summary>Runs the readers of every outbox in the process.</summary>
internal sealed class OutboxRelay(
    IEnumerable<OutboxOfAService> outboxes, IEventRouter router, IOptions<EventOptions> options, EventLag lag, TimeProvider time,
    ILogger<OutboxRelay> logger) : BackgroundService
{
    // Built here, before anybody appends: an outbox must know whom to wake.
    private readonly List<(EventOutbox Outbox, List<OutboxReader> Readers, bool Anybody)> readers = [.. outboxes.Select(entry =>
    {
        var sinks = router.SinksOf(entry.Outbox);
        return (
            entry.Outbox,
            sinks.Select(sink => new OutboxReader(entry.Outbox, sink, options.Value, lag, time, logger)).ToList(),
            sinks.All(sink => sink is not NobodySink));
    })];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        foreach (var (outbox, _, anybody) in readers)
        {
            await new OutboxLog(outbox.Database, time).ForgetOthersAsync(router.Transport, anybody, stoppingToken);
        }

        await Task.WhenAll(readers.SelectMany(entry => entry.Readers).Select(reader => reader.RunAsync(stoppingToken)));
    }
}
