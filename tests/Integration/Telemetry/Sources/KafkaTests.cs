using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Confluent.Kafka;
using Microsoft.Extensions.DependencyInjection;
using Twin.Hosting.Storage;
using Twin.Telemetry.Tail;
using Twin.Tests.Support;
using Xunit;

namespace Twin.Tests.Integration.Telemetry.Sources;

/// <summary>A real broker where one is offered, else librdkafka's own cluster, which speaks the real protocol.</summary>
public sealed class KafkaClusterFixture : IAsyncLifetime
{
    private IProducer<Null, Null>? mock;

    /// <summary>The real one; null when there is none.</summary>
    public KafkaBroker? Broker { get; private set; }

    public string Servers { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        if (KafkaBroker.Missing is null)
        {
            Broker = new KafkaBroker();
            await Broker.StartAsync(CancellationToken.None);
            Servers = Broker.BootstrapServers;
            return;
        }

        var config = new ProducerConfig { BootstrapServers = "mock" };
        config.Set("test.mock.num.brokers", "1");
        mock = new ProducerBuilder<Null, Null>(config).Build();
        using var admin = new DependentAdminClientBuilder(mock.Handle).Build();
        Servers = string.Join(',', admin.GetMetadata(TimeSpan.FromSeconds(10)).Brokers.Select(static one => $"{one.Host}:{one.Port}"));
    }

    public async ValueTask DisposeAsync()
    {
        mock?.Dispose();
        if (Broker is not null)
        {
            await Broker.DisposeAsync();
        }
    }
}

/// <summary>Points from topics of Kafka.</summary>
public sealed class KafkaTests(KafkaClusterFixture kafka) : IClassFixture<KafkaClusterFixture>
{
    private readonly string prefix = "t" + Guid.CreateVersion7().ToString("N");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Readings => prefix + ".readings";

    private string Rows => prefix + ".rows";

    [Fact]
    public async Task Messages_and_rows_become_points_and_what_cannot_be_understood_is_set_aside_with_its_place()
    {
        using var store = await TestStore.CreateAsync(StoreKind.Sqlite, Cancel);
        using var producer = Producer();
        await SendAsync(producer, Readings, "d 1", """{"ts":"2026-01-01T00:00:00Z","temperature":20.25,"on":true}""");
        await SendAsync(producer, Rows, null, """
            {"entity":"urn:r:1","attribute":"level","observedAt":"2026-01-01T00:00:00Z","value":5,"unit":"MTR"}
            {"entity":"urn:r:1","attribute":"level","observedAt":"2026-01-01T00:05:00Z","value":6}
            {"entity":"urn:r:1","attribute":"level","observedAt":"yesterday","value":7}
            """);
        var poison = await SendAsync(producer, Readings, "d 1", """{"ts":"2026-01-01T00:00:01Z","temperature":""");
        await SendAsync(producer, Readings, "d 1", null);
        await SendAsync(producer, Readings, null, """{"ts":"2026-01-01T00:00:02Z","temperature":1}""");
        await SendAsync(producer, Readings, "d 1", $$"""{"ts":"2026-01-01T00:00:03Z","text":"{{new string('x', 1_100_000)}}"}""");
        await SendAsync(producer, Readings, "d 1", """{"ts":"2026-01-01T00:00:04Z","temperature":21}""");
        await using (var node = await HistoryNode.StartAsync(store, Settings()))
        {
            var source = await node.SourceAsync(static one => (long)one["messages"]! >= 7, "bus");
            Assert.Equal((7, 5, 3, 1), ((int)source["messages"]!, (int)source["taken"]!, (int)source["setAside"]!, (int)source["refused"]!));
            Assert.Equal(1, (int)source["ignored"]!["empty"]!);
            Assert.Equal(["20.25", "21"], (await node.PointsAsync(null, "urn:ngsi-ld:Device:d%201", "temperature")).Select(static one => one.Value));
            Assert.Equal(["5", "6"], (await node.PointsAsync(null, "urn:r:1", "level")).Select(static one => one.Value));
            var refusals = source["refusals"]!.AsArray();
            Assert.Contains(refusals, one => (string?)one!["topic"] == $"{Readings}[{poison.Partition.Value}]@{poison.Offset.Value}" && ((string)one["reason"]!).Contains("not JSON", StringComparison.Ordinal));
            Assert.Contains(refusals, static one => ((string)one!["reason"]!).Contains("It has no key", StringComparison.Ordinal));
            Assert.Contains(refusals, static one => ((string)one!["reason"]!).Contains("at most 1048576 are read", StringComparison.Ordinal));
            await node.SourceAsync(static one => (long?)one["behind"] == 0 && (string?)one["state"] == "connected", "bus");
        }

        // The group knows how far it has come: nothing comes again, and what came while nobody was there does.
        await SendAsync(producer, Readings, "d 1", """{"ts":"2026-01-01T00:00:05Z","temperature":22}""");
        await using var again = await HistoryNode.StartAsync(store, Settings());
        var next = await again.SourceAsync(static one => (long)one["messages"]! >= 1, "bus");
        Assert.Equal((1, 1), ((int)next["messages"]!, (int)next["taken"]!));
    }

