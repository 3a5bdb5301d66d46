using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;

namespace Twin.Hosting.Events;

/// <summary>Who carries the events from the outbox to the consumers.</summary>
public enum EventTransport
{
    /// <summary>Each consumer reads the outbox within the process.</summary>
    InProcess,

    /// <summary>Through Kafka, when <c>Twin:Events:Kafka:BootstrapServers</c> is set.</summary>
    Kafka,

    /// <summary>Through a Dapr pub/sub component, when <c>Twin:Events:Dapr:PubSub</c> is set or a sidecar is present.</summary>
    Dapr,
}

/// <summary>How events are delivered. Section <c>Twin:Events</c>.</summary>
public sealed class EventOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Twin:Events";

    /// <summary>Most events handed to a consumer, or published, at once.</summary>
    public int BatchSize { get; set; } = 1000;

    /// <summary>How long a reader sleeps when nobody wakes it; an outbox that another process writes to is seen this late.</summary>
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>
    /// How long a reader that has caught up lets events gather before it reads again. The first event after a quiet moment
    /// is not delayed.
    /// </summary>
    public TimeSpan Linger { get; set; } = TimeSpan.FromMilliseconds(5);

    /// <summary>How often an event is tried before it is set aside as a dead letter.</summary>
    public int MaxAttempts { get; set; } = 5;

    /// <summary>The pause before the second attempt; it doubles with each.</summary>
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromMilliseconds(200);

    /// <summary>The longest pause between attempts, and between two tries to reach a store or broker that is away.</summary>
    public TimeSpan MaxRetryDelay { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long an inbox remembers an event, and an outbox waits for a reader that is not there. No shorter than the
    /// broker's retention: an older redelivery would take effect twice.
    /// </summary>
    public TimeSpan Retention { get; set; } = TimeSpan.FromDays(7);

    /// <summary>The node is reported degraded when the oldest event waiting is older than this.</summary>
    public TimeSpan DegradedLag { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The node is reported unready when the oldest event waiting is older than this.</summary>
    public TimeSpan UnhealthyLag { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Goes before topic and consumer group names at a broker, so that nodes may share one. Default: the node's name.</summary>
    public string TopicPrefix { get; set; } = "twin";
}

internal sealed class EventOptionsValidator : IValidateOptions<EventOptions>
{
    public ValidateOptionsResult Validate(string? name, EventOptions options)
    {
        var failures = new List<string>();
        Require(options.BatchSize is >= 1 and <= 100_000, "BatchSize", "between 1 and 100000");
        Require(options.MaxAttempts >= 1, "MaxAttempts", "at least 1");
        Require(options.PollInterval > TimeSpan.Zero, "PollInterval", "longer than 00:00:00");
        Require(options.Linger >= TimeSpan.Zero && options.Linger <= TimeSpan.FromSeconds(10), "Linger", "between 00:00:00 and 00:00:10");
        Require(options.RetryDelay > TimeSpan.Zero, "RetryDelay", "longer than 00:00:00");
        Require(options.MaxRetryDelay >= options.RetryDelay, "MaxRetryDelay", "no shorter than RetryDelay");
        Require(options.Retention >= TimeSpan.FromHours(1), "Retention", "at least 01:00:00");
        Require(options.UnhealthyLag >= options.DegradedLag, "UnhealthyLag", "no shorter than DegradedLag");
        Require(TopicNames.IsPrefix(options.TopicPrefix), "TopicPrefix", "letters, digits, '.', '_' and '-', at most 100");
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);

        void Require(bool holds, string key, string what)
        {
            if (!holds)
            {
                failures.Add($"{EventOptions.Section}:{key} must be {what}.");
            }
        }
    }
}

internal static class TopicNames
{
    /// <summary>The name of a topic, or of a consumer group, at a broker.</summary>
    public static string AtBroker(EventOptions options, string name) => options.TopicPrefix + "." + name;

    public static bool IsPrefix(string prefix) =>
        prefix.Length is > 0 and <= 100 && prefix.All(IsLegal);

    /// <summary>
    /// A legal prefix for the name of a node: the name where it is one, else the nearest to it with a mark of the whole name,
    /// so that two cities whose names differ in an accent do not read each other's events.
    /// </summary>
    public static string PrefixFor(string name)
    {
        if (IsPrefix(name))
        {
            return name;
        }

        var nearest = string.Concat(name.Take(80).Select(static letter => IsLegal(letter) ? letter : '-'));
        return $"{nearest}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)))[..8]}";
    }

    private static bool IsLegal(char letter) => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '_' or '-';
}
