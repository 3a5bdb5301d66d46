using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Confluent.Kafka;
using MQTTnet;
using MQTTnet.Protocol;
using Twin.Hosting.Storage;
using Twin.Tests.Support;
using Xunit;

namespace Twin.Tests.EndToEnd.Crash;

/// <summary><c>kill -9</c> while messages come from a broker, which has acknowledged them to their sender and keeps what the node has not.</summary>
public sealed class SourceCrashTests(ITestOutputHelper output)
{
    private const string Topic = "readings";
    private const string Device = "urn:ngsi-ld:Device:load";
    private const int AtOnce = 20;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_kill_while_messages_come_over_Mqtt_loses_none_that_the_broker_had()
    {
        Assert.SkipWhen(MosquittoBroker.Missing is not null, MosquittoBroker.Missing ?? "");
        await using var broker = new MosquittoBroker();
        await broker.StartAsync(Cancel);
        using var client = new MqttClientFactory().CreateMqttClient();
        await client.ConnectAsync(new MqttClientOptionsBuilder().WithTcpServer("127.0.0.1", broker.Port).Build(), Cancel);
        await KillAsync("MQTT", 11, number => client.PublishAsync(
            new MqttApplicationMessageBuilder().WithTopic(Topic).WithPayload(Reading(number)).WithQualityOfServiceLevel((MqttQualityOfServiceLevel)(1 + (number % 2))).Build(), Cancel), new(StringComparer.Ordinal)
            {
                ["Twin__Telemetry__Mqtt__0__Name"] = "load",
                ["Twin__Telemetry__Mqtt__0__Host"] = "127.0.0.1",
                ["Twin__Telemetry__Mqtt__0__Port"] = broker.PortText,
                ["Twin__Telemetry__Mqtt__0__RetryMilliseconds"] = "50",
                ["Twin__Telemetry__Mqtt__0__Subscriptions__0__Topic"] = Topic,
                ["Twin__Telemetry__Mqtt__0__Subscriptions__0__Qos"] = "2",
                ["Twin__Telemetry__Mqtt__0__Subscriptions__0__Payload"] = "json",
                ["Twin__Telemetry__Mqtt__0__Subscriptions__0__Entity"] = Device,
                ["Twin__Telemetry__Mqtt__0__Subscriptions__0__Time"] = "ts",
            });
    }

    [Fact]
    public async Task A_kill_while_messages_come_over_Kafka_loses_none_that_the_broker_had()
    {
        Assert.SkipWhen(KafkaBroker.Missing is not null, KafkaBroker.Missing ?? "");
        await using var broker = new KafkaBroker();
        await broker.StartAsync(Cancel);
        // The first message makes the topic, so that the node finds it at once.
        using var producer = new ProducerBuilder<Null, byte[]>(new ProducerConfig { BootstrapServers = broker.BootstrapServers, EnableIdempotence = true, LingerMs = 1 })
            .SetLogHandler(static (_, _) => { }).Build();
        await producer.ProduceAsync(Topic, new Message<Null, byte[]> { Value = Reading(0) }, Cancel);
        await KillAsync("Kafka", 12, number => producer.ProduceAsync(Topic, new Message<Null, byte[]> { Value = Reading(number) }, Cancel), new(StringComparer.Ordinal)
        {
            ["Twin__Telemetry__Kafka__0__Name"] = "load",
            ["Twin__Telemetry__Kafka__0__BootstrapServers"] = broker.BootstrapServers,
            // How long the broker waits for a member that was killed.
            ["Twin__Telemetry__Kafka__0__Settings__session.timeout.ms"] = "6000",
            ["Twin__Telemetry__Kafka__0__Topics__0__Topic"] = Topic,
            ["Twin__Telemetry__Kafka__0__Topics__0__Entity"] = Device,
            ["Twin__Telemetry__Kafka__0__Topics__0__Time"] = "ts",
        });
    }

    private async Task KillAsync(string what, int seed, Func<int, Task> publish, Dictionary<string, string> settings)
    {
        using var store = await TestStore.CreateAsync(StoreKind.Sqlite, Cancel);
        var random = CrashRounds.Random(seed);
        var sent = 0;
        for (var round = 0; round < CrashRounds.Count; round++)
        {
            await using var node = await NodeProcess.StartAsync(store.Options, settings, Cancel);
            using var http = new HttpClient { BaseAddress = node.Http };
            using var enough = new CancellationTokenSource();
            await ConnectedAsync(http);
            var sending = SendAsync(publish, sent, enough.Token);
            // Its messages come; a moment later it is killed among them.
            Assert.True(await Eventually.HoldsAsync(async () => (long)(await SourceAsync(http))["taken"]! > 0, 40, Cancel), "No message came.");
            await Task.Delay(random.Next(20, 400), Cancel);
            await node.KillAsync();
            await enough.CancelAsync();
            sent = await sending;
        }

        await using var last = await NodeProcess.StartAsync(store.Options, settings, Cancel);
        using var again = new HttpClient { BaseAddress = last.Http };
        string[] expected = [.. Enumerable.Range(0, sent).Select(static number => number.ToString(CultureInfo.InvariantCulture))];
        List<string> found = [];
        await ConnectedAsync(again);
        Assert.True(
            await Eventually.HoldsAsync(async () => (found = await PointsAsync(again)).Count >= sent, 60, Cancel),
            $"Of {sent} acknowledged messages {expected.Except(found).Count()} are lost, such as {expected.Except(found).FirstOrDefault()}.");
        Assert.Equal(expected, found);
        var source = await SourceAsync(again);
        Assert.Equal((0, 0, 0), ((int)source["setAside"]!, (int)source["refused"]!, (int)source["lost"]!));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what}: {CrashRounds.Count} kills, {sent} messages that the broker had acknowledged, none lost, none doubled."));
        Assert.True(sent > CrashRounds.Count * 10, "The rounds were too short to say anything.");
    }

    /// <summary>Publishes number after number; returns the next when all before are acknowledged.</summary>
    private static async Task<int> SendAsync(Func<int, Task> publish, int first, CancellationToken enough)
    {
        for (; !enough.IsCancellationRequested; first += AtOnce)
        {
            await Task.WhenAll(Enumerable.Range(first, AtOnce).Select(publish));
        }

        return first;
    }

    /// <summary>A broker keeps messages for a node that it knows; and of a Kafka group the others wait for one that was killed.</summary>
    private static async Task ConnectedAsync(HttpClient http) =>
        Assert.True(await Eventually.HoldsAsync(async () => (string?)(await SourceAsync(http))["state"] == "connected", 40, Cancel), "It is not connected.");

    private static async Task<JsonNode> SourceAsync(HttpClient http) => JsonNode.Parse(await http.GetStringAsync(new Uri("/ingest/sources/load", UriKind.Relative), Cancel))!;

    /// <summary>The values in the order of their times.</summary>
    private static async Task<List<string>> PointsAsync(HttpClient http)
    {
        var rows = await http.GetStringAsync(new Uri($"/history/points?id={Device}&attrs=n&format=csv", UriKind.Relative), Cancel);
        return [.. rows.Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(static row => row.Split(',')[3].Trim())];
    }

    private static byte[] Reading(int number) =>
        Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $$"""{"ts":{{1_767_225_600 + number}},"n":{{number}}}"""));
}
