using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Twin.Hosting.Storage;
using Twin.Tests.Integration.Registry;
using Twin.Tests.Support;
using Xunit;

namespace Twin.Tests.Integration.Telemetry;

/// <summary>NGSI-LD temporal evolutions as bodies of <c>/ingest</c>.</summary>
public abstract class EntityIngestTests(StoreKind kind)
{
    private const string Core = "https://uri.etsi.org/ngsi-ld/v1/ngsi-ld-core-context.jsonld";

    [Fact]
    public async Task What_the_temporal_API_tells_is_taken_by_another_node_and_told_the_same_and_coming_again_it_is_doubled()
    {
        using var store = await TestStore.CreateAsync(kind, TestContext.Current.CancellationToken);
        await using var node = await HistoryNode.StartAsync(store);
        var (source, target) = (HistoryNode.FreshTenant(), HistoryNode.FreshTenant());
        const string Evolution = """
            {"id":"urn:ngsi-ld:Device:1","type":"Device",
             "temperature":[{"type":"Property","value":21.5,"unitCode":"CEL","observedAt":"2026-01-01T00:00:00Z"},{"type":"Property","value":22,"observedAt":"2026-01-01T00:01:00Z","accuracy":{"type":"Property","value":0.1}}],
             "location":{"type":"GeoProperty","value":{"type":"Point","coordinates":[7.33,47.75]},"observedAt":"2026-01-01T00:00:00Z"},
             "isIn":{"type":"Relationship","object":"urn:ngsi-ld:Room:1","observedAt":"2026-01-01T00:00:00Z"},
             "label":[{"type":"Property","value":"21","observedAt":"2026-01-01T00:00:00Z","datasetId":"urn:ds:1"},{"type":"LanguageProperty","languageMap":{"de":"Ofen"},"observedAt":"2026-01-01T00:02:00Z"}],
             "open":{"type":"Property","value":false,"observedAt":"2026-01-01T00:00:00Z"}}
            """;
        (await node.Of(source).PostAsync("/temporal/entities", Evolution)).Is(HttpStatusCode.Created);
        foreach (var form in (string[])["", "&format=temporalValues"])
        {
            var told = (await node.GetAsync("/ngsi-ld/v1/temporal/entities/urn:ngsi-ld:Device:1?timerel=after&timeAt=2020-01-01T00:00:00Z" + form, source)).Is(HttpStatusCode.OK).Text;
            if (form.Length == 0)
            {
                IngestTests.Counts(await node.IngestAsync(told, "application/json", target), taken: 7);
                IngestTests.Counts(await node.IngestAsync($"[{told}]", "application/json", target), doubled: 7);
                IngestTests.Counts(await node.IngestAsync(told.ReplaceLineEndings(" ") + "\n", "application/x-ndjson", target), doubled: 7);
                await node.SealAsync();
                IngestTests.Counts(await node.IngestAsync(told, "application/json", target), doubled: 7);
            }
            else
            {
                // Simplified, instances have lost what they had besides their values.
                var answer = await node.IngestAsync(told, "application/json", HistoryNode.FreshTenant());
                IngestTests.Counts(answer, taken: 7);
            }

            var again = (await node.GetAsync("/ngsi-ld/v1/temporal/entities/urn:ngsi-ld:Device:1?timerel=after&timeAt=2020-01-01T00:00:00Z" + form, target)).Is(HttpStatusCode.OK).Text;
            Assert.True(JsonNode.DeepEquals(Stripped(told), Stripped(again)), $"{told}\n{again}");
        }
    }

