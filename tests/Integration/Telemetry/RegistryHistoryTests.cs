using System.Net;
using System.Text.Json.Nodes;
using Twin.Hosting.Storage;
using Twin.Tests.Integration.Registry;
using Twin.Tests.Support;
using Xunit;

namespace Twin.Tests.Integration.Telemetry;

/// <summary>What is written to the entity registry is in its history, once, as soon as it is asked for.</summary>
public abstract class RegistryHistoryTests(StoreKind kind)
{
    [Fact]
    public async Task Each_change_of_an_entity_adds_its_instances_and_a_deletion_says_when_4_5_7()
    {
        using var store = await TestStore.CreateAsync(kind, TestContext.Current.CancellationToken);
        await using var node = await HistoryNode.StartAsync(store);
        foreach (var client in new[] { node.Of(null), node.Fresh() })
        {
            (await client.PostAsync("/entities", """{"id":"urn:e:1","type":"Room","scope":"/old","t":{"type":"Property","value":1,"observedAt":"2026-01-01T00:00:00Z"},"n":{"type":"Property","value":"x"}}""")).Is(HttpStatusCode.Created);
            for (var value = 2; value <= 4; value++)
            {
                (await client.PatchAsync("/entities/urn:e:1/attrs", $$$"""{"t":{"type":"Property","value":{{{value}}},"observedAt":"2026-01-01T00:0{{{value}}}:00Z"}}""")).Is(HttpStatusCode.NoContent);
            }

            (await client.PatchAsync("/entities/urn:e:1", """{"scope":"/new"}""")).Is(HttpStatusCode.NoContent);
            (await client.DeleteAsync("/entities/urn:e:1/attrs/n")).Is(HttpStatusCode.NoContent);

            var history = (await FollowedAsync(client, "/temporal/entities/urn:e:1?options=sysAttrs", static answer => answer.Json["n"]?.AsArray().Count == 2)).Json;
            Assert.Equal([1, 2, 3, 4], Values(history["t"]!));
            Assert.Equal(["\"x\"", "\"urn:ngsi-ld:null\""], history["n"]!.AsArray().Select(static one => one!["value"]!.ToJsonString()));
            Assert.NotNull(history["n"]![1]!["deletedAt"]);
            Assert.Equal(["/old", "/new"], history["scope"]!.AsArray().Select(static one => (string?)one!["value"]));
            Assert.Equal((string?)history["scope"]![1]!["modifiedAt"], (string?)history["scope"]![1]!["observedAt"]);
            Assert.Equal("Room", (string?)history["type"]);

            (await client.DeleteAsync("/entities/urn:e:1")).Is(HttpStatusCode.NoContent);
            var deleted = (await FollowedAsync(client, "/temporal/entities/urn:e:1?timeproperty=deletedAt", static answer => answer.Json["t"] is not null)).Json;
            Assert.Equal(["n", "scope", "t"], deleted.AsObject().Select(static one => one.Key).Except(["id", "type"]).Order(StringComparer.Ordinal));
        }
    }

    [Fact]
    public async Task A_history_of_before_a_restart_goes_on_and_nothing_comes_twice()
    {
        using var store = await TestStore.CreateAsync(kind, TestContext.Current.CancellationToken);
        await using (var node = await HistoryNode.StartAsync(store))
        {
            (await node.Of(null).PostAsync("/entities", """{"id":"urn:e:1","type":"Room","t":{"type":"Property","value":1}}""")).Is(HttpStatusCode.Created);
        }

        for (var start = 2; start <= 3; start++)
        {
            await using var node = await HistoryNode.StartAsync(store);
            Assert.Equal(Enumerable.Range(1, start - 1), await ValuesAsync(node.Of(null), start - 1));
            (await node.Of(null).PatchAsync("/entities/urn:e:1/attrs", $$$"""{"t":{"type":"Property","value":{{{start}}}}}""")).Is(HttpStatusCode.NoContent);
            Assert.Equal(Enumerable.Range(1, start), await ValuesAsync(node.Of(null), start));
        }
    }

    [Fact]
    public async Task Where_the_settings_say_so_the_history_goes_with_its_entity()
    {
        using var store = await TestStore.CreateAsync(kind, TestContext.Current.CancellationToken);
        await using var node = await HistoryNode.StartAsync(store, ("Twin:Telemetry:ForgetDeleted", "true"));
        var client = node.Of(null);
        (await client.PostAsync("/entities", """{"id":"urn:e:1","type":"Room","t":{"type":"Property","value":1}}""")).Is(HttpStatusCode.Created);
        Assert.Equal([1], await ValuesAsync(client, 1));
        (await client.DeleteAsync("/entities/urn:e:1")).Is(HttpStatusCode.NoContent);
        (await FollowedAsync(client, "/temporal/entities/urn:e:1", static answer => answer.Status == HttpStatusCode.NotFound)).Refuses(HttpStatusCode.NotFound, "ResourceNotFound");
        (await client.PostAsync("/entities", """{"id":"urn:e:1","type":"Room","t":{"type":"Property","value":2}}""")).Is(HttpStatusCode.Created);
        Assert.Equal([2], await ValuesAsync(client, 1));
    }

    private static async Task<IEnumerable<int>> ValuesAsync(NgsiClient client, int count) => Values(
        (await FollowedAsync(client, "/temporal/entities/urn:e:1", answer => answer.Json["t"]?.AsArray().Count == count)).Json["t"]!);

    /// <summary>
    /// An answer that follows what was written, which it does at once on a quiet server: one that other tests use too holds
    /// events back while an older transaction runs anywhere on it.
    /// </summary>
    private static async Task<Answer> FollowedAsync(NgsiClient client, string path, Func<Answer, bool> follows)
    {
        Answer? answer = null;
        await Eventually.HoldsAsync(async () => follows(answer = await client.GetAsync(path)), 30, TestContext.Current.CancellationToken);
        return answer!;
    }

    private static IEnumerable<int> Values(JsonNode instances) => instances.AsArray().Select(static one => (int)one!["value"]!);
}

public sealed class RegistryHistoryOnSqliteTests() : RegistryHistoryTests(StoreKind.Sqlite);

public sealed class RegistryHistoryOnPostgresTests() : RegistryHistoryTests(StoreKind.PostgreSql);
