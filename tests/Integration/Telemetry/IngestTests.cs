using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Twin.Hosting.Storage;
using Twin.Telemetry.Tail;
using Twin.Tests.Integration.Registry;
using Twin.Tests.Support;
using Xunit;

namespace Twin.Tests.Integration.Telemetry;

/// <summary><c>POST /ingest</c> over real HTTP on a real store.</summary>
public abstract class IngestTests(StoreKind kind)
{
    private const string Header = "entity,attribute,observedAt,value\n";
    private static readonly long NewYear = new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc).Ticks;

    [Fact]
    public async Task Points_survive_a_restart_before_and_after_they_are_sealed_and_coming_again_they_are_doubled()
    {
        using var store = await TestStore.CreateAsync(kind, TestContext.Current.CancellationToken);
        var body = Header + string.Concat(Enumerable.Range(0, 3000).Select(i => string.Create(
            CultureInfo.InvariantCulture, $"urn:d:{i % 3},temperature,2026-01-01T{i / 180:00}:{i / 3 % 60:00}:00Z,{i / 10m:0.0}\n")));
        List<(long Time, string Value)> before;
        await using (var node = await HistoryNode.StartAsync(store))
        {
            Counts((await node.IngestAsync(body)).Is(HttpStatusCode.OK), taken: 3000);
            before = await node.PointsAsync(null, "urn:d:1", "temperature");
            Assert.Equal(1000, before.Count);
            Assert.Equal((NewYear, "0.1"), before[0]);
        }

        await using (var node = await HistoryNode.StartAsync(store))
        {
            Assert.Equal(before, await node.PointsAsync(null, "urn:d:1", "temperature"));
            Counts(await node.IngestAsync(body), doubled: 3000);
            await node.SealAsync();
            Assert.Equal(before, await node.PointsAsync(null, "urn:d:1", "temperature"));
            Counts(await node.IngestAsync(body), doubled: 3000);
        }

        await using (var node = await HistoryNode.StartAsync(store))
        {
            Assert.Equal(before, await node.PointsAsync(null, "urn:d:1", "temperature"));
            Counts(await node.IngestAsync(Header + "urn:d:1,temperature,2026-01-01T00:00:00Z,-7.25\nurn:d:1,temperature,2025-12-31T23:59:59.5Z,8\n"), taken: 1, replaced: 1);
            await node.SealAsync();
            var after = await node.PointsAsync(null, "urn:d:1", "temperature");
            Assert.Equal(1001, after.Count);
            Assert.Equal([(NewYear - (TimeSpan.TicksPerSecond / 2), "8"), (NewYear, "-7.25")], after[..2].Select(one => (one.Time, one.Value.TrimEnd('0').TrimEnd('.'))));
        }
    }

    [Fact]
    public async Task Every_kind_of_value_comes_back_as_it_was_and_datasets_are_series_of_their_own()
    {
        using var store = await TestStore.CreateAsync(kind, TestContext.Current.CancellationToken);
        await using var node = await HistoryNode.StartAsync(store);
        string[] values = ["21.5", "true", "\"open \\\"window\\\"\"", "1e-7", "123456789012345678", """{"a":[1,2]}""", """{"type":"Point","coordinates":[7.33,47.75]}"""];
        var body = string.Concat(values.Select((value, i) =>
            $$"""{"entity":"urn:d:1","attribute":"v","observedAt":"2026-01-01T00:00:0{{i}}+00:00","value":{{value}},"unit":"CEL","quality":"stuck","dataset":null}""" + "\n"));

        Counts(await node.IngestAsync(body, "application/x-ndjson"), taken: 7);
        Counts(await node.IngestAsync("entity,attribute,observedAt,value,dataset\nurn:d:1,v,2026-01-01T00:00:00Z,5,urn:ds:1\nurn:d:1,v,2026-01-01T00:00:00Z,21.5,@none\n"), taken: 1, replaced: 1);
        await node.SealAsync();

        Assert.Equal(
            ["21.5", "true", "open \"window\"", "1E-07", "123456789012345678", """{"a":[1,2]}""", """{"type":"Point","coordinates":[7.33,47.75]}"""],
            (await node.PointsAsync(null, "urn:d:1", "v")).Select(static one => one.Value));
        Assert.Equal([(NewYear, "5")], await node.PointsAsync(null, "urn:d:1", "v", "urn:ds:1"));
    }

    [Fact]
    public async Task An_upload_that_was_broken_off_goes_on_where_it_was_committed_and_nowhere_else()
    {
        using var store = await TestStore.CreateAsync(kind, TestContext.Current.CancellationToken);
        var part = "urn:d:1,t,2026-01-01T00:00:00Z,1\nurn:d:1,t,2026-01-01T00:01:00Z,2\n";
        await using (var node = await HistoryNode.StartAsync(store))
        {
            // The sender falls silent, and goes.
            using var stopped = new CancellationTokenSource();
            using var content = new SilentContent(Encoding.UTF8.GetBytes(Header + part), "text/csv");
            var sending = node.Http.PostAsync("/ingest?upload=one", content, stopped.Token);
            Assert.True(await Eventually.HoldsAsync(async () => await PositionAsync(node, "one") == Header.Length + part.Length, 20, TestContext.Current.CancellationToken));
            await stopped.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending);
        }

        await using (var node = await HistoryNode.StartAsync(store))
        {
            var position = await PositionAsync(node, "one");
            Assert.Equal(Header.Length + part.Length, position);
            Assert.Equal("upload-position", (await node.IngestAsync("x", query: "?upload=one")).Refuses(HttpStatusCode.Conflict, "upload-position").Problem);
            Counts(await node.IngestAsync("urn:d:1,t,2026-01-01T00:02:00Z,3\n", query: "?upload=one", headers: ("Upload-Offset", position.ToString(CultureInfo.InvariantCulture))), taken: 1);
            Assert.Equal(["1", "2", "3"], (await node.PointsAsync(null, "urn:d:1", "t")).Select(static one => one.Value));
            (await node.IngestAsync("urn:d:1,t,2026-01-01T00:03:00Z,3\n", query: "?upload=one", headers: ("Upload-Offset", "200"))).Is(HttpStatusCode.Conflict);
        }
    }

    [Fact]
    public async Task What_the_settings_say_of_points_is_told_beside_them_and_only_unknown_entities_are_refused_where_they_are_to_be()
    {
        using var store = await TestStore.CreateAsync(kind, TestContext.Current.CancellationToken);
        await using var node = await HistoryNode.StartAsync(store, ("Twin:Telemetry:Ranges:0:Attribute", "t"), ("Twin:Telemetry:Ranges:0:Least", "-60"), ("Twin:Telemetry:Ranges:0:Most", "80"), ("Twin:Telemetry:RefuseUnknownEntities", "true"));
        (await node.Of(null).PostAsync("/entities", """{"id":"urn:d:1","type":"Device","name":{"type":"Property","value":"x"}}""")).Is(HttpStatusCode.Created);
        // On a server that other tests use too, the history may hear of the entity a moment later.
        Assert.True(await Eventually.HoldsAsync(async () => (await node.GetAsync("/ngsi-ld/v1/temporal/entities/urn:d:1")).Status == HttpStatusCode.OK, 30, TestContext.Current.CancellationToken));
        var soon = DateTime.UtcNow.AddHours(1).ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
        var answer = await node.IngestAsync(
            "entity,attribute,observedAt,value,unit,quality\nurn:d:1,t,2026-01-01T00:00:00Z,80,CEL,\nurn:d:1,t,2026-01-01T00:00:01Z,80.1,CEL,\nurn:d:1,t,2026-01-01T00:00:02Z,-61,,bad\n"
            + $"urn:d:1,u,2999-01-01T00:00:00Z,1,,\nurn:d:1,u,{soon},1,,\nurn:d:2,t,2026-01-01T00:00:00Z,1,,\n");

        Counts(answer, taken: 5, refused: 1);
        Assert.Equal((7, "entity"), ((int)answer.Json["refusals"]![0]!["row"]!, (string?)answer.Json["refusals"]![0]!["member"]));
        var rows = (await node.GetAsync("/history/points?id=urn:d:1&attrs=t,u")).Is(HttpStatusCode.OK).Text;
        Assert.Equal(
            $"""
            entity,attribute,observedAt,value,dataset,unit,quality
            urn:d:1,t,2026-01-01T00:00:00Z,80,,CEL,
            urn:d:1,t,2026-01-01T00:00:01Z,80.1,,CEL,outOfRange
            urn:d:1,t,2026-01-01T00:00:02Z,-61,,,bad
            urn:d:1,u,{soon},1,,,
            urn:d:1,u,2999-01-01T00:00:00Z,1,,,clockSkew

            """,
            rows);
    }

    [Fact]
    public async Task A_number_of_another_unit_is_kept_in_that_of_its_attribute_and_one_that_cannot_be_says_so()
    {
        using var store = await TestStore.CreateAsync(kind, TestContext.Current.CancellationToken);
        await using var node = await HistoryNode.StartAsync(
            store,
            ("Twin:Telemetry:Units:0:Attribute", "t"), ("Twin:Telemetry:Units:0:Unit", "CEL"),
            ("Twin:Telemetry:Ranges:0:Attribute", "t"), ("Twin:Telemetry:Ranges:0:Most", "60"));

        Counts(
            await node.IngestAsync(
                "entity,attribute,observedAt,value,unit,quality\n"
                + string.Concat(new[] { "68,FAH,", "212,FAH,", "293.25,KEL,bad", "20,P1,", "20,degC,", "20,XYZ,uncertain", "20.1,CEL,", "20.2,,", "warm,FAH," }
                    .Select((row, i) => $"urn:d:1,t,2026-01-01T00:00:0{i}Z,{row}\n"))
                + "urn:d:1,u,2026-01-01T00:00:00Z,68,FAH,\n"),
            taken: 10);

        Assert.Equal(
            """
            entity,attribute,observedAt,value,dataset,unit,quality
            urn:d:1,t,2026-01-01T00:00:00Z,20,,CEL,
            urn:d:1,t,2026-01-01T00:00:01Z,100,,CEL,outOfRange
            urn:d:1,t,2026-01-01T00:00:02Z,20.1,,CEL,bad
            urn:d:1,t,2026-01-01T00:00:03Z,20,,P1,unitMismatch
            urn:d:1,t,2026-01-01T00:00:04Z,20,,degC,unitMismatch
            urn:d:1,t,2026-01-01T00:00:05Z,20,,XYZ,uncertain
            urn:d:1,t,2026-01-01T00:00:06Z,20.1,,CEL,
            urn:d:1,t,2026-01-01T00:00:07Z,20.2,,,
            urn:d:1,t,2026-01-01T00:00:08Z,warm,,FAH,
            urn:d:1,u,2026-01-01T00:00:00Z,68,,FAH,

            """,
            (await node.GetAsync("/history/points?id=urn:d:1&attrs=t,u")).Is(HttpStatusCode.OK).Text);
    }

    [Fact]
    public async Task A_stuck_sensor_is_stuck_after_a_restart_too_and_the_same_body_again_is_doubled()
    {
        using var store = await TestStore.CreateAsync(kind, TestContext.Current.CancellationToken);
        (string, string)[] settings = [("Twin:Telemetry:Stuck:0:Attribute", "t"), ("Twin:Telemetry:Stuck:0:For", "PT1H")];
        string Rows(int from, int until) => Header + string.Concat(Enumerable.Range(from, until - from).Select(i =>
            string.Create(CultureInfo.InvariantCulture, $"urn:d:1,t,2026-01-01T{i / 6:00}:{i % 6}0:00Z,{(i is > 2 and < 20 ? 7.5m : i):0.0}\n")));
        foreach (var (from, until, seal) in ((int, int, bool)[])[(0, 6, false), (6, 9, true), (9, 12, true), (12, 24, false)])
        {
            await using var node = await HistoryNode.StartAsync(store, settings);
            Counts(await node.IngestAsync(Rows(from, until)), taken: until - from);
            Counts(await node.IngestAsync(Rows(0, until)), doubled: until);
            if (seal)
            {
                await node.SealAsync();
            }
        }

        await using (var node = await HistoryNode.StartAsync(store, settings))
        {
            var rows = (await node.GetAsync("/history/points?id=urn:d:1&attrs=t")).Is(HttpStatusCode.OK).Text.Split('\n')[1..^1];
            // 7.5 from 00:30 on: longer than an hour after 01:30, until 03:10.
            Assert.Equal(Enumerable.Range(0, 24).Select(static i => i is > 9 and < 20), rows.Select(static row => row.EndsWith(",stuck", StringComparison.Ordinal)));
            Counts(await node.IngestAsync(Header + "urn:d:1,t,2026-01-01T02:05:00Z,3\nurn:d:1,t,2026-01-01T03:55:00Z,23\n"), taken: 2);
        }
    }

    [Fact]
    public async Task Behind_a_batch_that_the_store_did_not_take_nothing_of_the_same_body_is_taken()
    {
        using var store = await TestStore.CreateAsync(kind, TestContext.Current.CancellationToken);
        await using var node = await HistoryNode.StartAsync(store);
        var (directory, tail) = (node.Directory, node.Services.GetRequiredService<TailWriter>());
        var lost = new PointBatch(directory.Default);
        lost.Fail(new TailUnavailableException("full"));
        PointBatch[] behind = [Batch(1, lost), Batch(2, null)];
        behind[1].After = behind[0].Committed;

        foreach (var batch in behind)
        {
            await Assert.ThrowsAsync<TailUnavailableException>(() => tail.WriteAsync(batch, TestContext.Current.CancellationToken));
        }

        Assert.Empty(await node.PointsAsync(null, "urn:d:1", "t"));
        Assert.Equal(1, (await tail.WriteAsync(Batch(3, null), TestContext.Current.CancellationToken)).Taken);

        PointBatch Batch(int value, PointBatch? after)
        {
            var batch = new PointBatch(directory.Default) { After = after?.Committed };
            batch.Add(directory.GetOrCreate(directory.Default, "urn:d:1", "t", ""), NewYear + value, 0, value, null);
            return batch;
        }
    }

    [Fact]
    public async Task Points_of_a_tenant_are_its_own_and_names_mean_what_the_context_says()
    {
        using var store = await TestStore.CreateAsync(kind, TestContext.Current.CancellationToken);
        await using var node = await HistoryNode.StartAsync(store);

        Counts(await node.IngestAsync(Header + "urn:d:1,t,2026-01-01T00:00:00Z,1\n", tenant: "a"), taken: 1);
        Counts(await node.IngestAsync(Header + "urn:d:1,t,2026-01-01T00:00:00Z,2\n", tenant: "b"), taken: 1);

        Assert.Equal("1", Assert.Single(await node.PointsAsync("a", "urn:d:1", "t")).Value);
        Assert.Equal("2", Assert.Single(await node.PointsAsync("b", "urn:d:1", "t")).Value);
        Assert.Empty(await node.PointsAsync(null, "urn:d:1", "t"));
        (await node.IngestAsync(Header, headers: ("Link", "<http://127.0.0.1:1/none.jsonld>; rel=\"http://www.w3.org/ns/json-ld#context\"; type=\"application/ld+json\"")))
            .Refuses(HttpStatusCode.GatewayTimeout, "LdContextNotAvailable");
    }

    private static async Task<long> PositionAsync(HistoryNode node, string id)
    {
        using var answer = await node.Http.GetAsync("/ingest/uploads/" + id, TestContext.Current.CancellationToken);
        return answer.StatusCode == HttpStatusCode.OK
            ? (long)JsonNode.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!["position"]!
            : -1;
    }

    internal static void Counts(Answer answer, long taken = 0, long doubled = 0, long replaced = 0, long refused = 0)
    {
        answer.Is(HttpStatusCode.OK);
        Assert.Equal((taken, doubled, replaced, refused), ((long)answer.Json["taken"]!, (long)answer.Json["doubled"]!, (long)answer.Json["replaced"]!, (long)answer.Json["refused"]!));
    }
}

