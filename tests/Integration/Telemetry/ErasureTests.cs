using System.Data.Common;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Google.Protobuf;
using Microsoft.Extensions.DependencyInjection;
using Twin.Contracts;
using Twin.Contracts.Registry.V1;
using Twin.Hosting.Events;
using Twin.Hosting.Storage;
using Twin.Telemetry.Keeping;
using Twin.Telemetry.Registry;
using Twin.Telemetry.Storage;
using Twin.Tests.Integration.Registry;
using Twin.Tests.Support;
using Xunit;

namespace Twin.Tests.Integration.Telemetry;

/// <summary>An erased history is neither answered nor left in any file, and others keep theirs.</summary>
public abstract class ErasureTests(StoreKind kind)
{
    private const string Id = "urn:ngsi-ld:Person:erased-0b7e1c";
    private const string Text = "distinctive-9f27ac";
    private const string Other = "urn:ngsi-ld:Person:kept-5d";
    private const int Points = 3_000;

    private static readonly DateTime First = new(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nothing_of_an_erased_history_is_in_any_file()
    {
        using var store = await TestStore.CreateAsync(kind, Token);
        var files = new StoreFiles(store);
        await using var node = await HistoryNode.StartAsync(store, ("Twin:Telemetry:TellMilliseconds", "0"), ("Twin:Telemetry:SealBlocks", "1000000"));
        // Some of it has been in chunks and in blocks that are there no more, some lies in each of them.
        for (var part = 0; part < 3; part++)
        {
            await SendAsync(node, part * Points, Points);
            await node.SealAsync();
        }

        Assert.NotEmpty(await files.WithAsync(Text));
        await SendAsync(node, 3 * Points, 100);
        await node.IngestAsync($"entity,attribute,observedAt,value\n{Id},note,2026-03-01T00:00:00Z,{Text}-late\n");
        Assert.NotEmpty(await files.WithAsync(Id));
        var kept = await node.PointsAsync(null, Other, "note");

        var done = await EraseAsync(node, new JsonObject { ["entity"] = Id });
        Assert.Equal((2, (2 * ((3 * Points) + 100)) + 1), ((int)done["series"]!, (int)done["points"]!));
        Assert.Empty(await files.WithAsync(Id, Text));
        (await node.Of(null).GetAsync("/temporal/entities/" + Id)).Refuses(HttpStatusCode.NotFound, "ResourceNotFound");
        Assert.Equal(kept, await node.PointsAsync(null, Other, "note"));
        Assert.Equal((3 * Points) + 100, kept.Count);
        Assert.DoesNotContain(Id, (await node.GetAsync("/history/erasures")).Text, StringComparison.Ordinal);

        // The same name may come again, as another history.
        IngestTests.Counts(await node.IngestAsync($"entity,attribute,observedAt,value\n{Id},note,2026-01-01T00:00:00Z,again\n"), taken: 1);
        Assert.Equal("again", Assert.Single(await node.PointsAsync(null, Id, "note")).Value);
    }

    [Fact]
    public async Task What_a_deletion_of_before_left_in_the_files_goes_with_an_erasure()
    {
        using var store = await TestStore.CreateAsync(kind, Token);
        var files = new StoreFiles(store);
        await using var node = await HistoryNode.StartAsync(store, ("Twin:Telemetry:TellMilliseconds", "0"));
        await SendAsync(node, 0, 500);
        await node.SealAsync();
        (await node.Of(null).DeleteAsync("/temporal/entities/" + Id)).Is(HttpStatusCode.NoContent);
        // A deletion alone is not an erasure.
        Assert.NotEmpty(await files.WithAsync(Id));
        Assert.NotEmpty(await files.WithAsync(Text));
        var done = await EraseAsync(node, new JsonObject { ["entity"] = Id });
        Assert.Equal((0, 0), ((int)done["series"]!, (int)done["points"]!));
        Assert.Empty(await files.WithAsync(Id, Text));
    }

    [Fact]
    public async Task An_attribute_or_a_time_can_be_erased_alone_and_leaves_no_trace_either()
    {
        using var store = await TestStore.CreateAsync(kind, Token);
        var files = new StoreFiles(store);
        List<(long Time, string Value)> left;
        await using (var node = await HistoryNode.StartAsync(store, ("Twin:Telemetry:TellMilliseconds", "0")))
        {
            await SendAsync(node, 0, Points);
            await node.SealAsync();
            await SendAsync(node, Points, 500);
            var (from, until) = (First.AddMinutes(1000), First.AddMinutes(Points + 200));
            var done = await EraseAsync(node, new JsonObject { ["entity"] = Id, ["attributes"] = new JsonArray("note"), ["from"] = Time(from), ["until"] = Time(until) });
            Assert.Equal((1, Points + 200 - 1000), ((int)done["series"]!, (int)done["points"]!));
            left = await node.PointsAsync(null, Id, "note");
            Assert.Equal(
                Enumerable.Range(0, 1000).Concat(Enumerable.Range(Points + 200, 300)).Select(i => First.AddMinutes(i).Ticks), left.Select(static point => point.Time));
            Assert.Empty(await files.WithAsync([.. Enumerable.Range(1000, Points - 800).Select(static i => $"{Text}-{i}.")]));
            // A text may lie across the border of two pages: not all of its neighbours do.
            Assert.NotEmpty(await files.WithAsync([.. Enumerable.Range(990, 10).Select(static i => $"{Text}-{i}.")]));
            Assert.Equal(Points + 500, (await node.PointsAsync(null, Id, "number")).Count);

            await EraseAsync(node, new JsonObject { ["entity"] = Id, ["attributes"] = new JsonArray("number") });
            Assert.Empty(await node.PointsAsync(null, Id, "number"));
            Assert.Equal(left, await node.PointsAsync(null, Id, "note"));
        }

        await using (var node = await HistoryNode.StartAsync(store))
        {
            Assert.Equal(left, await node.PointsAsync(null, Id, "note"));
            Assert.Empty(await node.PointsAsync(null, Id, "number"));
        }
    }

    [Fact]
    public async Task An_erasure_that_a_crash_cut_short_goes_on_at_the_next_start()
    {
        using var store = await TestStore.CreateAsync(kind, Token);
        var files = new StoreFiles(store);
        string asked;
        await using (var node = await HistoryNode.StartAsync(store, ("Twin:Telemetry:TellMilliseconds", "0")))
        {
            await SendAsync(node, 0, 100);
            // As a crash leaves it: one was asked for, durably, and nothing was done; another is removed and not overwritten.
            var erasures = node.Services.GetRequiredService<ErasureStore>();
            var now = DateTimeOffset.UtcNow;
            await erasures.AddAsync(new Erasure("first", 1, 0, long.MaxValue, now) { Entity = Id });
            await erasures.AddAsync(new Erasure("second", 1, 0, long.MaxValue, now) { Entity = Text + "-trace" });
            await erasures.RunAsync(transaction => ErasureStore.RemovedAsync(transaction, "second", 1, 5));
            asked = (await node.GetAsync("/history/erasures")).Text;
            Assert.Equal("[]", asked);
        }

        Assert.NotEmpty(await files.WithAsync(Id));
        await using (var node = await HistoryNode.StartAsync(store))
        {
            Assert.Equal((2, 200), await EndAsync(node, "first") is var first ? ((int)first["series"]!, (int)first["points"]!) : default);
            Assert.Equal(5, (int)(await EndAsync(node, "second"))["points"]!);
            Assert.Empty(await files.WithAsync(Id, Text));
        }
    }

    [Fact]
    public async Task A_change_from_before_a_deletion_that_arrives_after_it_does_not_bring_anything_back()
    {
        using var store = await TestStore.CreateAsync(kind, Token);
        var files = new StoreFiles(store);
        await using var node = await HistoryNode.StartAsync(store, ("Twin:Telemetry:TellMilliseconds", "0"));
        var client = node.Of(null);
        foreach (var deletion in (string[])["erasure", "entity", "attribute", "instance"])
        {
            var id = $"{Id}-{deletion}";
            await SendAsync(node, 0, 10, id);
            var before = DateTimeOffset.UtcNow;
            switch (deletion)
            {
                case "erasure":
                    await EraseAsync(node, new JsonObject { ["entity"] = id });
                    break;
                case "entity":
                    (await client.DeleteAsync("/temporal/entities/" + id)).Is(HttpStatusCode.NoContent);
                    break;
                case "attribute":
                    (await client.DeleteAsync($"/temporal/entities/{id}/attrs/number")).Is(HttpStatusCode.NoContent);
                    break;
                default:
                    var newest = (string)(await client.GetAsync($"/temporal/entities/{id}?attrs=number")).Json["number"]![9]!["instanceId"]!;
                    (await client.DeleteAsync($"/temporal/entities/{id}/attrs/number/{newest}")).Is(HttpStatusCode.NoContent);
                    break;
            }

            var left = await node.PointsAsync(null, id, "number");
            await ArriveAsync(node, Change(id, 9, before), before);
            Assert.Equal(left, await node.PointsAsync(null, id, "number"));
            if (deletion == "erasure")
            {
                Assert.Empty(await files.WithAsync(id));
            }

            // What is changed afterwards is history as ever.
            await ArriveAsync(node, Change(id, 9, DateTimeOffset.UtcNow), DateTimeOffset.UtcNow);
            Assert.Equal(left.Count + 1, (await node.PointsAsync(null, id, "number")).Count);
        }
    }

    [Fact]
    public async Task A_deletion_waits_for_a_newest_value_that_is_being_told_to_the_registry()
    {
        using var store = await TestStore.CreateAsync(kind, Token);
        await using var node = await HistoryNode.StartAsync(store, ("Twin:Telemetry:TellMilliseconds", "0"));
        var client = node.Of(null);
        (await client.PostAsync("/entities", $$$"""{"id":"{{{Id}}}","type":"Person","number":{"type":"Property","value":1}}""")).Is(HttpStatusCode.Created);
        await SendAsync(node, 0, 10);
        Task<Answer> deletion;
        var gate = node.Services.GetRequiredService<ChangeGate>();
        using (await gate.PassAsync(Token))
        {
            deletion = client.DeleteAsync("/temporal/entities/" + Id);
            // The registry takes what was told while the deletion waits, and says so in an event.
            (await client.PatchAsync($"/entities/{Id}/attrs", $$$"""{"number":{"type":"Property","value":9,"observedAt":"{{{Time(First.AddMinutes(9))}}}"}}""")).Is(HttpStatusCode.NoContent);
            Assert.False(deletion.IsCompleted);
        }

        (await deletion).Is(HttpStatusCode.NoContent);
        await node.Services.GetRequiredService<Freshness>().WaitAsync(Token);
        Assert.Empty(await node.PointsAsync(null, Id, "number"));
    }

    [Fact]
    public async Task Who_reads_while_a_history_is_erased_sees_all_of_it_or_nothing()
    {
        using var store = await TestStore.CreateAsync(kind, Token);
        await using var node = await HistoryNode.StartAsync(store, ("Twin:Telemetry:TellMilliseconds", "0"), ("Twin:Telemetry:PageInstances", "50000"));
        for (var round = 0; round < 5; round++)
        {
            await SendAsync(node, 0, 300);
            using var stop = new CancellationTokenSource();
            var readers = Enumerable.Range(0, 3).Select(_ => ReadAsync(node, stop.Token)).ToArray();
            await EraseAsync(node, new JsonObject { ["entity"] = Id });
            await stop.CancelAsync();
            Assert.All((await Task.WhenAll(readers)).SelectMany(static counts => counts).Distinct(), static counts => Assert.Contains(counts, new[] { (300, 300), (0, 0) }));
        }
    }

    [Theory]
    [InlineData("""{"attributes":["a"]}""", "/entity")]
    [InlineData("""{"entity":"no uri"}""", "/entity")]
    [InlineData("""{"entity":"urn:a:1","attributes":[]}""", "/attributes")]
    [InlineData("""{"entity":"urn:a:1","from":"2026-01-01T00:00:00"}""", "/from")]
    [InlineData("""{"entity":"urn:a:1","from":"2026-01-02T00:00:00Z","until":"2026-01-01T00:00:00Z"}""", "/until")]
    [InlineData("""{"entity":"urn:a:1","dataset":"urn:d:1"}""", "/dataset")]
    public async Task What_asks_for_something_else_is_refused(string body, string member)
    {
        using var store = await TestStore.CreateAsync(kind, Token);
        await using var node = await HistoryNode.StartAsync(store);
        var answer = await AskAsync(node, body);
        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Equal(member, (string?)answer.Json["member"]);
        Assert.Equal("[]", (await node.GetAsync("/history/erasures")).Text);
    }

    private static async Task<List<(int, int)>> ReadAsync(HistoryNode node, CancellationToken stop)
    {
        var counts = new List<(int, int)>();
        while (!stop.IsCancellationRequested)
        {
            var answer = await node.Of(null).GetAsync($"/temporal/entities/{Id}?options=temporalValues");
            counts.Add(answer.Status == HttpStatusCode.NotFound ? (0, 0) : (Count(answer.Is(HttpStatusCode.OK), "number"), Count(answer, "note")));
        }

        return counts;

        static int Count(Answer answer, string attribute) => answer.Json[attribute]?["values"]!.AsArray().Count ?? 0;
    }

    /// <summary>What the registry would tell of a number that was set.</summary>
    private static EntityChanged Change(string id, int minute, DateTimeOffset at)
    {
        var time = at.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.ffffffZ", CultureInfo.InvariantCulture);
        var change = new EntityChanged
        {
            Id = id,
            Sequence = 1,
            Entity = ByteString.CopyFromUtf8(
                $$$"""{"id":"{{{id}}}","type":["https://uri.etsi.org/ngsi-ld/default-context/Person"],"createdAt":"{{{time}}}","modifiedAt":"{{{time}}}","https://uri.etsi.org/ngsi-ld/default-context/number":{"type":"Property","value":9,"observedAt":"{{{Time(First.AddMinutes(minute))}}}","createdAt":"{{{time}}}","modifiedAt":"{{{time}}}"}}"""),
        };
        change.Types_.Add("https://uri.etsi.org/ngsi-ld/default-context/Person");
        change.ChangedAttributes.Add("https://uri.etsi.org/ngsi-ld/default-context/number");
        return change;
    }

    /// <summary>Hands a change over as the transport would, and waits until it has had its effect.</summary>
    private static async Task ArriveAsync(HistoryNode node, EntityChanged change, DateTimeOffset at)
    {
        var consumer = node.Services.GetServices<RegistryChanges>().FirstOrDefault() ?? ActivatorUtilities.CreateInstance<RegistryChanges>(node.Services);
        var one = TwinEvent.Create("/entity-registry", EntityTopics.Updated, change.Id, at, change.ToByteArray(), "application/x-protobuf");
        using (await node.Database.TakeWriteTurnAsync(Token))
        {
            await using var connection = await node.Database.DataSource.OpenConnectionAsync(Token);
            await using DbTransaction transaction = await connection.BeginTransactionAsync(Token);
            await consumer.HandleAsync([one], transaction, Token);
            await transaction.CommitAsync(Token);
        }

        Assert.True(await Eventually.HoldsAsync(
            async () =>
            {
                await using var connection = await node.Database.DataSource.OpenConnectionAsync(Token);
                await using var command = connection.CreateCommand();
                command.CommandText = "SELECT count(*) FROM arrival";
                return Convert.ToInt64(await command.ExecuteScalarAsync(Token), CultureInfo.InvariantCulture) == 0;
            },
            30,
            Token));
        await node.Services.GetRequiredService<Twin.Telemetry.Tail.TailWriter>().SettledAsync(Token);
    }

    private static async Task SendAsync(HistoryNode node, int from, int count, string id = Id)
    {
        var body = new StringBuilder("entity,attribute,observedAt,value\n");
        for (var i = from; i < from + count; i++)
        {
            var time = Time(First.AddMinutes(i));
            body.Append(CultureInfo.InvariantCulture, $"{id},note,{time},{Text}-{i}.\n{id},number,{time},{i}\n{Other},note,{time},other {i}\n");
        }

        (await node.IngestAsync(body.ToString())).Is(HttpStatusCode.OK);
    }

    private static async Task<Answer> AskAsync(HistoryNode node, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await node.Http.PostAsync("/history/erasures", content, Token);
        return new Answer(response.StatusCode, await response.Content.ReadAsStringAsync(Token), response.Headers, response.Content.Headers);
    }

    private static async Task<JsonNode> EraseAsync(HistoryNode node, JsonObject request)
    {
        var asked = (await AskAsync(node, request.ToJsonString())).Is(HttpStatusCode.Accepted).Json;
        return await EndAsync(node, (string)asked["id"]!);
    }

    private static async Task<JsonNode> EndAsync(HistoryNode node, string id)
    {
        JsonNode? now = null;
        Assert.True(
            await Eventually.HoldsAsync(
                async () =>
                {
                    now = (await node.GetAsync("/history/erasures/" + id)).Is(HttpStatusCode.OK).Json;
                    return (string?)now["state"] == "completed";
                },
                60,
                Token),
            now?.ToJsonString());
        return now!;
    }

    private static string Time(DateTime time) => time.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
}

public sealed class ErasureOnSqliteTests() : ErasureTests(StoreKind.Sqlite);

public sealed class ErasureOnPostgresTests() : ErasureTests(StoreKind.PostgreSql);
