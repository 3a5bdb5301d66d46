using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Twin.Hosting.Storage;
using Twin.Tests.Support;
using Xunit;

namespace Twin.Tests.Contract.Events;

/// <summary>
/// A process that appends and consumes is killed again and again, wherever it is: between a commit and its publication,
/// between an effect and its acknowledgement.
/// </summary>
public abstract class CrashTests
{
    private const int Kills = 3;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [InlineData(StoreKind.PostgreSql)]
    public async Task Every_committed_event_takes_effect_once_and_in_order_however_often_the_process_is_killed(StoreKind kind)
    {
        using var store = await TestStore.CreateAsync(kind, Cancelled);
        var settings = await SettingsAsync();
        for (var kill = 0; kill < Kills; kill++)
        {
            await using var child = await EventProcess.StartAsync(store, settings, Cancelled);
            Assert.True(await Eventually.HoldsAsync(() => Task.FromResult(child.Output.Contains(EventProcess.Handling, StringComparison.Ordinal)), 30, Cancelled));
            // Not a pause for something to happen: the moment of the crash is meant to be any.
            await Task.Delay(Random.Shared.Next(100, 400), Cancelled);
            await child.KillAsync();
        }

        await using var host = await DeliveryHost.BuildAsync(store, settings, Cancelled);
        var things = await host.ThingsAsync(Cancelled);
        var before = (await host.EffectsAsync(Cancelled)).Count;
        await host.StartAsync(Cancelled);
        var effects = await host.WaitForEffectsAsync(things.Count, Cancelled, seconds: 60);

        TestContext.Current.SendDiagnosticMessage($"{things.Count} committed, {before} had taken effect before the last start");
        Assert.True(things.Count > 100, $"only {things.Count} events were committed");
        Assert.True(before > 0, "no effect was committed before the last crash");
        Assert.Equal(things.Select(thing => thing.Value), effects.Select(effect => effect.Value).Order());
        EventDeliveryTests.AssertOrder(effects);
    }

    protected abstract Task<Dictionary<string, string?>> SettingsAsync();
}

public sealed class InProcessCrashTests : CrashTests
{
    protected override Task<Dictionary<string, string?>> SettingsAsync() => Task.FromResult(new Dictionary<string, string?>());
}

public sealed class KafkaCrashTests(KafkaFixture kafka) : CrashTests, IClassFixture<KafkaFixture>
{
    protected override Task<Dictionary<string, string?>> SettingsAsync()
    {
        if (KafkaBroker.Missing is { } reason)
        {
            Assert.Skip(reason);
        }

        return Task.FromResult(new Dictionary<string, string?>
        {
            ["Twin:Events:Kafka:BootstrapServers"] = kafka.Broker!.BootstrapServers,
            ["Twin:Events:Kafka:Settings:session.timeout.ms"] = "6000",
            // No offset is committed before the kill: all that took effect comes again.
            ["Twin:Events:Kafka:Settings:auto.commit.interval.ms"] = "3600000",
            ["Twin:Events:TopicPrefix"] = "t" + Guid.CreateVersion7().ToString("N"),
        });
    }
}

/// <summary>The process that is killed: appends as fast as it can, consumes what comes.</summary>
internal static class EventProcess
{
    public const string Verb = "event-process";

    private const int MostAppended = 2_000;

    /// <summary>What it prints when the first events are being handled.</summary>
    public const string Handling = "handling";

    public static async Task<ServerProcess> StartAsync(
        TestStore store, Dictionary<string, string?> settings, CancellationToken cancellationToken)
    {
        var all = store.Settings.Concat(settings).ToDictionary(setting => setting.Key, setting => setting.Value);
        return await ServerProcess.StartAsync(
            new ProcessStartInfo(Environment.ProcessPath!, [Verb, JsonSerializer.Serialize(all)]), "ready", cancellationToken);
    }

    public static async Task RunAsync(string settings)
    {
        var all = JsonSerializer.Deserialize<Dictionary<string, string?>>(settings)!;
        await using var host = await DeliveryHost.BuildAsync(all, CancellationToken.None);
        var next = (await host.ThingsAsync(CancellationToken.None)).Select(thing => thing.Value).DefaultIfEmpty(-1).Max() + 1;
        var said = 0;
        host.Recorder.Fault = _ =>
        {
            if (Interlocked.Exchange(ref said, 1) == 0)
            {
                Console.WriteLine(Handling);
            }

            return null;
        };
        await host.StartAsync(CancellationToken.None);
        Console.WriteLine("ready");
        // Bounded: what a fast machine appends before it is killed has to come again within the test's patience.
        for (var last = next + MostAppended; next < last;)
        {
            var first = next;
            next += 10;
            await host.AppendAsync(
                [.. Enumerable.Range(0, 10).Select(i => DeliveryHost.Event(string.Create(CultureInfo.InvariantCulture, $"urn:thing:{(first + i) % 7}"), first + i))],
                true,
                CancellationToken.None);
        }

        await Task.Delay(Timeout.Infinite);
    }
}
