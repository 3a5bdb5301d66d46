using System.Globalization;
using System.Text.Json.Nodes;
using Twin.Hosting.Storage;
using Twin.Tests.Support;
using Xunit;

namespace Twin.Tests.Integration.Telemetry.Sources;

/// <summary>Uplinks of LoRaWAN devices, as The Things Stack and ChirpStack publish them over MQTT and post them to webhooks.</summary>
public sealed class LorawanTests
{
    private const string Secret = "a secret of many letters";
    private const string Bench = "urn:ngsi-ld:Device:bench-17";
    private static readonly (string, string) Shown = ("X-Webhook-Secret", Secret);
    private static readonly (string, string)[] Things = SourceProbe.Settings(
        "Webhooks", 0, "things", ("Payload", "thethingsstack"), ("Secret", Secret), ("Signal", "true"),
        ("Attributes:0:Path", "temperature"), ("Attributes:0:Unit", "CEL"),
        ("Attributes:1:Path", "luminosity"), ("Attributes:1:Name", "illuminance"), ("Attributes:1:Unit", "LUX"),
        ("Attributes:2:Path", "occupied"), ("Attributes:3:Path", "lamp"));

    private static readonly (string, string)[] Chirp = SourceProbe.Settings(
        "Webhooks", 1, "chirp", ("Payload", "chirpstack"), ("Secret", Secret), ("Entity", "urn:ngsi-ld:AirSensor:{devEui}"), ("Signal", "true"));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_uplink_of_The_Things_Stack_becomes_points_by_device_member_and_time_of_the_network_server()
    {
        using var store = await TestStore.CreateAsync(StoreKind.Sqlite, Cancel);
        await using var node = await HistoryNode.StartAsync(store, [.. Things, .. Chirp]);

        var (status, answer) = await node.PostAsync("/ingest/webhooks/things", SourceProbe.Sample("tts-uplink"), Shown);
        Assert.Equal((200, 6, 0, 0), (status, (int)answer!["taken"]!, (int)answer["refused"]!, (int)answer["setAside"]!));
        var time = Ticks("2026-01-12T15:15:45.7895855Z");
        Assert.Equal((time, "21.5"), Assert.Single(await node.PointsAsync(null, Bench, "temperature")));
        Assert.Equal((time, "0.64"), Assert.Single(await node.PointsAsync(null, Bench, "illuminance")));
        Assert.Equal((time, "false"), Assert.Single(await node.PointsAsync(null, Bench, "occupied")));
        Assert.Equal((time, "ok"), Assert.Single(await node.PointsAsync(null, Bench, "lamp")));
        // The second gateway heard it best; its snr is 0, which the network server leaves out.
        Assert.Equal((time, "-61"), Assert.Single(await node.PointsAsync(null, Bench, "rssi")));
        Assert.Equal((time, "0"), Assert.Single(await node.PointsAsync(null, Bench, "snr")));
        var rows = (await node.GetAsync("/history/points?id=" + Bench)).Text;
        Assert.All(["CEL", "LUX", "DBM", "2N"], unit => Assert.Contains(unit, rows, StringComparison.Ordinal));

        (status, answer) = await node.PostAsync("/ingest/webhooks/things", SourceProbe.Sample("tts-uplink"), Shown);
        Assert.Equal((200, 0, 6), (status, (int)answer!["taken"]!, (int)answer["doubled"]!));
    }

    [Fact]
    public async Task An_uplink_of_ChirpStack_becomes_points_by_device_member_and_time()
    {
        using var store = await TestStore.CreateAsync(StoreKind.Sqlite, Cancel);
        await using var node = await HistoryNode.StartAsync(store, [.. Things, .. Chirp]);

        var (status, answer) = await node.PostAsync("/ingest/webhooks/chirp?event=up", SourceProbe.Sample("chirpstack-up"), Shown);
        Assert.Equal((200, 5, 0, 0), (status, (int)answer!["taken"]!, (int)answer["refused"]!, (int)answer["setAside"]!));
        var time = Ticks("2026-01-12T09:34:15.7750232Z");
        const string Sensor = "urn:ngsi-ld:AirSensor:a84041b2c3d4e5f6";
        Assert.Equal((time, "19"), Assert.Single(await node.PointsAsync(null, Sensor, "temperature")));
        Assert.Equal((time, "11.5"), Assert.Single(await node.PointsAsync(null, Sensor, "pm25")));
        Assert.Equal("""{"level":88.0}""", Assert.Single(await node.PointsAsync(null, Sensor, "battery")).Value.ReplaceLineEndings("").Replace(" ", "", StringComparison.Ordinal));
        Assert.Equal("-88", Assert.Single(await node.PointsAsync(null, Sensor, "rssi")).Value);
        Assert.Equal("10.5", Assert.Single(await node.PointsAsync(null, Sensor, "snr")).Value);
    }

    [Theory]
    [InlineData("things", "", "tts-join-accept", "join_accept")]
    [InlineData("things", "", "tts-downlink-ack", "downlink_ack")]
    [InlineData("things", "", "tts-downlink-failed", "downlink_failed")]
    [InlineData("chirp", "?event=status", "chirpstack-status", "status")]
    [InlineData("chirp", "", "chirpstack-status", "status")]
    [InlineData("chirp", "", "chirpstack-join", "join")]
    [InlineData("chirp", "", "chirpstack-ack", "ack")]
    [InlineData("chirp", "", "chirpstack-txack", "txack")]
    [InlineData("chirp", "", "chirpstack-log", "log")]
    [InlineData("chirp", "", "chirpstack-location", "location")]
    [InlineData("chirp", "?event=integration", "chirpstack-integration", "integration")]
    [InlineData("chirp", "", "chirpstack-integration", "integration")]
    public async Task What_is_no_uplink_is_taken_as_nothing(string webhook, string query, string sample, string kind)
    {
        using var store = await TestStore.CreateAsync(StoreKind.Sqlite, Cancel);
        await using var node = await HistoryNode.StartAsync(store, [.. Things, .. Chirp]);

        var (status, answer) = await node.PostAsync($"/ingest/webhooks/{webhook}{query}", SourceProbe.Sample(sample), Shown);

        Assert.Equal((200, 0, 0, 0), (status, (int)answer!["taken"]!, (int)answer["refused"]!, (int)answer["setAside"]!));
        Assert.Equal(1, (int)answer["ignored"]![kind]!);
        Assert.Equal(1, (int)(await node.SourceAsync(webhook))["ignored"]![kind]!);
    }

