using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Twin.EntityRegistry;
using Twin.Hosting.Events;
using Twin.Hosting.Storage;
using Twin.Tests.Integration.Registry;
using Twin.Tests.Support;
using Xunit;

namespace Twin.Tests.Integration.Telemetry;

/// <summary>What the history takes in is the registry's current value, one change per burst.</summary>
public abstract class LatestValueTests(StoreKind kind)
{
    private const string Header = "entity,attribute,observedAt,value,unit\n";
    private static readonly (string, string) Quick = ("Twin:Telemetry:TellMilliseconds", "50");

    [Fact]
    public async Task A_burst_of_points_is_one_change_of_its_entity_with_the_newest_of_them_and_a_late_one_is_none()
    {
        using var store = await TestStore.CreateAsync(kind, TestContext.Current.CancellationToken);
        await using var node = await HistoryNode.StartAsync(store, Quick);
        var client = node.Of(null);
        (await client.PostAsync("/entities", """{"id":"urn:d:1","type":"Device","name":{"type":"Property","value":"x"}}""")).Is(HttpStatusCode.Created);
        var outbox = node.Services.GetRequiredKeyedService<EventOutbox>(EntityRegistryService.Name);
        var before = outbox.Commits;
        var rows = Enumerable.Range(0, 2000).Select(i => string.Create(CultureInfo.InvariantCulture, $"urn:d:1,t,2026-01-01T{i / 60 % 24:00}:{i % 60:00}:{i / 1440:00}Z,{i / 10m},CEL\n"));
        IngestTests.Counts(await node.IngestAsync(Header + string.Concat(rows)), taken: 2000);

        var entity = await EntityAsync(client, "urn:d:1", static one => one["t"] is not null);
        Assert.Equal("143.9", entity["t"]!["value"]!.ToJsonString());
        Assert.Equal("CEL", (string?)entity["t"]!["unitCode"]);
        Assert.Equal("2026-01-01T23:59:00Z", (string?)entity["t"]!["observedAt"]);
        Assert.Equal("x", (string?)entity["name"]!["value"]);
        // The body may be told in two intervals; never point by point.
        Assert.InRange(outbox.Commits - before, 1, 3);

        IngestTests.Counts(await node.IngestAsync(Header + "urn:d:1,t,2026-01-01T12:00:30Z,-1,CEL\n"), taken: 1);
        IngestTests.Counts(await node.IngestAsync(Header + "urn:d:1,t,2026-01-02T00:00:00Z,7,CEL\n"), taken: 1);
        await EntityAsync(client, "urn:d:1", static one => one["t"]!["value"]!.ToJsonString() == "7");
        // What the registry tells back is what was there.
        (await client.GetAsync("/temporal/entities/urn:d:1?lastN=1")).Is(HttpStatusCode.OK);
        Assert.Equal(2002, (await node.PointsAsync(null, "urn:d:1", "t")).Count);
    }

    [Fact]
    public async Task An_evolution_makes_its_entity_and_takes_it_along_but_never_one_that_was_there_before()
    {
        using var store = await TestStore.CreateAsync(kind, TestContext.Current.CancellationToken);
        await using var node = await HistoryNode.StartAsync(store, Quick);
        var client = node.Fresh();
        (await client.PostAsync("/entities", """{"id":"urn:v:1","type":"Vehicle","speed":{"type":"Property","value":1}}""")).Is(HttpStatusCode.Created);
        // What an owner has said today is newer than what a history says of January.
        foreach (var (id, speed) in new[] { ("urn:v:1", 1), ("urn:v:2", 6) })
        {
            await client.PostAsync("/temporal/entities", $$"""
                {"id":"{{id}}","type":"Vehicle","scope":"/city","speed":[{"type":"Property","value":5,"observedAt":"2026-01-01T00:00:00Z"},{"type":"Property","value":6,"observedAt":"2026-01-01T01:00:00Z"}],
                "driver":[{"type":"Relationship","object":"urn:p:1","observedAt":"2026-01-01T00:00:00Z"}]}
                """);
            var entity = await EntityAsync(client, id, one => one["driver"] is not null && (int)one["speed"]!["value"]! == speed);
            Assert.Equal("urn:p:1", (string?)entity["driver"]!["object"]);
        }

        (await client.DeleteAsync("/entities/urn:v:2/attrs/driver")).Is(HttpStatusCode.NoContent);
        Assert.True(await Eventually.HoldsAsync(
            async () => (await client.GetAsync("/temporal/entities/urn:v:2?timeproperty=deletedAt")).Text.Contains("deletedAt", StringComparison.Ordinal), 30, TestContext.Current.CancellationToken));
        foreach (var id in new[] { "urn:v:1", "urn:v:2" })
        {
            (await client.DeleteAsync("/temporal/entities/" + id)).Is(HttpStatusCode.NoContent);
        }

        (await client.GetAsync("/entities/urn:v:1")).Is(HttpStatusCode.OK);
        (await client.GetAsync("/entities/urn:v:2")).Is(HttpStatusCode.NotFound);
        (await client.GetAsync("/temporal/entities/urn:v:2")).Is(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task An_entity_of_which_only_points_speak_comes_to_the_registry_where_the_settings_give_it_a_type()
    {
        using var store = await TestStore.CreateAsync(kind, TestContext.Current.CancellationToken);
        await using (var node = await HistoryNode.StartAsync(store, Quick, ("Twin:Telemetry:UnknownEntityType", "Device")))
        {
            IngestTests.Counts(await node.IngestAsync(Header + "urn:d:9,t,2026-01-01T00:00:00Z,7,\n"), taken: 1);
            Assert.Equal("Device", (string?)(await EntityAsync(node.Of(null), "urn:d:9", static _ => true))["type"]);
        }

        await using (var node = await HistoryNode.StartAsync(store, Quick))
        {
            IngestTests.Counts(await node.IngestAsync(Header + "urn:d:8,t,2026-01-01T00:00:00Z,7,\nurn:d:9,t,2026-01-01T00:01:00Z,8,\n"), taken: 2);
            await EntityAsync(node.Of(null), "urn:d:9", static one => (int)one["t"]!["value"]! == 8);
            (await node.Of(null).GetAsync("/entities/urn:d:8")).Is(HttpStatusCode.NotFound);
        }
    }

    private static async Task<JsonNode> EntityAsync(NgsiClient client, string id, Func<JsonNode, bool> fits)
    {
        Answer? answer = null;
        Assert.True(
            await Eventually.HoldsAsync(
                async () => (answer = await client.GetAsync("/entities/" + id)).Status == HttpStatusCode.OK && fits(answer.Json), 30, TestContext.Current.CancellationToken),
            $"It came to: {answer?.Text}");
        return answer!.Json;
    }
}

public sealed class LatestValueOnSqliteTests() : LatestValueTests(StoreKind.Sqlite);

public sealed class LatestValueOnPostgresTests() : LatestValueTests(StoreKind.PostgreSql);
