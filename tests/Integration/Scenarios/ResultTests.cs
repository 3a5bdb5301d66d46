using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Twin.Hosting.Storage;
using Twin.Node.Districts;
using Twin.Tests.Integration.Registry;
using Twin.Tests.Support;
using Xunit;

namespace Twin.Tests.Integration.Scenarios;

/// <summary>Results of scenarios of the synthetic DMC district over HTTP, in both stores.</summary>
public abstract class ResultTests(StoreKind kind)
{
    private const ulong Seed = 20260618;
    private const string District = "urn:ngsi-ld:AdministrativeArea:mulhouse-dmc:district";
    private const string Hall = "urn:ngsi-ld:Building:mulhouse-dmc:hall-62";

    private static readonly string Renovation = $$"""
        [{"type":"retrofit","entity":"{{Hall}}","wall":{"uValue":0.2},"roof":{"uValue":0.15},"window":{"uValue":1.1,"solarTransmittance":0.5},"infiltration":0.1},
         {"type":"addPhotovoltaics","entity":"{{Hall}}","peakPower":150000,"tilt":10,"azimuth":180,"losses":0.14}]
        """;

    [Fact]
    public Task A_district_is_computed_and_an_intervention_recomputes_the_building_that_it_touches() => WithDistrictAsync(async node =>
    {
        var now = await node.BeginAsync("As it is");
        var later = await node.BeginAsync("Renovation", Renovation);

        var before = (await node.GetAsync($"{now}/results?district={District}")).Is(HttpStatusCode.OK).Json;
        var buildings = (int)before["buildings"]!;
        Assert.Equal(buildings, (int)before["computed"]!);
        var after = (await node.GetAsync($"{later}/results?district={District}")).Is(HttpStatusCode.OK).Json;
        Assert.Equal(1, (int)after["computed"]!);
        Assert.NotEqual((string)before["hash"]!, (string)after["hash"]!);
        Assert.True(Of(after, "heatingDemand") < Of(before, "heatingDemand"));
        Assert.True(Of(after, "carbon") < Of(before, "carbon"));
        Assert.True(Of(after, "photovoltaicProduction") > Of(before, "photovoltaicProduction") + 100_000);

        // The balance closes: what is produced is used within or leaves, what is used is produced or comes in.
        Assert.Equal(Of(after, "electricityUse"), (Of(after, "selfProductionRate") * Of(after, "electricityUse")) + Of(after, "gridImport"), 1e-3);
        Assert.Equal(Of(after, "photovoltaicProduction"), (Of(after, "selfConsumptionRate") * Of(after, "photovoltaicProduction")) + Of(after, "gridExport"), 1e-3);

        var again = (await node.GetAsync($"{now}/results?district={District}")).Is(HttpStatusCode.OK).Json;
        Assert.Equal(0, (int)again["computed"]!);
        Assert.Equal(before["indicators"]!.ToJsonString(), again["indicators"]!.ToJsonString());
    });

    [Fact]
    public Task What_is_tried_is_what_is_kept_afterwards_and_keeps_nothing_itself() => WithDistrictAsync(async node =>
    {
        var path = await node.BeginAsync("As it is");
        var tried = (await node.SendAsync(HttpMethod.Post, $"{path}/results?district={District}", Renovation)).Is(HttpStatusCode.OK);
        var head = (await node.GetAsync(path)).Is(HttpStatusCode.OK);
        Assert.Equal(1, (int)head.Json["revision"]!);

        (await node.SendAsync(HttpMethod.Post, $"{path}/interventions", Renovation, head["ETag"])).Is(HttpStatusCode.NoContent);
        var kept = (await node.GetAsync($"{path}/results?district={District}")).Is(HttpStatusCode.OK);
        Assert.Equal(tried.Json["indicators"]!.ToJsonString(), kept.Json["indicators"]!.ToJsonString());
        Assert.Equal((string)tried.Json["hash"]!, (string)kept.Json["hash"]!);

        Assert.Equal("/1/entity", (await node.SendAsync(HttpMethod.Post, $"{path}/results?district={District}", Renovation.Replace(Hall + "\",\"peak", "urn:none:1\",\"peak", StringComparison.Ordinal)))
            .Refuses(HttpStatusCode.BadRequest, "BadRequestData").Member);
    });

