using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Twin.Tests.EndToEnd.Composition;
using Twin.Tests.Support;
using Xunit;

namespace Twin.Tests.EndToEnd.Disk;

/// <summary>A node whose disk is full: it refuses writes and says why, answers reads, keeps what it acknowledged, and goes on once there is room.</summary>
public sealed class DiskFullTests
{
    private const string Entities = "/ngsi-ld/v1/entities";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_full_disk_costs_writes_alone_and_nothing_that_was_acknowledged()
    {
        await using var disk = await SmallDisk.MountAsync(megabytes: 24, Token);
        await using (var run = Serve(disk))
        {
            using var node = await ClientAsync(disk, run);
            var acknowledged = await WriteAsync(node, from: 0, count: 40);
            Assert.Equal(40, acknowledged.Count);
            Assert.Equal(HttpStatusCode.OK, await IngestAsync(node, "2026-01-01T00:00:00Z"));

            disk.Fill();
            foreach (var (method, path, json, kind) in Writes())
            {
                using var refused = await SendAsync(node, method, path, json);
                await IsFullAsync(refused, $"{method} {path}", kind);
            }

            Assert.Empty(await WriteAsync(node, from: 40, count: 20));
            await HasAsync(node, acknowledged);
            var (ready, status, description) = await ReadyAsync(node);
            Assert.Equal((HttpStatusCode.OK, "Degraded"), (ready, status));
            foreach (var service in new[] { "entity-registry", "telemetry" })
            {
                Assert.Matches($"(^|; )the store of {service} did not take its last change, at [^;]*: its disk is full(;|$)", description);
            }

            // Nobody writes: the node finds out by itself.
            disk.Empty();
            Assert.True(await Eventually.HoldsAsync(async () => (await ReadyAsync(node)).Status == "Healthy", 30, Token));
            acknowledged.AddRange(await WriteAsync(node, from: 60, count: 10));
            Assert.Equal(50, acknowledged.Count);
            await HasAsync(node, acknowledged);
            Assert.Equal(HttpStatusCode.OK, await IngestAsync(node, "2026-01-01T00:02:00Z"));
            Assert.Equal("Healthy", (await ReadyAsync(node)).Status);

            // Full again, and killed: what was written at the edge must be whole.
            disk.Fill();
            Assert.Empty(await WriteAsync(node, from: 70, count: 5));
            Assert.Equal(HttpStatusCode.ServiceUnavailable, await IngestAsync(node, "2026-01-01T00:03:00Z"));
            await run.SignalAsync("KILL");
            await run.EndAsync(Token);
            disk.Empty();
            await using var again = Serve(disk);
            using var after = await ClientAsync(disk, again);
            await HasAsync(after, acknowledged);
            Assert.Single(await WriteAsync(after, from: 80, count: 1));
            var history = await after.GetStringAsync("/ngsi-ld/v1/temporal/entities/urn:ngsi-ld:Sensor:1?options=temporalValues", Token);
            Assert.Contains("""[[1,"2026-01-01T00:00:00Z"],[1,"2026-01-01T00:02:00Z"]]""", history, StringComparison.Ordinal);
        }
    }

    private static IEnumerable<(HttpMethod Method, string Path, string Json, string Kind)> Writes() =>
    [
        (HttpMethod.Post, Entities, Entity(40), "InternalError"),
        (HttpMethod.Patch, Entities + "/urn:ngsi-ld:Building:0/attrs", """{"number":{"type":"Property","value":-1}}""", "InternalError"),
        (HttpMethod.Delete, Entities + "/urn:ngsi-ld:Building:0", "", "InternalError"),
        (HttpMethod.Post, "/ngsi-ld/v1/entityOperations/upsert", $"[{Entity(0)},{Entity(41)}]", "InternalError"),
        (HttpMethod.Post, "/ngsi-ld/v1/csourceRegistrations", """{"type":"ContextSourceRegistration","information":[{"entities":[{"type":"Hall"}]}],"endpoint":"http://127.0.0.1:9"}""", "store-unavailable"),
        (HttpMethod.Post, "/ngsi-ld/v1/jsonldContexts", """{"@context":{"name":"https://example.org/name"}}""", "store-unavailable"),
        (HttpMethod.Post, "/ingest", Row("2026-01-01T00:01:00Z"), "history-unavailable"),
        (HttpMethod.Delete, "/ngsi-ld/v1/temporal/entities/urn:ngsi-ld:Sensor:1", "", "store-unavailable"),
        (HttpMethod.Post, "/history/erasures", """{"entity":"urn:ngsi-ld:Sensor:1"}""", "store-unavailable"),
        (HttpMethod.Post, "/operations/accounts", """{"name":"ada","roles":["planner"]}""", "store-unavailable"),
    ];

