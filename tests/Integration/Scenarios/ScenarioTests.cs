using System.Net;
using Twin.Hosting.Storage;
using Twin.Tests.Integration.Registry;
using Twin.Tests.Support;
using Xunit;

namespace Twin.Tests.Integration.Scenarios;

/// <summary>Scenarios over HTTP, on both stores.</summary>
public abstract class ScenarioTests(StoreKind kind)
{
    private const string House = """
        {"id":"urn:b:1","type":"Building","height":{"type":"Property","value":10,"unitCode":"MTR"},"name":{"type":"Property","value":"Hall"},
         "thermalZone":{"type":"Property","value":{"infiltration":0.8,"opaque":[{"kind":"wall","uValue":1.2,"area":40},{"kind":"roof","uValue":0.9,"area":30}],"windows":[{"uValue":2.8}]}}}
        """;

    private const string Higher = """{"type":"changeAttribute","entity":"urn:b:1","attribute":"height","value":14.5}""";

    [Fact]
    public async Task The_state_of_a_scenario_is_the_twin_with_the_interventions_laid_over_and_the_twin_stays_as_it_is()
    {
        await WithNodeAsync(async node =>
        {
            await node.Twin.CreateAsync(House);
            await node.Twin.CreateAsync("""{"id":"urn:b:2","type":"Building","height":{"type":"Property","value":12}}""");
            var path = await node.BeginAsync("Higher", $"[{Higher}]");

            var one = (await node.GetAsync(path + "/entities/urn:b:1?pick=height")).Is(HttpStatusCode.OK).Json;
            Assert.Equal("""{"type":"Property","value":14.5,"unitCode":"MTR"}""", one["height"]!.ToJsonString());
            Assert.Equal(["urn:b:1"], (await node.GetAsync(path + "/entities?type=Building&q=height%3E12")).Is(HttpStatusCode.OK).Ids);
            Assert.Equal(["urn:b:1", "urn:b:2"], (await node.GetAsync(path + "/entities?type=Building")).Ids);
            Assert.Equal(["urn:b:2"], (await node.GetAsync(path + "/entities?type=Building&limit=1&offset=1")).Ids);
            Assert.Empty((await node.GetAsync(path + "/entities?type=Street")).Ids);
            Assert.Equal("""{"id":"urn:b:1","type":"Building","height":14.5}""", (await node.GetAsync(path + "/entities/urn:b:1?pick=id,type,height&format=simplified")).Text);
            (await node.GetAsync(path + "/entities/urn:b:9")).Refuses(HttpStatusCode.NotFound, "ResourceNotFound");
            Assert.Equal(10, (int)(await node.Twin.EntityAsync("urn:b:1"))["height"]!["value"]!);
        });
    }

    [Fact]
    public async Task A_retrofit_renews_parts_and_photovoltaics_are_added_in_the_order_of_the_list()
    {
        await WithNodeAsync(async node =>
        {
            await node.Twin.CreateAsync(House);
            var path = await node.BeginAsync("Sober", """
                [{"type":"retrofit","entity":"urn:b:1","wall":{"uValue":0.2},"window":{"uValue":0.9},"heatRecovery":0.75},
                 {"type":"retrofit","entity":"urn:b:1","wall":{"uValue":0.15}},
                 {"type":"addPhotovoltaics","entity":"urn:b:1","peakPower":9000,"tilt":30,"azimuth":180,"losses":0.14}]
                """);

            var entity = (await node.GetAsync(path + "/entities/urn:b:1?format=simplified")).Is(HttpStatusCode.OK).Json;
            Assert.Equal(
                """{"infiltration":0.8,"opaque":[{"kind":"wall","uValue":0.15,"area":40},{"kind":"roof","uValue":0.9,"area":30}],"windows":[{"uValue":0.9}],"heatRecovery":0.75}""",
                entity["thermalZone"]!.ToJsonString());
            Assert.Equal("""[{"peakPower":9000,"tilt":30,"azimuth":180,"losses":0.14}]""", Listed(entity["photovoltaics"]!));
        });
    }

