using System.Collections.Concurrent;
using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using Twin.Hosting.Composition;
using Twin.Telemetry.Sources.Payloads;

namespace Twin.Telemetry.Sources.Kafka;

/// <summary>
/// Topics of one Kafka. A thread of its own polls without pause, so that the group keeps this member however long a commit
/// takes; where messages wait for theirs too long it pauses the partitions. An offset is stored when the points of its message are
/// durable, and what was not stored comes again.
/// </summary>
internal sealed partial class KafkaSource : IDisposable
{
    private const int MostBytes = 1024 * 1024;

    /// <summary>Messages that may wait; partitions are paused at half, so that what librdkafka still hands out finds room.</summary>
    private const int Room = 4000;

    private const long RoomBytes = 32 * 1024 * 1024;
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(5);

    /// <summary>How long commits may be behind before partitions are paused; the group waits much longer (max.poll.interval.ms).</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(2);

    private readonly KafkaSourceOptions options;
    private readonly SourceState state;
    private readonly SourceQueue queue;
    private readonly TimeProvider clock;
    private readonly ILogger log;
    private readonly IConsumer<string, byte[]> consumer;
    private readonly Dictionary<string, PayloadDecoder> decoders = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<TopicPartition, long> next = new();

    /// <exception cref="SettingException">librdkafka does not take a setting.</exception>
    public KafkaSource(string key, KafkaSourceOptions options, SourceState state, MessageIntake intake, string node, TimeProvider clock, ILogger log)
    {
        (this.options, this.state, this.clock, this.log) = (options, state, clock, log);
        queue = new SourceQueue(intake, state, options.Tenant, Room, clock, log);
        foreach (var one in options.Topics)
        {
            // They were found sound when the process began.
            decoders.Add(one.Topic, PayloadForms.Create(one, KafkaSourceOptions.Names, new PayloadFaults("", [])));
        }

        try
        {
            consumer = new ConsumerBuilder<string, byte[]>(Configuration(options, node))
                .SetErrorHandler((_, error) => Note(error))
                .SetLogHandler((_, message) => Log.Library(log, message.Facility, message.Message))
                .SetPartitionsAssignedHandler((_, _) => Note(SourceStatus.Connected, null))
                .Build();
        }
        catch (Exception fault) when (fault is InvalidOperationException or ArgumentException or KafkaException)
        {
            throw SettingException.Of($"{key}:{nameof(options.Settings)}", fault.Message);
        }
    }

    /// <summary>Runs until the node stops; then what has come is committed and its offsets are first.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        var working = queue.RunAsync(stopping);
        consumer.Subscribe(options.Topics.Select(static one => one.Topic));
        // Consume blocks, and librdkafka has no other form of it.
        await Task.Factory.StartNew(() => PollWhile(stopping), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        queue.Complete();
        await working;
        // Commits what is stored and leaves the group, so that others need not wait for a timeout.
        consumer.Close();
    }

    /// <inheritdoc />
    public void Dispose() => consumer.Dispose();

    private static Dictionary<string, string> Configuration(KafkaSourceOptions options, string node)
    {
        var made = new ConsumerConfig
        {
            BootstrapServers = options.BootstrapServers,
            GroupId = options.Group ?? $"twin-{node}-{options.Name}",
            AutoOffsetReset = options.Start == "latest" ? AutoOffsetReset.Latest : AutoOffsetReset.Earliest,
            EnableAutoOffsetStore = false,
            EnableAutoCommit = true,
            AutoCommitIntervalMs = 1000,
            // A process that is killed keeps its partitions this long.
            SessionTimeoutMs = 10_000,
            PartitionAssignmentStrategy = PartitionAssignmentStrategy.CooperativeSticky,
            FetchWaitMaxMs = 100,
            QueuedMaxMessagesKbytes = 16 * 1024,
            // How soon a topic is found that somebody creates later.
            TopicMetadataRefreshIntervalMs = 30_000,
        }.ToDictionary(static one => one.Key, static one => one.Value, StringComparer.Ordinal);
        foreach (var (key, value) in options.Settings)
        {
            made[key] = value;
        }

        if (options.PasswordFile is not null)
        {
            made["sasl.password"] = File.ReadAllText(options.PasswordFile).TrimEnd('\r', '\n');
        }

        return made;
    }

    private void PollWhile(CancellationToken stopping)
    {
        SourceMessage? waiting = null;
        var paused = new List<TopicPartition>();
        var looked = clock.GetTimestamp();
        long? fullSince = null;
        while (!stopping.IsCancellationRequested)
        {
            if (clock.GetElapsedTime(looked) > LookInterval)
            {
                Look();
                looked = clock.GetTimestamp();
            }

            if (!IsFull)
            {
                fullSince = null;
                Resume(paused);
            }
            else if (clock.GetElapsedTime(fullSince ??= clock.GetTimestamp()) < Patience)
            {
                // Commits will have caught up in a moment: a pause throws away what was fetched, and costs more than it.
                stopping.WaitHandle.WaitOne(Moment);
                continue;
            }
            else
            {
                Pause(paused);
            }

            if (waiting is null || queue.TryAdd(waiting))
            {
                waiting = Next();
            }
            else
            {
                stopping.WaitHandle.WaitOne(Moment);
            }
        }
    }

    private bool IsFull => queue.Count > Room / 2 || queue.Bytes > RoomBytes;