    private static async Task IsFullAsync(HttpResponseMessage answer, string what, string kind)
    {
        var text = await answer.Content.ReadAsStringAsync(Token);
        Assert.True(answer.StatusCode == HttpStatusCode.ServiceUnavailable, $"{what}: {answer.StatusCode} {text}");
        Assert.NotNull(answer.Headers.RetryAfter);
        var problem = JsonDocument.Parse(text).RootElement;
        Assert.EndsWith("/" + kind, problem.GetProperty("type").GetString(), StringComparison.Ordinal);
        Assert.Contains("its disk is full", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    /// <summary>Creates entities; the ids of those that were acknowledged.</summary>
    private static async Task<List<string>> WriteAsync(HttpClient node, int from, int count)
    {
        var acknowledged = new List<string>();
        for (var number = from; number < from + count; number++)
        {
            using var answer = await SendAsync(node, HttpMethod.Post, Entities, Entity(number));
            if (answer.StatusCode == HttpStatusCode.Created)
            {
                acknowledged.Add($"urn:ngsi-ld:Building:{number}");
            }
        }

        return acknowledged;
    }

    private static async Task HasAsync(HttpClient node, List<string> ids)
    {
        var entities = JsonDocument.Parse(await node.GetStringAsync(Entities + "?type=Building&limit=1000&local=true", Token)).RootElement.EnumerateArray().ToList();

        Assert.Equal(ids, entities.Select(entity => entity.GetProperty("id").GetString()));
        Assert.All(entities, entity => Assert.Equal(entity.GetProperty("id").GetString(), "urn:ngsi-ld:Building:" + entity.GetProperty("number").GetProperty("value").GetInt32()));
    }

    private static async Task<(HttpStatusCode Code, string? Status, string? Description)> ReadyAsync(HttpClient node)
    {
        using var answer = await node.GetAsync("/health/ready", Token);
        var stores = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Token)).RootElement.GetProperty("checks").GetProperty("stores");
        return (answer.StatusCode, stores.GetProperty("status").GetString(), stores.TryGetProperty("description", out var description) ? description.GetString() : null);
    }

    private static TwinRun Serve(SmallDisk disk) => TwinRun.StartBeside(disk.Holder, ["serve", "--port", "0", "--data", disk.Folder]);

    /// <summary>An administrator, once the node is ready.</summary>
    private static async Task<HttpClient> ClientAsync(SmallDisk disk, TwinRun run)
    {
        var address = await run.ReadyAsync(Token);
        await using var token = TwinRun.StartBeside(disk.Holder, ["token", "--data", disk.Folder, "--role", "administrator"]);
        var (code, output, errors) = await token.EndAsync(Token);
        Assert.True(code == 0, errors);
        var client = new HttpClient { BaseAddress = address };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", output.Trim());
        return client;
    }

    private static async Task<HttpResponseMessage> SendAsync(HttpClient node, HttpMethod method, string path, string json)
    {
        using var request = new HttpRequestMessage(method, path);
        if (json.Length > 0)
        {
            request.Content = new StringContent(json, Encoding.UTF8, path switch
            {
                "/ingest" => "text/csv",
                "/ngsi-ld/v1/jsonldContexts" => "application/ld+json",
                _ => "application/json",
            });
        }

        return await node.SendAsync(request, Token);
    }

    private static async Task<HttpStatusCode> IngestAsync(HttpClient node, string observedAt)
    {
        using var answer = await SendAsync(node, HttpMethod.Post, "/ingest", Row(observedAt));
        return answer.StatusCode;
    }

    private static string Row(string observedAt) => $"entity,attribute,observedAt,value\nurn:ngsi-ld:Sensor:1,temperature,{observedAt},1\n";

    private static string Entity(int number) =>
        $$$"""{"id":"urn:ngsi-ld:Building:{{{number}}}","type":"Building","number":{"type":"Property","value":{{{number}}}},"description":{"type":"Property","value":"{{{new string('x', 10_000)}}}"}}""";
}
