using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Twin.Hosting.Storage;
using Twin.Telemetry.Live;
using Twin.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Twin.Tests.Integration.Telemetry;

/// <summary>Live values as server-sent events.</summary>
public sealed class LiveTests
{
    [Fact]
    public async Task A_viewer_sees_each_point_that_it_asks_for_when_it_is_durable_and_no_other()
    {
        using var store = await TestStore.CreateAsync(StoreKind.Sqlite, TestContext.Current.CancellationToken);
        await using var node = await HistoryNode.StartAsync(store);
        var client = node.Fresh();
        (await client.PostAsync("/entities", """{"id":"urn:ngsi-ld:Device:1","type":"Device"}""")).Is(HttpStatusCode.Created);
        // The history learns of the entity by an event.
        Assert.Single((await node.GetAsync("/ngsi-ld/v1/temporal/entities/urn:ngsi-ld:Device:1?options=sysAttrs", client.Tenant)).Text.Length > 0 ? new[] { 1 } : []);
        await node.IngestAsync("entity,attribute,observedAt,value\nurn:ngsi-ld:Device:1,a,2026-01-01T00:00:00Z,1\n", tenant: client.Tenant);

        await using var viewer = await Stream.OpenAsync(node.Http, "/history/live?id=urn:ngsi-ld:Device:1&attrs=a,c&q=a>20", client.Tenant);
        await using var all = await Stream.OpenAsync(node.Http, "/history/live?id=urn:ngsi-ld:Device:1,urn:ngsi-ld:Device:2", client.Tenant);
        const string Rows = """
            entity,attribute,observedAt,value,dataset,unit,quality
            urn:ngsi-ld:Device:1,a,2026-01-01T00:05:00Z,19.5,,CEL,
            urn:ngsi-ld:Device:1,a,2026-01-01T00:10:00Z,21.5,,CEL,uncertain
            urn:ngsi-ld:Device:1,b,2026-01-01T00:10:00Z,99,,,
            urn:ngsi-ld:Device:2,a,2026-01-01T00:10:00Z,99,urn:ds:1,,
            urn:ngsi-ld:Device:3,a,2026-01-01T00:10:00Z,99,,,
            urn:ngsi-ld:Device:1,a,2026-01-01T00:00:00Z,1,,,

            """;
        IngestTests.Counts(await node.IngestAsync(Rows, tenant: client.Tenant), taken: 5, doubled: 1);
        Assert.Equal(
            """{"entity":"urn:ngsi-ld:Device:1","attribute":"a","observedAt":"2026-01-01T00:10:00Z","value":21.5,"unit":"CEL","quality":"uncertain"}""",
            (await viewer.NextAsync()).Data);
        string[] seen = [(await all.NextAsync()).Data, (await all.NextAsync()).Data, (await all.NextAsync()).Data, (await all.NextAsync()).Data];
        Assert.Equal([19.5, 21.5, 99, 99], seen.Select(static one => (double)JsonNode.Parse(one)!["value"]!));
        Assert.Equal("urn:ds:1", (string?)JsonNode.Parse(seen[3])!["dataset"]);

        // Another value for a time that has one comes too; the same one again does not.
        await node.IngestAsync("entity,attribute,observedAt,value\nurn:ngsi-ld:Device:1,a,2026-01-01T00:05:00Z,30\nurn:ngsi-ld:Device:1,a,2026-01-01T00:10:00Z,21.5\n", tenant: client.Tenant);
        Assert.Equal(30, (double)JsonNode.Parse((await viewer.NextAsync()).Data)!["value"]!);
        Assert.Equal(30, (double)JsonNode.Parse((await all.NextAsync()).Data)!["value"]!);
    }

