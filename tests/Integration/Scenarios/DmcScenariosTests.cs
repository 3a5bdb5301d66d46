using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Twin.Hosting.Storage;
using Twin.Node.Districts;
using Twin.Tests.Integration.Registry;
using Twin.Tests.Support;
using Xunit;

namespace Twin.Tests.Integration.Scenarios;

/// <summary>The three scenarios of the DMC district: computed, compared, merged, on both stores.</summary>
public abstract class DmcScenariosTests(StoreKind kind)
{
    private const ulong Seed = 20260618;
    private const string District = "urn:ngsi-ld:AdministrativeArea:mulhouse-dmc:district";

    [Fact]
    public async Task The_scenarios_of_the_district_are_computed_compared_and_merged()
    {
        using var store = await TestStore.CreateAsync(kind, TestContext.Current.CancellationToken);
        await using var node = await ScenarioNode.StartAsync(store);
        await LoadAsync(node);
        var paths = new List<string>();
        foreach (var scenario in DistrictScenarios.Of(DistrictPlans.Dmc, Seed))
        {
            paths.Add(await node.BeginAsync(scenario.Name, scenario.Interventions.ToJsonString(), DistrictGenerator.ContextUrl));
        }

        var compared = (await node.GetAsync($"/scenarios/results?scenarios={string.Join(',', paths.Select(Id))}&district={District}")).Is(HttpStatusCode.OK).Json;
        double[] Of(string name) => [.. compared["indicators"]!.AsArray().Single(one => (string)one!["name"]! == name)!["values"]!.AsArray().Select(static one => (double)one!["value"]!)];
        // In the order: as it is, sober renovation, green commons, dense and mixed.
        Assert.True(Of("heatingDemand") is [var now, var sober, var green, var dense] && sober < 0.4 * now && green == now && dense < now);
        Assert.True(Of("floorArea") is [var floor, var same, _, var more] && same == floor && more > floor);
        Assert.True(Of("sharedElectricity") is [0, > 100_000, > 100_000, 0]);
        Assert.Equal(0, Of("naturalGasDelivered")[1]);

        // Renovation and commons touch different things, and say the same of sharing: they fit together.
        var (renovation, commons, mixed) = (paths[1], paths[2], paths[3]);
        (await MergeAsync(node, renovation, commons)).Is(HttpStatusCode.NoContent);
        var both = (await node.GetAsync($"{renovation}/results?district={District}")).Is(HttpStatusCode.OK).Json;
        Assert.Equal(Of("heatingDemand")[1], (double)both["indicators"]!.AsArray().Single(static one => (string)one!["name"]! == "heatingDemand")!["value"]!);
        var parcel = (await node.GetAsync($"{renovation}/entities/urn:ngsi-ld:CadastralParcel:mulhouse-dmc:hall-75?format=simplified")).Is(HttpStatusCode.OK).Text;
        Assert.Contains("planting", parcel, StringComparison.Ordinal);

        // A hall that one renovates and the other takes down is a conflict that names it; so is what two say of one wall.
        var conflicts = (await MergeAsync(node, renovation, mixed)).Is(HttpStatusCode.Conflict).Json["conflicts"]!.AsArray();
        Assert.Contains(conflicts, static one => one!["kinds"]!.ToJsonString().Contains("remove/change", StringComparison.Ordinal) && one["about"]!.ToJsonString().Contains("hall-48", StringComparison.Ordinal));
        Assert.Contains(conflicts, static one => one!["kinds"]!.ToJsonString().Contains("change/change", StringComparison.Ordinal) && one["about"]!.ToJsonString().Contains("hall-62", StringComparison.Ordinal));
        var resolutions = new JsonArray([.. conflicts.Select(static one => (JsonNode)new JsonObject { ["conflict"] = one!["conflict"]!.DeepClone(), ["take"] = "theirs" })]);
        (await MergeAsync(node, renovation, mixed, resolutions)).Is(HttpStatusCode.NoContent);
        var all = (await node.GetAsync($"{renovation}/results?district={District}")).Is(HttpStatusCode.OK).Json;
        Assert.Equal(Of("floorArea")[3], (double)all["indicators"]!.AsArray().Single(static one => (string)one!["name"]! == "floorArea")!["value"]!);
    }

    private static Task<Answer> MergeAsync(ScenarioNode node, string into, string from, JsonArray? resolutions = null) =>
        node.SendAsync(HttpMethod.Post, into + "/merge", new JsonObject { ["from"] = Id(from), ["resolutions"] = resolutions ?? [] }.ToJsonString(), "*");

    private static string Id(string path) => path.Split('/')[^1];

    private static async Task LoadAsync(ScenarioNode node)
    {
        (await node.KeepWeatherAsync(DistrictPlans.Dmc.Weather(Seed).Epw, "?zone=1")).Is(HttpStatusCode.Created);
        foreach (var batch in DistrictGenerator.Generate(DistrictPlans.Dmc, Seed).Chunk(200))
        {
            (await node.LoadAsync($"[{string.Join(',', batch.Select(static one => Encoding.UTF8.GetString(one.Json.Span)))}]", DistrictGenerator.ContextUrl)).Is(HttpStatusCode.Created);
        }
    }
}

/// <summary>On SQLite.</summary>
public sealed class SqliteDmcScenariosTests() : DmcScenariosTests(StoreKind.Sqlite);

/// <summary>On PostgreSQL.</summary>
public sealed class PostgresDmcScenariosTests() : DmcScenariosTests(StoreKind.PostgreSql);
