using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Twin.Node.Import;
using Xunit;

namespace Twin.Tests.Integration.Import;

/// <summary>Import and export against a server that answers as another broker may: slowly, in part, with its own paging.</summary>
public sealed class NodeConversationTests : IAsyncLifetime
{
    private readonly ConcurrentQueue<JsonElement[]> _batches = new();
    private readonly string _file = Path.GetTempFileName();
    private Func<HttpContext, JsonElement[], Task> _upsert = static (http, _) =>
    {
        http.Response.StatusCode = 204;
        return Task.CompletedTask;
    };

    private Func<HttpContext, Task> _query = static _ => Task.CompletedTask;
    private WebApplication _server = null!;

    private Uri Address => new(_server.Urls.First());

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _server = builder.Build();
        _server.MapPost("/ngsi-ld/v1/entityOperations/upsert", (RequestDelegate)(async http =>
        {
            using var body = await JsonDocument.ParseAsync(http.Request.Body);
            JsonElement[] batch = [.. body.RootElement.EnumerateArray().Select(static e => e.Clone())];
            _batches.Enqueue(batch);
            await _upsert(http, batch);
        }));
        _server.MapGet("/ngsi-ld/v1/entities", (RequestDelegate)(http => _query(http)));
        await _server.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        File.Delete(_file);
        File.Delete(ImportState.FileOf(_file));
    }

    [Fact]
    public async Task Every_entity_is_sent_once_in_batches_with_the_context_linked()
    {
        string? link = null;
        _upsert = (http, _) =>
        {
            link = http.Request.Headers.Link;
            http.Response.StatusCode = 201;
            return Task.CompletedTask;
        };
        var run = await ImportAsync(Things(1000), batch: 50, context: "https://example.org/context.jsonld");
        Assert.Equal((1000L, 1000L, 0L), (run.Rows, run.Sent, run.Refused));
        Assert.Equal(Enumerable.Range(1, 1000), _batches.SelectMany(static b => b).Select(Number).Order());
        Assert.All(_batches, static b => Assert.InRange(b.Length, 1, 50));
        Assert.Equal("<https://example.org/context.jsonld>; rel=\"http://www.w3.org/ns/json-ld#context\"; type=\"application/ld+json\"", link);
        Assert.False(File.Exists(ImportState.FileOf(_file)));
    }

    [Fact]
    public async Task Of_two_records_with_one_id_the_later_arrives_later_and_in_another_batch()
    {
        var lines = Enumerable.Range(1, 400).Select(static i => Thing(i % 40, i)).ToArray();
        await ImportAsync(lines, batch: 25);
        Assert.All(_batches, static b => Assert.Equal(b.Length, b.Select(static e => e.GetProperty("id").GetString()).Distinct().Count()));
        foreach (var versions in _batches.SelectMany(static b => b).GroupBy(static e => e.GetProperty("id").GetString()))
        {
            Assert.Equal(versions.Select(Number).Order(), versions.Select(Number));
        }
    }

    [Fact]
    public async Task A_node_that_asks_to_wait_is_waited_for()
    {
        var asked = 0;
        _upsert = (http, _) =>
        {
            http.Response.StatusCode = Interlocked.Increment(ref asked) <= 3 ? 429 : 204;
            http.Response.Headers.RetryAfter = "0";
            return Task.CompletedTask;
        };
        var run = await ImportAsync(Things(10), batch: 100);
        Assert.Equal((10L, 0L), (run.Sent, run.Refused));
    }

    [Fact]
    public async Task Refused_entities_of_a_batch_are_named_by_row_and_the_others_count_as_sent()
    {
        _upsert = async (http, batch) =>
        {
            http.Response.StatusCode = 207;
            var wrong = batch.Where(static e => Number(e) % 10 == 0).Select(static e => e.GetProperty("id").GetString());
            await http.Response.WriteAsync("{\"success\":[],\"errors\":[" + string.Join(',', wrong.Select(static id =>
                $"{{\"entityId\":\"{id}\",\"error\":{{\"title\":\"Bad\",\"detail\":\"ten is too much\",\"member\":\"/n\"}}}}")) + "]}");
        };
        var refused = new ConcurrentQueue<Refusal>();
        var run = await ImportAsync(Things(100), batch: 30, refused: refused.Enqueue);
        Assert.Equal((90L, 10L), (run.Sent, run.Refused));
        Assert.Equal([10L, 20, 30, 40, 50, 60, 70, 80, 90, 100], refused.Select(static r => r.Row).Order());
        Assert.All(refused, static r => Assert.Equal(("/n", "ten is too much"), (r.Member, r.Reason)));
    }

    [Fact]
    public async Task A_batch_that_is_refused_whole_is_halved_until_the_culprit_is_alone()
    {
        _upsert = async (http, batch) =>
        {
            http.Response.StatusCode = batch.Any(static e => Number(e) == 13) ? 400 : 204;
            if (http.Response.StatusCode == 400)
            {
                await http.Response.WriteAsync("{\"title\":\"thirteen\"}");
            }
        };
        var refused = new ConcurrentQueue<Refusal>();
        var run = await ImportAsync(Things(64), batch: 64, refused: refused.Enqueue);
        Assert.Equal((63L, 1L), (run.Sent, run.Refused));
        Assert.Equal((13L, "thirteen"), (refused.Single().Row, refused.Single().Reason));
    }

    [Fact]
    public async Task A_node_that_fails_stops_the_import_and_resume_sends_the_rest()
    {
        var taken = new ConcurrentDictionary<int, bool>();
        var failing = true;
        _upsert = (http, batch) =>
        {
            if (failing && taken.Count > 200)
            {
                http.Response.StatusCode = 500;
                return Task.CompletedTask;
            }

            foreach (var entity in batch)
            {
                taken[Number(entity)] = true;
            }

            http.Response.StatusCode = 204;
            return Task.CompletedTask;
        };
        var lines = Things(600);
        await Assert.ThrowsAsync<NodeException>(() => ImportAsync(lines, batch: 10));
        Assert.True(File.Exists(ImportState.FileOf(_file)));
        var before = taken.Count;
        Assert.InRange(before, 200, 599);

        failing = false;
        var run = await ImportAsync(lines, batch: 10, resume: true);
        Assert.InRange(run.Skipped, 1, before);
        Assert.Equal(600, taken.Count);
        Assert.False(File.Exists(ImportState.FileOf(_file)));
    }

    [Fact]
    public async Task Resume_starts_over_when_the_file_is_another()
    {
        await File.WriteAllTextAsync(ImportState.FileOf(_file), $$"""{"content":"0000","target":"{{Address}}","rows":5,"refused":0}""");
        var run = await ImportAsync(Things(10), batch: 5, resume: true);
        Assert.Equal((10L, 0L), (run.Sent, run.Skipped));
    }

    [Fact]
    public async Task An_export_follows_the_pages_to_the_last_and_writes_entities_as_they_came()
    {
        _query = async http =>
        {
            var offset = int.Parse(http.Request.Query["offset"].FirstOrDefault() ?? "0", CultureInfo.InvariantCulture);
            if (offset < 40)
            {
                http.Response.Headers.Append("Link", "<https://example.org/c>; rel=\"http://www.w3.org/ns/json-ld#context\"");
                http.Response.Headers.Append("Link", $"</ngsi-ld/v1/entities?type=T&offset={Math.Max(0, offset - 20)}>;rel=\"prev\", </ngsi-ld/v1/entities?type=T&offset={offset + 20}>;rel=\"next\"");
            }

            await http.Response.WriteAsync("[" + string.Join(" ,\n", Enumerable.Range(offset, offset == 40 ? 5 : 20).Select(static i => $"{{ \"id\":\"urn:t:{i}\",  \"n\":1.0 }}")) + "]");
        };
        using var node = new NodeClient(Address, null, null, TimeProvider.System);
        using var output = new MemoryStream();
        var run = new ExportRun(node, ExportFormat.NdJson);
        await run.RunAsync("type=T", output, TestContext.Current.CancellationToken);
        Assert.Equal(45, run.Count);
        Assert.Equal(string.Concat(Enumerable.Range(0, 45).Select(static i => $"{{ \"id\":\"urn:t:{i}\",  \"n\":1.0 }}\n")), Encoding.UTF8.GetString(output.ToArray()));
    }

    private static string[] Things(int count) => [.. Enumerable.Range(1, count).Select(static i => Thing(i, i))];

    private static string Thing(int id, int number) => """{"id":"urn:ngsi-ld:Thing:ID","type":"Thing","n":{"type":"Property","value":NUMBER}}"""
        .Replace("ID\"", $"{id}\"", StringComparison.Ordinal).Replace("NUMBER", $"{number}", StringComparison.Ordinal);

    private static int Number(JsonElement entity) => entity.GetProperty("n").GetProperty("value").GetInt32();

    private async Task<ImportRun> ImportAsync(string[] lines, int batch, Action<Refusal>? refused = null, bool resume = false, string? context = null)
    {
        await File.WriteAllLinesAsync(_file, lines);
        using var node = new NodeClient(Address, null, context, TimeProvider.System);
        var run = new ImportRun(new(_file, new(ImportFormat.NdJson, new(), null, null, false), batch, 4, resume), node, refused ?? (static _ => { }), TimeProvider.System);
        await run.RunAsync(TestContext.Current.CancellationToken);
        return run;
    }
}
