using System.Net;
using System.Text.Json.Nodes;
using Twin.Hosting.Storage;
using Twin.Tests.Integration.Registry;
using Twin.Tests.Support;
using Xunit;

namespace Twin.Tests.Integration.Telemetry;

/// <summary>What is different between two times.</summary>
public sealed class DifferenceTests
{
    private const string Day = "from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z";

    [Fact]
    public async Task Entities_and_attributes_appear_vanish_and_change_and_numbers_by_how_much()
    {
        using var store = await TestStore.CreateAsync(StoreKind.Sqlite, TestContext.Current.CancellationToken);
        await using var node = await HistoryNode.StartAsync(store);
        var tenant = HistoryNode.FreshTenant();
        IngestTests.Counts(
            await node.IngestAsync(
                """
                entity,attribute,observedAt,value,dataset,unit
                urn:d:1,a,2025-12-31T00:00:00Z,20.1,,CEL
                urn:d:1,a,2026-01-01T12:00:00Z,20.4,,CEL
                urn:d:1,a,2026-01-03T00:00:00Z,99,,CEL
                urn:d:1,same,2025-12-31T00:00:00Z,5.0,,
                urn:d:1,same,2026-01-01T12:00:00Z,5,,
                urn:d:1,state,2025-12-31T00:00:00Z,on,,
                urn:d:1,state,2026-01-01T12:00:00Z,off,,
                urn:d:1,late,2026-01-01T12:00:00Z,7,urn:ds:1,
                urn:d:2,a,2026-01-02T00:00:00Z,1,,
                urn:d:3,a,2025-12-31T00:00:00Z,1,,
                urn:d:4,a,2026-01-02T00:00:01Z,1,,
                """,
                tenant: tenant),
            taken: 11);

        var all = await AskAsync(Day);
        Assert.Equal(["urn:d:1 changed", "urn:d:2 appeared"], all.Select(static one => $"{one!["id"]} {one["change"]}"));
        Assert.Equal(
            """[{"attribute":"a","change":"changed","before":{"value":20.1,"unit":"CEL","observedAt":"2025-12-31T00:00:00Z"},"after":{"value":20.4,"unit":"CEL","observedAt":"2026-01-01T12:00:00Z"},"difference":0.3},{"attribute":"late","dataset":"urn:ds:1","change":"appeared","after":{"value":7,"observedAt":"2026-01-01T12:00:00Z"}},{"attribute":"state","change":"changed","before":{"value":"on","observedAt":"2025-12-31T00:00:00Z"},"after":{"value":"off","observedAt":"2026-01-01T12:00:00Z"}}]""",
            all[0]!["attributes"]!.ToJsonString());
        Assert.Equal("1", all[1]!["attributes"]!.AsArray().Single()!["after"]!["value"]!.ToJsonString());
        Assert.Equal(["urn:d:1"], (await AskAsync(Day + "&attrs=state")).Select(static one => (string?)one!["id"]));
        // By a filter it is there when it fulfils it.
        Assert.Equal(["urn:d:1 vanished"], (await AskAsync(Day + "&q=state==\"on\"")).Select(static one => $"{one!["id"]} {one["change"]}"));

        var page = (await node.GetAsync($"/history/difference?{Day}&limit=1&offset=1&count=true", tenant)).Is(HttpStatusCode.OK);
        Assert.Equal("urn:d:2", (string?)JsonNode.Parse(page.Text)!.AsArray().Single()!["id"]);
        Assert.Equal("2", page.Headers.GetValues("NGSILD-Results-Count").Single());
        (await node.GetAsync("/history/difference?from=2026-01-01T00:00:00Z", tenant)).Refuses(HttpStatusCode.BadRequest, "BadRequestData");
        (await node.GetAsync("/history/difference?from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z", tenant)).Refuses(HttpStatusCode.BadRequest, "BadRequestData");

        async Task<JsonArray> AskAsync(string query) =>
            JsonNode.Parse((await node.GetAsync("/history/difference?" + query, tenant)).Is(HttpStatusCode.OK).Text)!.AsArray();
    }

    [Fact]
    public async Task What_drives_out_of_an_area_vanishes_from_it_and_what_drives_in_appears()
    {
        using var store = await TestStore.CreateAsync(StoreKind.Sqlite, TestContext.Current.CancellationToken);
        await using var node = await HistoryNode.StartAsync(store);
        var client = node.Fresh();
        await MakeAsync("urn:ngsi-ld:Bus:1", (0, 7.33), (12, 8.5));
        await MakeAsync("urn:ngsi-ld:Bus:2", (0, 8.5), (12, 7.34));
        await MakeAsync("urn:ngsi-ld:Bus:3", (0, 7.33), (12, 7.331));
        const string Area = "&type=Bus&georel=within&geometry=Polygon&coordinates=[[[7.3,47.7],[7.4,47.7],[7.4,47.8],[7.3,47.8],[7.3,47.7]]]";

        var found = JsonNode.Parse((await node.GetAsync("/history/difference?from=2026-01-01T06:00:00Z&to=2026-01-01T18:00:00Z" + Area, client.Tenant)).Is(HttpStatusCode.OK).Text)!.AsArray();
        Assert.Equal(
            ["urn:ngsi-ld:Bus:1 vanished", "urn:ngsi-ld:Bus:2 appeared", "urn:ngsi-ld:Bus:3 changed"],
            found.Select(static one => $"{one!["id"]} {one["change"]}"));
        Assert.Equal("Bus", (string?)found[0]!["types"]!.AsArray().Single());

        async Task MakeAsync(string id, params (int Hour, double Longitude)[] places)
        {
            var instances = string.Join(',', places.Select(static place => string.Create(
                System.Globalization.CultureInfo.InvariantCulture,
                $$"""{"type":"GeoProperty","value":{"type":"Point","coordinates":[{{place.Longitude}},47.75]},"observedAt":"2026-01-01T{{place.Hour:00}}:00:00Z"}""")));
            (await client.PostAsync("/temporal/entities", $$"""{"id":"{{id}}","type":"Bus","location":[{{instances}}]}""")).Is(HttpStatusCode.Created);
        }
    }
}