    [Fact]
    public async Task Interventions_take_effect_from_their_valid_time_on()
    {
        await WithNodeAsync(async node =>
        {
            await node.Twin.CreateAsync(House);
            var path = await node.BeginAsync("Later", """[{"type":"changeAttribute","entity":"urn:b:1","attribute":"height","value":14,"validFrom":"2030-01-01T00:00:00Z"}]""");

            Assert.Equal(10, await HeightAsync("?validAt=2029-12-31T23:59:59Z"));
            Assert.Equal(14, await HeightAsync("?validAt=2030-01-01T00:00:00Z"));
            Assert.Equal(14, await HeightAsync(""));

            async Task<int> HeightAsync(string query) => (int)(await node.GetAsync($"{path}/entities/urn:b:1{query}")).Is(HttpStatusCode.OK).Json["height"]!["value"]!;
        });
    }

    [Theory]
    [InlineData("""{"type":"changeAttribute","entity":"urn:b:9","attribute":"height","value":1}""", "/interventions/1/entity")]
    [InlineData("""{"type":"changeAttribute","entity":"urn:b:1","attribute":"colour","value":1}""", "/interventions/1/attribute")]
    [InlineData("""{"type":"retrofit","entity":"urn:b:1","floor":{"uValue":0.2}}""", "/interventions/1/floor")]
    [InlineData("""{"type":"changeAttribute","entity":"urn:b:1","attribute":"height","value":null}""", "/interventions/1/value")]
    [InlineData("""{"type":"raze","entity":"urn:b:1"}""", "/interventions/1/type")]
    public async Task An_intervention_on_what_does_not_exist_is_refused_whole_with_the_member_at_fault(string intervention, string member)
    {
        await WithNodeAsync(async node =>
        {
            await node.Twin.CreateAsync(House);

            var refused = await node.SendAsync(HttpMethod.Post, "/scenarios", $$"""{"name":"x","interventions":[{{Higher}},{{intervention}}]}""");

            refused.Refuses(HttpStatusCode.BadRequest, "BadRequestData");
            Assert.Equal(member, refused.Member);
            Assert.Empty((await node.GetAsync("/scenarios")).Json.AsArray());
        });
    }

    [Fact]
    public async Task What_a_scenario_adds_is_read_queried_and_changed_like_the_rest_and_what_it_removes_is_gone()
    {
        await WithNodeAsync(async node =>
        {
            await node.Twin.CreateAsync(House);
            var path = await node.BeginAsync("Green", """
                [{"type":"plantTrees","entity":"urn:t:new","positions":[[7.3,47.7],[7.31,47.71]],"species":"Tilia cordata","height":4,"crownDiameter":2},
                 {"type":"changeAttribute","entity":"urn:t:new:2","attribute":"https://schema.org/height","value":9,"unitCode":"MTR"},
                 {"type":"sharedPool","category":"tools","units":3,"place":[7.3,47.7],"locatedIn":"urn:b:1","validFrom":"2031-01-01T00:00:00Z"},
                 {"type":"removeEntity","entity":"urn:b:1","validFrom":"2032-01-01T00:00:00Z"}]
                """);
            const string Tree = "http%3A%2F%2Fwww.wikidata.org%2Fentity%2FQ10884";

            Assert.Equal(["urn:t:new:1", "urn:t:new:2"], (await node.GetAsync($"{path}/entities?type={Tree}")).Is(HttpStatusCode.OK).Ids);
            Assert.Equal(["urn:t:new:2"], (await node.GetAsync($"{path}/entities?type={Tree}&q=https%3A%2F%2Fschema.org%2Fheight%3E5")).Is(HttpStatusCode.OK).Ids);
            Assert.Equal(["urn:t:new:1"], (await node.GetAsync($"{path}/entities?type={Tree}&georel=near%3BmaxDistance==50&geometry=Point&coordinates=%5B7.3%2C47.7%5D")).Is(HttpStatusCode.OK).Ids);
            (await node.GetAsync(path + "/entities/urn:b:1")).Refuses(HttpStatusCode.NotFound, "ResourceNotFound");
            Assert.Equal(4, (await node.GetAsync(path + "/entities?validAt=2031-06-01T00:00:00Z&idPattern=.*")).Is(HttpStatusCode.OK).Ids.Length);
            var pool = (await node.GetAsync(path + "/entities?type=https%3A%2F%2Ftwin.federation%2Fns%23SharedEquipment")).Is(HttpStatusCode.OK).Ids[0];
            Assert.StartsWith("urn:ngsi-ld:SharedEquipment:", pool, StringComparison.Ordinal);
            (await node.GetAsync($"{path}/entities/{pool}?validAt=2030-01-01T00:00:00Z")).Refuses(HttpStatusCode.NotFound, "ResourceNotFound");

            await node.Twin.CreateAsync("""{"id":"urn:t:new:2","type":"Tree"}""");
            Assert.Equal("/interventions/0/entity", (await node.GetAsync(path + "/entities")).Refuses(HttpStatusCode.Conflict, "Conflict").Member);
        });
    }