    [Fact]
    public Task Scenarios_are_compared_with_the_first_and_told_building_by_building_and_hour_by_hour() => WithDistrictAsync(async node =>
    {
        var (now, later) = (await node.BeginAsync("As it is"), await node.BeginAsync("Renovation", Renovation));
        var compared = (await node.GetAsync($"/scenarios/results?district={District}&scenarios={Id(now)},{Id(later)}")).Is(HttpStatusCode.OK).Json;
        var heating = compared["indicators"]!.AsArray().Single(one => (string)one!["name"]! == "heatingDemand")!["values"]!;
        Assert.Equal("same", (string)heating[0]!["verdict"]!);
        Assert.Equal("better", (string)heating[1]!["verdict"]!);
        Assert.True((double)heating[1]!["difference"]! < 0);

        var buildings = (await node.GetAsync($"{later}/results/buildings?district={District}&limit=1000&count=true")).Is(HttpStatusCode.OK);
        Assert.Equal(Of((await node.GetAsync($"{later}/results?district={District}")).Json, "heatingDemand"), buildings.Json.AsArray().Sum(one => (double)one!["heating"]!), 1e-6);
        var hours = (await node.GetAsync($"{later}/results/hours?district={District}&series=heat")).Is(HttpStatusCode.OK).Json["values"]!.AsArray();
        Assert.Equal(8760, hours.Count);
        Assert.Equal(Of((await node.GetAsync($"{later}/results?district={District}")).Json, "peakHeat"), hours.Max(static hour => (double)hour!) / 1000, 1e-3);
    });

    [Fact]
    public Task What_is_missing_is_named_and_nothing_is_put_in_its_place() => WithDistrictAsync(async node =>
    {
        var path = await node.BeginAsync("As it is");
        (await node.GetAsync($"{path}/results")).Refuses(HttpStatusCode.BadRequest, "BadRequestData");
        (await node.GetAsync($"{path}/results?district=urn:none:1")).Refuses(HttpStatusCode.NotFound, "ResourceNotFound");

        (await node.Twin.DeleteAsync($"/entities/{Hall}/attrs/heatSupply")).Is(HttpStatusCode.NoContent);
        Assert.Equal($"{Hall}/heatSupply", (await node.GetAsync($"{path}/results?district={District}")).Is(HttpStatusCode.UnprocessableEntity).Member);
        (await node.Twin.DeleteAsync($"/entities/{Hall}")).Is(HttpStatusCode.NoContent);
        (await node.GetAsync($"{path}/results?district={District}")).Is(HttpStatusCode.OK);

        var weather = (string)(await node.GetAsync("/scenarios/weather")).Json[0]!["hash"]!;
        (await node.Twin.PatchAsync($"/entities/{District}", """{"climate":{"type":"Property","value":{"weather":"none"}}}""")).Is(HttpStatusCode.NoContent);
        Assert.Equal($"{District}/climate/weather", (await node.GetAsync($"{path}/results?district={District}")).Is(HttpStatusCode.UnprocessableEntity).Member);
        Assert.NotEqual("none", weather);
    });

    private static double Of(JsonNode results, string indicator) => (double)results["indicators"]!.AsArray().Single(one => (string)one!["name"]! == indicator)!["value"]!;

    private static string Id(string path) => Uri.UnescapeDataString(path.Split('/')[^1]);

    private async Task WithDistrictAsync(Func<ScenarioNode, Task> test)
    {
        using var store = await TestStore.CreateAsync(kind, TestContext.Current.CancellationToken);
        await using var node = await ScenarioNode.StartAsync(store);
        (await node.KeepWeatherAsync(DistrictPlans.Dmc.Weather(Seed).Epw, "?zone=1")).Is(HttpStatusCode.Created);
        foreach (var batch in DistrictGenerator.Generate(DistrictPlans.Dmc, Seed).Where(static one => one.Type is "Building" or "AdministrativeArea" or "Organization").Chunk(200))
        {
            var body = string.Join(',', batch.Select(static one => Encoding.UTF8.GetString(one.Json.Span)));
            (await node.LoadAsync($"[{body}]", DistrictGenerator.ContextUrl)).Is(HttpStatusCode.Created);
        }

        await test(node);
    }
}

/// <summary>On SQLite.</summary>
public sealed class SqliteResultTests() : ResultTests(StoreKind.Sqlite);

/// <summary>On PostgreSQL.</summary>
public sealed class PostgresResultTests() : ResultTests(StoreKind.PostgreSql);
