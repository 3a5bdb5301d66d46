using System.Text;
using Confluent.Kafka;
using Twin.Tests.Support;
using Xunit;

namespace Twin.Tests.Contract.Events;

/// <summary>A broker for a class of tests; each test has topics of its own.</summary>
public sealed class KafkaFixture : IAsyncLifetime
{
    public KafkaBroker? Broker { get; private set; }

    public async ValueTask InitializeAsync()
    {
        if (KafkaBroker.Missing is null)
        {
            Broker = new KafkaBroker();
            await Broker.StartAsync(CancellationToken.None);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Broker is not null)
        {
            await Broker.DisposeAsync();
        }
    }
}

/// <summary>Through a real broker.</summary>
public sealed class KafkaDeliveryTests(KafkaFixture kafka) : EventDeliveryTests, IClassFixture<KafkaFixture>
{
    private readonly string prefix = "t" + Guid.CreateVersion7().ToString("N");

    private KafkaBroker Broker => kafka.Broker!;

    protected override Dictionary<string, string?> Settings => new(StringComparer.Ordinal)
    {
        ["Twin:Events:Kafka:BootstrapServers"] = Broker.BootstrapServers,
        ["Twin:Events:Kafka:Partitions"] = "3",
        ["Twin:Events:Kafka:Settings:session.timeout.ms"] = "6000",
        ["Twin:Events:TopicPrefix"] = prefix,
    };

    public override ValueTask InitializeAsync()
    {
        if (KafkaBroker.Missing is { } reason)
        {
            Assert.Skip(reason);
        }

        return base.InitializeAsync();
    }

    [Fact]
    public async Task A_broker_that_is_killed_and_started_again_under_writes_loses_nothing()
    {
        await using var host = await StartAsync();
        var next = 0;
        await AppendAsync(5);
        await host.WaitForEffectsAsync(50, Cancelled);
        await AppendAsync(5);
        await Broker.KillAsync();
        await AppendAsync(10);
        await Broker.StartAsync(Cancelled);
        await AppendAsync(5);

        var effects = await host.WaitForEffectsAsync(next, Cancelled, seconds: 60);

        Assert.Equal(Enumerable.Range(0, next).Select(value => (long)value), effects.Select(effect => effect.Value).Order());
        AssertOrder(effects);

        async Task AppendAsync(int transactions)
        {
            for (var i = 0; i < transactions; i++)
            {
                var first = next;
                next += 20;
                await host.AppendAsync([.. Enumerable.Range(first, 20).Select(value => DeliveryHost.Event($"urn:thing:{value % 5}", value))], true, Cancelled);
            }
        }
    }

    [Fact]
    public async Task A_message_carries_the_attributes_of_CloudEvents_in_its_headers_and_its_subject_as_key()
    {
        await using var host = await StartAsync();
        var one = DeliveryHost.Event("urn:thing:1", 7);
        await host.AppendAsync([one], true, Cancelled);
        await host.WaitForEffectsAsync(1, Cancelled);

        using var consumer = new ConsumerBuilder<string, byte[]>(new ConsumerConfig
        {
            BootstrapServers = Broker.BootstrapServers, GroupId = prefix + "-watch", AutoOffsetReset = AutoOffsetReset.Earliest,
        }).Build();
        consumer.Subscribe(prefix + ".things");
        var message = consumer.Consume(TimeSpan.FromSeconds(20)).Message;
        consumer.Close();

        Assert.Equal("urn:thing:1", message.Key);
        Assert.Equal("7", Encoding.ASCII.GetString(message.Value));
        var headers = message.Headers.ToDictionary(header => header.Key, header => Encoding.UTF8.GetString(header.GetValueBytes()));
        Assert.Equal("1.0", headers["ce_specversion"]);
        Assert.Equal(one.Id.ToString(), headers["ce_id"]);
        Assert.Equal("thing.changed.v1", headers["ce_type"]);
        Assert.Equal("urn:thing:1", headers["ce_subject"]);
        Assert.Equal("/things", headers["ce_source"]);
        Assert.Equal("text/plain", headers["content-type"]);
    }

    [Fact]
    public async Task A_message_that_is_no_event_is_set_aside_once()
    {
        await using var host = await StartAsync();
        await host.AppendAsync([DeliveryHost.Event("urn:thing:1", 1)], true, Cancelled);
        await host.WaitForEffectsAsync(1, Cancelled);
        using var producer = new ProducerBuilder<string, byte[]>(new ProducerConfig { BootstrapServers = Broker.BootstrapServers }).Build();
        await producer.ProduceAsync(prefix + ".things", new() { Key = "urn:thing:1", Value = "noise"u8.ToArray() }, Cancelled);
        await host.AppendAsync([DeliveryHost.Event("urn:thing:1", 2)], true, Cancelled);

        Assert.Equal([1, 2], (await host.WaitForEffectsAsync(2, Cancelled)).Select(effect => effect.Value));
        var letter = Assert.Single(await host.DeadLetters.ListAsync(new(), 0, 10, Cancelled));
        Assert.Equal("noise"u8.ToArray(), letter.Event.Data.ToArray());
        Assert.Contains("ce_specversion", letter.Error, StringComparison.Ordinal);
    }
}

/// <summary>Through librdkafka's own cluster, which speaks the real protocol and needs nothing installed.</summary>
public sealed class KafkaMockDeliveryTests : EventDeliveryTests
{
    private readonly string prefix = "t" + Guid.CreateVersion7().ToString("N");
    private IProducer<Null, Null>? cluster;
    private string brokers = "";

    protected override Dictionary<string, string?> Settings => new(StringComparer.Ordinal)
    {
        ["Twin:Events:Kafka:BootstrapServers"] = brokers,
        // The mock creates a topic when it is first asked for, and does not answer who wants to create one.
        ["Twin:Events:Kafka:CreateTopics"] = "false",
        ["Twin:Events:Kafka:Settings:allow.auto.create.topics"] = "true",
        ["Twin:Events:Kafka:Settings:topic.metadata.refresh.interval.ms"] = "500",
        ["Twin:Events:Kafka:Settings:partition.assignment.strategy"] = "range",
        ["Twin:Events:TopicPrefix"] = prefix,
    };

    public override async ValueTask InitializeAsync()
    {
        if (KafkaBroker.Missing is null)
        {
            Assert.Skip("The same tests run against a real broker here.");
        }

        var config = new ProducerConfig { BootstrapServers = "mock" };
        config.Set("test.mock.num.brokers", "1");
        cluster = new ProducerBuilder<Null, Null>(config).Build();
        using var admin = new DependentAdminClientBuilder(cluster.Handle).Build();
        brokers = string.Join(',', admin.GetMetadata(TimeSpan.FromSeconds(10)).Brokers.Select(broker => $"{broker.Host}:{broker.Port}"));
        await base.InitializeAsync();
    }

    public override ValueTask DisposeAsync()
    {
        cluster?.Dispose();
        return base.DisposeAsync();
    }
}
