using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Twin.Hosting.Storage;
using Twin.Tests.Integration.Registry;
using Twin.Tests.Support;
using Xunit;

namespace Twin.Tests.Integration.Telemetry;

/// <summary>The temporal API (GS CIM 009 5.6.11 to 5.6.16, 5.7.3, 5.7.4) over real HTTP on a real store.</summary>
public abstract class TemporalTests(StoreKind kind)
{
    private const string Vehicle = """
        {"id":"urn:v:1","type":"Vehicle","scope":"/city","speed":[
          {"type":"Property","value":120,"unitCode":"KMH","observedAt":"2026-01-01T12:03:00Z"},
          {"type":"Property","value":80.5,"observedAt":"2026-01-01T12:05:00Z","source":{"type":"Property","value":"gps"}},
          {"type":"Property","value":60,"observedAt":"2026-01-01T12:05:00Z","datasetId":"urn:ds:1"}],
        "driver":[{"type":"Relationship","object":"urn:p:1","observedAt":"2026-01-01T12:00:00Z"}],
        "label":[{"type":"LanguageProperty","languageMap":{"fr":"rouge","de":"rot"},"observedAt":"2026-01-01T12:00:00Z"}],
        "location":[{"type":"GeoProperty","value":{"type":"Point","coordinates":[7.33,47.75]},"observedAt":"2026-01-01T12:00:00Z"}]}
        """;

    [Fact]
    public async Task An_evolution_comes_back_as_it_was_sent_before_and_after_sealing_and_a_restart()
    {
        using var store = await TestStore.CreateAsync(kind, TestContext.Current.CancellationToken);
        string first;
        await using (var node = await HistoryNode.StartAsync(store))
        {
            var client = node.Of(null);
            var created = (await client.PostAsync("/temporal/entities", Vehicle)).Is(HttpStatusCode.Created);
            Assert.Equal("/ngsi-ld/v1/temporal/entities/urn:v:1", created.Headers.Location?.ToString());
            first = (await client.GetAsync("/temporal/entities/urn:v:1")).Is(HttpStatusCode.OK).Text;
            var speed = JsonNode.Parse(first)!["speed"]!.AsArray();
            Assert.Equal(["120", "80.5", "60"], speed.Select(static one => one!["value"]!.ToJsonString()));
            Assert.Equal("KMH", (string?)speed[0]!["unitCode"]);
            Assert.Equal("""{"type":"Property","value":"gps"}""", speed[1]!["source"]!.ToJsonString());
            Assert.Equal("urn:ds:1", (string?)speed[2]!["datasetId"]);
            Assert.Equal("urn:p:1", (string?)JsonNode.Parse(first)!["driver"]![0]!["object"]);
            Assert.Equal("/city", (string?)JsonNode.Parse(first)!["scope"]![0]!["value"]);
            await node.SealAsync();
            Assert.Equal(first, (await client.GetAsync("/temporal/entities/urn:v:1")).Text);
        }

        await using (var node = await HistoryNode.StartAsync(store))
        {
            Assert.Equal(first, (await node.Of(null).GetAsync("/temporal/entities/urn:v:1")).Text);
            (await node.Of(null).PostAsync("/temporal/entities", """{"id":"urn:v:1","type":["Vehicle","Truck"],"speed":[{"type":"Property","value":121,"observedAt":"2026-01-01T12:03:00Z"}]}"""))
                .Is(HttpStatusCode.NoContent);
            var after = (await node.Of(null).GetAsync("/temporal/entities/urn:v:1?attrs=speed&datasetId=@none")).Json;
            Assert.Equal(["Vehicle", "Truck"], after["type"]!.AsArray().Select(static type => (string?)type));
            Assert.Equal(["121", "80.5"], after["speed"]!.AsArray().Select(static one => one!["value"]!.ToJsonString()));
        }
    }

