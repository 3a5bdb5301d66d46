using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Twin.Hosting.Storage;
using Twin.Tests.Integration.Registry;
using Twin.Tests.Support;
using Xunit;

namespace Twin.Tests.Integration.Telemetry;

/// <summary>Mappings as resources, and foreign bodies that are read by them.</summary>
public abstract class MappingTests(StoreKind kind)
{
    private const string Weather = """
        {"separator":";","decimalComma":true,"entity":"urn:ngsi-ld:Device:{station}","time":"{date}","timeFormat":"dd.MM.yyyy HH:mm","timeZone":"Europe/Paris",
         "columns":[{"column":"temp","attribute":"temperature","unit":"CEL"},{"column":"hum","attribute":"humidity","unit":"P1"}]}
        """;

    [Fact]
    public async Task A_mapping_is_kept_by_its_name_and_tenant_until_it_is_deleted_and_one_that_is_none_changes_nothing()
    {
        using var store = await TestStore.CreateAsync(kind, TestContext.Current.CancellationToken);
        await using (var node = await HistoryNode.StartAsync(store))
        {
            Assert.Equal("[]", (await node.GetAsync("/ingest/mappings")).Is(HttpStatusCode.OK).Text);
            Assert.Equal("/ingest/mappings/weather", (await PutAsync(node, "weather", Weather)).Is(HttpStatusCode.Created).Headers.Location!.OriginalString);
            (await PutAsync(node, "weather", Weather)).Is(HttpStatusCode.NoContent);
            (await PutAsync(node, "other", Weather, "t1")).Is(HttpStatusCode.Created);
            var refused = (await PutAsync(node, "weather", Weather.Replace("Paris", "Mulhouse", StringComparison.Ordinal))).Is(HttpStatusCode.BadRequest);
            Assert.Equal(("/timeZone", "https://twin.federation/problems/invalid-mapping"), (refused.Member, (string?)refused.Json["type"]));
            (await PutAsync(node, "-", Weather)).Is(HttpStatusCode.BadRequest);
        }

        await using (var node = await HistoryNode.StartAsync(store))
        {
            Assert.Equal(Weather, (await node.GetAsync("/ingest/mappings/weather")).Is(HttpStatusCode.OK).Text);
            var all = (await node.GetAsync("/ingest/mappings")).Is(HttpStatusCode.OK).Json.AsArray();
            Assert.Equal("weather", (string?)Assert.Single(all)!["name"]);
            Assert.True(JsonNode.DeepEquals(JsonNode.Parse(Weather), all[0]!["mapping"]));
            (await node.GetAsync("/ingest/mappings/weather", "t1")).Is(HttpStatusCode.NotFound);
            using var deleted = await node.Http.DeleteAsync("/ingest/mappings/weather", TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
            using var gone = await node.Http.DeleteAsync("/ingest/mappings/weather", TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);
        }
    }

    [Fact]
    public async Task A_wide_table_is_taken_by_a_stored_mapping_or_by_one_in_the_request_and_what_it_means_is_converted_and_judged()
    {
        using var store = await TestStore.CreateAsync(kind, TestContext.Current.CancellationToken);
        await using var node = await HistoryNode.StartAsync(store, ("Twin:Telemetry:Units:0:Attribute", "temperature"), ("Twin:Telemetry:Units:0:Unit", "KEL"));
        (await PutAsync(node, "weather", Weather)).Is(HttpStatusCode.Created);
        const string Body = "station;date;temp;hum\n1;01.07.2026 12:00;20,5;\n2;29.03.2026 02:30;20,5;55\n2;01.07.2026 12:00;warm;55\n";

        var answer = await node.IngestAsync(Body, query: "?mapping=weather");
        IngestTests.Counts(answer, taken: 2, refused: 2);
        Assert.Equal(1, (int)answer.Json["withoutValue"]!);
        Assert.Equal(["3: observedAt: date (2)", "4: value: temp (3)"], answer.Json["refusals"]!.AsArray().Select(static one => $"{one!["row"]}: {one["member"]}: {one["column"]}"));
        IngestTests.Counts(await node.IngestAsync(Body, query: "?mapping=" + Uri.EscapeDataString(Weather)), doubled: 2, refused: 2);
        Assert.Equal(
            "entity,attribute,observedAt,value,dataset,unit,quality\nurn:ngsi-ld:Device:1,temperature,2026-07-01T10:00:00Z,293.65,,KEL,\nurn:ngsi-ld:Device:2,humidity,2026-07-01T10:00:00Z,55,,P1,\n",
            (await node.GetAsync("/history/points?idPattern=.*&attrs=temperature,humidity")).Is(HttpStatusCode.OK).Text);

        Assert.Equal("mapping", (await node.IngestAsync(Body, query: "?mapping=none")).Is(HttpStatusCode.BadRequest).Member);
        Assert.Equal("mapping", (await node.IngestAsync("{}", "application/x-ndjson", query: "?mapping=weather")).Is(HttpStatusCode.BadRequest).Member);
        Assert.Equal("/format", (await node.IngestAsync(Body, query: "?mapping=" + Uri.EscapeDataString("""{"format":"tsv"}"""))).Is(HttpStatusCode.BadRequest).Member);
    }

    [Fact]
    public async Task An_upload_that_is_read_by_a_mapping_goes_on_where_it_was_committed()
    {
        using var store = await TestStore.CreateAsync(kind, TestContext.Current.CancellationToken);
        await using var node = await HistoryNode.StartAsync(store);
        (await PutAsync(node, "weather", Weather)).Is(HttpStatusCode.Created);
        var body = "station;date;temp;hum\n" + string.Concat(Enumerable.Range(0, 12_000).Select(static i =>
            string.Create(CultureInfo.InvariantCulture, $"{i % 5};{1 + (i / 1440):00}.01.2026 {i / 60 % 24:00}:{i % 60:00};{i % 300 / 10m:0.0};{i % 100}\n")));

        using (var stopped = new CancellationTokenSource())
        {
            using var content = new SilentContent(Encoding.UTF8.GetBytes(body[..(body.Length - 40_000)]), "text/csv");
            var sending = node.Http.PostAsync("/ingest?mapping=weather&upload=one", content, stopped.Token);
            Assert.True(await Eventually.HoldsAsync(async () => await PositionAsync(node) > 100_000, 20, TestContext.Current.CancellationToken));
            await stopped.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending);
        }

        // What was on its way when the sender went may still be committed.
        Answer? rest = null;
        Assert.True(await Eventually.HoldsAsync(
            async () =>
            {
                var position = (int)await PositionAsync(node);
                rest = await node.IngestAsync(body[position..], query: "?mapping=weather&upload=one", headers: ("Upload-Offset", position.ToString(CultureInfo.InvariantCulture)));
                return rest.Status == HttpStatusCode.OK;
            },
            20,
            TestContext.Current.CancellationToken));
        Assert.Equal(0, (long)rest!.Json["refused"]!);
        IngestTests.Counts(await node.IngestAsync(body, query: "?mapping=weather"), doubled: 24_000);
    }

