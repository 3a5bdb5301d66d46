using System.Net;
using System.Text.Json.Nodes;
using Twin.Hosting.Storage;
using Twin.Tests.Integration.Registry;
using Twin.Tests.Support;
using Xunit;

namespace Twin.Tests.Integration.Telemetry;

/// <summary>Entities as they were at a time, and points as rows.</summary>
public abstract class HistoryTests(StoreKind kind)
{
    [Fact]
    public async Task Entities_as_of_a_time_are_what_they_were_then_and_are_found_by_what_they_were()
    {
        using var store = await TestStore.CreateAsync(kind, TestContext.Current.CancellationToken);
        await using var node = await HistoryNode.StartAsync(store);
        var client = node.Fresh();
        (await client.PostAsync("/temporal/entities", """
            {"id":"urn:ngsi-ld:Bus:1","type":"Bus","scope":[{"type":"Property","value":"/mulhouse","observedAt":"2026-01-01T00:00:00Z"},{"type":"Property","value":"/weil","observedAt":"2026-01-01T02:00:00Z"}],
            "speed":[{"type":"Property","value":10,"observedAt":"2026-01-01T00:00:00Z","unitCode":"KMH"},{"type":"Property","value":50,"observedAt":"2026-01-01T01:00:00Z"},{"type":"Property","value":0,"observedAt":"2026-01-01T03:00:00Z"}],
            "location":[{"type":"GeoProperty","value":{"type":"Point","coordinates":[7.33,47.75]},"observedAt":"2026-01-01T00:00:00Z"},{"type":"GeoProperty","value":{"type":"Point","coordinates":[7.62,47.59]},"observedAt":"2026-01-01T02:00:00Z"}],
            "driver":[{"type":"Relationship","object":"urn:ngsi-ld:Person:1","observedAt":"2026-01-01T00:30:00Z"}]}
            """)).Is(HttpStatusCode.Created);
        (await client.PostAsync("/temporal/entities", """{"id":"urn:ngsi-ld:Bus:2","type":"Bus","speed":[{"type":"Property","value":30,"observedAt":"2026-01-01T01:30:00Z"}]}""")).Is(HttpStatusCode.Created);

        foreach (var seal in new[] { false, true })
        {
            if (seal)
            {
                await node.SealAsync();
            }

            Assert.Equal("""[{"id":"urn:ngsi-ld:Bus:1","type":"Bus","scope":"/mulhouse","speed":10,"location":{"type":"Point","coordinates":[7.33,47.75]}}]""", await AskAsync("at=2026-01-01T00:10:00Z&options=keyValues"));
            Assert.Equal("""[{"id":"urn:ngsi-ld:Bus:1","speed":50,"driver":"urn:ngsi-ld:Person:1"},{"id":"urn:ngsi-ld:Bus:2","speed":30}]""", await AskAsync("at=2026-01-01T01:30:00Z&options=keyValues&pick=id,speed,driver"));
            Assert.Equal("""[{"id":"urn:ngsi-ld:Bus:1","speed":50}]""", await AskAsync("at=2026-01-01T01:30:00Z&options=keyValues&pick=id,speed&q=speed>40"));
            Assert.Equal("[]", await AskAsync("at=2026-01-01T03:00:00Z&q=speed>40"));
            const string Weil = "&georel=near;maxDistance==1000&geometry=Point&coordinates=[7.62,47.59]&pick=id&options=keyValues";
            Assert.Equal("[]", await AskAsync("at=2026-01-01T01:59:59Z" + Weil));
            Assert.Equal("""[{"id":"urn:ngsi-ld:Bus:1"}]""", await AskAsync("at=2026-01-01T02:00:00Z" + Weil));
            Assert.Equal("""[{"id":"urn:ngsi-ld:Bus:1"}]""", await AskAsync("at=2026-01-01T02:00:00Z&scopeQ=/weil&pick=id&options=keyValues"));
            Assert.Equal("[]", await AskAsync("at=2026-01-01T01:00:00Z&scopeQ=/weil"));
            Assert.Equal("[]", await AskAsync("at=2025-12-31T23:59:59Z"));
            Assert.Contains("\"unitCode\":\"KMH\"", await AskAsync("at=2026-01-01T00:00:00Z"), StringComparison.Ordinal);
        }

        (await client.DeleteAsync("/entities/urn:ngsi-ld:Bus:2")).Is(HttpStatusCode.NoContent);
        // The event of the deletion may take longer than a question waits for it.
        Assert.True(await Eventually.HoldsAsync(
            async () => await AskAsync($"at={DateTime.UtcNow.AddSeconds(1):yyyy-MM-ddTHH:mm:ss}Z&pick=id&options=keyValues") == """[{"id":"urn:ngsi-ld:Bus:1"}]""", 30, TestContext.Current.CancellationToken));
        (await node.GetAsync("/history/entities?type=Bus")).Refuses(HttpStatusCode.BadRequest, "BadRequestData");
        Assert.Equal(2, (await node.GetAsync("/history/entities?at=2026-01-01T01:30:00Z", client.Tenant)).Is(HttpStatusCode.OK).Json.AsArray().Count);

        async Task<string> AskAsync(string query) => (await node.GetAsync("/history/entities?type=Bus&" + query, client.Tenant)).Is(HttpStatusCode.OK).Text;
    }

