using System.Text.RegularExpressions;
using Twin.Telemetry.Sources.Payloads;

namespace Twin.Telemetry.Sources.Kafka;

/// <summary>Topics of Kafka that points come from (<c>Twin:Telemetry:Kafka:N</c>).</summary>
internal sealed partial class KafkaSourceOptions : ISourceOptions
{
    /// <summary>What templates know of a message: its key, and the topic.</summary>
    public static readonly string[] Names = ["key", "topic"];

    /// <summary>Settings of librdkafka that are none of others': points would else be lost.</summary>
    private static readonly HashSet<string> Ours = new(StringComparer.Ordinal)
    {
        "bootstrap.servers", "group.id", "auto.offset.reset", "enable.auto.offset.store", "enable.auto.commit",
    };

    /// <inheritdoc />
    public string Name { get; set; } = "";

    /// <inheritdoc />
    public string? Tenant { get; set; }

    /// <summary>Brokers as <c>host:port,host:port</c>.</summary>
    public string BootstrapServers { get; set; } = "";

    /// <summary>
    /// The consumer group, by which the brokers know how far the node has come; nodes of one group share the partitions. Not
    /// set: made of the names of the node and of the source.
    /// </summary>
    public string? Group { get; set; }

    /// <summary>Where a group begins that the brokers do not know yet: <c>earliest</c> or <c>latest</c>.</summary>
    public string Start { get; set; } = "earliest";

    /// <summary>More settings of librdkafka, such as <c>security.protocol</c> and <c>sasl.username</c>.</summary>
    public Dictionary<string, string> Settings { get; } = new(StringComparer.Ordinal);

    /// <summary>A file with the value of <c>sasl.password</c>, read at the start.</summary>
    public string? PasswordFile { get; set; }

    /// <summary>The topics.</summary>
    public List<KafkaTopicOptions> Topics { get; } = [];

    /// <summary>Notes what is wrong.</summary>
    public void Check(PayloadFaults faults)
    {
        if (BootstrapServers.Length == 0)
        {
            faults.Add(nameof(BootstrapServers), "set the brokers, such as kafka.example:9092.");
        }

        if (Start is not ("earliest" or "latest"))
        {
            faults.Add(nameof(Start), "set earliest or latest.");
        }

        foreach (var name in Settings.Keys.Where(Ours.Contains))
        {
            faults.Add($"{nameof(Settings)}:{name}", "leave it out: the source sets it, or has a setting of its own for it.");
        }

        if (PasswordFile is not null && !File.Exists(PasswordFile))
        {
            faults.Add(nameof(PasswordFile), "the file is not there.");
        }

        if (Topics.Count == 0)
        {
            faults.Add(nameof(Topics), "set at least one, with its Topic.");
        }

        foreach (var (at, one) in Topics.Index())
        {
            var below = faults.Below($"{nameof(Topics)}:{at}");
            if (!TopicName.IsMatch(one.Topic))
            {
                below.Add(nameof(one.Topic), $"'{one.Topic}' is no name of a topic: 1 to 249 letters, digits, '.', '_' or '-'.");
            }
            else if (Topics.FindIndex(other => other.Topic == one.Topic) < at)
            {
                below.Add(nameof(one.Topic), $"'{one.Topic}' stands there twice.");
            }

            PayloadForms.Create(one, Names, below);
        }
    }

    [GeneratedRegex("^[A-Za-z0-9._-]{1,249}$", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex TopicName { get; }
}

/// <summary>A topic, and what its messages mean.</summary>
internal sealed class KafkaTopicOptions : PayloadOptions
{
    /// <summary>Makes settings whose payload is JSON.</summary>
    public KafkaTopicOptions() => Payload = "json";

    /// <summary>Its name.</summary>
    public string Topic { get; set; } = "";
}
