using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Confluent.Kafka;
using Twin.Contracts.Registry.V1;
using Xunit;

namespace Twin.Tests.EndToEnd.Split;

/// <summary>An event as it lies at the broker.</summary>
/// <param name="Key">The key of the message.</param>
/// <param name="Attributes">The CloudEvents attributes, without a prefix.</param>
/// <param name="Change">The payload.</param>
internal sealed record BrokerEvent(string Key, IReadOnlyDictionary<string, string> Attributes, EntityChanged Change)
{
    /// <summary>The <c>number</c> that the entity has after the change.</summary>
    public long Value => (long)JsonNode.Parse(Change.Entity.Span)![":number"]!["value"]!;
}

/// <summary>Reads topics from outside the node, with a consumer that belongs to nobody.</summary>
internal static class BrokerEvents
{
    /// <summary>All that the topic holds now, in the order of its partitions: a key has one, so that its events keep their order.</summary>
    public static List<BrokerEvent> ReadAll(string bootstrapServers, string topic)
    {
        using var consumer = new ConsumerBuilder<string, byte[]>(new ConsumerConfig
        {
            BootstrapServers = bootstrapServers, GroupId = "outside", EnableAutoCommit = false, EnablePartitionEof = true,
        }).Build();
        using var admin = new DependentAdminClientBuilder(consumer.Handle).Build();
        var partitions = admin.GetMetadata(topic, TimeSpan.FromSeconds(20)).Topics.Single().Partitions;
        Assert.NotEmpty(partitions);
        consumer.Assign(partitions.Select(partition => new TopicPartitionOffset(topic, partition.PartitionId, Offset.Beginning)));
        var events = new List<BrokerEvent>();
        for (var open = partitions.Count; open > 0;)
        {
            var result = consumer.Consume(TimeSpan.FromSeconds(20)) ?? throw new TimeoutException($"The broker gives nothing of {topic} any more.");
            if (result.IsPartitionEOF)
            {
                open--;
            }
            else
            {
                events.Add(Read(result.Message));
            }
        }

        return events;
    }

    /// <summary>What somebody who knows each event by its id sees: at least once becomes once.</summary>
    public static IEnumerable<BrokerEvent> Once(this IEnumerable<BrokerEvent> events) => events.DistinctBy(static one => one.Attributes["id"]);

    /// <summary>Binary mode has the attributes as headers (CloudEvents Kafka binding 3.2); structured mode has all in the body (3.3).</summary>
    private static BrokerEvent Read(Message<string, byte[]> message)
    {
        var headers = (message.Headers ?? []).ToDictionary(static header => header.Key, static header => Encoding.UTF8.GetString(header.GetValueBytes()), StringComparer.Ordinal);
        if (headers.ContainsKey("ce_specversion"))
        {
            var attributes = headers.ToDictionary(static header => header.Key.Replace("ce_", "", StringComparison.Ordinal), static header => header.Value, StringComparer.Ordinal);
            return new BrokerEvent(message.Key, attributes, EntityChanged.Parser.ParseFrom(message.Value));
        }

        using var body = JsonDocument.Parse(message.Value);
        var members = body.RootElement.EnumerateObject().Where(static member => member.Name != "data_base64").ToDictionary(static member => member.Name, static member => member.Value.ToString(), StringComparer.Ordinal);
        members["content-type"] = members["datacontenttype"];
        return new BrokerEvent(message.Key, members, EntityChanged.Parser.ParseFrom(body.RootElement.GetProperty("data_base64").GetBytesFromBase64()));
    }
}
