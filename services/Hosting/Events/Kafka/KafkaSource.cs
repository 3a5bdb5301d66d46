using System.Collections.Concurrent;
using System.Threading.Channels;
using Confluent.Kafka;
using Microsoft.Extensions.Logging;

namespace Twin.Hosting.Events.Kafka;

/// <summary>
/// Brings messages from Kafka to one consumer. A thread of its own polls the broker without pause, so that the group keeps
/// this member however long an effect takes; when the consumer falls behind it pauses the partitions.
/// </summary>
internal sealed partial class KafkaSource(
    ConsumerRunner runner, KafkaClient client, EventOptions options, EventLag lag, TimeProvider time, ILogger<KafkaSource> logger)
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan MeasureInterval = TimeSpan.FromSeconds(5);

    // Pausing begins at half, so that what librdkafka still hands out finds room.
    private readonly Channel<ConsumeResult<string, byte[]>> queue = Channel.CreateBounded<ConsumeResult<string, byte[]>>(
        new BoundedChannelOptions(options.BatchSize * 4) { SingleReader = true, SingleWriter = true });

    private readonly ConcurrentDictionary<TopicPartition, long> next = new();
    private readonly string service = runner.Database.Service;
    private readonly string name = runner.Consumer.Name;
    private long workingSince;

    public async Task RunAsync(CancellationToken stopping)
    {
        var topics = runner.Consumer.Topics.Select(topic => TopicNames.AtBroker(options, topic)).ToList();
        await EnsureTopicsAsync(topics, stopping);
        var config = client.ConsumerConfig(TopicNames.AtBroker(options, $"{service}.{name}"));
        using var consumer = new ConsumerBuilder<string, byte[]>(config)
            .SetErrorHandler((_, error) => KafkaClient.Log.Trouble(logger, error.Code, error.Reason))
            .SetLogHandler((_, message) => KafkaClient.Log.Library(logger, message.Facility, message.Message))
            .Build();
        consumer.Subscribe(topics);
        // Consume blocks, and librdkafka has no other form of it.
        var polling = Task.Factory.StartNew(
            () => PollWhile(consumer, stopping), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        try
        {
            await HandleAsync(consumer, stopping);
        }
        finally
        {
            await polling;
            // Commits what is stored and leaves the group, so that the others need not wait for a timeout.
            consumer.Close();
        }
    }

    private async Task EnsureTopicsAsync(List<string> topics, CancellationToken stopping)
    {
        for (var failures = 0; ; failures++)
        {
            try
            {
                await client.EnsureTopicsAsync(topics);
                return;
            }
            catch (KafkaException e) when (!stopping.IsCancellationRequested)
            {
                lag.Failed(service, name, e.Message);
                Log.NoTopics(logger, name, e);
                await Task.Delay(Backoff.Delay(options, failures), time, stopping);
            }
        }
    }

    private void PollWhile(IConsumer<string, byte[]> consumer, CancellationToken stopping)
    {
        ConsumeResult<string, byte[]>? waiting = null;
        var paused = new List<TopicPartition>();
        var measured = time.GetTimestamp();
        while (!stopping.IsCancellationRequested)
        {
            if (waiting is null || queue.Writer.TryWrite(waiting))
            {
                waiting = Next(consumer);
            }
            else
            {
                stopping.WaitHandle.WaitOne(Poll);
            }

            if (queue.Reader.Count > options.BatchSize * 2)
            {
                Pause(consumer, paused);
            }
            else if (paused.Count > 0 && queue.Reader.Count < options.BatchSize)
            {
                consumer.Resume(paused.Intersect(consumer.Assignment));
                paused.Clear();
            }

            if (time.GetElapsedTime(measured) > MeasureInterval)
            {
                Measure(consumer);
                measured = time.GetTimestamp();
            }
        }
    }

    // While all is paused this is what keeps the member in its group, and the thread from spinning.
    private ConsumeResult<string, byte[]>? Next(IConsumer<string, byte[]> consumer)
    {
        try
        {
            return consumer.Consume(Poll);
        }
        catch (ConsumeException e)
        {
            KafkaClient.Log.Trouble(logger, e.Error.Code, e.Error.Reason);
            return null;
        }
    }

    // Partitions that a rebalance has brought since are paused as well.
    private static void Pause(IConsumer<string, byte[]> consumer, List<TopicPartition> paused)
    {
        var running = consumer.Assignment.Except(paused).ToList();
        if (running.Count > 0)
        {
            consumer.Pause(running);
            paused.AddRange(running);
        }
    }

    private async Task HandleAsync(IConsumer<string, byte[]> consumer, CancellationToken stopping)
    {
        var batch = new List<ConsumeResult<string, byte[]>>();
        try
        {
            while (await queue.Reader.WaitToReadAsync(stopping))
            {
                batch.Clear();
                while (batch.Count < options.BatchSize && queue.Reader.TryRead(out var result))
                {
                    batch.Add(result);
                }

                Volatile.Write(ref workingSince, new DateTimeOffset(batch[0].Message.Timestamp.UtcDateTime).ToUnixTimeMilliseconds());
                await HandleUntilDoneAsync(batch, stopping);
                Store(consumer, batch);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // What is not stored comes again.
        }
    }

    private async Task HandleUntilDoneAsync(List<ConsumeResult<string, byte[]>> batch, CancellationToken stopping)
    {
        for (var failures = 0; ; failures++)
        {
            try
            {
                var events = new List<TopicEvent>(batch.Count);
                foreach (var result in batch)
                {
                    var (one, fault) = KafkaMessages.FromMessage(result);
                    var topic = new TopicEvent(result.Topic[(options.TopicPrefix.Length + 1)..], one);
                    if (fault is null)
                    {
                        events.Add(topic);
                    }
                    else
                    {
                        await runner.SetAsideAsync(topic, fault, stopping);
                    }
                }

                await runner.HandleAsync(events, null, stopping);
                return;
            }
#pragma warning disable CA1031 // The store is away: the loop is where that ends. It is logged, shown in readiness, and tried again.
            catch (Exception e) when (!stopping.IsCancellationRequested)
#pragma warning restore CA1031
            {
                lag.Failed(service, name, e.Message);
                Log.HandlingFailed(logger, name, e);
                await Task.Delay(Backoff.Delay(options, failures), time, stopping);
            }
        }
    }

    private void Store(IConsumer<string, byte[]> consumer, List<ConsumeResult<string, byte[]>> batch)
    {
        foreach (var last in batch.GroupBy(result => result.TopicPartition).Select(partition => partition.Last()))
        {
            next[last.TopicPartition] = last.Offset.Value + 1;
            try
            {
                consumer.StoreOffset(new TopicPartitionOffset(last.TopicPartition, last.Offset + 1, last.LeaderEpoch));
            }
            catch (KafkaException e) when (e.Error.Code == ErrorCode.Local_State)
            {
                // A rebalance has taken the partition: its new owner gets these again, and its inbox knows them.
                Log.PartitionGone(logger, name, last.TopicPartition.Partition.Value);
            }
        }
    }

    private void Measure(IConsumer<string, byte[]> consumer)
    {
        try
        {
            var waiting = 0L;
            foreach (var partition in consumer.Assignment)
            {
                var watermarks = consumer.QueryWatermarkOffsets(partition, TimeSpan.FromSeconds(1));
                var done = next.TryGetValue(partition, out var offset) ? offset : Committed(consumer, partition, watermarks.Low.Value);
                waiting += Math.Max(0, watermarks.High.Value - done);
            }

            lag.Set(service, name, waiting, waiting == 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds(Volatile.Read(ref workingSince)));
        }
        catch (KafkaException e)
        {
            lag.Failed(service, name, e.Error.Reason);
        }
    }

    private static long Committed(IConsumer<string, byte[]> consumer, TopicPartition partition, long low)
    {
        var offset = consumer.Committed([partition], TimeSpan.FromSeconds(1)).Single().Offset;
        return offset.IsSpecial ? low : offset.Value;
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Error, Message = "The topics of {Consumer} cannot be created; trying again")]
        public static partial void NoTopics(ILogger logger, string consumer, Exception error);

        [LoggerMessage(Level = LogLevel.Error, Message = "{Consumer} cannot reach its store; trying again")]
        public static partial void HandlingFailed(ILogger logger, string consumer, Exception error);

        [LoggerMessage(Level = LogLevel.Information, Message = "{Consumer} has lost partition {Partition} to another process")]
        public static partial void PartitionGone(ILogger logger, string consumer, int partition);
    }
}
