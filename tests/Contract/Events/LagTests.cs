using Twin.Hosting.Storage;
using Twin.Tests.Support;
using Xunit;

namespace Twin.Tests.Contract.Events;

/// <summary>What is told of events that nobody takes.</summary>
public sealed class LagTests
{
    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [InlineData(StoreKind.PostgreSql)]
    public async Task What_waits_for_a_sidecar_that_was_never_there_is_counted_from_the_start(StoreKind kind)
    {
        var cancelled = TestContext.Current.CancellationToken;
        using var store = await TestStore.CreateAsync(kind, cancelled);
        await using var host = await DeliveryHost.BuildAsync(
            store,
            [new("DAPR_HTTP_PORT", "1"), new("APP_API_TOKEN", "only-the-sidecar-knows"), new("Twin:Identity:Key", Convert.ToBase64String(new byte[32]))],
            cancelled);
        await host.AppendAsync([DeliveryHost.Event("urn:thing:1", 1), DeliveryHost.Event("urn:thing:2", 2)], true, cancelled);
        await host.StartAsync(cancelled);

        Assert.True(await Eventually.HoldsAsync(() => Task.FromResult(host.Lag.Readers.Any(reader => reader is { Service: "things", Events: 2, Error: not null })), 30, cancelled));
        await host.AppendAsync([DeliveryHost.Event("urn:thing:1", 3)], true, cancelled);

        Assert.True(await Eventually.HoldsAsync(() => Task.FromResult(host.Lag.Readers.Any(reader => reader is { Service: "things", Events: 3, Age.Ticks: > 0 })), 30, cancelled));
    }
}