public sealed class IngestOnSqliteTests() : IngestTests(StoreKind.Sqlite)
{
    public static TheoryData<string, string, string?, string> Rows => new()
    {
        { "csv", "urn:d:1,t,2026-01-01T00:00:00,1", "observedAt", "time zone" },
        { "csv", "urn:d:1,t,30000-01-01T00:00:00Z,1", "observedAt", "date-time" },
        { "csv", "urn:d:1,t,2026-02-30T00:00:00Z,1", "observedAt", "no such day" },
        { "csv", "urn:d:1,t,2026-01-01T24:00:00Z,1", "observedAt", "no such day" },
        { "csv", "urn:d:1,t,1767225600,1", "observedAt", "date-time" },
        { "csv", "urn:d:1,t,2026-01-01T00:00:00Z,NaN", "value", "NaN" },
        { "csv", "urn:d:1,t,2026-01-01T00:00:00Z,-Infinity", "value", "Infinity" },
        { "csv", "urn:d:1,t,2026-01-01T00:00:00Z,1e999", "value", "number" },
        { "csv", "urn:d:1,t,2026-01-01T00:00:00Z,", "value", "missing" },
        { "csv", "urn:d:1,t,2026-01-01T00:00:00Z,1,5", null, "more fields" },
        { "csv", "urn:d:1,t,2026-01-01T00:00:00Z,\"1,5\"", "value", "decimal comma" },
        { "csv", "urn:d:1,t,2026-01-01T00:00:00Z", null, "3 fields" },
        { "csv", "urn:d:1,t,2026-01-01T00:00:00Z,\"a\"b", "value", "quotes" },
        { "csv", "device 1,t,2026-01-01T00:00:00Z,1", "entity", "URI" },
        { "csv", ",t,2026-01-01T00:00:00Z,1", "entity", "missing" },
        { "csv", "urn:d:1,my attribute,2026-01-01T00:00:00Z,1", "attribute", "names no attribute" },
        { "csv", "urn:d:1,observedAt,2026-01-01T00:00:00Z,1", "attribute", "names no attribute" },
        { "ndjson", """{"entity":"urn:d:1","attribute":"t","observedAt":"2026-01-01T00:00:00Z","value":"21.5"}""", "value", "written as text" },
        { "ndjson", """{"entity":"urn:d:1","attribute":"t","observedAt":"2026-01-01T00:00:00Z","value":"NaN"}""", "value", "NaN" },
        { "ndjson", """{"entity":"urn:d:1","attribute":"t","observedAt":"2026-01-01T00:00:00Z","value":NaN}""", "value", "NaN" },
        { "ndjson", """{"entity":"urn:d:1","attribute":"t","observedAt":"2026-01-01T00:00:00Z","value":null}""", "value", "null" },
        { "ndjson", """{"entity":"urn:d:1","attribute":"t","observedAt":"2026-01-01T00:00:00Z","value":1e999}""", "value", "beyond" },
        { "ndjson", """{"entity":"urn:d:1","attribute":"t","observedAt":1767225600,"value":1}""", "observedAt", "string" },
        { "ndjson", """{"entity":"urn:d:1","attribute":"t","value":1}""", "observedAt", "missing" },
        { "ndjson", """{"entity":"urn:d:1","attribute":"t","observedAt":"2026-01-01T00:00:00Z","value":1,"colour":2}""", "colour", "no such member" },
        { "ndjson", """{"entity":"urn:d:1","attribute":"t","observedAt":"2026-01-01T00:00:00Z","value":1,"quality":"fine"}""", "quality", "none of" },
        { "ndjson", """{"entity":"urn:d:1","attribute":"t","observedAt":"2026-01-01T00:00:00Z","value":1,"unit":"°C"}""", "unit", "unit code" },
        { "ndjson", """{"entity":"urn:d:1","attribute":"t","observedAt":"2026-01-01T00:00:00Z","value":1""", null, "not JSON" },
        { "ndjson", "[1]", null, "no JSON object" },
        { "ndjson", """{"entity":"urn:d:1","attribute":"t","observedAt":"2026-01-01T00:00:00Z","value":1,"value":2}""", "value", "twice" },
    };

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task A_row_that_is_no_point_is_refused_with_its_member_and_the_rows_around_it_are_taken(string format, string row, string? member, string reason)
    {
        using var store = await TestStore.CreateAsync(StoreKind.Sqlite, TestContext.Current.CancellationToken);
        await using var node = await HistoryNode.StartAsync(store);
        var csv = format == "csv";
        string[] good = csv
            ? ["urn:d:1,t,2026-01-01T00:00:00Z,1", "urn:d:1,t,2026-01-01T00:01:00Z,2"]
            : ["""{"entity":"urn:d:1","attribute":"t","observedAt":"2026-01-01T00:00:00Z","value":1}""", """{"entity":"urn:d:1","attribute":"t","observedAt":"2026-01-01T00:01:00Z","value":2}"""];

        var answer = await node.IngestAsync($"{(csv ? "entity,attribute,observedAt,value\n" : "")}{good[0]}\r\n{row}\n{good[1]}", csv ? "text/csv; charset=utf-8" : "application/x-ndjson");

        Counts(answer, taken: 2, refused: 1);
        var refusal = answer.Json["refusals"]![0]!;
        Assert.Equal(csv ? 3 : 2, (int)refusal["row"]!);
        Assert.Equal(member, (string?)refusal["member"]);
        Assert.Contains(reason, (string)refusal["reason"]!, StringComparison.Ordinal);
        Assert.Equal(["1", "2"], (await node.PointsAsync(null, "urn:d:1", "t")).Select(static one => one.Value));
    }

