using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Twin.Hosting.Events.Kafka;

/// <summary>The producer of the process, and the settings of every client.</summary>
internal sealed partial class KafkaClient(IOptions<KafkaOptions> options, ILogger<KafkaClient> logger) : IDisposable
{
    private readonly KafkaOptions options = options.Value;
    private readonly Lock gate = new();
    private IProducer<string, byte[]>? producer;

    /// <summary>Made with the first use, and again after a fatal error.</summary>
    public IProducer<string, byte[]> Producer
    {
        get
        {
            lock (gate)
            {
                return producer ??= BuildProducer();
            }
        }
    }

    /// <summary>Puts a producer away that can no longer keep its promise of order.</summary>
    public void Renew(IProducer<string, byte[]> broken)
    {
        lock (gate)
        {
            if (ReferenceEquals(producer, broken))
            {
                broken.Dispose();
                producer = null;
            }
        }
    }

    /// <summary>Settings of a consumer that stores an offset only when it is told to.</summary>
    public ConsumerConfig ConsumerConfig(string group) => new(Merged(new ConsumerConfig
    {
        BootstrapServers = options.BootstrapServers,
        GroupId = group,
        AutoOffsetReset = AutoOffsetReset.Earliest,
        EnableAutoOffsetStore = false,
        EnableAutoCommit = true,
        AutoCommitIntervalMs = 1000,
        // A process that is killed keeps its partitions this long.
        SessionTimeoutMs = 10_000,
        PartitionAssignmentStrategy = PartitionAssignmentStrategy.CooperativeSticky,
        FetchWaitMaxMs = 100,
        QueuedMaxMessagesKbytes = 16 * 1024,
    }));

    /// <summary>Creates what is missing of the topics.</summary>
    public async Task EnsureTopicsAsync(IReadOnlyCollection<string> topics)
    {
        if (!options.CreateTopics)
        {
            return;
        }

        using var admin = new DependentAdminClientBuilder(Producer.Handle).Build();
        try
        {
            await admin.CreateTopicsAsync(
                topics.Select(topic => new TopicSpecification
                {
                    Name = topic,
                    NumPartitions = options.Partitions,
                    ReplicationFactor = options.ReplicationFactor,
                    Configs = new Dictionary<string, string>(StringComparer.Ordinal)
                    {
                        ["max.message.bytes"] = options.MaxMessageBytes.ToString(System.Globalization.CultureInfo.InvariantCulture),
                    },
                }),
                new CreateTopicsOptions { RequestTimeout = TimeSpan.FromSeconds(10) });
        }
        catch (CreateTopicsException e) when (e.Results.All(result => result.Error.Code is ErrorCode.NoError or ErrorCode.TopicAlreadyExists))
        {
            // Somebody else was first, now or long ago.
        }
    }

    public void Dispose() => producer?.Dispose();

    private IProducer<string, byte[]> BuildProducer() =>
        new ProducerBuilder<string, byte[]>(Merged(new ProducerConfig
        {
            BootstrapServers = options.BootstrapServers,
            EnableIdempotence = true,
            Acks = Acks.All,
            // A message that times out while a later one gets through would break the order of its subject.
            MessageTimeoutMs = 0,
            MessageMaxBytes = options.MaxMessageBytes,
            LingerMs = 2,
            CompressionType = CompressionType.Lz4,
            Partitioner = Partitioner.Murmur2Random,
        }))
            .SetErrorHandler((_, error) => Log.Trouble(logger, error.Code, error.Reason))
            .SetLogHandler((_, message) => Log.Library(logger, message.Facility, message.Message))
            .Build();

    private Dictionary<string, string> Merged(ClientConfig ours)
    {
        var merged = ours.ToDictionary(setting => setting.Key, setting => setting.Value, StringComparer.Ordinal);
        foreach (var (key, value) in options.Settings)
        {
            merged[key] = value;
        }

        return merged;
    }

    internal static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Warning, Message = "Kafka: {Code}: {Reason}")]
        public static partial void Trouble(ILogger logger, ErrorCode code, string reason);

        [LoggerMessage(Level = LogLevel.Debug, Message = "librdkafka {Facility}: {Text}")]
        public static partial void Library(ILogger logger, string facility, string text);
    }
}
