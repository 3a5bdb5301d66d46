using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Twin.Hosting.Storage;
using Twin.Tests.Integration.Contexts;
using Twin.Tests.Integration.Registry;
using Twin.Tests.Support;
using Xunit;

namespace Twin.Tests.Integration.Telemetry;

/// <summary>
/// Temporal queries that ask other nodes (GS CIM 009 4.3.6, 5.7.3, 5.7.4): what several cities hold together is answered as one
/// node would that has the same points.
/// </summary>
public sealed class FederatedHistoryTests
{
    private const string Times = "timerel=between&timeAt=2026-01-01T00:00:00Z&endTimeAt=2026-01-02T00:00:00Z";

    private const string All = "&format=aggregatedValues&aggrMethods=totalCount,distinctCount,sum,avg,min,max,stddev,sumsq";

    [Theory]
    [InlineData("/temporal/entities/urn:d:1")]
    [InlineData("/temporal/entities/urn:d:1?options=temporalValues")]
    [InlineData("/temporal/entities/urn:d:1?lastN=5")]
    [InlineData("/temporal/entities/urn:d:1?timerel=between&timeAt=2026-01-01T00:10:00Z&endTimeAt=2026-01-01T00:20:00Z")]
    [InlineData("/temporal/entities/urn:d:1?timerel=before&timeAt=2026-01-01T00:20:00Z&lastN=3&attrs=heat")]
    [InlineData("/temporal/entities/urn:d:1?datasetId=urn:ds:1")]
    [InlineData("/temporal/entities/urn:d:1?pick=heat")]
    [InlineData("/temporal/entities/urn:d:1?omit=id,heat")]
    [InlineData("/temporal/entities/urn:d:3")]
    [InlineData("/temporal/entities?type=Device")]
    [InlineData("/temporal/entities?type=Device&orderBy=id;desc&limit=2")]
    [InlineData("/temporal/entities?type=Device&limit=2&offset=1&count=true")]
    [InlineData("/temporal/entities?type=Device&limit=0&count=true")]
    [InlineData("/temporal/entities?attrs=wind")]
    [InlineData("/temporal/entities?id=urn:d:1,urn:d:4&type=Device&lastN=2")]
    [InlineData("/temporal/entities?type=Device&q=wind>6")]
    [InlineData("/temporal/entities?idPattern=d:[34]&type=Device&" + Times)]
    [InlineData("/temporal/entities/urn:d:1?" + Times + All + "&aggrPeriodDuration=PT7M")]
    [InlineData("/temporal/entities/urn:d:1?" + Times + All)]
    [InlineData("/temporal/entities/urn:d:1?timerel=after&timeAt=2026-01-01T00:03:00Z&aggrPeriodDuration=PT15M" + All)]
    [InlineData("/temporal/entities/urn:d:1?timerel=before&timeAt=2026-01-01T00:30:00Z&aggrPeriodDuration=PT15M" + All)]
    [InlineData("/temporal/entities/urn:d:1?aggrPeriodDuration=PT11M" + All)]
    [InlineData("/temporal/entities/urn:d:1?timeZone=Europe/Paris&aggrPeriodDuration=PT1H" + All)]
    [InlineData("/temporal/entities/urn:d:2?aggrPeriodDuration=PT1M" + All)]
    [InlineData("/temporal/entities/urn:d:3?attrs=wind&aggrPeriodDuration=PT2M" + All)]
    [InlineData("/temporal/entities?type=Device&aggrPeriodDuration=PT15M&" + Times + All)]
    [InlineData("/temporal/entities?type=Device&limit=2&offset=1&aggrPeriodDuration=PT15M" + All)]
    public async Task Two_cities_answer_as_one_node_would_5_7_3_5_7_4(string question)
    {
        await using var cities = await Cities.FilledAsync();

        var expected = await cities.Whole.Of(null).GetAsync(ById(question));
        var answer = await cities.Mulhouse.Of(null).GetAsync(question);

        answer.Is(expected.Status);
        Cities.AssertSame(expected, answer);
        Assert.Equal(expected["NGSILD-Results-Count"], answer["NGSILD-Results-Count"]);
        Assert.Equal(expected["Link"]?.Contains("rel=\"next\"", StringComparison.Ordinal), answer["Link"]?.Contains("rel=\"next\"", StringComparison.Ordinal));
        Assert.Null(answer["NGSILD-Warning"]);
    }