    [Fact]
    public async Task A_message_without_a_time_has_the_one_that_Kafka_keeps_so_that_it_is_one_point_however_often_it_comes()
    {
        using var store = await TestStore.CreateAsync(StoreKind.Sqlite, Cancel);
        using var producer = Producer();
        var time = new DateTime(2026, 1, 2, 3, 4, 5, 678, DateTimeKind.Utc);
        await producer.ProduceAsync(prefix + ".values", new Message<string, byte[]> { Key = "urn:x:1", Value = "7.5"u8.ToArray(), Timestamp = new Timestamp(time) }, Cancel);
        for (var group = 0; group < 2; group++)
        {
            await using var node = await HistoryNode.StartAsync(
                store, SourceProbe.Settings("Kafka", 0, "bus", ("BootstrapServers", kafka.Servers), ("Group", $"{prefix}.{group}"),
                ("Topics:0:Topic", prefix + ".values"), ("Topics:0:Payload", "value"), ("Topics:0:Entity", "{key}"), ("Topics:0:Attribute", "height"), ("Topics:0:Unit", "MTR")));
            var source = await node.SourceAsync(static one => one.Points() >= 1, "bus");
            Assert.Equal(group, (int)source["doubled"]!);
            Assert.Equal((time.Ticks, "7.5"), Assert.Single(await node.PointsAsync(null, "urn:x:1", "height")));
        }
    }

    [Fact]
    public async Task What_is_not_committed_keeps_its_offset_waits_in_bounds_and_comes_to_the_next_start()
    {
        using var store = await TestStore.CreateAsync(StoreKind.Sqlite, Cancel);
        using var producer = Producer();
        await SendAsync(producer, Readings, "d", """{"ts":"2026-01-01T00:00:00Z","n":-1}""");
        await using (var node = await HistoryNode.StartAsync(store, Settings()))
        {
            await node.SourceAsync(static one => (long)one["taken"]! == 1, "bus");
            // From here on nothing can be committed, as with a store that has gone.
            await node.Services.GetRequiredService<TailWriter>().StopAsync(Cancel);
            for (var i = 0; i < 20_000; i++)
            {
                producer.Produce(Readings, new Message<string, byte[]> { Key = "d", Value = Reading(i) });
            }

            producer.Flush(Cancel);
            var source = await node.SourceAsync(static one => one["lastError"] is not null && (long?)one["behind"] == 20_000, "bus");
            Assert.Equal((1, "connected"), ((int)source["messages"]!, (string?)source["state"]));
        }

        await using var again = await HistoryNode.StartAsync(store, Settings());
        await again.SourceAsync(static one => one.Points() >= 20_000, "bus");
        var points = await again.PointsAsync(null, "urn:ngsi-ld:Device:d", "n");
        Assert.Equal(Enumerable.Range(-1, 20_001).Select(static n => n.ToString(CultureInfo.InvariantCulture)), points.Select(static one => one.Value));
        var all = await again.SourceAsync("bus");
        Assert.Equal((20_000, 0), ((int)all["taken"]!, (int)all["setAside"]!));
    }

    [Fact]
    public async Task A_broker_that_is_killed_and_started_again_under_load_costs_no_point_and_its_absence_is_told()
    {
        Assert.SkipWhen(kafka.Broker is null, KafkaBroker.Missing ?? "");
        using var store = await TestStore.CreateAsync(StoreKind.Sqlite, Cancel);
        await using var node = await HistoryNode.StartAsync(store, Settings());
        using var producer = Producer();
        await SendAllAsync(producer, 0, 500);
        await node.SourceAsync(static one => (long)one["taken"]! >= 500, "bus");
        await kafka.Broker!.KillAsync();
        await node.SourceAsync(static one => (string?)one["state"] == "disconnected", "bus");
        Assert.Contains(
            "'bus' is disconnected", (string?)JsonNode.Parse((await node.GetAsync("/health/ready")).Text)!["checks"]!["sources"]!["description"], StringComparison.Ordinal);
        var sending = SendAllAsync(producer, 500, 1000);
        await kafka.Broker.StartAsync(Cancel);
        await sending;

        await node.SourceAsync(static one => (long)one["taken"]! >= 1000 && (string?)one["state"] == "connected", "bus");
        var points = await node.PointsAsync(null, "urn:ngsi-ld:Device:d", "n");
        Assert.Equal(Enumerable.Range(0, 1000).Select(static n => n.ToString(CultureInfo.InvariantCulture)), points.Select(static one => one.Value));
    }