    private void Resume(List<TopicPartition> paused)
    {
        if (paused.Count > 0)
        {
            consumer.Resume(paused.Intersect(consumer.Assignment));
            paused.Clear();
        }
    }

    // While all is paused this is what keeps the member in its group, and the thread from spinning.
    private SourceMessage? Next()
    {
        try
        {
            return consumer.Consume(Poll) is { Message: not null } result ? ToMessage(result) : null;
        }
        catch (ConsumeException fault)
        {
            Note(fault.Error);
            return null;
        }
    }

    // Partitions that a rebalance has brought since are paused as well.
    private void Pause(List<TopicPartition> paused)
    {
        var running = consumer.Assignment.Except(paused).ToList();
        if (running.Count > 0)
        {
            consumer.Pause(running);
            paused.AddRange(running);
        }
    }

    private SourceMessage ToMessage(ConsumeResult<string, byte[]> result)
    {
        var value = result.Message.Value ?? [];
        var known = new Dictionary<string, string>(StringComparer.Ordinal) { ["topic"] = result.Topic };
        if (result.Message.Key is { Length: > 0 } key)
        {
            known["key"] = key;
        }

        // Without a time of its own a message has the one that Kafka keeps with it, so that it is the same point when it comes again.
        var at = result.Message.Timestamp.Type == TimestampType.NotAvailable ? clock.GetUtcNow() : new DateTimeOffset(result.Message.Timestamp.UtcDateTime);
        return new SourceMessage($"{result.Topic}[{result.Partition.Value}]@{result.Offset.Value}", value.AsMemory(0, Math.Min(value.Length, MostBytes)), at, decoders[result.Topic], known)
        {
            Acknowledge = _ => Store(result),
            Fault = value.Length > MostBytes ? $"It has {value.Length} bytes; at most {MostBytes} are read." : null,
        };
    }

    private Task Store(ConsumeResult<string, byte[]> result)
    {
        next[result.TopicPartition] = result.Offset.Value + 1;
        try
        {
            consumer.StoreOffset(new TopicPartitionOffset(result.TopicPartition, result.Offset + 1, result.LeaderEpoch));
        }
        catch (KafkaException fault) when (fault.Error.Code == ErrorCode.Local_State)
        {
            // A rebalance has taken the partition: its new owner brings these again, and points are known by their time.
            Log.PartitionGone(log, options.Name, result.Partition.Value);
        }

        return Task.CompletedTask;
    }

    /// <summary>How many messages wait at the brokers; and whether they answer again, which nothing else tells.</summary>
    private void Look()
    {
        try
        {
            var (behind, partitions) = (0L, consumer.Assignment);
            foreach (var partition in partitions)
            {
                var ends = consumer.QueryWatermarkOffsets(partition, TimeSpan.FromSeconds(1));
                var done = next.TryGetValue(partition, out var offset) ? offset : Committed(partition, ends.Low.Value);
                behind += Math.Max(0, ends.High.Value - done);
            }

            state.SetBehind(behind);
            if (partitions.Count > 0)
            {
                Note(SourceStatus.Connected, null);
            }
        }
        catch (KafkaException)
        {
            // The error handler says it.
        }
    }

    private long Committed(TopicPartition partition, long low)
    {
        var offset = consumer.Committed([partition], TimeSpan.FromSeconds(1)).Single().Offset;
        return offset.IsSpecial ? low : offset.Value;
    }

    private void Note(Error error)
    {
        switch (error.Code)
        {
            case ErrorCode.Local_AllBrokersDown:
                Note(SourceStatus.Disconnected, "no connection to any of the brokers");
                break;
            case ErrorCode.UnknownTopicOrPart or ErrorCode.Local_UnknownTopic or ErrorCode.Local_UnknownPartition:
                Note(SourceStatus.Disconnected, $"the brokers do not have the topic: {error.Reason}");
                break;
            case ErrorCode.SaslAuthenticationFailed or ErrorCode.Local_Authentication or ErrorCode.TopicAuthorizationFailed
                or ErrorCode.GroupAuthorizationFailed or ErrorCode.ClusterAuthorizationFailed or ErrorCode.Local_Ssl:
                Note(SourceStatus.Refused, $"the brokers refuse the node: {error.Reason}");
                break;
            default:
                state.Fail(error.Reason);
                Log.Trouble(log, options.Name, error.Code, error.Reason);
                break;
        }
    }

    private void Note(SourceStatus status, string? reason)
    {
        if (!state.Set(status, reason))
        {
            return;
        }

        if (reason is null)
        {
            Log.Connected(log, options.Name);
        }
        else
        {
            Log.Away(log, options.Name, reason);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Information, Message = "The Kafka source {Source} is connected")]
        public static partial void Connected(ILogger logger, string source);

        [LoggerMessage(Level = LogLevel.Warning, Message = "The Kafka source {Source} is away and is tried again: {Reason}")]
        public static partial void Away(ILogger logger, string source, string reason);

        [LoggerMessage(Level = LogLevel.Warning, Message = "The Kafka source {Source}: {Code}: {Reason}")]
        public static partial void Trouble(ILogger logger, string source, ErrorCode code, string reason);

        [LoggerMessage(Level = LogLevel.Information, Message = "The Kafka source {Source} has lost partition {Partition} to another node")]
        public static partial void PartitionGone(ILogger logger, string source, int partition);

        [LoggerMessage(Level = LogLevel.Debug, Message = "librdkafka {Facility}: {Text}")]
        public static partial void Library(ILogger logger, string facility, string text);
    }
}
