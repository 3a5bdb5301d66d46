using Twin.Hosting.Storage;
using Twin.Tests.Support;
using Xunit;

namespace Twin.Tests.Contract.Events;

/// <summary>Positions of PostgreSQL are given out before commit; a reader that went by them alone would skip the late one.</summary>
public sealed class OutboxOrderTests
{
    [Fact]
    public async Task A_transaction_that_commits_late_is_not_skipped()
    {
        var cancelled = TestContext.Current.CancellationToken;
        using var store = await TestStore.CreateAsync(StoreKind.PostgreSql, cancelled);
        await using var host = await DeliveryHost.BuildAsync(store, [], cancelled);
        await host.StartAsync(cancelled);
        await using (var late = await host.BeginAsync([DeliveryHost.Event("urn:thing:1", 1)], cancelled))
        {
            await host.AppendAsync([DeliveryHost.Event("urn:thing:2", 2)], true, cancelled);
            Assert.Empty(await host.WaitForEffectsAsync(1, cancelled, seconds: 1));
            await late.CommitAsync(cancelled);
        }

        Assert.Equal([1, 2], (await host.WaitForEffectsAsync(2, cancelled)).Select(effect => effect.Value));
    }
}
