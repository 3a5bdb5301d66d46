using System.Net;
using System.Text.Json.Nodes;
using Twin.Hosting.Storage;
using Twin.Tests.Integration.Registry;
using Twin.Tests.Support;
using Xunit;

namespace Twin.Tests.Integration.Telemetry;

/// <summary>Series on a regular step.</summary>
public abstract class SeriesTests(StoreKind kind)
{
    private const string Rows = """
        entity,attribute,observedAt,value
        urn:d:1,a,2025-12-31T22:00:00Z,2
        urn:d:1,a,2026-01-01T00:00:00Z,10
        urn:d:1,a,2026-01-01T00:30:00Z,20
        urn:d:1,a,2026-01-01T03:15:00Z,30
        urn:d:1,a,2026-01-01T04:00:00Z,33
        urn:d:1,a,2026-01-01T08:00:00Z,73
        urn:d:2,door,2026-01-01T01:10:00Z,true
        urn:d:2,door,2026-01-01T01:50:00Z,false
        urn:d:2,door,2026-01-01T03:00:00Z,ajar
        """;

    [Fact]
    public async Task Gaps_are_shown_or_filled_from_the_values_around_them_also_from_those_outside_the_time_that_is_asked_for()
    {
        using var store = await TestStore.CreateAsync(kind, TestContext.Current.CancellationToken);
        await using var node = await HistoryNode.StartAsync(store);
        var tenant = HistoryNode.FreshTenant();
        IngestTests.Counts(await node.IngestAsync(Rows, tenant: tenant), taken: 9);
        const string Hours = "id=urn:d:1&step=PT1H&from=2025-12-31T23:00:00Z&until=2026-01-01T06:00:00Z";
        foreach (var seal in new[] { false, true })
        {
            if (seal)
            {
                await node.SealAsync();
            }

            // Steps from 23 h on: none, 10 and 20, none, none, 30, 33, none; 2 at 22 h before and 73 at 8 h behind them.
            Assert.Equal("[null,15,null,null,30,33,null]", await ValuesAsync(Hours));
            Assert.Equal("[2,15,15,15,30,33,33]", await ValuesAsync(Hours + "&fill=previous"));
            Assert.Equal("[15,15,30,30,30,33,73]", await ValuesAsync(Hours + "&fill=next"));
            // (2 + 15) / 2; 15 + 5 and 15 + 10; 33 + 40 / 4.
            Assert.Equal("[8.5,15,20,25,30,33,43]", await ValuesAsync(Hours + "&fill=linear"));
            Assert.Equal("[2,15,15,null,30,33,33]", await ValuesAsync(Hours + "&fill=previous&fillWithin=PT1H"));
            Assert.Equal("[8.5,15,20,25,30,33,null]", await ValuesAsync(Hours + "&fill=linear&fillWithin=PT3H"));
            Assert.Equal("[null,10,null,null,30,33,null]", await ValuesAsync(Hours + "&method=min"));
            Assert.Equal("[null,30,null,null,30,33,null]", await ValuesAsync(Hours + "&method=sum"));
            Assert.Equal("[null,20,null,null,30,33,null]", await ValuesAsync(Hours + "&method=last"));
            Assert.Equal("[null,10,null,null,30,33,null]", await ValuesAsync(Hours + "&method=first"));
            // What a door was is known until it is something else.
            Assert.Equal(
                """[null,null,false,false,"ajar","ajar","ajar"]""",
                await ValuesAsync("id=urn:d:2&step=PT1H&method=last&fill=previous&from=2025-12-31T23:00:00Z&until=2026-01-01T06:00:00Z"));
        }

        var answer = JsonNode.Parse((await node.GetAsync("/history/series?" + Hours + "&fill=linear", tenant)).Is(HttpStatusCode.OK).Text)!;
        Assert.Equal("[0,2,3,6]", answer["series"]![0]!["filled"]!.ToJsonString());
        Assert.Equal("2025-12-31T23:00:00Z", (string?)answer["times"]![0]);
        Assert.Equal("2026-01-01T06:00:00Z", (string?)answer["until"]);

        async Task<string> ValuesAsync(string query) =>
            JsonNode.Parse((await node.GetAsync("/history/series?" + query, tenant)).Is(HttpStatusCode.OK).Text)!["series"]![0]!["values"]!.ToJsonString();
    }

    [Fact]
    public async Task Steps_are_days_and_months_of_a_time_zone_and_series_come_in_pages()
    {
        using var store = await TestStore.CreateAsync(kind, TestContext.Current.CancellationToken);
        await using var node = await HistoryNode.StartAsync(store);
        var tenant = HistoryNode.FreshTenant();
        var rows = "entity,attribute,observedAt,value\n" + string.Concat(Enumerable.Range(0, 5).Select(static i =>
            $"urn:d:{i},a,2026-03-28T12:00:00Z,{i}\nurn:d:{i},a,2026-03-29T22:30:00Z,{i + 10}\n"));
        IngestTests.Counts(await node.IngestAsync(rows, tenant: tenant), taken: 10);

        // The 29th of March has 23 hours in Paris: 22:30 UTC of it is half past midnight of the 30th.
        var first = (await node.GetAsync("/history/series?attrs=a&step=P1D&timeZone=Europe/Paris&from=2026-03-27T23:00:00Z&until=2026-03-30T22:00:00Z&limit=2&count=true", tenant)).Is(HttpStatusCode.OK);
        var body = JsonNode.Parse(first.Text)!;
        Assert.Equal("""["2026-03-27T23:00:00Z","2026-03-28T23:00:00Z","2026-03-29T22:00:00Z"]""", body["times"]!.ToJsonString());
        Assert.Equal(2, body["series"]!.AsArray().Count);
        Assert.Equal("[0,null,10]", body["series"]![0]!["values"]!.ToJsonString());
        Assert.Equal("5", first.Headers.GetValues("NGSILD-Results-Count").Single());
        Assert.Contains("offset=2", first.Headers.GetValues("Link").First(), StringComparison.Ordinal);
        var last = JsonNode.Parse((await node.GetAsync("/history/series?attrs=a&step=P1M&timeZone=Europe/Paris&limit=2&offset=4", tenant)).Is(HttpStatusCode.OK).Text)!;
        Assert.Equal("urn:d:4", (string?)last["series"]!.AsArray().Single()!["entity"]);
        Assert.Equal("[9]", last["series"]![0]!["values"]!.ToJsonString());

        (await node.GetAsync("/history/series?attrs=a", tenant)).Refuses(HttpStatusCode.BadRequest, "BadRequestData");
        (await node.GetAsync("/history/series?attrs=a&step=PT1S&fill=guess", tenant)).Refuses(HttpStatusCode.BadRequest, "BadRequestData");
        (await node.GetAsync("/history/series?attrs=a&step=PT1S", tenant)).Refuses(HttpStatusCode.Forbidden, "TooManyResults");
    }
}

public sealed class SeriesOnSqliteTests() : SeriesTests(StoreKind.Sqlite);

public sealed class SeriesOnPostgresTests() : SeriesTests(StoreKind.PostgreSql);
