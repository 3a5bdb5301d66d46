using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Twin.EntityRegistry;
using Twin.Node.Commands;
using Twin.Node.Import;
using Twin.Telemetry;
using Twin.Tests.Support;
using Xunit;

namespace Twin.Tests.EndToEnd.Split;

/// <summary>The history in a process of its own: it learns of changes from a real broker, and tells the registry by gRPC.</summary>
[Collection("Split")]
public sealed class HistorySplitTests(SplitFixture fixture) : IAsyncLifetime
{
    private const string Entities = "/ngsi-ld/v1/entities";
    private const string Temporal = "/ngsi-ld/v1/temporal/entities";
    private const int Changes = 300;
    private const int Patience = 60;

    private static readonly string[] Questions =
    [
        Temporal + "/urn:ngsi-ld:Device:1?options=temporalValues",
        Temporal + "/urn:ngsi-ld:Device:1?timerel=between&timeAt=2026-01-01T00:00:00Z&endTimeAt=2026-01-02T00:00:00Z&aggrMethods=avg,max,totalCount&aggrPeriodDuration=PT1H&options=aggregatedValues",
        Temporal + "?type=Device&timerel=after&timeAt=2026-01-01T00:00:30Z&options=temporalValues&orderBy=id",
        Temporal + "/urn:ngsi-ld:Device:2?options=temporalValues",
        Entities + "/urn:ngsi-ld:Device:1",
        Entities + "/urn:ngsi-ld:Device:2",
    ];