    [Fact]
    public async Task Who_comes_back_with_the_id_of_an_event_gets_what_it_missed_also_from_another_run_of_the_node_and_else_is_told_of_a_gap()
    {
        using var store = await TestStore.CreateAsync(StoreKind.Sqlite, TestContext.Current.CancellationToken);
        await using var node = await HistoryNode.StartAsync(store);
        var tenant = HistoryNode.FreshTenant();
        await node.IngestAsync("entity,attribute,observedAt,value\nurn:d:1,a,2026-01-01T00:00:00Z,1\n", tenant: tenant);
        string last;
        await using (var viewer = await Stream.OpenAsync(node.Http, "/history/live?id=urn:d:1", tenant))
        {
            await node.IngestAsync("entity,attribute,observedAt,value\nurn:d:1,a,2026-01-01T00:01:00Z,2\n", tenant: tenant);
            last = (await viewer.NextAsync()).Id!;
        }

        // Late ones too: nothing depends on the times of the points.
        await node.IngestAsync("entity,attribute,observedAt,value\nurn:d:1,a,2026-01-01T00:02:00Z,3\nurn:d:1,a,2025-01-01T00:00:00Z,4\nurn:d:2,a,2026-01-01T00:00:00Z,5\n", tenant: tenant);
        await using (var again = await Stream.OpenAsync(node.Http, "/history/live?id=urn:d:1", tenant, last))
        {
            Assert.Equal(3, (double)JsonNode.Parse((await again.NextAsync()).Data)!["value"]!);
            Assert.Equal(4, (double)JsonNode.Parse((await again.NextAsync()).Data)!["value"]!);
        }

        var now = DateTimeOffset.UtcNow;
        await node.IngestAsync($"entity,attribute,observedAt,value\nurn:d:1,a,{now.AddSeconds(-60):yyyy-MM-ddTHH:mm:ss}Z,6\nurn:d:1,a,{now.AddSeconds(-5):yyyy-MM-ddTHH:mm:ss}Z,7\n", tenant: tenant);
        await using (var restarted = await Stream.OpenAsync(node.Http, "/history/live?id=urn:d:1", tenant, $"1-900-{now.AddSeconds(-30).ToUnixTimeMilliseconds()}"))
        {
            // When points came in is not known of another run: a late one would be missing.
            var gap = await restarted.NextAsync();
            Assert.Equal("gap", gap.Name);
            Assert.Null(gap.Id);
            var one = await restarted.NextAsync();
            Assert.Equal(7, (double)JsonNode.Parse(one.Data)!["value"]!);
            Assert.NotNull(one.Id);
        }

        await using (var late = await Stream.OpenAsync(node.Http, "/history/live?id=urn:d:1", tenant, $"1-900-{now.AddDays(-1).ToUnixTimeMilliseconds()}"))
        {
            var gap = await late.NextAsync();
            Assert.Equal("gap", gap.Name);
            Assert.NotNull((string?)JsonNode.Parse(gap.Data)!["from"]);
            Assert.NotNull(gap.Id);
        }

        (await node.GetAsync("/history/live?id=urn:d:1", tenant, ("Last-Event-ID", "yesterday"))).Refuses(HttpStatusCode.BadRequest, "BadRequestData");
    }