    [Theory]
    [InlineData("entity;attribute;observedAt;value\nurn:d:1;t;2026-01-01T00:00:00Z;1,5\nurn:d:1;t;2026-01-01T00:00:00Z;1.5\n", 1)]
    [InlineData("\uFEFFvalue\tobservedAt\tentity\tattribute\r\n1.5\t2026-01-01T01:00:00+01:00\turn:d:1\tt\r\n", 0)]
    [InlineData("\n\"entity\",\"attribute\",\"observedAt\",\"value\"\n\"urn:d:1\",\"t\",\"2026-01-01T00:00:00.000Z\",\"1.5\"", 0)]
    public async Task CSV_may_have_another_separator_another_order_a_byte_order_mark_and_quotes(string body, int refused)
    {
        using var store = await TestStore.CreateAsync(StoreKind.Sqlite, TestContext.Current.CancellationToken);
        await using var node = await HistoryNode.StartAsync(store);

        Counts(await node.IngestAsync(body), taken: 1, refused: refused);

        Assert.Equal((new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc).Ticks, "1.5"), Assert.Single(await node.PointsAsync(null, "urn:d:1", "t")));
    }

    [Fact]
    public async Task A_quoted_field_may_have_line_ends_and_the_refused_row_is_named_by_the_line_on_which_it_ends()
    {
        using var store = await TestStore.CreateAsync(StoreKind.Sqlite, TestContext.Current.CancellationToken);
        await using var node = await HistoryNode.StartAsync(store);

        var answer = await node.IngestAsync("entity,attribute,observedAt,value\nurn:d:1,note,2026-01-01T00:00:00Z,\"first\nsecond \"\"quoted\"\"\"\nurn:d:1,note,x,1\n");

        Counts(answer, taken: 1, refused: 1);
        Assert.Equal(4, (int)answer.Json["refusals"]![0]!["row"]!);
        Assert.Equal("first\nsecond \"quoted\"", Assert.Single(await node.PointsAsync(null, "urn:d:1", "note")).Value);
    }

    [Theory]
    [InlineData("text/csv", "entity,attribute,value\nurn:d:1,t,1\n", HttpStatusCode.BadRequest, "header")]
    [InlineData("text/csv", "entity,attribute,observedAt,value,colour\n", HttpStatusCode.BadRequest, "header")]
    [InlineData("text/csv", "entity,attribute,observedAt,value,value\n", HttpStatusCode.BadRequest, "header")]
    [InlineData("text/csv", "e\0n\0t\0i\0t\0y\0\n\0", HttpStatusCode.BadRequest, "body")]
    [InlineData("application/xml", "{}", HttpStatusCode.UnsupportedMediaType, "Content-Type")]
    public async Task A_body_that_cannot_be_read_is_refused_whole(string type, string body, HttpStatusCode status, string member)
    {
        using var store = await TestStore.CreateAsync(StoreKind.Sqlite, TestContext.Current.CancellationToken);
        await using var node = await HistoryNode.StartAsync(store);

        var answer = (await node.IngestAsync(body, type)).Is(status);

        Assert.Equal(member, answer.Member);
        Assert.StartsWith("https://twin.federation/problems/", (string)answer.Json["type"]!, StringComparison.Ordinal);
    }
}

public sealed class IngestOnPostgresTests() : IngestTests(StoreKind.PostgreSql);
