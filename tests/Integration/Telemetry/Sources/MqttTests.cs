using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Twin.Hosting.Storage;
using Twin.Telemetry.Tail;
using Twin.Tests.Support;
using Xunit;

namespace Twin.Tests.Integration.Telemetry.Sources;

/// <summary>Points over MQTT, from a real Mosquitto and its own clients.</summary>
public sealed class MqttTests
{
    private static readonly (string, string)[] Values =
    [
        ("Subscriptions:0:Topic", "city/{entity}/{attribute}"), ("Subscriptions:0:Entity", "urn:ngsi-ld:Device:{entity}"), ("Subscriptions:0:Unit", "CEL"),
        ("Subscriptions:1:Topic", "json/{device}"), ("Subscriptions:1:Payload", "json"), ("Subscriptions:1:Qos", "2"),
        ("Subscriptions:1:Entity", "urn:ngsi-ld:Device:{device}"), ("Subscriptions:1:Time", "ts"),
        ("Subscriptions:2:Topic", "rows"), ("Subscriptions:2:Payload", "ndjson"), ("Subscriptions:2:Qos", "0"),
    ];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("5")]
    [InlineData("3.1.1")]
    public async Task Topics_and_payloads_of_every_quality_of_service_become_points(string protocol)
    {
        await using var broker = await BrokerAsync();
        using var store = await TestStore.CreateAsync(StoreKind.Sqlite, Cancel);
        await using var node = await HistoryNode.StartAsync(store, SourceProbe.Mqtt(broker, [("Protocol", protocol), .. Values]));
        await node.ConnectedAsync();

        await broker.PublishAsync(["-t", "city/bench 1/temperature", "-m", "21.50", "-q", "1"], Cancel);
        await broker.PublishAsync(["-t", "city/b2/occupied", "-m", "true", "-q", "2"], Cancel);
        await broker.PublishAsync(["-t", "city/b2/state", "-m", "idle", "-q", "0"], Cancel);
        await broker.PublishAsync(["-t", "json/d1", "-m", """{"ts":"2026-01-01T00:00:00+01:00","temperature":20.25,"on":true,"label":"a","nested":{"x":[1]},"gone":null}""", "-q", "2"], Cancel);
        await broker.PublishAsync(["-t", "json/d1", "-q", "1", "-m", """[{"ts":1767225600,"temperature":1},{"ts":1767225600500,"temperature":2}]"""], Cancel);
        await broker.PublishAsync(["-t", "rows", "-s"], """
            {"entity":"urn:r:1","attribute":"level","observedAt":"2026-01-01T00:00:00Z","value":5}
            {"entity":"urn:r:1","attribute":"level","observedAt":"2026-01-01T00:05:00Z","value":6}
            """, Cancel);

        var source = await node.SourceAsync(static one => (long)one["taken"]! >= 11);
        Assert.Equal((6, 0, 0, 11), ((int)source["messages"]!, (int)source["setAside"]!, (int)source["refused"]!, (int)source["taken"]!));
        // 21.50 is 21.5: zeros at the end are not kept; a space is no character of a URI.
        Assert.Equal("21.5", Assert.Single(await node.PointsAsync(null, "urn:ngsi-ld:Device:bench%201", "temperature")).Value);
        Assert.Equal("true", Assert.Single(await node.PointsAsync(null, "urn:ngsi-ld:Device:b2", "occupied")).Value);
        Assert.Equal("idle", Assert.Single(await node.PointsAsync(null, "urn:ngsi-ld:Device:b2", "state")).Value);
        Assert.Equal(
            [(Ticks("2025-12-31T23:00:00Z"), "20.25"), (Ticks("2026-01-01T00:00:00Z"), "1"), (Ticks("2026-01-01T00:00:00.5Z"), "2")],
            await node.PointsAsync(null, "urn:ngsi-ld:Device:d1", "temperature"));
        Assert.Equal("""{"x":[1]}""", Assert.Single(await node.PointsAsync(null, "urn:ngsi-ld:Device:d1", "nested")).Value);
        Assert.Empty(await node.PointsAsync(null, "urn:ngsi-ld:Device:d1", "gone"));
        Assert.Equal(2, (await node.PointsAsync(null, "urn:r:1", "level")).Count);
        var unit = (await node.GetAsync("/history/points?id=urn:ngsi-ld:Device:bench%25201")).Text;
        Assert.Contains("CEL", unit, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_cannot_be_understood_is_set_aside_once_and_shown_and_what_follows_is_taken()
    {
        await using var broker = await BrokerAsync();
        using var store = await TestStore.CreateAsync(StoreKind.Sqlite, Cancel);
        await using var node = await HistoryNode.StartAsync(store, SourceProbe.Mqtt(broker, Values));
        await node.ConnectedAsync();

        await broker.PublishAsync(["-t", "json/d1", "-m", """{"ts":"2026-01-01T00:00:00Z","temperature":NaN}""", "-q", "2"], Cancel);
        await broker.PublishAsync(["-t", "json/d1", "-m", """{"temperature":1}""", "-q", "2"], Cancel);
        await broker.PublishAsync(["-t", "json/d1", "-m", """{"ts":"2026-01-01","temperature":1}""", "-q", "2"], Cancel);
        await broker.PublishAsync(["-t", "city/b/t", "-m", "21,5", "-q", "1"], Cancel);
        await broker.PublishAsync(["-t", "city/b/not a name", "-m", "1", "-q", "1"], Cancel);
        await broker.PublishAsync(["-t", "city/b/t", "-n", "-q", "1"], Cancel);
        await broker.PublishAsync(["-t", "city/b/t", "-s", "-q", "1"], new string('9', 1_100_000), Cancel);
        await broker.PublishAsync(["-t", "city/b/t", "-m", "1", "-q", "1"], Cancel);

        var source = await node.SourceAsync(static one => (long)one["messages"]! >= 8);
        Assert.Equal((8, 3, 3, 1), ((int)source["messages"]!, (int)source["setAside"]!, (int)source["refused"]!, (int)source["taken"]!));
        Assert.Equal(1, (int)source["ignored"]!["empty"]!);
        var reasons = source["refusals"]!.AsArray().Select(static one => $"{(string?)one!["topic"]} {(string?)one["reason"]}").ToList();
        Assert.Equal(6, reasons.Count);
        Assert.Contains("json/d1 It is not JSON", reasons[0], StringComparison.Ordinal);
        Assert.Contains("It has no member ts", reasons[1], StringComparison.Ordinal);
        Assert.Contains("no date-time", reasons[2], StringComparison.Ordinal);
        Assert.Contains("decimal comma", reasons[3], StringComparison.Ordinal);
        Assert.Contains("names no attribute", reasons[4], StringComparison.Ordinal);
        Assert.Contains("1100000 bytes", reasons[5], StringComparison.Ordinal);
        Assert.Equal("""{"temperature":1}""", (string?)source["refusals"]![1]!["payload"]);

        // Nothing comes again: not by itself, and not with another connection.
        await broker.StopAsync(Cancel);
        await node.SourceAsync(static one => (string?)one["state"] == "disconnected");
        await broker.StartAsync(Cancel);
        await node.ConnectedAsync();
        await broker.PublishAsync(["-t", "city/b/t", "-m", "2", "-q", "1"], Cancel);
        source = await node.SourceAsync(static one => (long)one["taken"]! >= 2);
        Assert.Equal(9, (int)source["messages"]!);
    }

    [Theory]
    [InlineData("5")]
    [InlineData("3.1.1")]
    public async Task Retained_messages_are_taken_once_however_often_the_node_subscribes(string protocol)
    {
        await using var broker = await BrokerAsync();
        using var store = await TestStore.CreateAsync(StoreKind.Sqlite, Cancel);
        await broker.PublishAsync(["-t", "city/b1/temperature", "-m", "21.5", "-q", "1", "-r"], Cancel);
        await broker.PublishAsync(["-t", "city/b1/state", "-m", "idle", "-q", "1", "-r"], Cancel);
        await broker.PublishAsync(["-t", "json/d1", "-m", """{"ts":"2026-01-01T00:00:00Z","temperature":20}""", "-q", "2", "-r"], Cancel);
        var settings = SourceProbe.Mqtt(broker, [("Protocol", protocol), ("CleanStart", "true"), .. Values]);
        for (var start = 0; start < 3; start++)
        {
            await using var node = await HistoryNode.StartAsync(store, settings);
            var source = await node.SourceAsync(static one => one.Points() >= 3);
            Assert.Equal(start == 0 ? 3 : 0, (int)source["taken"]!);
            Assert.Single(await node.PointsAsync(null, "urn:ngsi-ld:Device:b1", "temperature"));
            Assert.Single(await node.PointsAsync(null, "urn:ngsi-ld:Device:b1", "state"));
            Assert.Single(await node.PointsAsync(null, "urn:ngsi-ld:Device:d1", "temperature"));
            // Nobody knows since when it is so.
            Assert.Contains("uncertain", (await node.GetAsync("/history/points?id=urn:ngsi-ld:Device:b1")).Text, StringComparison.Ordinal);
            if (start == 1)
            {
                await node.SealAsync();
            }
        }

        // Another value is news, retained or not.
        await broker.PublishAsync(["-t", "city/b1/temperature", "-m", "22", "-q", "1", "-r"], Cancel);
        await using var last = await HistoryNode.StartAsync(store, settings);
        await last.SourceAsync(static one => one.Points() >= 3);
        Assert.Equal(["21.5", "22"], (await last.PointsAsync(null, "urn:ngsi-ld:Device:b1", "temperature")).Select(static one => one.Value));

        await using var skipping = await HistoryNode.StartAsync(
            await OtherAsync(), SourceProbe.Mqtt(broker, [("Protocol", protocol), ("CleanStart", "true"), ("ClientId", "other"), .. Values, .. Enumerable.Range(0, 3).Select(static i => ($"Subscriptions:{i}:Retained", "skip"))]));
        await skipping.ConnectedAsync();
        await broker.PublishAsync(["-t", "city/b1/temperature", "-m", "23", "-q", "1"], Cancel);
        var skipped = await skipping.SourceAsync(static one => one.Points() >= 1);
        Assert.Equal(1, (int)skipped["taken"]!);
    }

    [Fact]
    public async Task A_message_that_is_not_committed_is_not_acknowledged_and_comes_to_the_next_start()
    {
        await using var broker = await BrokerAsync();
        using var store = await TestStore.CreateAsync(StoreKind.Sqlite, Cancel);
        var settings = SourceProbe.Mqtt(broker, Values);
        await using (var node = await HistoryNode.StartAsync(store, settings))
        {
            await node.ConnectedAsync();
            await broker.PublishAsync(["-t", "json/d1", "-m", """{"ts":"2026-01-01T00:00:00Z","temperature":1}""", "-q", "1"], Cancel);
            await node.SourceAsync(static one => (long)one["taken"]! == 1);
            // From here on nothing can be committed, as with a store that has gone.
            await node.Services.GetRequiredService<TailWriter>().StopAsync(Cancel);
            await broker.PublishAsync(["-t", "json/d1", "-m", """{"ts":"2026-01-01T00:00:01Z","temperature":2}""", "-q", "1"], Cancel);
            await broker.PublishAsync(["-t", "json/d1", "-m", """{"ts":"2026-01-01T00:00:02Z","temperature":3}""", "-q", "2"], Cancel);
            var source = await node.SourceAsync(static one => one["lastError"] is not null);
            Assert.Equal(1, (int)source["messages"]!);
        }

        // And what comes while nobody is there.
        await broker.PublishAsync(["-t", "json/d1", "-m", """{"ts":"2026-01-01T00:00:03Z","temperature":4}""", "-q", "1"], Cancel);
        await using var again = await HistoryNode.StartAsync(store, settings);
        await again.SourceAsync(static one => one.Points() >= 3);
        Assert.Equal(["1", "2", "3", "4"], (await again.PointsAsync(null, "urn:ngsi-ld:Device:d1", "temperature")).Select(static one => one.Value));
    }

    private static async Task<MosquittoBroker> BrokerAsync(params string[] settings)
    {
        Assert.SkipWhen(MosquittoBroker.Missing is not null, MosquittoBroker.Missing ?? "");
        var broker = new MosquittoBroker(settings);
        await broker.StartAsync(Cancel);
        return broker;
    }

    private static Task<TestStore> OtherAsync() => TestStore.CreateAsync(StoreKind.Sqlite, Cancel);

    private static long Ticks(string time) => DateTimeOffset.Parse(time, CultureInfo.InvariantCulture).UtcTicks;
}