    [Theory]
    [InlineData("text/csv", "entity,attribute,observedAt,value,dataset,unit,quality\n")]
    [InlineData("application/x-ndjson", "")]
    public async Task Points_come_out_as_the_rows_that_go_in(string type, string header)
    {
        using var store = await TestStore.CreateAsync(kind, TestContext.Current.CancellationToken);
        await using var node = await HistoryNode.StartAsync(store);
        const string Rows = """
            {"entity":"urn:d:1","attribute":"a","observedAt":"2026-01-01T00:00:00Z","value":21.5,"unit":"CEL"}
            {"entity":"urn:d:1","attribute":"a","observedAt":"2026-01-01T00:00:01.500Z","value":-3}
            {"entity":"urn:d:1","attribute":"a","observedAt":"2026-01-01T00:00:02Z","value":1e-9,"quality":"stuck"}
            {"entity":"urn:d:1","attribute":"b","observedAt":"2026-01-01T00:00:00Z","value":true,"dataset":"urn:ds:1"}
            {"entity":"urn:d:2","attribute":"b","observedAt":"2026-01-01T00:00:00Z","value":"a \"b\", c; d\ne"}
            {"entity":"urn:d:2","attribute":"b","observedAt":"2026-01-01T00:00:01Z","value":"plain ü"}

            """;
        IngestTests.Counts(await node.IngestAsync(Rows, "application/x-ndjson", tenant: "one"), taken: 6);
        await node.SealAsync();

        var rows = (await node.GetAsync("/history/points?id=urn:d:1,urn:d:2", "one", ("Accept", type))).Is(HttpStatusCode.OK).Text;
        Assert.StartsWith(header, rows, StringComparison.Ordinal);
        IngestTests.Counts(await node.IngestAsync(rows, type, tenant: "two"), taken: 6);
        foreach (var (entity, attribute, dataset) in new[] { ("urn:d:1", "a", ""), ("urn:d:1", "b", "urn:ds:1"), ("urn:d:2", "b", "") })
        {
            Assert.Equal(await node.PointsAsync("one", entity, attribute, dataset), await node.PointsAsync("two", entity, attribute, dataset));
        }

        var again = (await node.GetAsync("/history/points?id=urn:d:1,urn:d:2", "two", ("Accept", type))).Is(HttpStatusCode.OK).Text;
        Assert.Equal(rows, again);
        var some = (await node.GetAsync("/history/points?id=urn:d:1&attrs=a&from=2026-01-01T00:00:01Z&until=2026-01-01T00:00:02Z", "one", ("Accept", "application/x-ndjson"))).Text;
        Assert.Equal(-3, (int)JsonNode.Parse(Assert.Single(some.Split('\n', StringSplitOptions.RemoveEmptyEntries)))!["value"]!);
        (await node.GetAsync("/history/points?id=urn:d:1", "one", ("Accept", "image/png"))).Is(HttpStatusCode.NotAcceptable);
    }
}

public sealed class HistoryOnSqliteTests() : HistoryTests(StoreKind.Sqlite);

public sealed class HistoryOnPostgresTests() : HistoryTests(StoreKind.PostgreSql);