    [Fact]
    public async Task Deleted_instances_attributes_and_entities_are_gone_for_good_also_after_a_kill_of_memory()
    {
        using var store = await TestStore.CreateAsync(kind, TestContext.Current.CancellationToken);
        // Without the registry, which tells back what it was told, on a busy server after the deletion.
        var alone = ("Twin:Telemetry:TellMilliseconds", "0");
        await using (var node = await HistoryNode.StartAsync(store, alone))
        {
            var client = node.Of(null);
            (await client.PostAsync("/temporal/entities", Vehicle)).Is(HttpStatusCode.Created);
            await node.SealAsync();
            var instance = (string)(await client.GetAsync("/temporal/entities/urn:v:1")).Json["speed"]![0]!["instanceId"]!;
            (await client.SendAsync(HttpMethod.Delete, $"/temporal/entities/urn:v:1/attrs/speed/{instance}", null, null)).Is(HttpStatusCode.NoContent);
            (await client.SendAsync(HttpMethod.Delete, $"/temporal/entities/urn:v:1/attrs/speed/{instance}", null, null)).Refuses(HttpStatusCode.NotFound, "ResourceNotFound");
            (await client.SendAsync(HttpMethod.Delete, "/temporal/entities/urn:v:1/attrs/driver", null, null)).Is(HttpStatusCode.NoContent);
            (await client.SendAsync(HttpMethod.Delete, "/temporal/entities/urn:v:1/attrs/speed?datasetId=urn:ds:1", null, null)).Is(HttpStatusCode.NoContent);
            (await client.PostAsync("/temporal/entities", Vehicle.Replace("urn:v:1", "urn:v:2", StringComparison.Ordinal))).Is(HttpStatusCode.Created);
            (await client.SendAsync(HttpMethod.Delete, "/temporal/entities/urn:v:2", null, null)).Is(HttpStatusCode.NoContent);
            (await client.GetAsync("/temporal/entities/urn:v:2")).Refuses(HttpStatusCode.NotFound, "ResourceNotFound");
            // Its blocks still lie in the tail: what comes under its name now must not inherit them.
            (await client.PostAsync("/temporal/entities", """{"id":"urn:v:3","type":"Vehicle","speed":[{"type":"Property","value":1,"observedAt":"2026-01-01T00:00:00Z"}]}""")).Is(HttpStatusCode.Created);
            await CheckAsync(client);
        }

        await using (var node = await HistoryNode.StartAsync(store, alone))
        {
            await CheckAsync(node.Of(null));
            (await node.Of(null).PostAsync("/temporal/entities", """{"id":"urn:v:2","type":"Vehicle","speed":[{"type":"Property","value":2,"observedAt":"2026-02-01T00:00:00Z"}]}""")).Is(HttpStatusCode.Created);
            await node.SealAsync();
            await CheckAsync(node.Of(null));
            Assert.Equal(2, (int)Assert.Single((await node.Of(null).GetAsync("/temporal/entities/urn:v:2")).Json["speed"]!.AsArray())!["value"]!);
        }

        static async Task CheckAsync(NgsiClient client)
        {
            var left = (await client.GetAsync("/temporal/entities/urn:v:1")).Is(HttpStatusCode.OK).Json;
            Assert.Equal("80.5", Assert.Single(left["speed"]!.AsArray())!["value"]!.ToJsonString());
            Assert.Null(left["driver"]);
            Assert.Equal(1, (int)Assert.Single((await client.GetAsync("/temporal/entities/urn:v:3")).Json["speed"]!.AsArray())!["value"]!);
        }
    }

