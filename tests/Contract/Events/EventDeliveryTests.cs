using System.Diagnostics;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Twin.Hosting.Events;
using Twin.Hosting.Storage;
using Twin.Tests.Support;
using Xunit;

namespace Twin.Tests.Contract.Events;

/// <summary>What every transport promises to whoever appends and whoever consumes events.</summary>
public abstract class EventDeliveryTests : IAsyncLifetime
{
    private TestStore? store;

    protected static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    protected virtual StoreKind Kind => StoreKind.Sqlite;

    protected TestStore Store => store!;

    /// <summary>What configures the transport.</summary>
    protected abstract Dictionary<string, string?> Settings { get; }

    public virtual async ValueTask InitializeAsync() => store = await TestStore.CreateAsync(Kind, Cancelled);

    public virtual ValueTask DisposeAsync()
    {
        store?.Dispose();
        return ValueTask.CompletedTask;
    }

    protected Task<DeliveryHost> BuildAsync() => DeliveryHost.BuildAsync(Store, Settings, Cancelled);

    protected async Task<DeliveryHost> StartAsync(Func<TwinEvent, Exception?>? fault = null)
    {
        var host = await BuildAsync();
        host.Recorder.Fault = fault ?? (_ => null);
        await host.StartAsync(Cancelled);
        return host;
    }

    [Fact]
    public async Task Events_of_one_subject_take_effect_in_the_order_of_their_commits_each_once()
    {
        await using var host = await StartAsync();
        for (var transaction = 0; transaction < 40; transaction++)
        {
            var first = transaction * 50;
            await host.AppendAsync([.. Enumerable.Range(first, 50).Select(value => DeliveryHost.Event($"urn:thing:{value % 7}", value))], true, Cancelled);
        }

        var effects = await host.WaitForEffectsAsync(2000, Cancelled);

        Assert.Equal(Enumerable.Range(0, 2000).Select(value => (long)value), effects.Select(effect => effect.Value).Order());
        AssertOrder(effects);
    }

    [Fact]
    public async Task A_transaction_that_rolls_back_publishes_nothing()
    {
        await using var host = await StartAsync();
        await host.AppendAsync([DeliveryHost.Event("urn:thing:1", 1)], false, Cancelled);
        await host.AppendAsync([DeliveryHost.Event("urn:thing:1", 2)], true, Cancelled);

        var effects = await host.WaitForEffectsAsync(1, Cancelled);

        Assert.Equal([new Effect("urn:thing:1", 2)], effects);
    }

    [Fact]
    public async Task What_was_committed_before_a_crash_is_published_after_it()
    {
        await using (var crashed = await BuildAsync())
        {
            await crashed.AppendAsync([DeliveryHost.Event("urn:thing:1", 1), DeliveryHost.Event("urn:thing:1", 2)], true, Cancelled);
        }

        await using var host = await StartAsync();

        Assert.Equal([1, 2], (await host.WaitForEffectsAsync(2, Cancelled)).Select(effect => effect.Value));
    }

    [Fact]
    public async Task An_event_that_comes_twice_takes_effect_once()
    {
        await using var host = await StartAsync();
        var twice = DeliveryHost.Event("urn:thing:1", 1);
        await host.AppendAsync([twice, twice, DeliveryHost.Event("urn:thing:1", 2)], true, Cancelled);
        await host.AppendAsync([twice], true, Cancelled);
        await host.AppendAsync([DeliveryHost.Event("urn:thing:1", 3)], true, Cancelled);

        var effects = await host.WaitForEffectsAsync(3, Cancelled);

        Assert.Equal([1, 2, 3], effects.Select(effect => effect.Value));
    }

