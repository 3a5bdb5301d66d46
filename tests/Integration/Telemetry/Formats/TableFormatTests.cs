using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Apache.Arrow;
using Apache.Arrow.Ipc;
using Parquet;
using Twin.Hosting.Storage;
using Twin.Tests.Integration.Registry;
using Twin.Tests.Support;
using Xunit;

namespace Twin.Tests.Integration.Telemetry.Formats;

/// <summary>Points, series and aggregates as tables.</summary>
public sealed class TableFormatTests(TableReaders readers) : IClassFixture<TableReaders>
{
    private const string Rows = """
        entity,attribute,observedAt,value,dataset,unit,quality
        urn:d:1,a,2026-01-01T00:00:00.25Z,20.5,,CEL,
        urn:d:1,a,2026-01-01T01:00:00Z,-3,,CEL,stuck
        urn:d:1,a,2026-01-01T03:00:00Z,1e300,,,
        urn:d:1,state,2026-01-01T00:00:00Z,"on, ""again"" é",urn:ds:1,,
        urn:d:1,state,2026-01-01T01:00:00Z,true,urn:ds:1,,
        """;

    [Theory]
    [InlineData("parquet")]
    [InlineData("arrow")]
    public async Task A_reader_that_is_not_ours_finds_the_points_the_steps_and_the_aggregates_in_a_table(string format)
    {
        Assert.SkipUnless(readers.Missing is null, readers.Missing ?? "");
        using var store = await TestStore.CreateAsync(StoreKind.Sqlite, TestContext.Current.CancellationToken);
        await using var node = await HistoryNode.StartAsync(store);
        var tenant = HistoryNode.FreshTenant();
        IngestTests.Counts(await node.IngestAsync(Rows, tenant: tenant), taken: 5);
        var midnight = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero).ToUnixTimeMilliseconds();

        var points = await AskAsync("points?id=urn:d:1");
        Assert.Equal(
            $$"""
            {"entity":"urn:d:1","attribute":"a","observedAt":{{midnight + 250}},"value":20.5,"text":null,"dataset":null,"unit":"CEL","quality":null}
            {"entity":"urn:d:1","attribute":"a","observedAt":{{midnight + 3_600_000}},"value":-3,"text":null,"dataset":null,"unit":"CEL","quality":"stuck"}
            {"entity":"urn:d:1","attribute":"a","observedAt":{{midnight + (3 * 3_600_000)}},"value":1e+300,"text":null,"dataset":null,"unit":null,"quality":null}
            {"entity":"urn:d:1","attribute":"state","observedAt":{{midnight}},"value":null,"text":"on, \"again\" é","dataset":"urn:ds:1","unit":null,"quality":null}
            {"entity":"urn:d:1","attribute":"state","observedAt":{{midnight + 3_600_000}},"value":null,"text":"true","dataset":"urn:ds:1","unit":null,"quality":null}
            """,
            Lines(points));
        var series = await AskAsync("series?attrs=a&step=PT1H&fill=previous&from=2026-01-01T00:00:00Z&until=2026-01-01T03:00:00Z");
        Assert.Equal(
            $$"""
            {"entity":"urn:d:1","attribute":"a","dataset":null,"time":{{midnight}},"value":20.5,"filled":false}
            {"entity":"urn:d:1","attribute":"a","dataset":null,"time":{{midnight + 3_600_000}},"value":-3,"filled":false}
            {"entity":"urn:d:1","attribute":"a","dataset":null,"time":{{midnight + 7_200_000}},"value":-3,"filled":true}
            """,
            Lines(series));
        var aggregates = await AskAsync("aggregates?attrs=a&groupBy=entity&aggrMethods=totalCount,max&from=2026-01-01T00:00:00Z&until=2026-01-01T03:00:00Z");
        Assert.Equal(
            $$"""{"types":null,"entity":"urn:d:1","attribute":"a","series":1,"from":{{midnight}},"until":{{midnight + (3 * 3_600_000)}},"totalCount":2,"max":20.5}""",
            Lines(aggregates));
        Assert.Empty(await AskAsync("points?id=urn:d:none"));

        async Task<JsonArray> AskAsync(string query) => (await readers.ReadAsync(format, await BytesAsync(node, tenant, query + "&format=" + format))).Rows;

