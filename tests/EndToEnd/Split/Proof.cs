using System.Globalization;
using Twin.Tests.Support;
using Xunit;

namespace Twin.Tests.EndToEnd.Split;

/// <summary>What must be found at the broker, seen from outside the node.</summary>
internal static class Proof
{
    private const int Patience = 40;

    /// <summary>Each entity of a city has its event in the city's own topic, and no other city has one there.</summary>
    public static async Task AssertLoadAsync(string bootstrapServers, string topic, string city, Uri node, CancellationToken cancellationToken)
    {
        using var http = new HttpClient { BaseAddress = node };
        using var all = await http.GetAsync("/ngsi-ld/v1/entities?local=true&count=true&limit=0&idPattern=.*", cancellationToken);
        var count = int.Parse(Assert.Single(all.Headers.GetValues("NGSILD-Results-Count")), CultureInfo.InvariantCulture);
        List<BrokerEvent> events = [];
        var keys = 0;
        // A batch whose acknowledgement came too late is sent again: events are counted by their keys.
        await Eventually.HoldsAsync(
            () =>
            {
                events = BrokerEvents.ReadAll(bootstrapServers, topic);
                keys = events.Select(static one => one.Key).Distinct(StringComparer.Ordinal).Count();
                return Task.FromResult(keys >= count);
            },
            Patience,
            cancellationToken);

        Assert.True(keys == count, $"{topic} has {events.Count} events of {keys} entities; the city has {count} entities.");
        Assert.All(events, one =>
        {
            Assert.Contains($":{city}:", one.Key, StringComparison.Ordinal);
            Assert.Equal(one.Key, one.Change.Id);
            Assert.Equal(one.Key, one.Attributes["subject"]);
            Assert.Equal("1.0", one.Attributes["specversion"]);
            Assert.Equal(Contracts.EntityTopics.Created, one.Attributes["type"]);
            Assert.Equal("/entity-registry", one.Attributes["source"]);
            Assert.Equal("application/x-protobuf;messageType=twin.registry.v1.EntityChanged", one.Attributes["content-type"]);
            Assert.True(Guid.TryParse(one.Attributes["id"], out _));
            Assert.True(DateTimeOffset.TryParse(one.Attributes["time"], CultureInfo.InvariantCulture, out _));
        });
    }

    /// <summary>Every acknowledged write has its event, and whoever knows events by their ids sees those of an entity in order.</summary>
    /// <returns>How many events lie there, and how many of them a second time.</returns>
    public static async Task<string> AssertWritesAsync(Writers writers, string bootstrapServers, string topic, CancellationToken cancellationToken)
    {
        List<BrokerEvent> events = [];
        await Eventually.HoldsAsync(
            () =>
            {
                events = [.. BrokerEvents.ReadAll(bootstrapServers, topic).Where(one => writers.Ids.Contains(one.Key))];
                return Task.FromResult(events.Once().Count() >= writers.Last.Sum());
            },
            Patience,
            cancellationToken);

        Assert.Empty(writers.Failures);
        foreach (var (id, last) in writers.Ids.Zip(writers.Last))
        {
            Assert.Equal(Enumerable.Range(1, (int)last).Select(static value => (long)value), events.Once().Where(one => one.Key == id).Select(static one => one.Value));
        }

        return $"{writers.Acknowledged} acknowledged in all, the slowest after {writers.Slowest.TotalMilliseconds:F0} ms; {events.Count} events found, {events.Count - events.Once().Count()} of them again";
    }
}
