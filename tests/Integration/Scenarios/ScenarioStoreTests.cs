using System.Text.Json;
using Twin.Hosting.Storage;
using Twin.NgsiLd.Contexts;
using Twin.ScenarioEngine;
using Twin.ScenarioEngine.Scenarios;
using Twin.ScenarioEngine.Storage;
using Twin.Tests.Support;
using Xunit;

namespace Twin.Tests.Integration.Scenarios;

/// <summary>What both stores keep of scenarios.</summary>
public abstract class ScenarioStoreTests(StoreKind kind)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Scenarios_come_back_as_they_were_written_in_the_order_in_which_they_were_created_and_those_of_a_tenant_alone()
    {
        await WithStoreAsync(async store =>
        {
            var content = Content("1");
            Scenario[] scenarios = [.. Enumerable.Range(0, 5).Select(i => Scenario($"urn:s:{i}", content, i) with { ForkOf = i == 3 ? ("urn:s:1", 7) : null })];
            foreach (var one in scenarios.Reverse())
            {
                await store.AddAsync("a", one, content, Token);
            }

            await store.AddAsync("b", scenarios[0] with { Name = "another" }, content, Token);

            Assert.Equal(scenarios, await store.ListAsync("a", 0, 10, Token));
            Assert.Equal(scenarios[2..4], await store.ListAsync("a", 2, 2, Token));
            Assert.Equal(5, await store.CountAsync("a", Token));
            Assert.Equal(scenarios[3], await store.FindAsync("a", "urn:s:3", Token));
            Assert.Equal("another", (await store.FindAsync("b", "urn:s:0", Token))!.Name);
            Assert.Null(await store.FindAsync("", "urn:s:3", Token));
        });
    }

    [Fact]
    public async Task A_revision_never_changes_and_the_head_moves_only_from_the_revision_that_the_writer_has_seen()
    {
        await WithStoreAsync(async store =>
        {
            var (first, second, other) = (Content("1"), Content("2"), Content("3"));
            await store.AddAsync("", Scenario("urn:s:1", first, 1), first, Token);

            Assert.True(await store.AdvanceAsync("", "urn:s:1", 1, new Revision(2, 20, second.Hash), second, Token));
            Assert.False(await store.AdvanceAsync("", "urn:s:1", 1, new Revision(2, 30, other.Hash), other, Token));
            Assert.False(await store.AdvanceAsync("", "urn:s:2", 1, new Revision(2, 30, other.Hash), other, Token));

            Assert.Equal(new Revision(2, 20, second.Hash), (await store.FindAsync("", "urn:s:1", Token))!.Head);
            Assert.Equal(first.Canonical, (await store.ContentAsync("", "urn:s:1", 1, Token))!.Value.Content.Canonical);
            Assert.Equal(second.Canonical, (await store.ContentAsync("", "urn:s:1", 2, Token))!.Value.Content.Canonical);
            Assert.Null(await store.ContentAsync("", "urn:s:1", 3, Token));
            Assert.Equal([2, 1], (await store.RevisionsAsync("", "urn:s:1", 0, 10, Token)).Select(static revision => revision.Number));
        });
    }

    [Fact]
    public async Task Of_many_writers_who_have_seen_the_same_revision_one_wins()
    {
        await WithStoreAsync(async store =>
        {
            var first = Content("0");
            await store.AddAsync("", Scenario("urn:s:1", first, 1), first, Token);

            var won = await Task.WhenAll(Enumerable.Range(1, 8).Select(i => store.AdvanceAsync("", "urn:s:1", 1, new Revision(2, i, Content($"{i}").Hash), Content($"{i}"), Token)));

            Assert.Single(won, static one => one);
            Assert.Equal(2, (await store.RevisionsAsync("", "urn:s:1", 0, 10, Token)).Count);
        });
    }

    [Fact]
    public async Task A_scenario_goes_with_its_revisions_when_nobody_has_changed_it()
    {
        await WithStoreAsync(async store =>
        {
            var content = Content("1");
            await store.AddAsync("", Scenario("urn:s:1", content, 1), content, Token);

            Assert.False(await store.RemoveAsync("", "urn:s:1", 2, Token));
            Assert.True(await store.RemoveAsync("", "urn:s:1", 1, Token));
            Assert.Null(await store.FindAsync("", "urn:s:1", Token));
            Assert.Empty(await store.RevisionsAsync("", "urn:s:1", 0, 10, Token));
        });
    }

    private async Task WithStoreAsync(Func<ScenarioStore, Task> test)
    {
        using var store = await TestStore.CreateAsync(kind, Token);
        await using var database = await store.OpenAsync(ScenarioEngineService.Name, typeof(ScenarioEngineService).Assembly, Token);
        await test(new ScenarioStore(database));
    }

    private static Scenario Scenario(string id, ScenarioContent content, long at) => new(id, "A name", "", null, new Revision(1, at, content.Hash), at);

    private static ScenarioContent Content(string value)
    {
        using var json = JsonDocument.Parse($$"""[{"type":"changeAttribute","entity":"urn:b:1","attribute":"height","value":{{value}}}]""");
        return ScenarioContent.Of(new ScenarioBase(""), InterventionReader.ReadAll(json.RootElement, JsonLdContext.Core, "", 10));
    }
}

/// <summary>On SQLite.</summary>
public sealed class SqliteScenarioStoreTests() : ScenarioStoreTests(StoreKind.Sqlite);

/// <summary>On PostgreSQL.</summary>
public sealed class PostgresScenarioStoreTests() : ScenarioStoreTests(StoreKind.PostgreSql);
