using Microsoft.Extensions.Diagnostics.HealthChecks;
using Twin.Hosting.Storage;
using Twin.Tests.Support;
using Xunit;

namespace Twin.Tests.Contract.Events;

/// <summary>Each consumer reads the outbox itself.</summary>
public abstract class InProcessDeliveryTests : EventDeliveryTests
{
    protected override Dictionary<string, string?> Settings => [];

    [Fact]
    public async Task A_consumer_that_lags_shows_in_readiness()
    {
        await using var host = await DeliveryHost.BuildAsync(
            Store, new Dictionary<string, string?> { ["Twin:Events:DegradedLag"] = "00:00:00.001", ["Twin:Events:MaxAttempts"] = "1000000" }, Cancelled);
        host.Recorder.Fault = _ => new InvalidOperationException();
        await host.StartAsync(Cancelled);
        await host.AppendAsync([DeliveryHost.Event("urn:thing:1", 1)], true, Cancelled);

        Assert.True(await Eventually.HoldsAsync(
            async () => (await host.Get<HealthCheckService>().CheckHealthAsync(Cancelled)).Entries["events"].Status == HealthStatus.Degraded, 10, Cancelled));
        Assert.Equal(1, Assert.Single(host.Lag.Readers).Events);
    }
}

public sealed class SqliteInProcessDeliveryTests : InProcessDeliveryTests;

public sealed class PostgreSqlInProcessDeliveryTests : InProcessDeliveryTests
{
    protected override StoreKind Kind => StoreKind.PostgreSql;
}