    [Fact]
    public async Task A_modified_instance_keeps_its_id_also_when_its_time_moves()
    {
        using var store = await TestStore.CreateAsync(kind, TestContext.Current.CancellationToken);
        await using var node = await HistoryNode.StartAsync(store);
        var client = node.Fresh();
        (await client.PostAsync("/temporal/entities", Vehicle)).Is(HttpStatusCode.Created);
        var id = (string)(await client.GetAsync("/temporal/entities/urn:v:1")).Json["speed"]![0]!["instanceId"]!;
        foreach (var (value, time) in new[] { (1, "2026-01-01T12:03:00Z"), (2, "2026-01-01T11:00:00Z"), (3, "2026-01-01T13:00:00Z") })
        {
            (await client.SendAsync(HttpMethod.Patch, $"/temporal/entities/urn:v:1/attrs/speed/{id}", $$"""{"type":"Property","value":{{value}},"observedAt":"{{time}}"}""", "application/json")).Is(HttpStatusCode.NoContent);
            await node.SealAsync();
            var found = (await client.GetAsync("/temporal/entities/urn:v:1?options=sysAttrs")).Json["speed"]!.AsArray().Single(one => (string?)one!["instanceId"] == id)!;
            Assert.Equal((value, time), ((int)found["value"]!, (string?)found["observedAt"]));
            Assert.True(string.CompareOrdinal((string)found["createdAt"]!, (string)found["modifiedAt"]!) < 0);
        }

        Assert.Equal(3, (await client.GetAsync("/temporal/entities/urn:v:1")).Json["speed"]!.AsArray().Count);
    }

