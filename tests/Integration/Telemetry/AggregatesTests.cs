using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Twin.Hosting.Storage;
using Twin.Tests.Integration.Registry;
using Twin.Tests.Support;
using Xunit;

namespace Twin.Tests.Integration.Telemetry;

/// <summary>Aggregates over entities that are brought together.</summary>
public abstract class AggregatesTests(StoreKind kind)
{
    private const string Days = "aggrPeriodDuration=P1D&from=2026-01-01T00:00:00Z&until=2026-01-03T00:00:00Z";

    [Fact]
    public async Task Entities_are_brought_together_by_type_by_attribute_or_not_at_all()
    {
        using var store = await TestStore.CreateAsync(kind, TestContext.Current.CancellationToken);
        await using var node = await HistoryNode.StartAsync(store);
        var client = node.Fresh();
        foreach (var (id, type) in new[] { ("urn:ngsi-ld:R:1", "Room"), ("urn:ngsi-ld:R:2", "Room"), ("urn:ngsi-ld:S:1", "Street") })
        {
            (await client.PostAsync("/temporal/entities", $$"""{"id":"{{id}}","type":"{{type}}","name":[{"type":"Property","value":"x","observedAt":"2025-12-01T00:00:00Z"}]}""")).Is(HttpStatusCode.Created);
        }

        IngestTests.Counts(
            await node.IngestAsync(
                """
                entity,attribute,observedAt,value
                urn:ngsi-ld:R:1,temperature,2026-01-01T00:00:00Z,20.0
                urn:ngsi-ld:R:1,temperature,2026-01-01T23:59:59Z,21.0
                urn:ngsi-ld:R:1,temperature,2026-01-02T00:00:00Z,30.5
                urn:ngsi-ld:R:2,temperature,2026-01-01T12:00:00Z,24.4
                urn:ngsi-ld:S:1,temperature,2026-01-02T12:00:00Z,-3
                urn:ngsi-ld:S:1,noise,2026-01-02T12:00:00Z,55
                urn:ngsi-ld:S:1,noise,2026-01-03T00:00:00Z,99
                """,
                tenant: client.Tenant),
            taken: 7);

        foreach (var seal in new[] { false, true })
        {
            if (seal)
            {
                await node.SealAsync();
            }

            // (20 + 21 + 24.4) / 3 = 21.8
            Assert.Equal(
                """[{"types":["Room"],"attribute":"temperature","series":2,"periods":[{"from":"2026-01-01T00:00:00Z","until":"2026-01-02T00:00:00Z","avg":21.8,"totalCount":3},{"from":"2026-01-02T00:00:00Z","until":"2026-01-03T00:00:00Z","avg":30.5,"totalCount":1}]},{"types":["Street"],"attribute":"temperature","series":1,"periods":[{"from":"2026-01-02T00:00:00Z","until":"2026-01-03T00:00:00Z","avg":-3,"totalCount":1}]}]""",
                await AskAsync("attrs=temperature&aggrMethods=avg,totalCount&" + Days));
            Assert.Equal(
                """[{"attribute":"temperature","series":3,"periods":[{"from":"2026-01-01T00:00:00Z","until":"2026-01-03T00:00:00Z","min":-3,"max":30.5,"sum":92.9}]}]""",
                await AskAsync("attrs=temperature&groupBy=attribute&aggrMethods=min,max,sum&from=2026-01-01T00:00:00Z&until=2026-01-03T00:00:00Z"));
            Assert.Equal(
                """[{"entity":"urn:ngsi-ld:R:1","attribute":"temperature","series":1,"periods":[{"from":"2026-01-01T00:00:00Z","until":"2026-01-02T00:00:00Z","stddev":0.5},{"from":"2026-01-02T00:00:00Z","until":"2026-01-03T00:00:00Z","stddev":0}]},{"entity":"urn:ngsi-ld:R:2","attribute":"temperature","series":1,"periods":[{"from":"2026-01-01T00:00:00Z","until":"2026-01-02T00:00:00Z","stddev":0}]}]""",
                await AskAsync("type=Room&attrs=temperature&groupBy=entity&aggrMethods=stddev&" + Days));
            // In Mulhouse the last moment of the first day in UTC belongs to the second.
            Assert.Equal(
                """[{"types":["Room"],"attribute":"temperature","series":1,"periods":[{"from":"2025-12-31T23:00:00Z","until":"2026-01-01T23:00:00Z","avg":20},{"from":"2026-01-01T23:00:00Z","until":"2026-01-02T23:00:00Z","avg":25.75}]}]""",
                await AskAsync("id=urn:ngsi-ld:R:1&attrs=temperature&timeZone=Europe/Paris&aggrPeriodDuration=P1D&from=2025-12-31T23:00:00Z&until=2026-01-02T23:00:00Z"));
            // What is not said ends with the points: (55 + 99) / 2.
            Assert.StartsWith(
                """[{"types":["Street"],"attribute":"noise","series":1,"periods":[{"from":"2026-01-02T12:00:00Z","until":"2026-01-03T00:00:00""",
                await AskAsync("type=Street&attrs=noise"),
                StringComparison.Ordinal);
            Assert.Contains("\"avg\":77}", await AskAsync("type=Street&attrs=noise"), StringComparison.Ordinal);
        }

        async Task<string> AskAsync(string query) => (await node.GetAsync("/history/aggregates?" + query, client.Tenant)).Is(HttpStatusCode.OK).Text;
    }