    private readonly DirectoryInfo split = Directory.CreateTempSubdirectory("twin-history-split-");
    private readonly DirectoryInfo whole = Directory.CreateTempSubdirectory("twin-history-whole-");
    private readonly Dictionary<string, string> settings = new(StringComparer.Ordinal) { ["Twin__Address"] = "127.0.0.1" };
    private NodeProcess? reference;
    private NodeProcess? registry;
    private NodeProcess? telemetry;
    private NodeProcess? gateway;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var broker = fixture.Broker.BootstrapServers;
        reference = await NodeProcess.StartAsync(["--port", "0", "--data", whole.FullName, "--name", "history"], settings, Cancelled);
        settings["Twin__Events__Kafka__BootstrapServers"] = broker;
        registry = await StartAsync(EntityRegistryService.Name);
        settings["Twin__Services__Addresses__" + EntityRegistryService.Name] = registry.Http.GetLeftPart(UriPartial.Authority);
        settings["Twin__Grpc__Addresses__" + EntityRegistryService.Name] = registry.Grpc.GetLeftPart(UriPartial.Authority);
        telemetry = await StartAsync(TelemetryService.Name);
        settings["Twin__Services__Addresses__" + TelemetryService.Name] = telemetry.Http.GetLeftPart(UriPartial.Authority);
        gateway = await StartAsync("gateway");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in new[] { gateway, telemetry, registry, reference })
        {
            await (process?.DisposeAsync() ?? ValueTask.CompletedTask);
        }

        split.Delete(recursive: true);
        whole.Delete(recursive: true);
    }

    [Fact]
    public async Task In_a_process_of_its_own_the_history_answers_as_in_one_and_killed_under_changes_it_loses_and_doubles_none()
    {
        using var here = Client(reference!, whole);
        using var there = Client(gateway!, split);
        await FillAsync(here);
        await FillAsync(there);
        await AssertSameAnswersAsync(here, there);

        for (var second = 0; second < Changes; second++)
        {
            var body = string.Create(CultureInfo.InvariantCulture, $$$"""{"count":{"type":"Property","value":{{{second}}},"observedAt":"{{{At(second)}}}"}}""");
            Assert.Equal(HttpStatusCode.NoContent, await SendAsync(there, HttpMethod.Post, Entities + "/urn:ngsi-ld:Device:1/attrs", body));
            if (second == Changes / 3)
            {
                await telemetry!.KillAsync();
                using var answer = await there.GetAsync(Questions[0], Cancelled);
                Assert.InRange((int)answer.StatusCode, 502, 504);
            }

            if (second == Changes / 3 * 2)
            {
                await telemetry!.DisposeAsync();
                telemetry = await StartAsync(TelemetryService.Name, telemetry.Http.Port);
            }
        }

        var expected = Enumerable.Range(0, Changes).Select(static second => (second, At(second))).ToList();
        List<(int, string)> found = [];
        await Eventually.HoldsAsync(async () => (found = await CountsAsync(there)).Count >= Changes, Patience, Cancelled);
        Assert.Equal(expected, found);
    }

    private static async Task FillAsync(HttpClient node)
    {
        Assert.Equal(HttpStatusCode.Created, await SendAsync(node, HttpMethod.Post, Entities, """{"id":"urn:ngsi-ld:Device:1","type":"Device","power":{"type":"Property","value":1.5,"observedAt":"2026-01-01T00:00:00Z"}}"""));
        Assert.Equal(HttpStatusCode.NoContent, await SendAsync(node, HttpMethod.Post, Entities + "/urn:ngsi-ld:Device:1/attrs", """{"power":{"type":"Property","value":2.5,"observedAt":"2026-01-01T00:01:00Z"}}"""));
        Assert.Equal(HttpStatusCode.Created, await SendAsync(node, HttpMethod.Post, Temporal, """
            {"id":"urn:ngsi-ld:Device:2","type":"Device","state":[{"type":"Property","value":"on","observedAt":"2026-01-01T00:00:00Z"},{"type":"Property","value":"off","observedAt":"2026-01-01T02:00:00Z"}]}
            """));
        Assert.Equal(HttpStatusCode.OK, await SendAsync(node, HttpMethod.Post, "/ingest", """
            entity,attribute,observedAt,value
            urn:ngsi-ld:Device:1,temperature,2026-01-01T00:00:00Z,20.25
            urn:ngsi-ld:Device:1,temperature,2026-01-01T00:30:00Z,21.75
            urn:ngsi-ld:Device:1,temperature,2026-01-01T01:30:00Z,19

            """));
    }

    private static async Task AssertSameAnswersAsync(HttpClient here, HttpClient there)
    {
        foreach (var question in Questions)
        {
            string one = "", other = "";
            Assert.True(
                await Eventually.HoldsAsync(
                    async () =>
                    {
                        (one, other) = (await AnswerAsync(here, question), await AnswerAsync(there, question));
                        // Also with what the history told the registry, and the registry the history.
                        return IsSame(one, other) && Holds(question, one);
                    },
                    Patience,
                    Cancelled),
                $"{question}: one process answers\n{one}\nand three\n{other}");
        }
    }

    // Attributes stand in the order in which the history first heard of them, which is nobody's promise.
    private static bool IsSame(string one, string other) =>
        one.StartsWith("OK", StringComparison.Ordinal) && other.StartsWith("OK", StringComparison.Ordinal) && JsonNode.DeepEquals(JsonNode.Parse(one[2..]), JsonNode.Parse(other[2..]));

    private static bool Holds(string question, string answer) => question.Contains("Device:2", StringComparison.Ordinal)
        ? answer.Contains("off", StringComparison.Ordinal)
        : answer.Contains("temperature", StringComparison.Ordinal) && answer.Contains("power", StringComparison.Ordinal);

    private static async Task<string> AnswerAsync(HttpClient node, string question)
    {
        using var answer = await node.GetAsync(question, Cancelled);
        return $"{answer.StatusCode} {await answer.Content.ReadAsStringAsync(Cancelled)}";
    }

    private static async Task<List<(int, string)>> CountsAsync(HttpClient node)
    {
        using var answer = await node.GetAsync(Temporal + "/urn:ngsi-ld:Device:1?attrs=count&options=temporalValues", Cancelled);
        if (answer.StatusCode != HttpStatusCode.OK)
        {
            return [];
        }

        using var json = JsonDocument.Parse(await answer.Content.ReadAsStreamAsync(Cancelled));
        return json.RootElement.TryGetProperty("count", out var count)
            ? [.. count.GetProperty("values").EnumerateArray().Select(static pair => (pair[0].GetInt32(), pair[1].GetString()!))]
            : [];
    }

    private static string At(int second) => new DateTime(2026, 2, 1, 0, 0, 0, DateTimeKind.Utc).AddSeconds(second).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static async Task<HttpStatusCode> SendAsync(HttpClient node, HttpMethod method, string path, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, path == "/ingest" ? "text/csv" : "application/json");
        using var request = new HttpRequestMessage(method, path) { Content = content };
        using var answer = await node.SendAsync(request, Cancelled);
        return answer.StatusCode;
    }

    private static HttpClient Client(NodeProcess node, DirectoryInfo data)
    {
        var client = new HttpClient { BaseAddress = node.Http };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", LocalToken.Of(null, data.FullName));
        return client;
    }

    private Task<NodeProcess> StartAsync(string service, int port = 0)
    {
        settings["Twin__Services"] = service;
        return NodeProcess.StartAsync(["--port", port.ToString(CultureInfo.InvariantCulture), "--data", split.FullName, "--name", "history"], settings, Cancelled);
    }
}
