using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Twin.Hosting.Storage;
using Twin.Tests.Integration.Registry;
using Twin.Tests.Support;
using Xunit;

namespace Twin.Tests.Integration.Telemetry;

/// <summary>How complete series are and how far they can be trusted.</summary>
public sealed class QualityTests
{
    [Fact]
    public async Task Gaps_coverage_and_qualities_of_a_day_with_two_holes()
    {
        using var store = await TestStore.CreateAsync(StoreKind.Sqlite, TestContext.Current.CancellationToken);
        await using var node = await HistoryNode.StartAsync(store);
        var tenant = HistoryNode.FreshTenant();
        var rows = new StringBuilder("entity,attribute,observedAt,value,quality\n");
        var start = new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        for (var i = 0; i < 288; i++)
        {
            // Missing: 02:00 to 03:00 without its ends, so 11 points; and 23:00 on, so 12. One comes two minutes late.
            if (i is (> 24 and < 36) or >= 276)
            {
                continue;
            }

            rows.Append(CultureInfo.InvariantCulture, $"urn:d:1,a,{start.AddMinutes((i * 5) + (i == 100 ? 2 : 0)):yyyy-MM-ddTHH:mm:ssZ},{i},{(i < 3 ? "stuck" : i == 5 ? "bad" : "")}\n");
        }

        rows.Append("urn:d:2,a,2026-01-01T00:00:00Z,1,\n");
        IngestTests.Counts(await node.IngestAsync(rows.ToString(), tenant: tenant), taken: 266);
        const string Day = "from=2026-01-01T00:00:00Z&until=2026-01-02T00:00:00Z";
        foreach (var seal in new[] { false, true })
        {
            if (seal)
            {
                await node.SealAsync();
            }

            var one = (await AskAsync("id=urn:d:1&" + Day))[0]!;
            Assert.Equal(265, (int)one["points"]!);
            Assert.Equal("2026-01-01T00:00:00Z", (string?)one["first"]);
            Assert.Equal("2026-01-01T22:55:00Z", (string?)one["last"]);
            Assert.Equal(300, (int)one["intervalSeconds"]!);
            Assert.Equal("median", (string?)one["intervalIs"]);
            Assert.Equal(2, (int)one["gapCount"]!);
            // 55 + 60 of 1440 minutes are not covered.
            Assert.Equal(Math.Round(100 * (1 - (115 / 1440.0)), 3), (double)one["coverage"]!);
            Assert.Equal("""{"from":"2026-01-01T22:55:00Z","until":"2026-01-02T00:00:00Z","seconds":3900}""", one["longestGap"]!.ToJsonString());
            Assert.Equal("""{"from":"2026-01-01T02:00:00Z","until":"2026-01-01T03:00:00Z","seconds":3600}""", one["gaps"]![0]!.ToJsonString());
            Assert.Equal("""{"good":261,"bad":1,"stuck":3}""", one["qualities"]!.ToJsonString());

            // Whoever expects an hour misses nothing but the end, and that by less than half of one.
            var hourly = (await AskAsync("id=urn:d:1&interval=PT1H&" + Day))[0]!;
            Assert.Equal(0, (int)hourly["gapCount"]!);
            Assert.Equal(100, (double)hourly["coverage"]!);
            Assert.Equal("given", (string?)hourly["intervalIs"]);
            var own = (await AskAsync("id=urn:d:1"))[0]!;
            Assert.Equal(1, (int)own["gapCount"]!);
        }

        // Of one point no interval can be seen; without points all is a gap.
        var single = (await AskAsync("id=urn:d:2"))[0]!;
        Assert.Equal(1, (int)single["points"]!);
        Assert.Null(single["coverage"]);
        var none = (await AskAsync("id=urn:d:2&interval=PT5M&from=2026-02-01T00:00:00Z&until=2026-02-02T00:00:00Z"))[0]!;
        Assert.Equal(0, (double)none["coverage"]!);
        Assert.Equal(86_400, (int)none["longestGap"]!["seconds"]!);
        Assert.Equal(["urn:d:2"], (await AskAsync("attrs=a&limit=1&offset=1")).Select(static one => (string?)one!["entity"]));
        (await node.GetAsync("/history/quality?interval=P1M", tenant)).Refuses(HttpStatusCode.BadRequest, "BadRequestData");

        async Task<JsonArray> AskAsync(string query) =>
            JsonNode.Parse((await node.GetAsync("/history/quality?" + query, tenant)).Is(HttpStatusCode.OK).Text)!.AsArray();
    }
}
