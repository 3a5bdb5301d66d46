using Microsoft.Extensions.Options;

namespace Twin.Hosting.Events.Kafka;

/// <summary>How to reach Kafka. Section <c>Twin:Events:Kafka</c>.</summary>
public sealed class KafkaOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = EventOptions.Section + ":Kafka";

    /// <summary>Brokers as <c>host:port,host:port</c>. Setting it sends all events through Kafka.</summary>
    public string BootstrapServers { get; set; } = "";

    /// <summary>Whether to create topics that are missing.</summary>
    public bool CreateTopics { get; set; } = true;

    /// <summary>Partitions of a topic that is created: the most processes that can share the work of one consumer.</summary>
    public int Partitions { get; set; } = 6;

    /// <summary>Copies of a topic that is created; -1 leaves it to the brokers.</summary>
    public short ReplicationFactor { get; set; } = -1;

    /// <summary>The largest event, in bytes, for the producer and for topics that are created.</summary>
    public int MaxMessageBytes { get; set; } = 8 * 1024 * 1024;

    /// <summary>More librdkafka settings for producer and consumers, such as <c>security.protocol</c>; they win over ours.</summary>
    public IDictionary<string, string> Settings { get; } = new Dictionary<string, string>(StringComparer.Ordinal);
}

internal sealed class KafkaOptionsValidator : IValidateOptions<KafkaOptions>
{
    public ValidateOptionsResult Validate(string? name, KafkaOptions options)
    {
        var failures = new List<string>();
        Require(options.BootstrapServers.Length > 0, "BootstrapServers", "set to host:port, or remove Twin:Events:Transport");
        Require(options.Partitions >= 1, "Partitions", "at least 1");
        Require(options.ReplicationFactor is -1 or >= 1, "ReplicationFactor", "-1 or at least 1");
        Require(options.MaxMessageBytes is >= 1000 and <= 1_000_000_000, "MaxMessageBytes", "between 1000 and 1000000000");
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);

        void Require(bool holds, string key, string what)
        {
            if (!holds)
            {
                failures.Add($"{KafkaOptions.Section}:{key} must be {what}.");
            }
        }
    }
}