    [Fact]
    public async Task Many_series_over_a_year_are_added_up_from_their_hours()
    {
        using var store = await TestStore.CreateAsync(kind, TestContext.Current.CancellationToken);
        await using var node = await HistoryNode.StartAsync(store);
        var (tenant, rows, expected) = (HistoryNode.FreshTenant(), new StringBuilder("entity,attribute,observedAt,value\n"), new long[366, 2]);
        var random = new Random(7);
        var start = new DateTime(2025, 6, 1, 0, 0, 0, DateTimeKind.Utc);
        for (var series = 0; series < 5; series++)
        {
            for (var at = start; at < start.AddDays(366); at = at.AddMinutes(10))
            {
                var tenths = random.Next(-200, 400);
                rows.Append(System.Globalization.CultureInfo.InvariantCulture, $"urn:s:{series},a,{at:yyyy-MM-ddTHH:mm:ssZ},{tenths / 10m}\n");
                var day = (at - start).Days;
                expected[day, 0] += tenths;
                expected[day, 1]++;
            }
        }

        IngestTests.Counts(await node.IngestAsync(rows.ToString(), tenant: tenant), taken: 5 * 366 * 144);
        await node.SealAsync();
        var answer = (await node.GetAsync("/history/aggregates?attrs=a&groupBy=attribute&aggrMethods=avg,totalCount&aggrPeriodDuration=P1D", tenant)).Is(HttpStatusCode.OK).Json;
        var periods = Assert.Single(answer.AsArray())!["periods"]!.AsArray();
        Assert.Equal(366, periods.Count);
        foreach (var (period, day) in periods.Select(static (period, day) => (period!, day)))
        {
            Assert.Equal(expected[day, 1], (long)period["totalCount"]!);
            Assert.Equal(expected[day, 0] / 10.0 / expected[day, 1], (double)period["avg"]!, 1e-9);
        }
    }

    [Theory]
    [InlineData("groupBy=colour", "groupBy")]
    [InlineData("aggrMethods=median", "aggrMethods")]
    [InlineData("aggrMethods=distinctCount", "aggrMethods")]
    [InlineData("aggrPeriodDuration=1d", "aggrPeriodDuration")]
    [InlineData("from=2026-01-01T00:00:00", "from")]
    [InlineData("from=2026-01-02T00:00:00Z&until=2026-01-01T00:00:00Z", "until")]
    [InlineData("timeZone=Mars/Olympus", "timeZone")]
    [InlineData("colour=red", "colour", "InvalidRequest")]
    public async Task What_cannot_be_asked_is_refused_by_name(string query, string member, string problem = "BadRequestData")
    {
        using var store = await TestStore.CreateAsync(kind, TestContext.Current.CancellationToken);
        await using var node = await HistoryNode.StartAsync(store);
        var tenant = HistoryNode.FreshTenant();
        IngestTests.Counts(await node.IngestAsync("entity,attribute,observedAt,value\nurn:s:1,a,2026-01-01T00:00:00Z,1e308\nurn:s:2,a,2026-01-01T00:00:00Z,1e308\n", tenant: tenant), taken: 2);

        var refused = (await node.GetAsync("/history/aggregates?attrs=a&" + query, tenant)).Refuses(HttpStatusCode.BadRequest, problem);
        Assert.Equal(member, refused.Member);
        var answer = (await node.GetAsync("/history/aggregates?attrs=a&groupBy=attribute&aggrMethods=sum,max", tenant)).Is(HttpStatusCode.OK).Json;
        // Their sum is beyond the numbers.
        Assert.Equal("""{"max":1E+308}""", Without(answer[0]!["periods"]![0]!.AsObject(), "from", "until"));
        (await node.GetAsync("/history/aggregates?attrs=a&aggrPeriodDuration=PT0.001S&from=2026-01-01T00:00:00Z&until=2026-01-02T00:00:00Z", tenant)).Refuses(HttpStatusCode.Forbidden, "TooManyResults");
    }

    private static string Without(JsonObject json, params string[] members)
    {
        foreach (var member in members)
        {
            json.Remove(member);
        }

        return json.ToJsonString();
    }
}

public sealed class AggregatesOnSqliteTests() : AggregatesTests(StoreKind.Sqlite);

public sealed class AggregatesOnPostgresTests() : AggregatesTests(StoreKind.PostgreSql);