        static string Lines(JsonArray rows) => string.Join('\n', rows.Select(static row => row!.ToJsonString(new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping })));
    }

    [Fact]
    public async Task A_long_table_comes_in_groups_of_rows_of_which_only_one_is_in_memory()
    {
        using var store = await TestStore.CreateAsync(StoreKind.Sqlite, TestContext.Current.CancellationToken);
        await using var node = await HistoryNode.StartAsync(store);
        var tenant = HistoryNode.FreshTenant();
        const int Most = 150_000;
        var rows = new StringBuilder("entity,attribute,observedAt,value\n");
        var start = new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        for (var i = 0; i < Most; i++)
        {
            rows.Append(CultureInfo.InvariantCulture, $"urn:d:1,a,{start.AddSeconds(i):yyyy-MM-ddTHH:mm:ssZ},{i / 10m}\n");
        }

        IngestTests.Counts(await node.IngestAsync(rows.ToString(), tenant: tenant), taken: Most);
        var parquet = await BytesAsync(node, tenant, "points?attrs=a&format=parquet");
        await using var reader = await ParquetReader.CreateAsync(new MemoryStream(parquet), cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(3, reader.RowGroupCount);
        using var arrow = new ArrowStreamReader(new MemoryStream(await BytesAsync(node, tenant, "points?attrs=a&format=arrow")));
        var (lengths, next) = (new List<int>(), 0);
        while (await arrow.ReadNextRecordBatchAsync(TestContext.Current.CancellationToken) is { } batch)
        {
            lengths.Add(batch.Length);
            var (times, values) = ((TimestampArray)batch.Column("observedAt"), (DoubleArray)batch.Column("value"));
            for (var i = 0; i < batch.Length; i++, next++)
            {
                Assert.Equal((double)(next / 10m), values.GetValue(i));
                Assert.Equal(start.AddSeconds(next), times.GetTimestamp(i)!.Value.UtcDateTime);
            }
        }

        Assert.Equal([65_536, 65_536, 18_928], lengths);
        if (readers.Missing is null)
        {
            var groups = (await readers.ReadAsync("parquet", parquet)).Groups;
            Assert.Equal([65_536, 65_536, 18_928], groups);
        }
    }

    [Fact]
    public async Task Series_and_aggregates_come_as_csv_and_ndjson_too_and_Accept_or_format_chooses()
    {
        using var store = await TestStore.CreateAsync(StoreKind.Sqlite, TestContext.Current.CancellationToken);
        await using var node = await HistoryNode.StartAsync(store);
        var tenant = HistoryNode.FreshTenant();
        IngestTests.Counts(await node.IngestAsync(Rows, tenant: tenant), taken: 5);
        const string Series = "/history/series?step=PT1H&method=last&from=2026-01-01T00:00:00Z&until=2026-01-01T03:00:00Z&id=urn:d:1&attrs=";
        var csv = (await node.GetAsync(Series + "state", tenant, ("Accept", "text/csv"))).Is(HttpStatusCode.OK);
        Assert.Equal("text/csv", csv.Content.ContentType!.MediaType);
        Assert.Equal(
            "entity,attribute,dataset,time,value,filled,text\nurn:d:1,state,urn:ds:1,2026-01-01T00:00:00Z,,false,\"on, \"\"again\"\" é\"\nurn:d:1,state,urn:ds:1,2026-01-01T01:00:00Z,,false,true\nurn:d:1,state,urn:ds:1,2026-01-01T02:00:00Z,,false,\n",
            csv.Text);
        Assert.Equal(
            """
            {"entity":"urn:d:1","attribute":"a","time":"2026-01-01T00:00:00Z","value":20.5,"filled":false}
            {"entity":"urn:d:1","attribute":"a","time":"2026-01-01T01:00:00Z","value":-3,"filled":false}
            {"entity":"urn:d:1","attribute":"a","time":"2026-01-01T02:00:00Z","value":null,"filled":false}

            """,
            (await node.GetAsync(Series + "a&format=ndjson", tenant)).Is(HttpStatusCode.OK).Text);
        const string Aggregates = "/history/aggregates?attrs=a&groupBy=attribute&aggrMethods=min,totalCount&from=2026-01-01T00:00:00Z&until=2026-01-01T03:00:00Z";
        Assert.Equal(
            "types,entity,attribute,series,from,until,min,totalCount\n,,a,1,2026-01-01T00:00:00Z,2026-01-01T03:00:00Z,-3,2\n",
            (await node.GetAsync(Aggregates + "&format=csv", tenant)).Is(HttpStatusCode.OK).Text);
        // The form with the greatest weight; format wins over all of them.
        Assert.Equal("application/x-ndjson", (await TypeAsync(Aggregates, "application/json;q=0.5, application/x-ndjson")));
        Assert.Equal("application/json", (await TypeAsync(Aggregates, "*/*")));
        Assert.Equal("application/vnd.apache.parquet", (await TypeAsync("/history/points?attrs=a", "application/vnd.apache.parquet")));
        Assert.Equal("application/vnd.apache.arrow.stream", (await TypeAsync("/history/points?attrs=a&format=arrow", "text/csv")));
        Assert.Equal("text/csv", (await TypeAsync("/history/points?attrs=a", "*/*")));
        (await node.GetAsync("/history/points?attrs=a", tenant, ("Accept", "application/json"))).Is(HttpStatusCode.NotAcceptable);
        (await node.GetAsync("/history/points?attrs=a&format=json", tenant)).Refuses(HttpStatusCode.BadRequest, "BadRequestData");
        (await node.GetAsync(Aggregates + "&format=xls", tenant)).Refuses(HttpStatusCode.BadRequest, "BadRequestData");

        async Task<string?> TypeAsync(string path, string accept) => (await node.GetAsync(path, tenant, ("Accept", accept))).Is(HttpStatusCode.OK).Content.ContentType?.MediaType;
    }

    private static async Task<byte[]> BytesAsync(HistoryNode node, string tenant, string query)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/history/" + query);
        request.Headers.Add("NGSILD-Tenant", tenant);
        using var answer = await node.Http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return await answer.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
    }
}