    [Fact]
    public async Task Months_of_the_calendar_have_their_own_lengths_4_5_19()
    {
        using var store = await TestStore.CreateAsync(kind, TestContext.Current.CancellationToken);
        await using var node = await HistoryNode.StartAsync(store);
        var start = new DateTime(2024, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        var rows = Enumerable.Range(0, 366).Select(day => string.Create(CultureInfo.InvariantCulture, $"urn:d:1,t,{start.AddDays(day):yyyy-MM-dd}T12:00:00Z,{day % 7}.5\n"));
        IngestTests.Counts(await node.IngestAsync("entity,attribute,observedAt,value\n" + string.Concat(rows)), taken: 366);
        foreach (var sealedAlready in new[] { false, true })
        {
            if (sealedAlready)
            {
                await node.SealAsync();
            }

            var answer = (await node.Of(null).GetAsync(
                "/temporal/entities/urn:d:1?timerel=after&timeAt=2024-01-01T00:00:00Z&format=aggregatedValues&aggrMethods=totalCount,avg,min,max,sum,distinctCount&aggrPeriodDuration=P1M")).Is(HttpStatusCode.OK).Json["t"]!;
            Assert.Equal([31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31], answer["totalCount"]!.AsArray().Select(static one => (int)one![0]!));
            Assert.Equal("""[29,"2024-02-01T00:00:00Z","2024-03-01T00:00:00Z"]""", answer["totalCount"]![1]!.ToJsonString());
            Assert.Equal(Enumerable.Range(31, 29).Sum(static day => (day % 7) + 0.5), (double)answer["sum"]![1]![0]!, 9);
            Assert.Equal((0.5, 6.5, 7), ((double)answer["min"]![1]![0]!, (double)answer["max"]![1]![0]!, (int)answer["distinctCount"]![1]![0]!));
            var year = (await node.Of(null).GetAsync("/temporal/entities/urn:d:1?format=aggregatedValues&aggrMethods=totalCount&aggrPeriodDuration=PT0S")).Json["t"]!;
            Assert.Equal(366, (int)Assert.Single(year["totalCount"]!.AsArray())![0]!);
        }
    }

    [Fact]
    public async Task With_a_time_zone_periods_are_those_of_its_calendar_and_a_day_of_the_clock_change_has_23_or_25_hours()
    {
        using var store = await TestStore.CreateAsync(kind, TestContext.Current.CancellationToken);
        await using var node = await HistoryNode.StartAsync(store);
        var start = new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        var rows = Enumerable.Range(0, 365 * 24).Select(hour => string.Create(CultureInfo.InvariantCulture, $"urn:d:1,t,{start.AddHours(hour):yyyy-MM-ddTHH:mm:ssZ},{hour}\n"));
        IngestTests.Counts(await node.IngestAsync("entity,attribute,observedAt,value\n" + string.Concat(rows)), taken: 365 * 24);
        await node.SealAsync();

        // 00:00 in Paris is 23:00 UTC in winter and 22:00 in summer.
        Assert.Equal(
            """[[24,"2026-03-27T23:00:00Z","2026-03-28T23:00:00Z"],[23,"2026-03-28T23:00:00Z","2026-03-29T22:00:00Z"],[24,"2026-03-29T22:00:00Z","2026-03-30T22:00:00Z"]]""",
            await AskAsync("timerel=between&timeAt=2026-03-27T23:00:00Z&endTimeAt=2026-03-30T22:00:00Z&aggrPeriodDuration=P1D"));
        Assert.Equal("""[[25,"2026-10-24T22:00:00Z","2026-10-25T23:00:00Z"]]""", await AskAsync("timerel=between&timeAt=2026-10-24T22:00:00Z&endTimeAt=2026-10-25T23:00:00Z&aggrPeriodDuration=P1D"));
        Assert.Equal("""[[743,"2026-02-28T23:00:00Z","2026-03-31T22:00:00Z"]]""", await AskAsync("timerel=between&timeAt=2026-02-28T23:00:00Z&endTimeAt=2026-03-31T22:00:00Z&aggrPeriodDuration=P1M"));
        // Without an end the last one is whole, and the first as short as what is asked for.
        Assert.Equal("""[[23,"2026-12-30T00:00:00Z","2026-12-30T23:00:00Z"],[24,"2026-12-30T23:00:00Z","2026-12-31T23:00:00Z"],[1,"2026-12-31T23:00:00Z","2027-01-01T23:00:00Z"]]""", await AskAsync("timerel=after&timeAt=2026-12-30T00:00:00Z&aggrPeriodDuration=P1D"));
        (await node.Of(null).GetAsync("/temporal/entities/urn:d:1?timeZone=../etc/passwd")).Refuses(HttpStatusCode.BadRequest, "BadRequestData");

        async Task<string> AskAsync(string query) =>
            (await node.Of(null).GetAsync("/temporal/entities/urn:d:1?format=aggregatedValues&aggrMethods=totalCount&timeZone=Europe/Paris&" + query)).Is(HttpStatusCode.OK).Json["t"]!["totalCount"]!.ToJsonString();
    }

    [Theory]
    [InlineData("2026-01-01T00:00:00Z", "2026-01-09T16:20:00Z", 60)]
    [InlineData("2026-01-02T03:04:05Z", "2026-01-08T01:02:03Z", 60)]
    [InlineData("2026-01-01T00:30:00Z", "2026-01-20T00:00:00Z", 1440)]
    [InlineData("2026-01-01T12:00:00Z", "2026-01-01T18:00:00Z", 7)]
    [InlineData("2025-12-01T00:00:00Z", "2026-02-01T00:00:00Z", 100)]
    public async Task Aggregates_of_sealed_and_unsealed_points_are_those_of_the_points_themselves(string from, string until, int minutes)
    {
        using var store = await TestStore.CreateAsync(kind, TestContext.Current.CancellationToken);
        await using var node = await HistoryNode.StartAsync(store);
        var start = new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        var random = new Random(7);
        var points = Enumerable.Range(0, 3000).Select(i => (Time: start.AddMinutes(5 * i), Value: random.Next(-500, 500) / 10m)).ToList();
        string Csv(IEnumerable<(DateTime Time, decimal Value)> some) => "entity,attribute,observedAt,value\n" + string.Concat(some.Select(static one =>
            string.Create(CultureInfo.InvariantCulture, $"urn:d:1,t,{one.Time:yyyy-MM-ddTHH:mm:ssZ},{one.Value}\n")));
        await node.IngestAsync(Csv(points.Take(2500)));
        await node.SealAsync();
        // Newer points over a sealed chunk, and after it.
        points[1000] = (points[1000].Time, 99.9m);
        await node.IngestAsync(Csv([points[1000], .. points.Skip(2500)]));
        var (first, end) = (DateTime.Parse(from, CultureInfo.InvariantCulture).ToUniversalTime(), DateTime.Parse(until, CultureInfo.InvariantCulture).ToUniversalTime());
        foreach (var _ in new[] { 1, 2 })
        {
            var answer = (await node.Of(null).GetAsync(
                $"/temporal/entities/urn:d:1?timerel=between&timeAt={from}&endTimeAt={until}&format=aggregatedValues&aggrMethods=sum,totalCount,min,max,stddev&aggrPeriodDuration=PT{minutes}M")).Is(HttpStatusCode.OK).Json["t"]!;
            var expected = points.Where(one => one.Time >= first && one.Time < end).GroupBy(one => (one.Time - first).Ticks / TimeSpan.FromMinutes(minutes).Ticks).ToList();
            Assert.Equal(expected.Select(static period => period.Count()), answer["totalCount"]!.AsArray().Select(static one => (int)one![0]!));
            for (var i = 0; i < expected.Count; i++)
            {
                var values = expected[i].Select(static one => (double)one.Value).ToList();
                Assert.Equal(values.Sum(), (double)answer["sum"]![i]![0]!, 6);
                Assert.Equal((values.Min(), values.Max()), ((double)answer["min"]![i]![0]!, (double)answer["max"]![i]![0]!));
                Assert.Equal(Math.Sqrt(values.Average(value => (value - values.Average()) * (value - values.Average()))), (double)answer["stddev"]![i]![0]!, 6);
                Assert.Equal(first.AddMinutes(minutes * expected[i].Key), DateTime.Parse((string)answer["sum"]![i]![1]!, CultureInfo.InvariantCulture).ToUniversalTime());
            }

            await node.SealAsync();
        }
    }

    [Fact]
    public async Task A_long_answer_is_a_part_and_a_reader_that_goes_on_from_its_end_gets_every_instance_once_6_3_10()
    {
        using var store = await TestStore.CreateAsync(kind, TestContext.Current.CancellationToken);
        await using var node = await HistoryNode.StartAsync(store, ("Twin:Telemetry:PageInstances", "50"));
        var rows = Enumerable.Range(0, 300).Select(i => string.Create(
            CultureInfo.InvariantCulture, $"urn:d:1,{(i % 3 == 0 ? "b" : "a")},2026-01-01T{i / 60:00}:{i % 60:00}:00Z,{i}\n"));
        IngestTests.Counts(await node.IngestAsync("entity,attribute,observedAt,value\n" + string.Concat(rows)), taken: 300);
        await node.SealAsync();
        var values = new List<int>();
        var from = "2026-01-01T00:00:00Z";
        for (var parts = 0; ; parts++)
        {
            var answer = await node.Of(null).GetAsync($"/temporal/entities/urn:d:1?timerel=after&timeAt={from}&options=temporalValues");
            foreach (var name in new[] { "a", "b" })
            {
                values.AddRange(answer.Json[name] is { } one ? one["values"]!.AsArray().Select(static pair => (int)pair![0]!) : []);
            }

            if (answer.Status == HttpStatusCode.OK)
            {
                Assert.InRange(parts, 5, 7);
                break;
            }

            answer.Is(HttpStatusCode.PartialContent);
            var range = answer.Content.GetValues("Content-Range").Single();
            Assert.StartsWith($"date-time {from}-", range, StringComparison.Ordinal);
            from = range[(range.IndexOf("Z-", StringComparison.Ordinal) + 2)..range.IndexOf('/', StringComparison.Ordinal)];
        }

        // The instance at the end of a part is the first of the next one.
        Assert.Equal(Enumerable.Range(0, 300), values.Distinct().Order());
        Assert.InRange(values.Count, 300, 307);
    }
}

public sealed class TemporalOnSqliteTests() : TemporalTests(StoreKind.Sqlite);

public sealed class TemporalOnPostgresTests() : TemporalTests(StoreKind.PostgreSql);