    [Theory]
    [InlineData("""{"type":"Query","entities":[{"type":"Device"}],"temporalQ":{"timerel":"after","timeAt":"2026-01-01T00:05:00Z","lastN":4},"ordering":{"orderBy":["id"]}}""")]
    [InlineData("""{"type":"Query","entities":[{"type":"Device","id":["urn:d:2"]},{"type":"Device","idPattern":"d:3"}],"attrs":["wind"],"ordering":{"orderBy":["id"]}}""")]
    [InlineData("""{"type":"Query","q":"wind>6","ordering":{"orderBy":["id"]}}""")]
    public async Task Two_cities_answer_a_query_by_post_as_one_node_would_6_24(string query)
    {
        await using var cities = await Cities.FilledAsync();

        var expected = (await cities.Whole.Of(null).PostAsync("/temporal/entityOperations/query", query)).Is(HttpStatusCode.OK);
        var answer = (await cities.Mulhouse.Of(null).PostAsync("/temporal/entityOperations/query", query)).Is(HttpStatusCode.OK);

        Assert.NotEmpty(expected.Json.AsArray());
        Cities.AssertSame(expected, answer);
    }

    [Fact]
    public async Task A_walk_from_part_to_part_meets_every_instance_of_both_cities_6_3_10()
    {
        await using var cities = await Cities.StartAsync(("Twin:Telemetry:PageInstances", "10"));
        await cities.RegisterAsync(cities.Mulhouse, cities.Loerrach);
        await cities.FillAsync(cities.Mulhouse, cities.Whole, Cities.Entity("urn:d:1", ("heat", null, Enumerable.Range(0, 60).Where(static minute => minute % 2 == 0))));
        await cities.FillAsync(cities.Loerrach, cities.Whole, Cities.Entity("urn:d:1", ("heat", null, Enumerable.Range(0, 60).Where(static minute => minute % 2 == 1 || minute % 3 == 0))));

        var (met, from, parts) = (new List<string>(), "2026-01-01T00:00:00Z", 0);
        while (true)
        {
            var answer = await cities.Mulhouse.Of(null).GetAsync($"/temporal/entities?type=Device&timerel=after&timeAt={from}");
            met.AddRange(answer.Json[0]!["heat"]!.AsArray().Select(static one => (string)one!["observedAt"]!).Where(time => !met.Contains(time)));
            if (answer.Status == HttpStatusCode.OK)
            {
                break;
            }

            answer.Is(HttpStatusCode.PartialContent);
            var range = answer.Content.NonValidated["Content-Range"].ToString();
            var end = range[(range.IndexOf("Z-", StringComparison.Ordinal) + 2)..range.IndexOf('/', StringComparison.Ordinal)];
            Assert.True(string.CompareOrdinal(end, from) > 0, range);
            (from, parts) = (end, parts + 1);
        }

        Assert.Equal(Enumerable.Range(0, 60).Select(static minute => $"2026-01-01T00:{minute:00}:00Z"), met);
        Assert.InRange(parts, 5, 10);
    }

    [Fact]
    public async Task With_splitEntities_filters_are_judged_by_what_all_cities_hold_of_an_entity_5_7_4()
    {
        await using var cities = await Cities.StartAsync(("Twin:Telemetry:PageInstances", "7"));
        await cities.RegisterAsync(cities.Mulhouse, cities.Loerrach);
        for (var i = 1; i <= 3; i++)
        {
            await cities.FillAsync(cities.Mulhouse, cities.Whole, Cities.Entity($"urn:d:{i}", ("heat", null, Enumerable.Range(i * 5, 12))));
            await cities.FillAsync(cities.Loerrach, cities.Whole, Cities.Entity($"urn:d:{i}", ("wind", null, Enumerable.Range(i * 5, 12))));
        }

        // Up to 21.5 for the second one, 26.5 for the third.
        const string Question = "/temporal/entities?type=Device&orderBy=id&q=heat>20;wind>20&lastN=1";
        var expected = (await cities.Whole.Of(null).GetAsync(Question)).Is(HttpStatusCode.OK);
        var apart = (await cities.Mulhouse.Of(null).GetAsync(Question)).Is(HttpStatusCode.OK);
        var together = (await cities.Mulhouse.Of(null).GetAsync(Question + "&splitEntities=true")).Is(HttpStatusCode.OK);

        Assert.Equal(["urn:d:2", "urn:d:3"], expected.Ids);
        Assert.Empty(apart.Ids);
        Cities.AssertSame(expected, together);
    }

