using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Twin.EntityRegistry;
using Twin.Gateway;
using Twin.Gateway.SignIn;
using Twin.Hosting.Authentication;
using Twin.Hosting.Composition;
using Xunit;

namespace Twin.Tests.Integration.Gateway;

/// <summary>What is not marked open does not exist for an anonymous caller: not in an answer, a count, an order or an error.</summary>
public sealed class AnonymousReadsTests : IAsyncLifetime
{
    private readonly string data = Directory.CreateTempSubdirectory("twin-open-data").FullName;
    private RunningNode node = null!;
    private HttpClient client = null!;

    public async ValueTask InitializeAsync()
    {
        node = await TwinNode.Create(new Dictionary<string, string?>
        {
            ["Twin:DataDirectory"] = data,
            ["Twin:Port"] = "0",
            ["Twin:Address"] = "127.0.0.1",
            ["Twin:OpenData:Types:0"] = "Park",
            ["Twin:OpenData:Scopes:0"] = "/Open",
        }).With<EntityRegistryService>().With<GatewayService>().StartAsync(TestContext.Current.CancellationToken);
        client = new HttpClient { BaseAddress = node.Http };
        await AddAsync("""{"id":"urn:ngsi-ld:Park:1","type":"Park","height":{"type":"Property","value":1}}""");
        await AddAsync("""{"id":"urn:ngsi-ld:Meter:1","type":"Meter","height":{"type":"Property","value":2}}""");
        await AddAsync("""{"id":"urn:ngsi-ld:Meter:2","type":"Meter","scope":"/Open/Roofs","height":{"type":"Property","value":3}}""");
    }

    [Fact]
    public async Task Queries_counts_and_discovery_know_the_open_entities_alone()
    {
        var (ids, count) = await QueryAsync("/ngsi-ld/v1/entities?q=height%3E0&count=true", null);
        Assert.Equal(["urn:ngsi-ld:Meter:2", "urn:ngsi-ld:Park:1"], ids.Order(StringComparer.Ordinal));
        Assert.Equal("2", count);

        var (all, everything) = await QueryAsync("/ngsi-ld/v1/entities?q=height%3E0&count=true", TwinRoles.Planner);
        Assert.Equal(3, all.Count);
        Assert.Equal("3", everything);
    }

    [Fact]
    public async Task A_hidden_entity_is_answered_as_one_that_is_not_there()
    {
        using var hidden = await SendAsync(HttpMethod.Get, "/ngsi-ld/v1/entities/urn:ngsi-ld:Meter:1", null);
        using var absent = await SendAsync(HttpMethod.Get, "/ngsi-ld/v1/entities/urn:ngsi-ld:Meter:9", null);
        using var open = await SendAsync(HttpMethod.Get, "/ngsi-ld/v1/entities/urn:ngsi-ld:Meter:2", null);
        using var signedIn = await SendAsync(HttpMethod.Get, "/ngsi-ld/v1/entities/urn:ngsi-ld:Meter:1", TwinRoles.Planner);

        Assert.Equal(HttpStatusCode.NotFound, hidden.StatusCode);
        Assert.Equal(await ProblemAsync(absent), (await ProblemAsync(hidden)).Replace("Meter:1", "Meter:9", StringComparison.Ordinal));
        Assert.Equal(HttpStatusCode.OK, open.StatusCode);
        Assert.Equal(HttpStatusCode.OK, signedIn.StatusCode);
    }

    [Fact]
    public async Task Nobody_writes_without_signing_in()
    {
        using var refused = await SendAsync(HttpMethod.Post, "/ngsi-ld/v1/entities", null, """{"id":"urn:ngsi-ld:Park:2","type":"Park"}""");
        using var citizen = await SendAsync(HttpMethod.Delete, "/ngsi-ld/v1/entities/urn:ngsi-ld:Park:1", TwinRoles.Citizen);

        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, citizen.StatusCode);
    }

    public async ValueTask DisposeAsync()
    {
        client.Dispose();
        await node.DisposeAsync();
        Directory.Delete(data, recursive: true);
    }

    private static async Task<string> ProblemAsync(HttpResponseMessage answer)
    {
        var problem = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).RootElement;
        return $"{problem.GetProperty("type")} {problem.GetProperty("title")} {(problem.TryGetProperty("detail", out var detail) ? detail.GetString() : "")}";
    }

    private async Task<(List<string> Ids, string? Count)> QueryAsync(string path, string? role)
    {
        using var answer = await SendAsync(HttpMethod.Get, path, role);
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(answer.IsSuccessStatusCode, text);
        var ids = JsonDocument.Parse(text).RootElement.EnumerateArray().Select(entity => entity.GetProperty("id").GetString()!).ToList();
        return (ids, answer.Headers.TryGetValues("NGSILD-Results-Count", out var count) ? count.Single() : null);
    }

    private async Task AddAsync(string entity)
    {
        using var answer = await SendAsync(HttpMethod.Post, "/ngsi-ld/v1/entities", TwinRoles.Operator, entity);
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string? role, string? json = null)
    {
        using var request = new HttpRequestMessage(method, path);
        if (role is not null)
        {
            using var keys = new SigningKeys(SigningKeys.DirectoryIn(data), TimeProvider.System, TimeSpan.FromDays(90));
            request.Headers.Authorization = new AuthenticationHeaderValue(
                "Bearer", NodeTokens.Issue(keys.Active(), "test", [role], TimeSpan.FromMinutes(5), TimeProvider.System.GetUtcNow()));
        }

        if (json is not null)
        {
            request.Content = new StringContent(json, Encoding.UTF8, "application/json");
        }

        return await client.SendAsync(request, TestContext.Current.CancellationToken);
    }
}