    [Fact]
    public async Task A_topic_that_is_not_there_is_told_and_found_when_somebody_makes_it()
    {
        Assert.SkipWhen(kafka.Broker is null, "librdkafka's own cluster makes each topic that is asked for.");
        using var store = await TestStore.CreateAsync(StoreKind.Sqlite, Cancel);
        await using var node = await HistoryNode.StartAsync(store, [.. Settings(), ("Twin:Telemetry:Kafka:0:Settings:topic.metadata.refresh.interval.ms", "300")]);
        var source = await node.SourceAsync(static one => (string?)one["state"] == "disconnected", "bus");
        Assert.Contains("do not have the topic", (string?)source["reason"], StringComparison.Ordinal);

        using var producer = Producer();
        await SendAsync(producer, Rows, null, "");
        await SendAsync(producer, Readings, "d", """{"ts":"2026-01-01T00:00:00Z","n":1}""");
        await node.SourceAsync(static one => (long)one["taken"]! == 1 && (string?)one["state"] == "connected", "bus");
    }

    [Theory]
    [InlineData("BootstrapServers", "", "BootstrapServers", "set the brokers")]
    [InlineData("Start", "middle", "Start", "set earliest or latest")]
    [InlineData("Settings:enable.auto.commit", "false", "Settings:enable.auto.commit", "leave it out")]
    [InlineData("Settings:security.protocol", "carrier-pigeon", "Settings", "security.protocol")]
    [InlineData("Settings:no.such.setting", "1", "Settings", "no.such.setting")]
    [InlineData("PasswordFile", "/nowhere/at/all", "PasswordFile", "not there")]
    [InlineData("Topics:0:Topic", "a/b", "Topics:0:Topic", "is no name of a topic")]
    [InlineData("Topics:0:Entity", "urn:x:{device}", "Topics:0:Entity", "it knows {key}, {topic}")]
    public async Task A_setting_that_could_not_work_is_told_at_the_start_by_its_name(string key, string value, string atFault, string fault)
    {
        using var store = await TestStore.CreateAsync(StoreKind.Sqlite, Cancel);
        var told = await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            await using var node = await HistoryNode.StartAsync(store, [.. Settings(), ($"Twin:Telemetry:Kafka:0:{key}", value)]);
        });
        Assert.Contains(fault, told.Message, StringComparison.Ordinal);
        Assert.Contains($"Twin:Telemetry:Kafka:0:{atFault} ", told.Message, StringComparison.Ordinal);
    }

    private static byte[] Reading(int number) =>
        Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $$"""{"ts":{{1_767_225_601 + number}},"n":{{number}}}"""));

    private async Task SendAllAsync(IProducer<string, byte[]> producer, int first, int end)
    {
        for (var number = first; number < end; number += 100)
        {
            await Task.WhenAll(Enumerable.Range(number, 100).Select(one => producer.ProduceAsync(Readings, new Message<string, byte[]> { Key = "d", Value = Reading(one) }, Cancel)));
        }
    }

    private static Task<DeliveryResult<string, byte[]>> SendAsync(IProducer<string, byte[]> producer, string topic, string? key, string? value) =>
        producer.ProduceAsync(topic, new Message<string, byte[]> { Key = key!, Value = value is null ? null! : Encoding.UTF8.GetBytes(value) }, Cancel);

    private IProducer<string, byte[]> Producer() =>
        new ProducerBuilder<string, byte[]>(new ProducerConfig { BootstrapServers = kafka.Servers, EnableIdempotence = true, MessageMaxBytes = 4_000_000, CompressionType = CompressionType.Gzip, LingerMs = 1 })
            .SetLogHandler(static (_, _) => { }).Build();

    private (string, string)[] Settings() =>
    [
        .. SourceProbe.Settings(
            "Kafka", 0, "bus", ("BootstrapServers", kafka.Servers), ("Group", prefix),
            ("Settings:session.timeout.ms", "6000"), ("Settings:topic.metadata.refresh.interval.ms", "1000"),
            // Of librdkafka's own cluster alone: it knows no cooperative groups.
            ("Settings:partition.assignment.strategy", kafka.Broker is null ? "range" : "cooperative-sticky"),
            ("Topics:0:Topic", Readings), ("Topics:0:Entity", "urn:ngsi-ld:Device:{key}"), ("Topics:0:Time", "ts"),
            ("Topics:1:Topic", Rows), ("Topics:1:Payload", "ndjson")),
    ];
}