    [Fact]
    public async Task Of_each_part_of_an_entity_a_caller_sees_what_may_be_seen_of_that_part()
    {
        await using var cities = await Cities.StartAsync();
        using var store = await TestStore.CreateAsync(StoreKind.Sqlite, TestContext.Current.CancellationToken);
        await Cities.FillAsync(
            cities.Loerrach,
            """{"id":"urn:p:1","type":"Park","heat":[{"type":"Property","value":1,"observedAt":"2026-01-01T00:00:00Z"}]}""",
            """{"id":"urn:m:1","type":"Meter","heat":[{"type":"Property","value":2,"observedAt":"2026-01-01T00:00:00Z"}]}""");
        await using (var open = await HistoryNode.StartAsync(store))
        {
            await cities.RegisterAsync(open, cities.Loerrach.Http.BaseAddress!, information: """[{"entities":[{"type":"Park"},{"type":"Meter"}]}]""");
            await Cities.FillAsync(
                open,
                """{"id":"urn:p:1","type":"Meter","heat":[{"type":"Property","value":3,"observedAt":"2026-01-02T00:00:00Z"}]}""",
                """{"id":"urn:p:2","type":"Park","heat":[{"type":"Property","value":4,"observedAt":"2026-01-02T00:00:00Z"}]}""");
            Assert.Equal(["urn:m:1", "urn:p:1", "urn:p:2"], (await open.Of(null).GetAsync("/temporal/entities?attrs=heat")).Is(HttpStatusCode.OK).Ids);
            Assert.Equal("1,3", Values((await open.Of(null).GetAsync("/temporal/entities/urn:p:1")).Is(HttpStatusCode.OK), "heat"));
        }

        await using var closed = await HistoryNode.StartAsync(
            store, ("Twin:Open", "false"), ("Twin:Address", "127.0.0.1"), ("Twin:OpenData:Types:0", "Park"), ("Twin:Outbound:AllowLoopback", "true"));
        var anyone = closed.Of(null);

        Assert.Equal(["urn:p:1", "urn:p:2"], (await anyone.GetAsync("/temporal/entities?attrs=heat")).Is(HttpStatusCode.OK).Ids);
        Assert.Equal("1", Values((await anyone.GetAsync("/temporal/entities/urn:p:1")).Is(HttpStatusCode.OK), "heat"));
        var aggregate = (await anyone.GetAsync("/temporal/entities/urn:p:1?format=aggregatedValues&aggrMethods=sum")).Is(HttpStatusCode.OK);
        Assert.Equal("1", aggregate.Json["heat"]!["sum"]![0]![0]!.ToJsonString());
        (await anyone.GetAsync("/temporal/entities/urn:m:1")).Is(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task An_entity_map_keeps_the_ids_of_all_cities_5_7_4_4()
    {
        await using var cities = await Cities.FilledAsync();

        var made = (await cities.Mulhouse.Of(null).GetAsync("/temporal/entities?type=Device&entityMap=true&limit=1")).Is(HttpStatusCode.Created);
        var map = made["NGSILD-EntityMap"]!;
        await cities.FillAsync(cities.Loerrach, cities.Whole, Cities.Entity("urn:d:0", ("wind", null, [1])));
        var next = (await cities.Mulhouse.Of(null).GetAsync("/temporal/entities?type=Device&limit=5&offset=1&count=true", ("NGSILD-EntityMap", map))).Is(HttpStatusCode.OK);

        Assert.Equal(["urn:d:1"], made.Ids);
        Assert.Equal(["urn:d:2", "urn:d:3"], next.Ids);
        Assert.Equal("3", next["NGSILD-Results-Count"]);
    }

    [Theory]
    [InlineData("/temporal/entities/urn:d:1?" + Times + All + "&aggrPeriodDuration=PT7M")]
    [InlineData("/temporal/entities?type=Device&timerel=before&timeAt=2026-01-01T00:50:00Z&aggrPeriodDuration=PT7M" + All)]
    [InlineData("/temporal/entities?attrs=heat&aggrPeriodDuration=PT7M" + All)]
    public async Task Aggregates_of_a_series_that_two_cities_hold_are_made_of_all_instances_however_many_parts_those_come_in_4_5_19(string question)
    {
        await using var cities = await Cities.FilledAsync(("Twin:Telemetry:PageInstances", "7"));

        var expected = (await cities.Whole.Of(null).GetAsync(ById(question))).Is(HttpStatusCode.OK);
        var answer = (await cities.Mulhouse.Of(null).GetAsync(question)).Is(HttpStatusCode.OK);

        Cities.AssertSame(expected, answer);
        Assert.Null(answer["NGSILD-Warning"]);
    }

    [Fact]
    public async Task Aggregates_of_a_series_that_a_source_alone_holds_are_those_of_the_source_and_its_instances_are_not_asked_for_4_5_19()
    {
        await using var cities = await Cities.StartAsync();
        await using var site = await DocumentSite.StartAsync();
        await cities.FillAsync(cities.Mulhouse, cities.Whole, Cities.Entity("urn:d:1", ("heat", null, [1, 2, 3])));
        site.Serve("/ngsi-ld/v1/temporal/entities/urn:d:1", """
            {"id":"urn:d:1","type":"Device","wind":{"type":"Property","avg":[[4.25,"2026-01-01T00:00:00Z","2026-01-02T00:00:00Z"]]}}
            """);
        await cities.RegisterAsync(cities.Mulhouse, new Uri(site.Url));

        var answer = (await cities.Mulhouse.Of(null).GetAsync("/temporal/entities/urn:d:1?format=aggregatedValues&aggrMethods=avg&" + Times)).Is(HttpStatusCode.OK);

        Assert.Equal("""[[4.25,"2026-01-01T00:00:00Z","2026-01-02T00:00:00Z"]]""", answer.Json["wind"]!["avg"]!.ToJsonString());
        Assert.Equal("""[[2.5,"2026-01-01T00:00:00Z","2026-01-02T00:00:00Z"]]""", answer.Json["heat"]!["avg"]!.ToJsonString());
        Assert.Equal(1, site.Hits("/ngsi-ld/v1/temporal/entities/urn:d:1"));
    }

    [Fact]
    public async Task A_source_that_cannot_tell_all_instances_counts_in_no_aggregate_and_is_named_4_5_19()
    {
        await using var cities = await Cities.StartAsync();
        await using var site = await DocumentSite.StartAsync();
        await cities.FillAsync(cities.Mulhouse, cities.Whole, Cities.Entity("urn:d:1", ("heat", null, [1, 2, 3])));
        site.Serve("/ngsi-ld/v1/temporal/entities/urn:d:1", http =>
        {
            if (http.Request.Query["format"] == "aggregatedValues")
            {
                return http.Response.WriteAsync("""{"id":"urn:d:1","type":"Device","heat":{"type":"Property","avg":[[9,"2026-01-01T00:00:00Z","2026-01-02T00:00:00Z"]]}}""");
            }

            http.Response.StatusCode = 206;
            http.Response.Headers.ContentRange = "date-time 2026-01-01T00:00:00Z-2026-01-01T00:05:00Z/*";
            return http.Response.WriteAsync("""{"id":"urn:d:1","type":"Device","heat":[{"type":"Property","value":9,"observedAt":"2026-01-01T00:05:00Z","instanceId":"urn:i:1"}]}""");
        });
        await cities.RegisterAsync(cities.Mulhouse, new Uri(site.Url));

        var answer = (await cities.Mulhouse.Of(null).GetAsync("/temporal/entities/urn:d:1?format=aggregatedValues&aggrMethods=avg&" + Times)).Is(HttpStatusCode.OK);

        Assert.Equal("""[[2.5,"2026-01-01T00:00:00Z","2026-01-02T00:00:00Z"]]""", answer.Json["heat"]!["avg"]!.ToJsonString());
        Assert.Contains("lead no further", answer["NGSILD-Warning"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_source_that_knows_no_time_zone_is_asked_for_its_instances_instead()
    {
        await using var cities = await Cities.StartAsync();
        await using var site = await DocumentSite.StartAsync();
        await cities.FillAsync(cities.Mulhouse, cities.Whole, Cities.Entity("urn:d:1", ("heat", null, [1, 2, 3])));
        site.Serve("/ngsi-ld/v1/temporal/entities/urn:d:1", http =>
        {
            http.Response.StatusCode = http.Request.Query.ContainsKey("timeZone") ? 400 : 200;
            return http.Response.WriteAsync("""{"id":"urn:d:1","type":"Device","wind":[{"type":"Property","value":9,"observedAt":"2026-01-01T00:05:00Z","instanceId":"urn:i:1"}]}""");
        });
        await cities.RegisterAsync(cities.Mulhouse, new Uri(site.Url));

        var answer = (await cities.Mulhouse.Of(null).GetAsync("/temporal/entities/urn:d:1?format=aggregatedValues&aggrMethods=max&aggrPeriodDuration=P1D&timeZone=Europe/Paris&" + Times)).Is(HttpStatusCode.OK);

        Assert.Equal("""[[9,"2026-01-01T00:00:00Z","2026-01-01T23:00:00Z"]]""", answer.Json["wind"]!["max"]!.ToJsonString());
        Assert.Equal("""[[3.5,"2026-01-01T00:00:00Z","2026-01-01T23:00:00Z"]]""", answer.Json["heat"]!["max"]!.ToJsonString());
        Assert.Null(answer["NGSILD-Warning"]);
    }

    [Fact]
    public async Task A_part_of_a_source_ends_the_answer_where_it_ends_also_when_others_tell_more_6_3_10()
    {
        await using var cities = await Cities.StartAsync();
        await using var site = await DocumentSite.StartAsync();
        await cities.FillAsync(cities.Mulhouse, cities.Whole, Cities.Entity("urn:d:1", ("heat", null, Enumerable.Range(0, 60))));
        site.Serve("/ngsi-ld/v1/temporal/entities/urn:d:1", http =>
        {
            var last = http.Request.Query.ContainsKey("lastN");
            http.Response.StatusCode = 206;
            http.Response.Headers.ContentRange = last ? "date-time 2026-01-01T00:50:30Z-2026-01-01T00:45:30Z/20" : "date-time 2026-01-01T00:00:30Z-2026-01-01T00:05:30Z/*";
            var minute = last ? "45" : "05";
            return http.Response.WriteAsync($$"""{"id":"urn:d:1","type":"Device","heat":[{"type":"Property","value":1,"observedAt":"2026-01-01T00:{{minute}}:30Z","instanceId":"urn:i:1"}]}""");
        });
        await cities.RegisterAsync(cities.Mulhouse, new Uri(site.Url));

        var forwards = (await cities.Mulhouse.Of(null).GetAsync("/temporal/entities/urn:d:1?timerel=after&timeAt=2026-01-01T00:00:00Z")).Is(HttpStatusCode.PartialContent);
        var backwards = (await cities.Mulhouse.Of(null).GetAsync("/temporal/entities/urn:d:1?lastN=20")).Is(HttpStatusCode.PartialContent);

        Assert.Equal(7, forwards.Json["heat"]!.AsArray().Count);
        Assert.Equal("date-time 2026-01-01T00:00:00Z-2026-01-01T00:05:30Z/*", forwards.Content.NonValidated["Content-Range"].ToString());
        // 45:30, and 46:00 to 59:00.
        Assert.Equal(15, backwards.Json["heat"]!.AsArray().Count);
        Assert.Equal("date-time 2026-01-01T00:59:00Z-2026-01-01T00:45:30Z/20", backwards.Content.NonValidated["Content-Range"].ToString());
    }

    [Theory]
    [InlineData("exclusive", "1,2", "7")]
    [InlineData("redirect", "1,2", "7")]
    [InlineData("inclusive", "1,2,5", "7")]
    [InlineData("auxiliary", "5", "7")]
    public async Task What_a_source_claims_only_it_tells_and_an_auxiliary_one_fills_in_what_nobody_has_4_3_6(string mode, string heat, string wind)
    {
        await using var cities = await Cities.StartAsync();
        var information = mode == "exclusive"
            ? """[{"entities":[{"type":"Device","id":"urn:d:1"}],"propertyNames":["heat","wind"]}]"""
            : """[{"entities":[{"type":"Device"}],"propertyNames":["heat","wind"]}]""";
        await cities.RegisterAsync(cities.Mulhouse, cities.Loerrach.Http.BaseAddress!, mode, information: information);
        // The history of before the claim is still there; the entity is not.
        await cities.IngestAsync(cities.Mulhouse, "urn:d:1,heat,2026-01-01T00:05:00Z,5");
        await cities.IngestAsync(cities.Mulhouse, "urn:d:1,level,2026-01-01T00:05:00Z,9");
        await cities.FillAsync(cities.Loerrach, cities.Whole, """
            {"id":"urn:d:1","type":"Device","heat":[{"type":"Property","value":1,"observedAt":"2026-01-01T00:01:00Z"},{"type":"Property","value":2,"observedAt":"2026-01-01T00:02:00Z"}],
             "wind":[{"type":"Property","value":7,"observedAt":"2026-01-01T00:01:00Z"}],"secret":[{"type":"Property","value":8,"observedAt":"2026-01-01T00:01:00Z"}]}
            """);

        var answer = (await cities.Mulhouse.Of(null).GetAsync("/temporal/entities/urn:d:1")).Is(HttpStatusCode.OK);
        var local = (await cities.Mulhouse.Of(null).GetAsync("/temporal/entities/urn:d:1?local=true")).Is(HttpStatusCode.OK);

        Assert.Equal((heat, wind, "9"), (Values(answer, "heat"), Values(answer, "wind"), Values(answer, "level")));
        // It is not registered for that.
        Assert.Null(answer.Json["secret"]);
        Assert.Equal(("5", ""), (Values(local, "heat"), Values(local, "wind")));
    }

    [Fact]
    public async Task The_same_instance_of_two_cities_is_there_once_as_it_was_changed_last_4_5_8()
    {
        await using var cities = await Cities.StartAsync();
        await using var site = await DocumentSite.StartAsync();
        await cities.FillAsync(cities.Mulhouse, cities.Whole, Cities.Entity("urn:d:1", ("heat", null, [1, 2, 3])));
        site.Serve("/ngsi-ld/v1/temporal/entities/urn:d:1", """
            {"id":"urn:d:1","type":"Device","heat":[
             {"type":"Property","value":10,"observedAt":"2026-01-01T00:01:00Z","modifiedAt":"2001-01-01T00:00:00Z","instanceId":"urn:i:1"},
             {"type":"Property","value":20,"observedAt":"2026-01-01T00:02:00Z","modifiedAt":"2101-01-01T00:00:00Z","instanceId":"urn:i:2"},
             {"type":"Property","value":30,"observedAt":"2026-01-01T00:03:00Z","datasetId":"urn:ds:1","instanceId":"urn:i:3"}]}
            """);
        await cities.RegisterAsync(cities.Mulhouse, new Uri(site.Url));

        var answer = (await cities.Mulhouse.Of(null).GetAsync("/temporal/entities/urn:d:1")).Is(HttpStatusCode.OK);

        Assert.Equal("1.5,20,3.5,30", Values(answer, "heat"));
    }

    [Fact]
    public async Task Cities_that_know_each_other_do_not_ask_in_circles_6_3_17()
    {
        await using var cities = await Cities.FilledAsync();
        await cities.RegisterAsync(cities.Loerrach, cities.Mulhouse);
        // And a third one, which knows both.
        await cities.RegisterAsync(cities.Whole, cities.Mulhouse);
        await cities.RegisterAsync(cities.Whole, cities.Loerrach);

        var one = (await cities.Whole.Of(null).GetAsync("/temporal/entities?type=Device&orderBy=id&local=true")).Is(HttpStatusCode.OK);
        foreach (var city in new[] { cities.Mulhouse, cities.Loerrach, cities.Whole })
        {
            var answer = (await city.Of(null).GetAsync("/temporal/entities?type=Device&orderBy=id")).Is(HttpStatusCode.OK);
            Assert.True(JsonNode.DeepEquals(Cities.Plain(one.Json), Cities.Plain(answer.Json)), answer.Text);
            Assert.Null(answer["NGSILD-Warning"]);
        }
    }

    [Theory]
    [InlineData("/temporal/entities?type=Device&orderBy=id")]
    [InlineData("/temporal/entities/urn:d:1?lastN=3")]
    [InlineData("/temporal/entities/urn:d:1?aggrPeriodDuration=PT7M" + All)]
    [InlineData("/temporal/entities?type=Device&orderBy=id&aggrPeriodDuration=PT7M&" + Times + All)]
    public async Task What_comes_by_two_ways_from_a_third_city_is_there_once_4_3_6(string question)
    {
        await using var cities = await Cities.FilledAsync();
        using var store = await TestStore.CreateAsync(StoreKind.Sqlite, TestContext.Current.CancellationToken);
        await using var basel = await HistoryNode.StartAsync(store, ("Twin:Federation:Alias", "basel"), ("Twin:Telemetry:TellMilliseconds", "0"), ("Twin:Telemetry:PageInstances", "1000"));
        await cities.FillAsync(
            basel,
            cities.Whole,
            Cities.Entity("urn:d:1", ("heat", null, Enumerable.Range(30, 60)), ("rain", null, Enumerable.Range(0, 9))),
            Cities.Entity("urn:d:4", ("wind", null, Enumerable.Range(0, 2))));
        // Mulhouse asks Loerrach, which asks Basel; and Basel itself.
        await cities.RegisterAsync(cities.Loerrach, basel);
        await cities.RegisterAsync(cities.Mulhouse, basel);

        var expected = (await cities.Whole.Of(null).GetAsync(question)).Is(HttpStatusCode.OK);
        var answer = (await cities.Mulhouse.Of(null).GetAsync(question)).Is(HttpStatusCode.OK);

        Cities.AssertSame(expected, answer);
        Assert.Null(answer["NGSILD-Warning"]);
    }

    [Fact]
    public async Task Sources_of_a_tenant_are_asked_also_when_it_has_no_history_here_and_a_context_source_filter_chooses_them_5_7_4()
    {
        await using var cities = await Cities.FilledAsync();
        var tenant = cities.Mulhouse.Of(HistoryNode.FreshTenant());
        var registration = $$"""
            {"id":"urn:r:1","type":"ContextSourceRegistration","information":[{"entities":[{"type":"Device"}]}],"operations":["federationOps"],"owner":"DMC",
             "endpoint":"{{cities.Loerrach.Http.BaseAddress!.GetLeftPart(UriPartial.Authority)}}"}
            """;
        (await tenant.PostAsync("/csourceRegistrations", registration)).Is(HttpStatusCode.Created);

        Assert.Equal(["urn:d:1", "urn:d:3"], (await tenant.GetAsync("/temporal/entities?type=Device&csf=owner==\"DMC\"")).Is(HttpStatusCode.OK).Ids);
        (await tenant.GetAsync("/temporal/entities?type=Device&csf=owner==\"SNCF\"")).Refuses(HttpStatusCode.NotFound, "NonexistentTenant");
        (await tenant.GetAsync("/temporal/entities/urn:d:3?local=true")).Refuses(HttpStatusCode.NotFound, "NonexistentTenant");
        (await tenant.GetAsync("/temporal/entities/urn:d:3")).Is(HttpStatusCode.OK);
        (await cities.Mulhouse.Of("nobody").GetAsync("/temporal/entities/urn:d:3")).Refuses(HttpStatusCode.NotFound, "NonexistentTenant");
    }

    [Theory]
    [InlineData("dead", "could not be reached")]
    [InlineData("slow", "did not answer within")]
    [InlineData("broken", "answered 500")]
    [InlineData("garbage", "no JSON")]
    [InlineData("strange", "sent a payload that cannot be used")]
    public async Task A_source_that_does_not_answer_is_named_and_the_others_are_heard_6_3_17(string fault, string named)
    {
        await using var cities = await Cities.FilledAsync(fault == "slow" ? [("Twin:Federation:BudgetMilliseconds", "500")] : []);
        await using var site = await DocumentSite.StartAsync();
        site.Serve("/ngsi-ld/v1/temporal/entities", http => fault switch
        {
            "slow" => Task.Delay(Timeout.Infinite, http.RequestAborted),
            "broken" => Task.FromResult(http.Response.StatusCode = 500),
            "garbage" => http.Response.WriteAsync("<html>"),
            _ => http.Response.WriteAsync("""{"id":"urn:d:1"}"""),
        });
        await cities.RegisterAsync(cities.Mulhouse, fault == "dead" ? new Uri("http://127.0.0.1:1") : new Uri(site.Url));

        var answer = (await cities.Mulhouse.Of(null).GetAsync("/temporal/entities?type=Device")).Is(HttpStatusCode.OK);

        Assert.Contains("urn:d:1", answer.Ids);
        Assert.Contains(named, answer["NGSILD-Warning"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_source_is_asked_when_its_interval_has_a_part_in_the_time_that_is_asked_for_5_12()
    {
        await using var cities = await Cities.StartAsync();
        await cities.RegisterAsync(cities.Mulhouse, cities.Loerrach, more: ""","observationInterval":{"startAt":"2026-01-01T00:00:00Z","endAt":"2026-01-31T00:00:00Z"} """);
        await cities.FillAsync(cities.Loerrach, cities.Whole, Cities.OfLoerrach);

        Assert.Equal(1, await CountAsync("timerel=after&timeAt=2026-01-01T00:00:00Z"));
        Assert.Equal(1, await CountAsync("timerel=before&timeAt=2026-01-02T00:00:00Z"));
        Assert.Equal(0, await CountAsync("timerel=after&timeAt=2026-02-01T00:00:00Z"));
        Assert.Equal(0, await CountAsync("timerel=before&timeAt=2025-12-31T00:00:00Z"));
        // What it says of observations says nothing of when it learnt of them.
        Assert.Equal(0, await CountAsync("timerel=after&timeAt=2026-01-01T00:00:00Z&timeproperty=modifiedAt"));
        Assert.Equal(1, await CountAsync("count=false"));
        // Of its current state it tells nothing (5.2.9).
        Assert.Empty((await cities.Mulhouse.Of(null).GetAsync("/entities?type=Device")).Ids);

        async Task<int> CountAsync(string times) => (await cities.Mulhouse.Of(null).GetAsync($"/temporal/entities?type=Device&{times}")).Is(HttpStatusCode.OK).Json.AsArray().Count;
    }

    [Fact]
    public async Task A_source_is_asked_as_its_registration_says_with_Via_and_without_what_the_gateway_says_of_the_caller()
    {
        await using var cities = await Cities.StartAsync();
        await using var site = await DocumentSite.StartAsync();
        Dictionary<string, string> seen = [];
        site.Serve("/ngsi-ld/v1/temporal/entities", http =>
        {
            foreach (var (name, value) in http.Request.Headers)
            {
                seen[name] = value.ToString();
            }

            return http.Response.WriteAsync("[]");
        });
        await cities.RegisterAsync(cities.Mulhouse, new Uri(site.Url), more: ""","tenant":"open","contextSourceInfo":[{"key":"X-Plain","value":"1"},{"key":"Accept-Language","value":"urn:ngsi-ld:request"},{"key":"Twin-Identity","value":"urn:ngsi-ld:request"}]""");

        (await cities.Mulhouse.Of(null).GetAsync("/temporal/entities?type=Device", ("Accept-Language", "gsw"), ("Via", "1.1 colmar"))).Is(HttpStatusCode.OK);

        Assert.Equal(("open", "1", "gsw", "1.1 colmar, 1.1 mulhouse"), (seen["NGSILD-Tenant"], seen["X-Plain"], seen["Accept-Language"], seen["Via"]));
        Assert.DoesNotContain("Twin-Identity", seen.Keys, StringComparer.OrdinalIgnoreCase);
        Assert.Equal(1, site.Hits("/ngsi-ld/v1/temporal/entities"));
    }

    /// <summary>Over several sources the order is that of ids.</summary>
    private static string ById(string question) =>
        question.StartsWith("/temporal/entities?", StringComparison.Ordinal) && !question.Contains("orderBy", StringComparison.Ordinal) ? question + "&orderBy=id" : question;

    private static string Values(Answer answer, string attribute) =>
        string.Join(',', (answer.Json[attribute]?.AsArray() ?? []).Select(static one => one!["value"]!.ToJsonString()));

}