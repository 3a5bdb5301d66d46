using System.Net;
using System.Text.Json.Nodes;
using Xunit;

namespace Twin.Tests.Integration.Registry;

/// <summary>Batch operations (GS CIM 009 5.6.7 to 5.6.10 and 5.6.20); run on SQLite and on PostgreSQL.</summary>
public abstract class BatchTests(NodeFixture fixture)
{
    [Fact]
    public async Task A_batch_creates_all_and_answers_their_ids_in_order_5_6_7()
    {
        NgsiClient client = await fixture.FreshAsync();

        Answer answer = await client.PostAsync("/entityOperations/create", Batch(("c", 1), ("a", 2), ("b", 3)));

        answer.Is(HttpStatusCode.Created);
        Assert.Equal(["urn:e:c", "urn:e:a", "urn:e:b"], answer.Json.AsArray().Select(i => (string)i!));
        Assert.Equal(3, await ValueAsync(client, "b"));
    }

    [Fact]
    public async Task A_batch_reports_each_entity_it_refuses_and_keeps_the_others_5_2_16()
    {
        NgsiClient client = await fixture.FreshAsync();
        await client.CreateAsync(Entity("there", 0));

        Answer answer = await client.PostAsync(
            "/entityOperations/create",
            $$$"""[{{{Entity("good", 1)}}},{{{Entity("there", 2)}}},{"id":"no uri","type":"T"},{"id":"urn:e:untyped","v":{"value":1}},{"id":"urn:e:bad","type":"T","v":{"type":"Property"}}]""");

        answer.Is(HttpStatusCode.MultiStatus);
        Assert.Equal(["urn:e:good"], answer.Json["success"]!.AsArray().Select(i => (string)i!));
        JsonArray errors = answer.Json["errors"]!.AsArray();
        Assert.Equal(4, errors.Count);
        JsonNode conflict = errors.Single(e => (string?)e!["entityId"] == "urn:e:there")!;
        Assert.EndsWith("/AlreadyExists", (string?)conflict["error"]!["type"], StringComparison.Ordinal);
        Assert.Equal(409, (int)conflict["error"]!["status"]!);
        Assert.All(errors.Where(e => (string?)e!["entityId"] != "urn:e:there"), e => Assert.Equal(400, (int)e!["error"]!["status"]!));
        Assert.Contains(errors, e => (string?)e!["entityId"] == "urn:e:bad");
        Assert.Equal(0, await ValueAsync(client, "there"));
        Assert.Equal(1, await ValueAsync(client, "good"));
        (await client.GetAsync("/entities/urn:e:untyped")).Is(HttpStatusCode.NotFound);
        (await client.GetAsync("/entities/urn:e:bad")).Is(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task The_same_id_twice_in_one_batch_is_created_once_and_then_refused_5_6_7()
    {
        NgsiClient client = await fixture.FreshAsync();

        Answer answer = await client.PostAsync("/entityOperations/create", Batch(("a", 1), ("a", 2)));

        answer.Is(HttpStatusCode.MultiStatus);
        Assert.Equal(["urn:e:a"], answer.Json["success"]!.AsArray().Select(i => (string)i!));
        Assert.EndsWith("/AlreadyExists", (string?)answer.Json["errors"]![0]!["error"]!["type"], StringComparison.Ordinal);
        Assert.Equal(1, await ValueAsync(client, "a"));
    }

    [Fact]
    public async Task The_same_id_twice_in_an_upsert_ends_with_the_later_one_5_6_8()
    {
        NgsiClient client = await fixture.FreshAsync();

        Answer answer = await client.PostAsync("/entityOperations/upsert", Batch(("a", 1), ("a", 2)));

        answer.Is(HttpStatusCode.Created);
        Assert.Equal(["urn:e:a"], answer.Json.AsArray().Select(i => (string)i!));
        Assert.Equal(2, await ValueAsync(client, "a"));
    }

    [Fact]
    public async Task An_upsert_names_what_is_new_and_replaces_the_rest_5_6_8()
    {
        NgsiClient client = await fixture.FreshAsync();
        await client.CreateAsync("""{"id":"urn:e:a","type":"T","v":{"value":0},"w":{"value":0}}""");
        string? created = (string?)(await client.EntityAsync("urn:e:a"))["createdAt"];

        Answer answer = await client.PostAsync("/entityOperations/upsert", Batch(("a", 1), ("b", 2)));

        answer.Is(HttpStatusCode.Created);
        Assert.Equal(["urn:e:b"], answer.Json.AsArray().Select(i => (string)i!));
        JsonNode a = await client.EntityAsync("urn:e:a");
        Assert.Null(a["w"]);
        Assert.Equal(created, (string?)a["createdAt"]);
        (await client.PostAsync("/entityOperations/upsert", Batch(("a", 3)))).Is(HttpStatusCode.NoContent);
    }

    [Fact]
    public async Task An_upsert_with_options_update_keeps_the_attributes_it_does_not_name_5_6_8()
    {
        NgsiClient client = await fixture.FreshAsync();
        await client.CreateAsync("""{"id":"urn:e:a","type":"T","v":{"value":0},"w":{"value":7}}""");

        (await client.PostAsync("/entityOperations/upsert?options=update", Batch(("a", 1)))).Is(HttpStatusCode.NoContent);

        JsonNode a = await client.EntityAsync("urn:e:a");
        Assert.Equal((1, 7), ((int)a["v"]!["value"]!, (int)a["w"]!["value"]!));
    }

    [Fact]
    public async Task A_batch_update_changes_what_is_there_and_reports_what_is_not_5_6_9()
    {
        NgsiClient client = await fixture.FreshAsync();
        await client.CreateAsync(Entity("a", 0));

        Answer answer = await client.PostAsync("/entityOperations/update", Batch(("a", 1), ("none", 1)));

        answer.Is(HttpStatusCode.MultiStatus);
        Assert.Equal(["urn:e:a"], answer.Json["success"]!.AsArray().Select(i => (string)i!));
        Assert.EndsWith("/ResourceNotFound", (string?)answer.Json["errors"]![0]!["error"]!["type"], StringComparison.Ordinal);
        Assert.Equal(1, await ValueAsync(client, "a"));
        (await client.GetAsync("/entities/urn:e:none")).Is(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_batch_update_with_noOverwrite_adds_what_is_new_and_keeps_what_is_there_5_6_9()
    {
        NgsiClient client = await fixture.FreshAsync();
        await client.CreateAsync(Entity("a", 0));

        (await client.PostAsync("/entityOperations/update?options=noOverwrite", """[{"id":"urn:e:a","type":"T","v":{"value":9},"w":{"value":5}}]""")).Is(HttpStatusCode.MultiStatus);

        JsonNode a = await client.EntityAsync("urn:e:a");
        Assert.Equal((0, 5), ((int)a["v"]!["value"]!, (int)a["w"]!["value"]!));
    }

    [Theory]
    [InlineData("simplified")]
    [InlineData("keyValues")]
    public async Task A_batch_merges_plain_values_when_they_are_announced_5_6_20(string option)
    {
        NgsiClient client = await fixture.FreshAsync();
        await client.CreateAsync("""{"id":"urn:e:a","type":"T","v":{"type":"Property","value":1,"unitCode":"CEL"}}""");

        (await client.PostAsync("/entityOperations/merge?options=" + option, """[{"id":"urn:e:a","v":{"x":2}}]""")).Is(HttpStatusCode.NoContent);

        Assert.Equal("""{"x":2}""", (await client.EntityAsync("urn:e:a"))["v"]!["value"]!.ToJsonString());
    }

    [Fact]
    public async Task A_batch_merge_goes_into_depth_5_6_20()
    {
        NgsiClient client = await fixture.FreshAsync();
        await client.CreateAsync("""{"id":"urn:e:a","type":"T","v":{"value":{"x":1,"y":2}},"w":{"value":7}}""");

        Answer answer = await client.PostAsync("/entityOperations/merge", """[{"id":"urn:e:a","type":"T","v":{"value":{"x":3}},"w":"urn:ngsi-ld:null"},{"id":"urn:e:none","type":"T","v":{"value":1}}]""");

        answer.Is(HttpStatusCode.MultiStatus);
        JsonNode a = await client.EntityAsync("urn:e:a");
        Assert.Equal("""{"x":3,"y":2}""", a["v"]!["value"]!.ToJsonString());
        Assert.Null(a["w"]);
    }

    [Fact]
    public async Task A_batch_delete_removes_what_is_there_and_reports_what_is_not_5_6_10()
    {
        NgsiClient client = await fixture.FreshAsync();
        (await client.PostAsync("/entityOperations/create", Batch(("a", 1), ("b", 1), ("c", 1)))).Is(HttpStatusCode.Created);

        Answer answer = await client.PostAsync("/entityOperations/delete", """["urn:e:a","urn:e:none","urn:e:a","urn:e:b"]""");

        answer.Is(HttpStatusCode.MultiStatus);
        Assert.Equal(["urn:e:a", "urn:e:b"], answer.Json["success"]!.AsArray().Select(i => (string)i!));
        Assert.Equal(["urn:e:none", "urn:e:a"], answer.Json["errors"]!.AsArray().Select(e => (string)e!["entityId"]!));
        (await client.GetAsync("/entities/urn:e:a")).Is(HttpStatusCode.NotFound);
        (await client.PostAsync("/entityOperations/delete", """["urn:e:c"]""")).Is(HttpStatusCode.NoContent);
    }

    [Theory]
    [InlineData("create", "[]")]
    [InlineData("upsert", "{}")]
    [InlineData("update", "[")]
    [InlineData("merge", "7")]
    [InlineData("delete", "[]")]
    [InlineData("delete", "[7]")]
    [InlineData("delete", """[["urn:e:a"]]""")]
    [InlineData("create", """[{"id":"urn:e:new","type":"T"},null]""")]
    [InlineData("upsert", """[{"id":"urn:e:new","type":"T"},7]""")]
    [InlineData("create", """[{"id":"urn:e:new","type":"T"}""")]
    [InlineData("create", """[{"id":"urn:e:new","type":"T"}] x""")]
    public async Task A_batch_that_is_no_array_of_entities_is_refused_whole_6_14(string operation, string body)
    {
        NgsiClient client = await fixture.FreshAsync();
        await client.CreateAsync(Entity("a", 0));

        (await client.PostAsync("/entityOperations/" + operation, body)).Is(HttpStatusCode.BadRequest);

        Assert.Equal(0, await ValueAsync(client, "a"));
        (await client.GetAsync("/entities/urn:e:new")).Is(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Upserts_and_deletes_that_race_are_answered_as_if_one_came_after_the_other()
    {
        NgsiClient client = await fixture.FreshAsync();
        for (int round = 0; round < 20; round++)
        {
            // Sent at once, the three reach the store in one or several groups.
            Answer[] racing = await Task.WhenAll(
                client.PostAsync("/entityOperations/upsert", Batch(("a", round))),
                client.DeleteAsync("/entities/urn:e:a"),
                client.PostAsync("/entityOperations/upsert", Batch(("a", round))));
            bool there = (await client.GetAsync("/entities/urn:e:a")).Status == HttpStatusCode.OK;
            int created = racing.Count(a => a.Status == HttpStatusCode.Created);
            bool deleted = racing[1].Status == HttpStatusCode.NoContent;

            Assert.Equal(created - (deleted ? 1 : 0), there ? 1 : 0);
            if (there)
            {
                (await client.DeleteAsync("/entities/urn:e:a")).Is(HttpStatusCode.NoContent);
            }
        }
    }

    private static string Entity(string name, int value) => $$$"""{"id":"urn:e:{{{name}}}","type":"T","v":{"type":"Property","value":{{{value}}}}}""";

    private static string Batch(params (string Name, int Value)[] entities) => $"[{string.Join(',', entities.Select(e => Entity(e.Name, e.Value)))}]";

    private static async Task<int> ValueAsync(NgsiClient client, string name) => (int)(await client.EntityAsync("urn:e:" + name))["v"]!["value"]!;
}

public sealed class BatchesOnSqliteTests(SqliteNode node) : BatchTests(node), IClassFixture<SqliteNode>;

public sealed class BatchesOnPostgresTests(PostgresNode node) : BatchTests(node), IClassFixture<PostgresNode>;