    [Theory]
    [InlineData("""[{"type":"sharedPool","entity":"urn:b:1","category":"tools","units":3,"place":[7.3,47.7]}]""", "/interventions/0/entity")]
    [InlineData("""[{"type":"sharedPool","entity":"urn:s","category":"tools","units":3,"place":[7.3,47.7],"validFrom":"2030-01-01T00:00:00Z"},{"type":"removeEntity","entity":"urn:s"}]""", "/interventions/1/entity")]
    [InlineData("""[{"type":"climate","entity":"urn:b:1","weather":"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"}]""", "/interventions/0/weather")]
    [InlineData("""[{"type":"changeAttribute","entity":"urn:b:1","attribute":"height","value":3,"unitCode":"FOT"}]""", "/interventions/0/unitCode")]
    public async Task An_addition_of_what_exists_a_change_before_it_a_year_that_nobody_kept_and_a_wrong_unit_are_refused(string interventions, string member)
    {
        await WithNodeAsync(async node =>
        {
            await node.Twin.CreateAsync(House);

            Assert.Equal(member, (await node.SendAsync(HttpMethod.Post, "/scenarios", $$"""{"name":"x","interventions":{{interventions}}}""")).Refuses(HttpStatusCode.BadRequest, "BadRequestData").Member);
        });
    }

    [Fact]
    public async Task A_change_makes_a_revision_of_what_the_caller_has_seen_and_revisions_stay()
    {
        await WithNodeAsync(async node =>
        {
            await node.Twin.CreateAsync(House);
            var path = await node.BeginAsync("Growing");
            var first = (await node.GetAsync(path)).Is(HttpStatusCode.OK)["ETag"]!;

            (await node.SendAsync(HttpMethod.Post, path + "/interventions", $"[{Higher}]")).Is(HttpStatusCode.PreconditionRequired);
            var second = (await node.SendAsync(HttpMethod.Post, path + "/interventions", $"[{Higher}]", first)).Is(HttpStatusCode.NoContent)["ETag"]!;
            Assert.Equal("If-Match", (await node.SendAsync(HttpMethod.Put, path + "/interventions", "[]", first)).Is(HttpStatusCode.PreconditionFailed).Member);
            Assert.Equal(second, (await node.SendAsync(HttpMethod.Put, path + "/interventions", $"[{Higher}]", second)).Is(HttpStatusCode.NoContent)["ETag"]);
            var fault = await node.SendAsync(HttpMethod.Post, path + "/interventions", """[{"type":"changeAttribute","entity":"urn:b:9","attribute":"height","value":1}]""", second);
            Assert.Equal("/0/entity", fault.Refuses(HttpStatusCode.BadRequest, "BadRequestData").Member);

            Assert.Equal(2, (int)(await node.GetAsync(path)).Json["revision"]!);
            Assert.Equal($"[{Higher}]", (await node.GetAsync(path)).Json["interventions"]!.ToJsonString());
            Assert.Empty((await node.GetAsync(path + "?revision=1")).Json["interventions"]!.AsArray());
            Assert.Equal(10, (int)(await node.GetAsync(path + "/entities/urn:b:1?revision=1")).Json["height"]!["value"]!);
            Assert.Equal(2, (await node.GetAsync(path + "/revisions")).Json.AsArray().Count);
            (await node.GetAsync(path + "?revision=3")).Refuses(HttpStatusCode.NotFound, "ResourceNotFound");
        });
    }