    [Fact]
    public async Task SenML_is_taken_as_it_is()
    {
        using var store = await TestStore.CreateAsync(kind, TestContext.Current.CancellationToken);
        await using var node = await HistoryNode.StartAsync(store);

        var answer = await node.IngestAsync(
            """[{"bn":"urn:dev:ow:10e2073a0108006:","bt":1.276020076001e+09,"bu":"A","bver":10,"n":"voltage","u":"V","v":120.1},{"n":"current","t":-5,"v":1.2},{"n":"current"},{"n":"label","vs":"12"}]""",
            "application/senml+json");

        IngestTests.Counts(answer, taken: 3, refused: 1);
        Assert.Equal(3, (int)answer.Json["refusals"]![0]!["row"]!);
        Assert.Equal("1.2", Assert.Single(await node.PointsAsync(null, "urn:dev:ow:10e2073a0108006", "current")).Value);
        Assert.Equal("12", Assert.Single(await node.PointsAsync(null, "urn:dev:ow:10e2073a0108006", "label")).Value);
        Assert.Equal("bver", (await node.IngestAsync("""[{"n":"a","v":1,"bver":5}]""", "application/senml+json")).Is(HttpStatusCode.BadRequest).Member);
    }

    [Fact]
    public async Task Observations_of_SensorThings_are_taken_by_a_mapping()
    {
        using var store = await TestStore.CreateAsync(kind, TestContext.Current.CancellationToken);
        await using var node = await HistoryNode.StartAsync(store);
        (await PutAsync(node, "things", """{"format":"sensorthings","datastreams":{"1":{"entity":"urn:d:oven","attribute":"temperature","unit":"CEL"}}}""")).Is(HttpStatusCode.Created);
        const string Body = """
            [{"Datastream":{"@iot.id":1},"components":["phenomenonTime","result"],"dataArray":[["2026-01-01T00:00:00Z",20],["2026-01-01T01:05:00+01:00",20.5]]},
             {"phenomenonTime":"2026-01-01T00:00:00Z","result":1,"Datastream":{"@iot.id":2}},
             {"phenomenonTime":"noon","result":1,"Datastream":{"@iot.id":2}}]
            """;

        var answer = await node.IngestAsync(Body, "application/json", query: "?mapping=things");

        IngestTests.Counts(answer, taken: 3, refused: 1);
        Assert.Equal(("3", "observedAt", "/phenomenonTime"), (answer.Json["refusals"]![0]!["row"]!.ToString(), (string?)answer.Json["refusals"]![0]!["member"], (string?)answer.Json["refusals"]![0]!["column"]));
        Assert.Equal(["20", "20.5"], (await node.PointsAsync(null, "urn:d:oven", "temperature")).Select(static one => one.Value));
        Assert.Single(await node.PointsAsync(null, "urn:ngsi-ld:Datastream:2", "result"));
        (await node.IngestAsync("a;b\n", query: "?mapping=things")).Is(HttpStatusCode.BadRequest);
    }

    private static async Task<Answer> PutAsync(HistoryNode node, string name, string mapping, string? tenant = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, "/ingest/mappings/" + name) { Content = new StringContent(mapping, Encoding.UTF8, "application/json") };
        if (tenant is not null)
        {
            request.Headers.Add("NGSILD-Tenant", tenant);
        }

        using var response = await node.Http.SendAsync(request, TestContext.Current.CancellationToken);
        return new Answer(response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), response.Headers, response.Content.Headers);
    }

    private static async Task<long> PositionAsync(HistoryNode node)
    {
        var answer = await node.GetAsync("/ingest/uploads/one");
        return answer.Status == HttpStatusCode.OK ? (long)answer.Json["position"]! : 0;
    }
}

public sealed class MappingOnSqliteTests() : MappingTests(StoreKind.Sqlite);

public sealed class MappingOnPostgresTests() : MappingTests(StoreKind.PostgreSql);
