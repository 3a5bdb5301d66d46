using System.Net;
using Twin.Hosting.Storage;
using Twin.Tests.Integration.Registry;
using Twin.Tests.Support;
using Xunit;

namespace Twin.Tests.Integration.Scenarios;

/// <summary>Merging scenarios over HTTP, on both stores.</summary>
public abstract class MergeTests(StoreKind kind)
{
    private const string House = """{"id":"urn:b:1","type":"Building","height":{"type":"Property","value":10},"colour":{"type":"Property","value":"red"}}""";

    [Fact]
    public Task What_a_fork_has_changed_is_merged_back_with_two_parents() => WithNodeAsync(async node =>
    {
        await node.Twin.CreateAsync(House);
        var ours = await node.BeginAsync("Ours", $"[{Height(11)}]");
        var theirs = await ForkAsync(node, ours);
        await AppendAsync(node, ours, Colour("green"));
        await ReplaceAsync(node, theirs, Height(15));

        (await MergeAsync(node, ours, theirs, "", null)).Is(HttpStatusCode.PreconditionRequired);
        var tag = (await MergeAsync(node, ours, theirs, "")).Is(HttpStatusCode.NoContent)["ETag"];

        var merged = (await node.GetAsync(ours)).Is(HttpStatusCode.OK);
        Assert.Equal(tag, merged["ETag"]);
        Assert.Equal(3, (int)merged.Json["revision"]!);
        Assert.Equal($$"""{"id":"{{Id(theirs)}}","revision":2}""", merged.Json["mergedFrom"]!.ToJsonString());
        var house = (await node.GetAsync(ours + "/entities/urn:b:1?format=simplified")).Is(HttpStatusCode.OK).Json;
        Assert.Equal((15, "green"), ((int)house["height"]!, (string)house["colour"]!));
        Assert.NotNull((await node.GetAsync(ours + "/revisions")).Json[0]!["mergedFrom"]);

        // Again: there is nothing new. Then only what is new since the merge.
        Assert.Equal(tag, (await MergeAsync(node, ours, theirs, "")).Is(HttpStatusCode.NoContent)["ETag"]);
        await AppendAsync(node, theirs, """{"type":"sharedPool","entity":"urn:s:1","category":"tools","units":3,"place":[7.3,47.7]}""");
        await ReplaceAsync(node, ours, Height(15) + "," + Colour("blue"));
        (await MergeAsync(node, ours, theirs, "")).Is(HttpStatusCode.NoContent);
        Assert.Equal(3, (await node.GetAsync(ours)).Json["interventions"]!.AsArray().Count);
    });

    [Fact]
    public Task Conflicts_are_told_with_both_sides_and_decided_by_the_caller() => WithNodeAsync(async node =>
    {
        await node.Twin.CreateAsync(House);
        var ours = await node.BeginAsync("Ours", $"[{Height(11)}]");
        var theirs = await ForkAsync(node, ours);
        await ReplaceAsync(node, ours, Height(12));
        await ReplaceAsync(node, theirs, Height(15));

        var told = (await MergeAsync(node, ours, theirs, "")).Is(HttpStatusCode.Conflict);
        var conflict = Assert.Single(told.Json["conflicts"]!.AsArray())!;
        Assert.Equal("""["change/change"]""", conflict["kinds"]!.ToJsonString());
        Assert.Equal("""[{"entity":"urn:b:1","member":"height"}]""", conflict["about"]!.ToJsonString());
        Assert.Equal([11, 12, 15], new[] { "ancestor", "ours", "theirs" }.Select(side => (int)conflict[side]![0]!["value"]!));
        Assert.Equal(2, (int)(await node.GetAsync(ours)).Json["revision"]!);

        Assert.Equal("/resolutions/0/conflict", (await MergeAsync(node, ours, theirs, $$""","resolutions":[{"conflict":"nothing","take":"ours"},{"conflict":"{{conflict["conflict"]}}","take":"ours"}]""")).Refuses(HttpStatusCode.BadRequest, "BadRequestData").Member);
        Assert.Equal("/resolutions/0/take", (await MergeAsync(node, ours, theirs, $$""","resolutions":[{"conflict":"{{conflict["conflict"]}}","take":"mine"}]""")).Refuses(HttpStatusCode.BadRequest, "BadRequestData").Member);
        (await MergeAsync(node, ours, theirs, $$""","resolutions":[{"conflict":"{{conflict["conflict"]}}","interventions":[{{Height(13)}}]}]""")).Is(HttpStatusCode.NoContent);
        Assert.Equal($"[{Height(13)}]", (await node.GetAsync(ours)).Json["interventions"]!.ToJsonString());
    });