    [Fact]
    public async Task A_fork_has_the_content_of_its_origin_goes_its_own_way_and_outlives_it()
    {
        await WithNodeAsync(async node =>
        {
            await node.Twin.CreateAsync(House);
            var origin = await node.BeginAsync("Origin", $"[{Higher}]");
            var fork = (await node.SendAsync(HttpMethod.Post, origin + "/fork", """{"name":"Fork"}""")).Is(HttpStatusCode.Created)["Location"]!;
            var (was, now) = ((await node.GetAsync(origin)).Json, (await node.GetAsync(fork)).Json);
            Assert.Equal((string)was["hash"]!, (string)now["hash"]!);
            Assert.Equal((string)was["id"]!, (string)now["forkOf"]!["id"]!);

            const string More = """[{"type":"addPhotovoltaics","entity":"urn:b:1","peakPower":9000,"tilt":30,"azimuth":180,"losses":0.14}]""";
            (await node.SendAsync(HttpMethod.Post, fork + "/interventions", More, "*")).Is(HttpStatusCode.NoContent);

            var difference = (await node.GetAsync($"{origin}/diff?with={now["id"]}")).Is(HttpStatusCode.OK).Json;
            Assert.False((bool)difference["equal"]!);
            Assert.Equal("""["urn:b:1"]""", difference["entities"]!.ToJsonString());
            Assert.Equal(["same", "added"], difference["interventions"]!.AsArray().Select(static line => (string)line!["change"]!));
            Assert.True((bool)(await node.GetAsync($"{origin}/diff?with={now["id"]}&withRevision=1")).Json["equal"]!);

            (await node.SendAsync(HttpMethod.Delete, origin, null, "*")).Is(HttpStatusCode.NoContent);
            (await node.GetAsync(origin)).Refuses(HttpStatusCode.NotFound, "ResourceNotFound");
            Assert.Equal(14.5, (double)(await node.GetAsync(fork + "/entities/urn:b:1")).Json["height"]!["value"]!);
        });
    }

    [Fact]
    public async Task A_twin_that_changes_so_that_an_intervention_no_longer_fits_is_a_conflict_and_not_a_silent_answer()
    {
        await WithNodeAsync(async node =>
        {
            await node.Twin.CreateAsync(House);
            await node.Twin.CreateAsync("""{"id":"urn:b:2","type":"Building"}""");
            var path = await node.BeginAsync("Higher", $"[{Higher}]");
            (await node.Twin.DeleteAsync("/entities/urn:b:1")).Is(HttpStatusCode.NoContent);

            Assert.Equal("/interventions/0/entity", (await node.GetAsync(path + "/entities")).Refuses(HttpStatusCode.Conflict, "Conflict").Member);
            (await node.GetAsync(path + "/entities/urn:b:1")).Refuses(HttpStatusCode.Conflict, "Conflict");
            (await node.GetAsync(path + "/entities/urn:b:2")).Is(HttpStatusCode.OK);
        });
    }

    [Fact]
    public async Task The_list_goes_by_pages_and_bounds_are_kept()
    {
        await WithNodeAsync(
            async node =>
            {
                foreach (var name in new[] { "one", "two", "three" })
                {
                    await node.BeginAsync(name);
                }

                var page = (await node.GetAsync("/scenarios?limit=2&count=true")).Is(HttpStatusCode.OK);
                Assert.Equal(["one", "two"], page.Json.AsArray().Select(static one => (string)one!["name"]!));
                Assert.Equal("3", page["NGSILD-Results-Count"]);
                Assert.Contains("offset=2", page["Link"], StringComparison.Ordinal);
                (await node.SendAsync(HttpMethod.Post, "/scenarios", """{"name":"four"}""")).Refuses(HttpStatusCode.Forbidden, "TooManyResults");
                Assert.Equal("/name", (await node.SendAsync(HttpMethod.Post, "/scenarios", "{}")).Refuses(HttpStatusCode.BadRequest, "BadRequestData").Member);
                Assert.Equal("/nom", (await node.SendAsync(HttpMethod.Post, "/scenarios", """{"name":"x","nom":1}""")).Refuses(HttpStatusCode.BadRequest, "BadRequestData").Member);
                (await node.SendAsync(HttpMethod.Post, "/scenarios", "[")).Refuses(HttpStatusCode.BadRequest, "InvalidRequest");
            },
            ("Twin:Scenarios:MostScenarios", "3"));
    }

    private static string Listed(System.Text.Json.Nodes.JsonNode value) => value is System.Text.Json.Nodes.JsonArray ? value.ToJsonString() : $"[{value.ToJsonString()}]";

    private async Task WithNodeAsync(Func<ScenarioNode, Task> test, params (string Key, string Value)[] settings)
    {
        using var store = await TestStore.CreateAsync(kind, TestContext.Current.CancellationToken);
        await using var node = await ScenarioNode.StartAsync(store, settings);
        await test(node);
    }
}

/// <summary>On SQLite.</summary>
public sealed class SqliteScenarioTests() : ScenarioTests(StoreKind.Sqlite);

/// <summary>On PostgreSQL.</summary>
public sealed class PostgresScenarioTests() : ScenarioTests(StoreKind.PostgreSql);
