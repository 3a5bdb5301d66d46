using System.Net;
using Twin.Hosting.Storage;
using Twin.Tests.Support;
using Xunit;

namespace Twin.Tests.Integration.Telemetry;

/// <summary>Temporal queries over several nodes where the history runs apart from the entity registry, which it asks by gRPC for its sources.</summary>
public sealed class FederatedHistorySplitTests
{
    private const string All = "&format=aggregatedValues&aggrMethods=totalCount,distinctCount,sum,avg,min,max,stddev,sumsq";

    [Fact]
    public async Task A_history_apart_from_the_registry_answers_as_one_node_would_and_alone_with_a_warning_when_the_registry_is_away()
    {
        await using var cities = await Cities.StartAsync();
        using var registryStore = await TestStore.CreateAsync(StoreKind.Sqlite, TestContext.Current.CancellationToken);
        using var historyStore = await TestStore.CreateAsync(StoreKind.Sqlite, TestContext.Current.CancellationToken);
        await using var registry = await HistoryNode.StartAsync(registryStore, ("Twin:Services", "entity-registry"), ("Twin:Federation:Alias", "colmar"), ("Twin:Federation:BudgetMilliseconds", "30000"));
        await using var history = await HistoryNode.StartAsync(
            historyStore,
            ("Twin:Services", "telemetry"),
            ("Twin:Grpc:Addresses:entity-registry", registry.Grpc.ToString()),
            ("Twin:Services:Addresses:entity-registry", registry.Http.BaseAddress!.ToString()),
            ("Twin:Telemetry:PageInstances", "1000"),
            ("Twin:Telemetry:TellMilliseconds", "0"));
        await cities.RegisterAsync(registry, cities.Loerrach);
        await Cities.FillAsync(history, Cities.Shared(0), Cities.OfMulhouse);
        await Cities.FillAsync(cities.Loerrach, Cities.Shared(1), Cities.OfLoerrach);
        await Cities.FillAsync(cities.Whole, Cities.Shared(0), Cities.OfMulhouse, Cities.Shared(1), Cities.OfLoerrach);

        foreach (var question in new[]
        {
            "/temporal/entities/urn:d:1", "/temporal/entities/urn:d:3?options=temporalValues", "/temporal/entities?type=Device&orderBy=id&lastN=4",
            "/temporal/entities/urn:d:1?aggrPeriodDuration=PT7M" + All, "/temporal/entities?type=Device&orderBy=id&limit=2&offset=1&aggrPeriodDuration=PT15M" + All,
        })
        {
            var expected = (await cities.Whole.Of(null).GetAsync(question)).Is(HttpStatusCode.OK);
            var answer = (await history.Of(null).GetAsync(question)).Is(HttpStatusCode.OK);
            Cities.AssertSame(expected, answer);
            Assert.Null(answer["NGSILD-Warning"]);
        }

        (await history.Of("nobody").GetAsync("/temporal/entities?type=Device")).Refuses(HttpStatusCode.NotFound, "NonexistentTenant");
        await registry.DisposeAsync();
        var alone = (await history.Of(null).GetAsync("/temporal/entities?type=Device")).Is(HttpStatusCode.OK);
        Assert.Equal(["urn:d:1", "urn:d:2"], alone.Ids);
        Assert.Contains("the entity registry does not answer", alone["NGSILD-Warning"], StringComparison.Ordinal);
        Assert.Null((await history.Of(null).GetAsync("/temporal/entities?type=Device&local=true")).Is(HttpStatusCode.OK)["NGSILD-Warning"]);
    }
}
