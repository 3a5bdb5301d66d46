using System.Net;
using Twin.EntityRegistry;
using Twin.Gateway;
using Twin.Hosting.Composition;
using Twin.Hosting.Storage;
using Twin.Tests.Support;
using Xunit;

namespace Twin.Tests.Integration.Scenarios;

/// <summary>NGSI-LD reads of a scenario by the header NGSILD-Scenario, on both stores.</summary>
public abstract class ScenarioHeaderTests(StoreKind kind)
{
    [Fact]
    public Task Entities_are_read_as_the_scenario_has_them_by_the_paths_of_the_twin() => WithNodeAsync(async (node, id) =>
    {
        Assert.Equal(14, (int)(await node.AsScenarioAsync(HttpMethod.Get, "/ngsi-ld/v1/entities/urn:b:1", id)).Is(HttpStatusCode.OK).Json["height"]!["value"]!);
        Assert.Equal(10, (int)(await node.AsScenarioAsync(HttpMethod.Get, "/ngsi-ld/v1/entities/urn:b:1", id + ";revision=1")).Is(HttpStatusCode.OK).Json["height"]!["value"]!);
        Assert.Equal(10, (int)(await node.AsScenarioAsync(HttpMethod.Get, "/ngsi-ld/v1/entities/urn:b:1", id + "; validAt=2029-01-01T00:00:00Z")).Is(HttpStatusCode.OK).Json["height"]!["value"]!);
        Assert.Equal(["urn:b:1"], (await node.AsScenarioAsync(HttpMethod.Get, "/ngsi-ld/v1/entities?type=Building&q=height%3E12&attrs=height&local=true", id)).Is(HttpStatusCode.OK).Ids);
        Assert.Empty((await node.GetAsync("/ngsi-ld/v1/entities?type=Building&q=height%3E12")).Is(HttpStatusCode.OK).Ids);
        Assert.Equal(["urn:b:1"], (await node.AsScenarioAsync(HttpMethod.Post, "/ngsi-ld/v1/entityOperations/query", id, """{"type":"Query","entities":[{"type":"Building"}],"q":"height>12"}""")).Is(HttpStatusCode.OK).Ids);

        var page = (await node.AsScenarioAsync(HttpMethod.Get, "/ngsi-ld/v1/entities?type=Building&limit=1", id)).Is(HttpStatusCode.OK);
        Assert.Contains("</ngsi-ld/v1/entities?", page["Link"], StringComparison.Ordinal);
        Assert.StartsWith("\"2-", page["ETag"], StringComparison.Ordinal);
    });

    [Fact]
    public Task Writes_other_reads_and_what_names_no_scenario_are_refused_and_change_nothing() => WithNodeAsync(async (node, id) =>
    {
        foreach (var (method, path) in new[] { (HttpMethod.Post, "/ngsi-ld/v1/entities"), (HttpMethod.Delete, "/ngsi-ld/v1/entities/urn:b:1"), (HttpMethod.Patch, "/ngsi-ld/v1/entities/urn:b:1/attrs"), (HttpMethod.Post, "/ngsi-ld/v1/entityOperations/upsert"), (HttpMethod.Get, "/ngsi-ld/v1/types"), (HttpMethod.Get, "/ngsi-ld/v1/temporal/entities") })
        {
            Assert.Equal("NGSILD-Scenario", (await node.AsScenarioAsync(method, path, id, "{}")).Is(HttpStatusCode.UnprocessableEntity).Member);
        }

        foreach (var header in new[] { "", "house", id + ";revision", id + ";colour=1", id + ";revision=1;revision=2", "urn:x y" })
        {
            (await node.AsScenarioAsync(HttpMethod.Get, "/ngsi-ld/v1/entities/urn:b:1", header)).Is(HttpStatusCode.BadRequest);
        }

        (await node.AsScenarioAsync(HttpMethod.Get, "/ngsi-ld/v1/entities/urn:b:1", "urn:ngsi-ld:Scenario:none")).Is(HttpStatusCode.NotFound);
        (await node.AsScenarioAsync(HttpMethod.Get, "/ngsi-ld/v1/entities/urn:b:1", id + ";revision=9")).Is(HttpStatusCode.NotFound);
        (await node.AsScenarioAsync(HttpMethod.Get, "/ngsi-ld/v1/entities?type=Building&join=inline", id)).Is(HttpStatusCode.BadRequest);
        Assert.Equal(2, (await node.GetAsync("/ngsi-ld/v1/entities?type=Building")).Is(HttpStatusCode.OK).Ids.Length);
    });

    [Fact]
    public async Task A_node_without_scenarios_does_not_answer_with_the_twin_instead()
    {
        using var store = await TestStore.CreateAsync(kind, TestContext.Current.CancellationToken);
        Dictionary<string, string?> settings = store.Settings;
        (settings["Twin:Port"], settings["Twin:Open"], settings["Twin:Services"]) = ("0", "true", "entity-registry,gateway");
        await using var node = await TwinNode.Create(settings).With<EntityRegistryService>().With<GatewayService>().StartAsync(TestContext.Current.CancellationToken);
        using var http = new HttpClient { BaseAddress = node.Http };
        using var request = new HttpRequestMessage(HttpMethod.Get, "/ngsi-ld/v1/entities?type=Building");
        request.Headers.Add("NGSILD-Scenario", "urn:ngsi-ld:Scenario:1");
        using var answer = await http.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        await node.StopAsync(CancellationToken.None);
    }

    private async Task WithNodeAsync(Func<ScenarioNode, string, Task> test)
    {
        using var store = await TestStore.CreateAsync(kind, TestContext.Current.CancellationToken);
        await using var node = await ScenarioNode.StartAsync(store);
        await node.Twin.CreateAsync("""{"id":"urn:b:1","type":"Building","height":{"type":"Property","value":10}}""");
        await node.Twin.CreateAsync("""{"id":"urn:b:2","type":"Building","height":{"type":"Property","value":11}}""");
        var path = await node.BeginAsync("Higher");
        (await node.SendAsync(HttpMethod.Post, path + "/interventions", """[{"type":"changeAttribute","entity":"urn:b:1","attribute":"height","value":14,"validFrom":"2030-01-01T00:00:00Z"}]""", "*")).Is(HttpStatusCode.NoContent);
        await test(node, Uri.UnescapeDataString(path[(path.LastIndexOf('/') + 1)..]));
    }
}

/// <summary>On SQLite.</summary>
public sealed class SqliteScenarioHeaderTests() : ScenarioHeaderTests(StoreKind.Sqlite);

/// <summary>On PostgreSQL.</summary>
public sealed class PostgresScenarioHeaderTests() : ScenarioHeaderTests(StoreKind.PostgreSql);
