using System.Net;
using Twin.Node.Commands;
using Xunit;

namespace Twin.Tests.EndToEnd.Split;

/// <summary>
/// <c>twin demo --split</c> with <c>Twin__Events__Kafka__BootstrapServers</c>: each city a process with the gateway and the
/// scenario engine and one with the registry, and its events at a real broker.
/// </summary>
[Collection("Split")]
public sealed class KafkaSplitTests(SplitFixture fixture) : IAsyncLifetime
{
    private const string Mulhouse = "mulhouse-dmc";
    private const string Loerrach = "loerrach-lauffenmuehle";

    private DemoRun demo = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        demo = await DemoRun.StartAsync(
            ["--split"],
            new Dictionary<string, string>
            {
                ["Twin__Events__Kafka__BootstrapServers"] = fixture.Broker.BootstrapServers,
                ["Twin__Events__DegradedLag"] = "00:00:01",
            },
            Cancelled);
    }

    public async ValueTask DisposeAsync()
    {
        if (demo is not null)
        {
            await demo.DisposeAsync();
        }
    }

    [Fact]
    public async Task Split_over_processes_with_Kafka_the_demo_answers_as_in_one_and_a_broker_killed_under_writes_loses_no_event()
    {
        await AssertProcessesAsync();
        await AssertPrintedCommandsAsync();
        await fixture.AssertSameAnswersAsync(demo.Mulhouse, demo.Loerrach, Cancelled);
        await Proof.AssertLoadAsync(fixture.Broker.BootstrapServers, "Mulhouse.entities", Mulhouse, demo.Mulhouse, Cancelled);
        await Proof.AssertLoadAsync(fixture.Broker.BootstrapServers, "L-rrach-a527e38d.entities", Loerrach, demo.Loerrach, Cancelled);
        var outage = new Outage(
            "broker", "kafka", demo.Mulhouse, demo.Description(Mulhouse, "node.entity-registry.json").Http, LocalToken.Of(null, demo.Data(Mulhouse))!,
            fixture.Broker.KillAsync, fixture.Broker.StartAsync);
        await outage.AssertNothingIsLostAsync(fixture.Broker.BootstrapServers, "Mulhouse.entities", () => Task.CompletedTask, Cancelled);
    }

    private async Task AssertProcessesAsync()
    {
        foreach (var city in new[] { Mulhouse, Loerrach })
        {
            var gateway = demo.Description(city, "node.json");
            var registry = demo.Description(city, "node.entity-registry.json");
            Assert.Equal(["scenario-engine", "gateway"], gateway.Services);
            Assert.Equal(["entity-registry"], registry.Services);
            Assert.NotEqual(gateway.Pid, registry.Pid);
            using var around = new HttpClient { BaseAddress = registry.Http };
            using var answer = await around.GetAsync("/ngsi-ld/v1/types", Cancelled);
            Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        }
    }

    private async Task AssertPrintedCommandsAsync()
    {
        Assert.Equal(4, demo.Commands.Count);
        // The ids of scenarios are new in each city: the fourth command is not the same.
        foreach (var (expected, command) in fixture.Reference.Commands.Zip(demo.Commands).Take(3))
        {
            var answer = await TwinCli.PasteAsync(command, Cancelled);
            Assert.Contains(Mulhouse, answer, StringComparison.Ordinal);
            Assert.Equal(await TwinCli.PasteAsync(expected, Cancelled), answer);
        }
    }
}