    [Theory]
    [InlineData("things", "tts-uplink-undecoded", "payload formatter")]
    [InlineData("chirp", "chirpstack-up-undecoded", "codec")]
    [InlineData("things", "chirpstack-up", "no message of The Things Stack")]
    [InlineData("chirp", "tts-uplink", "no event of ChirpStack")]
    public async Task An_uplink_that_nobody_decoded_is_set_aside_with_what_to_do(string webhook, string sample, string reason)
    {
        using var store = await TestStore.CreateAsync(StoreKind.Sqlite, Cancel);
        await using var node = await HistoryNode.StartAsync(store, [.. Things, .. Chirp]);

        var (status, answer) = await node.PostAsync("/ingest/webhooks/" + webhook, SourceProbe.Sample(sample), Shown);

        Assert.Equal((200, 1), (status, (int)answer!["setAside"]!));
        Assert.Contains(reason, (string?)answer["refusals"]![0]!["reason"], StringComparison.Ordinal);
        var kept = (await node.SourceAsync(webhook))["refusals"]![0]!;
        Assert.Contains(reason, (string?)kept["reason"], StringComparison.Ordinal);
        Assert.Equal("/ingest/webhooks/" + webhook, (string?)kept["topic"]);
    }

    [Fact]
    public async Task The_same_uplink_over_Mqtt_and_a_webhook_has_one_effect()
    {
        Assert.SkipWhen(MosquittoBroker.Missing is not null, MosquittoBroker.Missing ?? "");
        await using var broker = new MosquittoBroker();
        await broker.StartAsync(Cancel);
        using var store = await TestStore.CreateAsync(StoreKind.Sqlite, Cancel);
        var mqtt = SourceProbe.Mqtt(
            broker, ("Subscriptions:0:Topic", "v3/+/devices/+/up"), ("Subscriptions:0:Payload", "thethingsstack"), ("Subscriptions:0:Qos", "0"),
            ("Subscriptions:1:Topic", "application/+/device/+/event/{event}"), ("Subscriptions:1:Payload", "chirpstack"));
        var webhooks = SourceProbe.Settings("Webhooks", 0, "things", ("Payload", "thethingsstack"), ("Secret", Secret))
            .Concat(SourceProbe.Settings("Webhooks", 1, "chirp", ("Payload", "chirpstack"), ("Secret", Secret)));
        await using var node = await HistoryNode.StartAsync(store, [.. mqtt, .. webhooks]);
        await node.ConnectedAsync();

        // As their MQTT servers name the topics.
        await broker.PublishAsync(["-t", "v3/park@ttn/devices/bench-17/up", "-s", "-q", "0"], SourceProbe.Sample("tts-uplink"), Cancel);
        await broker.PublishAsync(["-t", "application/3f0f86c1/device/a84041b2c3d4e5f6/event/up", "-s", "-q", "1"], SourceProbe.Sample("chirpstack-up"), Cancel);
        await broker.PublishAsync(["-t", "application/3f0f86c1/device/a84041b2c3d4e5f6/event/integration", "-s", "-q", "1"], SourceProbe.Sample("chirpstack-integration"), Cancel);
        var source = await node.SourceAsync(static one => (long)one["messages"]! == 3);
        Assert.Equal((7, 1), ((int)source["taken"]!, (int)source["ignored"]!["integration"]!));

        Assert.Equal(4, (int)(await node.PostAsync("/ingest/webhooks/things", SourceProbe.Sample("tts-uplink"), Shown)).Answer!["doubled"]!);
        Assert.Equal(3, (int)(await node.PostAsync("/ingest/webhooks/chirp?event=up", SourceProbe.Sample("chirpstack-up"), Shown)).Answer!["doubled"]!);
        Assert.Single(await node.PointsAsync(null, Bench, "temperature"));
        Assert.Single(await node.PointsAsync(null, "urn:ngsi-ld:Device:Air%20sensor%204", "temperature"));
    }

    [Fact]
    public async Task The_time_of_the_gateway_is_taken_where_the_settings_say_so()
    {
        using var store = await TestStore.CreateAsync(StoreKind.Sqlite, Cancel);
        await using var node = await HistoryNode.StartAsync(
            store, SourceProbe.Settings("Webhooks", 0, "things", ("Payload", "thethingsstack"), ("Secret", Secret), ("Time", "uplink_message.rx_metadata.0.time"), ("Tenant", "Lora")));

        Assert.Equal(4, (int)(await node.PostAsync("/ingest/webhooks/things", SourceProbe.Sample("tts-uplink"), Shown)).Answer!["taken"]!);

        Assert.Equal(Ticks("2026-01-12T15:15:45.787Z"), Assert.Single(await node.PointsAsync("Lora", Bench, "temperature")).Time);
    }

    private static long Ticks(string time) => DateTimeOffset.Parse(time, CultureInfo.InvariantCulture).UtcTicks;
}