    [Fact]
    public async Task A_viewer_too_many_is_told_to_come_again_and_a_place_that_is_left_is_free()
    {
        using var store = await TestStore.CreateAsync(StoreKind.Sqlite, TestContext.Current.CancellationToken);
        await using var node = await HistoryNode.StartAsync(store, ("Twin:Telemetry:LiveViewers", "1"), ("Twin:Telemetry:LiveHeartbeatSeconds", "1"));
        await node.IngestAsync("entity,attribute,observedAt,value\nurn:d:1,a,2026-01-01T00:00:00Z,1\n", tenant: "t");
        var viewer = await Stream.OpenAsync(node.Http, "/history/live?id=urn:d:1", "t");
        var refused = await node.GetAsync("/history/live?id=urn:d:1", "t");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.Status);
        Assert.Equal(30, refused.Headers.RetryAfter!.Delta!.Value.TotalSeconds);
        Assert.Equal(":", await viewer.LineAsync());
        await viewer.DisposeAsync();
        Assert.True(await Eventually.HoldsAsync(() => Task.FromResult(node.Services.GetRequiredService<LiveHub>().Viewers == 0), 30, TestContext.Current.CancellationToken));
        (await node.GetAsync("/history/live?id=urn:d:1", "nobody")).Refuses(HttpStatusCode.NotFound, "NonexistentTenant");
        (await node.GetAsync("/history/live?id=urn:d:1", "t", ("Accept", "application/json"))).Is(HttpStatusCode.NotAcceptable);
    }

    [Fact]
    public async Task A_stop_of_the_node_ends_the_streams()
    {
        using var store = await TestStore.CreateAsync(StoreKind.Sqlite, TestContext.Current.CancellationToken);
        var node = await HistoryNode.StartAsync(store);
        await node.IngestAsync("entity,attribute,observedAt,value\nurn:d:1,a,2026-01-01T00:00:00Z,1\n");
        await using var viewer = await Stream.OpenAsync(node.Http, "/history/live?id=urn:d:1", null);
        var stop = node.DisposeAsync();
        var (_, name, data) = await viewer.NextAsync();
        Assert.Equal("end", name);
        Assert.Equal("closing", (string?)JsonNode.Parse(data)!["reason"]);
        Assert.Null(await viewer.LineAsync());
        await stop;
    }

    [Fact]
    public async Task A_group_whose_viewer_is_behind_tells_the_newest_of_each_series_and_how_many_it_left_out()
    {
        using var store = await TestStore.CreateAsync(StoreKind.Sqlite, TestContext.Current.CancellationToken);
        await using var node = await HistoryNode.StartAsync(store);
        await node.IngestAsync("entity,attribute,observedAt,value\nurn:d:1,a,2026-01-01T00:00:00Z,-1\nurn:d:2,a,2026-01-01T00:00:00Z,-1\n", tenant: "t");
        await using var viewer = await Stream.OpenAsync(node.Http, "/history/live?id=urn:d:1,urn:d:2", "t");
        // Nothing is read until far more has come than a group keeps and sockets hold.
        const int Most = 400_000;
        var rows = new System.Text.StringBuilder("entity,attribute,observedAt,value\n");
        var time = new DateTime(2026, 1, 2, 0, 0, 0, DateTimeKind.Utc);
        for (var i = 0; i < Most; i++)
        {
            rows.Append("urn:d:").Append((i % 2) + 1).Append(",a,").Append(time.AddSeconds(i).ToString("yyyy-MM-ddTHH:mm:ss", System.Globalization.CultureInfo.InvariantCulture)).Append("Z,").Append(i).Append('\n');
        }

        IngestTests.Counts(await node.IngestAsync(rows.ToString(), tenant: "t"), taken: Most);
        var newest = new Dictionary<string, double>(StringComparer.Ordinal);
        long seen = 0, skipped = 0;
        while (newest.Count < 2 || newest.Values.Sum() < Most - 1 + Most - 2)
        {
            var one = await viewer.NextAsync();
            var data = JsonNode.Parse(one.Data)!;
            if (one.Name == "coalesced")
            {
                skipped += (long)data["skipped"]!;
            }
            else
            {
                Assert.Null(one.Name);
                seen++;
                newest[(string)data["entity"]!] = (double)data["value"]!;
            }
        }

        Assert.True(skipped > 0);
        Assert.Equal(Most, seen + skipped);
    }

    [Fact]
    public async Task A_viewer_that_reads_nothing_is_dropped_and_holds_up_neither_ingestion_nor_the_others()
    {
        using var store = await TestStore.CreateAsync(StoreKind.Sqlite, TestContext.Current.CancellationToken);
        // A clock of its own: heartbeats come when the one who reads has read, however busy the machine is.
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var node = await HistoryNode.StartAsync(
            store,
            builder => builder.Services.Replace(ServiceDescriptor.Singleton(services => ActivatorUtilities.CreateInstance<LiveHub>(services, clock))),
            ("Twin:Telemetry:LiveHeartbeatSeconds", "1"),
            ("Twin:Telemetry:LiveSlowSeconds", "4"));
        await node.IngestAsync("entity,attribute,observedAt,value\nurn:d:1,a,2026-01-01T00:00:00Z,-1\n", tenant: "t");
        var hub = node.Services.GetRequiredService<LiveHub>();
        await using var deaf = await Stream.OpenAsync(node.Http, "/history/live?id=urn:d:1", "t");
        await using var other = await Stream.OpenAsync(node.Http, "/history/live?id=urn:d:1", "t");
        var time = new DateTime(2026, 1, 2, 0, 0, 0, DateTimeKind.Utc);
        // Large values, until sockets hold no more of them.
        var text = new string('x', 20_000);
        for (var round = 0; round < 600 && hub.Dropped == 0; round++)
        {
            var rows = new System.Text.StringBuilder("entity,attribute,observedAt,value\n");
            for (var i = 0; i < 20; i++)
            {
                time = time.AddSeconds(1);
                rows.Append("urn:d:1,a,").Append(Text(time)).Append(',').Append(text).Append('\n');
            }

            IngestTests.Counts(await node.IngestAsync(rows.ToString(), tenant: "t"), taken: 20);
            await UntilAsync(other, $"\"{Text(time)}\"");
            clock.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.True(await Eventually.HoldsAsync(() => Task.FromResult(hub is { Dropped: 1, Viewers: 1 }), 30, TestContext.Current.CancellationToken));
        await node.IngestAsync("entity,attribute,observedAt,value\nurn:d:1,a,2026-06-01T00:00:00Z,true\n", tenant: "t");
        await UntilAsync(other, "\"value\":true");
        var broken = false;
        try
        {
            while (await deaf.LineAsync() is not null)
            {
            }
        }
        catch (Exception fault) when (fault is IOException or HttpRequestException)
        {
            broken = true;
        }

        Assert.True(broken);

        static string Text(DateTime time) => time.ToString("yyyy-MM-ddTHH:mm:ss", System.Globalization.CultureInfo.InvariantCulture) + "Z";

        static async Task UntilAsync(Stream stream, string holds)
        {
            while (!(await stream.NextAsync()).Data.Contains(holds, StringComparison.Ordinal))
            {
                // What came before it.
            }
        }
    }

    /// <summary>A stream that is being read.</summary>
    internal sealed class Stream : IAsyncDisposable
    {
        private readonly HttpResponseMessage response;
        private readonly StreamReader lines;

        private Stream(HttpResponseMessage response, System.IO.Stream body)
        {
            this.response = response;
            lines = new StreamReader(body);
        }

        public static async Task<Stream> OpenAsync(HttpClient http, string path, string? tenant, string? last = null)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.Add("Accept", "text/event-stream");
            if (tenant is not null)
            {
                request.Headers.Add("NGSILD-Tenant", tenant);
            }

            if (last is not null)
            {
                request.Headers.Add("Last-Event-ID", last);
            }

            var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.Equal("text/event-stream", answer.Content.Headers.ContentType!.MediaType);
            var stream = new Stream(answer, await answer.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
            Assert.Equal("retry: 3000", await stream.LineAsync());
            Assert.Equal("", await stream.LineAsync());
            return stream;
        }

        public async Task<string?> LineAsync() => await lines.ReadLineAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

        public async Task<(string? Id, string? Name, string Data)> NextAsync()
        {
            string? id = null, name = null, data = null;
            while (await LineAsync() is { } line)
            {
                switch (line)
                {
                    case "" when data is not null:
                        return (id, name, data);
                    case var _ when line.StartsWith("id: ", StringComparison.Ordinal):
                        id = line[4..];
                        break;
                    case var _ when line.StartsWith("event: ", StringComparison.Ordinal):
                        name = line[7..];
                        break;
                    case var _ when line.StartsWith("data: ", StringComparison.Ordinal):
                        data = line[6..];
                        break;
                }
            }

            throw new EndOfStreamException();
        }

        public ValueTask DisposeAsync()
        {
            lines.Dispose();
            response.Dispose();
            return default;
        }
    }
}