    [Fact]
    public async Task An_entity_that_is_new_comes_into_being_in_the_registry_with_its_newest_values()
    {
        using var store = await TestStore.CreateAsync(kind, TestContext.Current.CancellationToken);
        await using var node = await HistoryNode.StartAsync(store, ("Twin:Telemetry:TellMilliseconds", "50"));
        var tenant = HistoryNode.FreshTenant();
        IngestTests.Counts(
            await node.IngestAsync("""[{"id":"urn:d:1","type":"Device","t":[{"value":1,"observedAt":"2026-01-01T00:00:00Z"},{"value":2,"observedAt":"2026-01-01T00:01:00Z"}]}]""", "application/json", tenant), taken: 2);
        Assert.True(await Eventually.HoldsAsync(
            async () => await node.GetAsync("/ngsi-ld/v1/entities/urn:d:1?options=keyValues", tenant) is { Status: HttpStatusCode.OK } found
                && (string?)found.Json["type"] == "Device" && (int?)found.Json["t"] == 2,
            30,
            TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Names_mean_what_the_context_of_the_Link_header_or_of_each_entity_says()
    {
        using var store = await TestStore.CreateAsync(kind, TestContext.Current.CancellationToken);
        await using var node = await HistoryNode.StartAsync(store);
        var tenant = HistoryNode.FreshTenant();
        string Entity(string context) => """{"@context":CONTEXT,"id":"urn:d:1","type":"D","t":{"type":"Property","value":1,"observedAt":"2026-01-01T00:00:00Z"}}""".Replace("CONTEXT", context, StringComparison.Ordinal);
        var (one, two) = ("""[{"t":"https://example.org/one"}]""", """[{"t":"https://example.org/two"}]""");

        IngestTests.Counts(await node.IngestAsync($"[{Entity(one)},{Entity(two)},{Entity(one)}]", "application/ld+json", tenant), taken: 2, doubled: 1);
        IngestTests.Counts(await node.IngestAsync($"{Entity(two)}\n{Entity(one)}\n", "application/x-ndjson", tenant), doubled: 2);
        var answer = await node.IngestAsync($"[{Entity("5")},{Entity(one).Replace("\"@context\":", "\"x\":", StringComparison.Ordinal)},{Entity(one)}]", "application/ld+json", tenant);
        IngestTests.Counts(answer, doubled: 1, refused: 2);
        Assert.Equal(["1: @context: /@context", "2: @context: /@context"], answer.Json["refusals"]!.AsArray().Select(static one => $"{one!["row"]}: {one["member"]}: {one["column"]}"));
        IngestTests.Counts(await node.IngestAsync(Entity(one), "application/json", tenant), refused: 1);
        foreach (var iri in (string[])["https://example.org/one", "https://example.org/two"])
        {
            Assert.Equal("entity,attribute,observedAt,value,dataset,unit,quality\nurn:d:1," + iri + ",2026-01-01T00:00:00Z,1,,,\n", (await node.GetAsync("/history/points?id=urn:d:1&attrs=" + iri, tenant)).Is(HttpStatusCode.OK).Text);
        }

        (await node.IngestAsync(Entity(one), "application/ld+json", tenant, headers: ("Link", $"<{Core}>; rel=\"http://www.w3.org/ns/json-ld#context\""))).Is(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task An_upload_of_entities_that_was_broken_off_goes_on_where_it_was_committed()
    {
        using var store = await TestStore.CreateAsync(kind, TestContext.Current.CancellationToken);
        await using var node = await HistoryNode.StartAsync(store);
        var tenant = HistoryNode.FreshTenant();
        var body = "[" + string.Join(",\n", Enumerable.Range(0, 2_000).Select(static i => string.Create(
            CultureInfo.InvariantCulture,
            $$"""{"id":"urn:d:{{i % 7}}","type":"D","t":[{"type":"Property","value":{{i}},"observedAt":"2026-01-{{1 + (i / 1440):00}}T{{i / 60 % 24:00}}:{{i % 60:00}}:00Z"},{"type":"Property","value":{{i}},"observedAt":"2026-01-{{1 + (i / 1440):00}}T{{i / 60 % 24:00}}:{{i % 60:00}}:30Z"}]}"""))) + "]";

        using (var stopped = new CancellationTokenSource())
        {
            using var content = new SilentContent(Encoding.UTF8.GetBytes(body[..(body.Length / 2)]), "application/json");
            using var request = new HttpRequestMessage(HttpMethod.Post, "/ingest?upload=one") { Content = content };
            request.Headers.Add("NGSILD-Tenant", tenant);
            var sending = node.Http.SendAsync(request, stopped.Token);
            Assert.True(await Eventually.HoldsAsync(async () => await PositionAsync(node, tenant) > 1000, 20, TestContext.Current.CancellationToken));
            await stopped.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending);
        }

        Answer? rest = null;
        Assert.True(await Eventually.HoldsAsync(
            async () =>
            {
                var position = (int)await PositionAsync(node, tenant);
                rest = await node.IngestAsync(body[position..], "application/json", tenant, "?upload=one", ("Upload-Offset", position.ToString(CultureInfo.InvariantCulture)));
                return rest.Status == HttpStatusCode.OK;
            },
            20,
            TestContext.Current.CancellationToken));
        Assert.Equal(0, (long)rest!.Json["refused"]!);
        IngestTests.Counts(await node.IngestAsync(body, "application/json", tenant), doubled: 4_000);
    }

    private static async Task<long> PositionAsync(HistoryNode node, string tenant)
    {
        var answer = await node.GetAsync("/ingest/uploads/one", tenant);
        return answer.Status == HttpStatusCode.OK ? (long)answer.Json["position"]! : 0;
    }

    private static JsonNode Stripped(string json)
    {
        var node = JsonNode.Parse(json)!;
        Strip(node);
        return node;

        static void Strip(JsonNode? one)
        {
            if (one is JsonArray array)
            {
                array.ToList().ForEach(Strip);
            }
            else if (one is JsonObject members)
            {
                members.Remove("instanceId");
                members.ToList().ForEach(static member => Strip(member.Value));
            }
        }
    }
}

public sealed class EntityIngestOnSqliteTests() : EntityIngestTests(StoreKind.Sqlite);

public sealed class EntityIngestOnPostgresTests() : EntityIngestTests(StoreKind.PostgreSql);