    [Fact]
    public Task Scenarios_begun_apart_come_from_the_bare_twin_a_base_may_be_given_and_what_comes_out_must_fit() => WithNodeAsync(async node =>
    {
        await node.Twin.CreateAsync(House);
        var ours = await node.BeginAsync("Ours", $"[{Height(11)}]");
        var theirs = await node.BeginAsync("Theirs", $"[{Height(11)},{Colour("green")}]");

        (await MergeAsync(node, ours, theirs, $$""","base":{"id":"{{Id(ours)}}","revision":9}""")).Refuses(HttpStatusCode.BadRequest, "BadRequestData");
        (await MergeAsync(node, ours, theirs, $$""","base":{"id":"{{Id(ours)}}","revision":1}""")).Is(HttpStatusCode.NoContent);
        Assert.Equal(2, (await node.GetAsync(ours)).Json["interventions"]!.AsArray().Count);
        Assert.Equal("/from", (await node.SendAsync(HttpMethod.Post, ours + "/merge", """{"from":"urn:s:none"}""", "*")).Refuses(HttpStatusCode.BadRequest, "BadRequestData").Member);

        // Each fitted when it was written; then the twin got the entity itself.
        var pool = await node.BeginAsync("Pool", """[{"type":"sharedPool","entity":"urn:s:9","category":"tools","units":3,"place":[7.3,47.7]}]""");
        await node.Twin.CreateAsync("""{"id":"urn:s:9","type":"SharedEquipment"}""");
        Assert.Equal(HttpStatusCode.Conflict, (await MergeAsync(node, ours, pool, "")).Status);
    });

    private static string Height(int value) => $$"""{"type":"changeAttribute","entity":"urn:b:1","attribute":"height","value":{{value}}}""";

    private static string Colour(string value) => $$"""{"type":"changeAttribute","entity":"urn:b:1","attribute":"colour","value":"{{value}}"}""";

    private static string Id(string path) => Uri.UnescapeDataString(path[(path.LastIndexOf('/') + 1)..]);

    private static async Task<string> ForkAsync(ScenarioNode node, string path) => (await node.SendAsync(HttpMethod.Post, path + "/fork", """{"name":"Fork"}""")).Is(HttpStatusCode.Created)["Location"]!;

    private static async Task AppendAsync(ScenarioNode node, string path, string list) => (await node.SendAsync(HttpMethod.Post, path + "/interventions", $"[{list}]", "*")).Is(HttpStatusCode.NoContent);

    private static async Task ReplaceAsync(ScenarioNode node, string path, string list) => (await node.SendAsync(HttpMethod.Put, path + "/interventions", $"[{list}]", "*")).Is(HttpStatusCode.NoContent);

    private static Task<Answer> MergeAsync(ScenarioNode node, string ours, string theirs, string more, string? ifMatch = "*") =>
        node.SendAsync(HttpMethod.Post, ours + "/merge", $$"""{"from":"{{Id(theirs)}}"{{more}}}""", ifMatch);

    private async Task WithNodeAsync(Func<ScenarioNode, Task> test)
    {
        using var store = await TestStore.CreateAsync(kind, TestContext.Current.CancellationToken);
        await using var node = await ScenarioNode.StartAsync(store);
        await test(node);
    }
}

/// <summary>On SQLite.</summary>
public sealed class SqliteMergeTests() : MergeTests(StoreKind.Sqlite);

/// <summary>On PostgreSQL.</summary>
public sealed class PostgresMergeTests() : MergeTests(StoreKind.PostgreSql);
