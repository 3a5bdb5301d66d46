using Confluent.Kafka;
using Microsoft.Extensions.Options;

namespace Twin.Hosting.Events.Kafka;

/// <summary>Takes events from an outbox to Kafka, in batches; a batch is safe when every message of it is acknowledged.</summary>
internal sealed class KafkaSink(EventOutbox outbox, KafkaClient client, EventOptions options, TimeProvider time) : IEventSink
{
    public const string Name = "kafka";

    private readonly DeadLetterStore refused = new(outbox.Database, time);

    public string Reader => Name;

    public IReadOnlySet<string>? Topics => null;

    public async Task<OutboxPosition> StartAsync(OutboxLog log, CancellationToken cancellationToken)
    {
        await client.EnsureTopicsAsync([.. outbox.Topics.Select(topic => TopicNames.AtBroker(options, topic))]);
        return await log.PlaceOfAsync(Reader, cancellationToken);
    }

    public async Task DeliverAsync(OutboxLog log, OutboxBatch batch, CancellationToken cancellationToken)
    {
        var producer = client.Producer;
        var delivery = new Delivery(batch.Events.Count);
        foreach (var (topic, one) in batch.Events)
        {
            try
            {
                producer.Produce(TopicNames.AtBroker(options, topic), KafkaMessages.ToMessage(one), delivery.Report);
            }
            catch (ProduceException<string, byte[]> e) when (e.Error.Code is ErrorCode.MsgSizeTooLarge or ErrorCode.InvalidMsg)
            {
                // No later attempt will do better: it would block all that follow for ever.
                await SetAsideAsync(new TopicEvent(topic, one), e.Error.Reason, cancellationToken);
                delivery.Skip();
            }
        }

        if (await delivery.Done.WaitAsync(cancellationToken) is { } error)
        {
            if (error.IsFatal)
            {
                client.Renew(producer);
            }

            throw new KafkaException(error);
        }
    }

    private async Task SetAsideAsync(TopicEvent one, string error, CancellationToken cancellationToken)
    {
        using var turn = await outbox.Database.TakeWriteTurnAsync(cancellationToken);
        await using var connection = await outbox.Database.DataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await refused.AddAsync(transaction, Reader, one, 1, error, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>Counts the acknowledgements of one batch, which come on librdkafka's thread.</summary>
    private sealed class Delivery
    {
        private readonly TaskCompletionSource<Error?> done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int waiting;
        private Error? failure;

        public Delivery(int count)
        {
            waiting = count;
            if (count == 0)
            {
                done.SetResult(null);
            }
        }

        public Task<Error?> Done => done.Task;

        public void Report(DeliveryReport<string, byte[]> report)
        {
            if (report.Error.IsError)
            {
                failure = report.Error;
            }

            Skip();
        }

        public void Skip()
        {
            if (Interlocked.Decrement(ref waiting) == 0)
            {
                done.SetResult(failure);
            }
        }
    }
}