    [Fact]
    public async Task Poison_is_set_aside_the_rest_flows_and_a_replay_works_once_the_fault_is_gone()
    {
        await using var host = await StartAsync(one => one.Subject == "urn:thing:bad" ? new InvalidOperationException("No such thing.") : null);
        await host.AppendAsync(
            [DeliveryHost.Event("urn:thing:1", 1), DeliveryHost.Event("urn:thing:bad", 2), DeliveryHost.Event("urn:thing:1", 3)], true, Cancelled);

        Assert.Equal([1, 3], (await host.WaitForEffectsAsync(2, Cancelled)).Select(effect => effect.Value));
        Assert.True(await Eventually.HoldsAsync(async () => await host.DeadLetters.CountAsync(new(), Cancelled) == 1, 10, Cancelled));
        var letter = Assert.Single(await host.DeadLetters.ListAsync(new(Consumer: "recorder", Subject: "urn:thing:bad"), 0, 10, Cancelled));
        Assert.Equal(("things", "thing.changed.v1", 5), (letter.Topic, letter.Event.Type, letter.Attempts));
        Assert.Equal("InvalidOperationException: No such thing.", letter.Error);
        Assert.Equal("2"u8.ToArray(), letter.Event.Data.ToArray());

        var again = await host.DeadLetters.ReplayAsync(letter.Id, Cancelled);
        Assert.Equal((false, 6), (again.Succeeded, (await host.DeadLetters.FindAsync(letter.Id, Cancelled))!.Attempts));
        host.Recorder.Fault = _ => null;
        Assert.Equal((1, 0), await host.DeadLetters.ReplayAllAsync(new(), Cancelled));

        Assert.Equal([1, 3, 2], (await host.EffectsAsync(Cancelled)).Select(effect => effect.Value));
        Assert.Equal(0, await host.DeadLetters.CountAsync(new(), Cancelled));
        Assert.False((await host.DeadLetters.ReplayAsync(letter.Id, Cancelled)).Found);
    }

    [Fact]
    public async Task A_fault_that_passes_costs_neither_order_nor_an_event()
    {
        var failures = 0;
        await using var host = await StartAsync(one => one.Subject == "urn:thing:1" && Interlocked.Increment(ref failures) <= 3 ? new TimeoutException() : null);
        await host.AppendAsync([.. Enumerable.Range(0, 20).Select(value => DeliveryHost.Event($"urn:thing:{value % 2}", value))], true, Cancelled);

        var effects = await host.WaitForEffectsAsync(20, Cancelled);

        Assert.Equal(20, effects.Count);
        AssertOrder(effects);
        Assert.Equal(0, await host.DeadLetters.CountAsync(new(), Cancelled));
    }

    [Fact]
    public async Task An_event_is_handled_in_the_trace_of_its_cause()
    {
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name is EventLag.MeterName or "test",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
        };
        ActivitySource.AddActivityListener(listener);
        using var source = new ActivitySource("test");
        await using var host = await StartAsync();
        string trace;
        using (var cause = source.StartActivity("cause"))
        {
            trace = cause!.TraceId.ToString();
            await host.AppendAsync([DeliveryHost.Event("urn:thing:1", 1)], true, Cancelled);
        }

        await host.WaitForEffectsAsync(1, Cancelled);

        Assert.Equal(trace, host.Recorder.Traces[1]);
    }

    [Fact]
    public async Task What_everybody_has_read_leaves_the_outbox_and_nobody_is_behind()
    {
        await using var host = await StartAsync();
        await host.AppendAsync([.. Enumerable.Range(0, 1500).Select(value => DeliveryHost.Event("urn:thing:1", value))], true, Cancelled);
        await host.WaitForEffectsAsync(1500, Cancelled);

        Assert.True(await Eventually.HoldsAsync(async () => await host.OutboxRowsAsync(Cancelled) == 0, 15, Cancelled));
        Assert.True(await Eventually.HoldsAsync(() => Task.FromResult(host.Lag.Readers.Any() && host.Lag.Readers.All(reader => reader.Events == 0)), 15, Cancelled));
        var report = await host.Get<HealthCheckService>().CheckHealthAsync(check => check.Tags.Contains("ready"), Cancelled);
        Assert.Equal(HealthStatus.Healthy, report.Entries["events"].Status);
    }

    internal static void AssertOrder(IReadOnlyList<Effect> effects) => Assert.All(
        effects.GroupBy(effect => effect.Subject),
        subject => Assert.Equal(subject.Select(effect => effect.Value).Order(), subject.Select(effect => effect.Value)));
}
