using System.Net;
using System.Text.Json.Nodes;
using Xunit;

namespace Twin.Tests.Integration.Registry;

/// <summary>Provision of entities and attributes (GS CIM 009 5.6) as a client sees it; run on SQLite and on PostgreSQL.</summary>
public abstract class ProvisionTests(NodeFixture fixture)
{
    private const string Hall = "urn:ngsi-ld:Building:hall";

    private const string HallBody =
        """
        {"id":"urn:ngsi-ld:Building:hall","type":"Building","scope":"/DMC/halls",
         "name":{"type":"Property","value":"Hall 75"},
         "height":{"type":"Property","value":12.5,"unitCode":"MTR","observedAt":"2026-11-25T08:00:00.500Z"},
         "owner":{"type":"Relationship","object":"urn:ngsi-ld:Organization:dmc"},
         "location":{"type":"GeoProperty","value":{"type":"Point","coordinates":[7.32,47.75]}}}
        """;

    [Fact]
    public async Task A_created_entity_has_a_location_and_reads_as_it_was_written_5_6_1()
    {
        NgsiClient client = await fixture.FreshAsync();

        Answer created = await client.PostAsync("/entities", HallBody);

        created.Is(HttpStatusCode.Created);
        Assert.Equal("/ngsi-ld/v1/entities/" + Hall, created.Headers.Location?.ToString());
        Assert.Equal("", created.Text);
        Assert.Equal(client.Tenant, created["NGSILD-Tenant"]);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(HallBody), JsonNode.Parse(await client.TextAsync(Hall))), await client.TextAsync(Hall));
    }

    [Fact]
    public async Task A_second_entity_of_the_same_id_is_a_conflict_and_the_first_stays_5_6_1()
    {
        NgsiClient client = await fixture.FreshAsync();
        await client.CreateAsync(HallBody);
        string before = await client.TextAsync(Hall);

        Answer again = await client.PostAsync("/entities", $$$"""{"id":"{{{Hall}}}","type":"Building","name":{"value":"another"}}""");

        again.Refuses(HttpStatusCode.Conflict, "AlreadyExists");
        Assert.Equal(before, await client.TextAsync(Hall));
    }

    [Fact]
    public async Task Replacing_drops_what_is_not_sent_and_keeps_createdAt_5_6_18()
    {
        NgsiClient client = await fixture.FreshAsync();
        await client.CreateAsync(HallBody);
        JsonNode before = await client.EntityAsync(Hall);

        (await client.PutAsync($"/entities/{Hall}", $$$"""{"id":"{{{Hall}}}","type":"Ruin","name":{"type":"Property","value":"Hall 76"}}""")).Is(HttpStatusCode.NoContent);

        JsonNode after = await client.EntityAsync(Hall);
        Assert.Equal("Ruin", (string?)after["type"]);
        Assert.Equal("Hall 76", (string?)after["name"]!["value"]);
        Assert.Null(after["height"]);
        Assert.Null(after["scope"]);
        Assert.Equal((string?)before["createdAt"], (string?)after["createdAt"]);
        Assert.NotEqual((string?)before["modifiedAt"], (string?)after["modifiedAt"]);
    }

    [Fact]
    public async Task Merging_goes_into_depth_and_null_removes_5_6_17()
    {
        NgsiClient client = await fixture.FreshAsync();
        await client.CreateAsync(
            $$$"""{"id":"{{{Hall}}}","type":"Building","address":{"value":{"street":"Rue de Pfastatt","city":"Mulhouse"}},"height":{"value":12},"name":{"value":"Hall"}}""");

        (await client.PatchAsync(
            $"/entities/{Hall}",
            """{"address":{"value":{"street":"Rue des Brodeuses"}},"height":"urn:ngsi-ld:null","floors":{"value":2}}""",
            "application/merge-patch+json")).Is(HttpStatusCode.NoContent);

        JsonNode after = JsonNode.Parse(await client.TextAsync(Hall))!;
        Assert.Equal("""{"street":"Rue des Brodeuses","city":"Mulhouse"}""", after["address"]!["value"]!.ToJsonString());
        Assert.Null(after["height"]);
        Assert.Equal(2, (int)after["floors"]!["value"]!);
        Assert.Equal("Hall", (string?)after["name"]!["value"]);
    }

    [Fact]
    public async Task Appending_overwrites_unless_told_not_to_and_then_says_what_it_kept_5_6_3()
    {
        NgsiClient client = await fixture.FreshAsync();
        await client.CreateAsync(HallBody);
        const string Fragment = """{"name":{"type":"Property","value":"new"},"floors":{"type":"Property","value":2}}""";

        Answer kept = await client.PostAsync($"/entities/{Hall}/attrs?options=noOverwrite", Fragment);
        kept.Is(HttpStatusCode.MultiStatus);
        Assert.Equal(["https://uri.etsi.org/ngsi-ld/default-context/floors"], kept.Json["updated"]!.AsArray().Select(n => (string)n!));
        Assert.Equal(["https://uri.etsi.org/ngsi-ld/default-context/name"], kept.Json["notUpdated"]!.AsArray().Select(n => (string)n!["attributeName"]!));
        Assert.Equal("Hall 75", (string?)JsonNode.Parse(await client.TextAsync(Hall))!["name"]!["value"]);

        (await client.PostAsync($"/entities/{Hall}/attrs", Fragment)).Is(HttpStatusCode.NoContent);
        Assert.Equal("new", (string?)JsonNode.Parse(await client.TextAsync(Hall))!["name"]!["value"]);
    }

    [Fact]
    public async Task Updating_replaces_and_adds_and_a_scope_needs_one_to_replace_5_6_2()
    {
        NgsiClient client = await fixture.FreshAsync();
        await client.CreateAsync("""{"id":"urn:ngsi-ld:Building:hall","type":"Building","height":{"value":12,"unitCode":"MTR"},"name":{"value":"Hall"}}""");

        (await client.PatchAsync($"/entities/{Hall}/attrs", """{"height":{"type":"Property","value":13},"floors":{"type":"Property","value":2}}""")).Is(HttpStatusCode.NoContent);
        Answer scoped = await client.PatchAsync($"/entities/{Hall}/attrs", """{"scope":"/DMC","floors":{"type":"Property","value":3}}""");

        scoped.Is(HttpStatusCode.MultiStatus);
        Assert.Equal(["https://uri.etsi.org/ngsi-ld/scope"], scoped.Json["notUpdated"]!.AsArray().Select(n => (string)n!["attributeName"]!));
        JsonNode after = JsonNode.Parse(await client.TextAsync(Hall))!;
        Assert.Equal("""{"type":"Property","value":13}""", after["height"]!.ToJsonString());
        Assert.Equal(3, (int)after["floors"]!["value"]!);
        Assert.Equal("Hall", (string?)after["name"]!["value"]);
        Assert.Null(after["scope"]);
    }

    [Fact]
    public async Task A_partial_update_keeps_the_members_that_it_does_not_name_5_6_4()
    {
        NgsiClient client = await fixture.FreshAsync();
        await client.CreateAsync(HallBody);

        (await client.PatchAsync($"/entities/{Hall}/attrs/height", """{"value":13}""")).Is(HttpStatusCode.NoContent);

        JsonNode height = JsonNode.Parse(await client.TextAsync(Hall))!["height"]!;
        Assert.Equal(13, (int)height["value"]!);
        Assert.Equal("MTR", (string?)height["unitCode"]);
        Assert.Equal("2026-11-25T08:00:00.500Z", (string?)height["observedAt"]);
    }

    [Fact]
    public async Task Replacing_an_attribute_drops_the_members_that_are_not_sent_5_6_19()
    {
        NgsiClient client = await fixture.FreshAsync();
        await client.CreateAsync(HallBody);

        (await client.PutAsync($"/entities/{Hall}/attrs/height", """{"type":"Property","value":13}""")).Is(HttpStatusCode.NoContent);

        Assert.Equal("""{"type":"Property","value":13}""", JsonNode.Parse(await client.TextAsync(Hall))!["height"]!.ToJsonString());
    }

    [Fact]
    public async Task Deleting_an_attribute_takes_the_default_instance_one_dataset_or_all_5_6_5()
    {
        NgsiClient client = await fixture.FreshAsync();
        await client.CreateAsync(
            $$$"""
            {"id":"{{{Hall}}}","type":"Building","name":{"value":"Hall"},
             "height":[{"value":1},{"value":2,"datasetId":"urn:d:a"},{"value":3,"datasetId":"urn:d:b"}]}
            """);

        (await client.DeleteAsync($"/entities/{Hall}/attrs/height")).Is(HttpStatusCode.NoContent);
        Assert.Equal("2 3", await HeightsAsync());
        (await client.DeleteAsync($"/entities/{Hall}/attrs/height?datasetId=urn:d:a")).Is(HttpStatusCode.NoContent);
        Assert.Equal("3", await HeightsAsync());
        (await client.DeleteAsync($"/entities/{Hall}/attrs/height?datasetId=urn:d:a")).Refuses(HttpStatusCode.NotFound, "ResourceNotFound");
        (await client.DeleteAsync($"/entities/{Hall}/attrs/height?deleteAll=true")).Is(HttpStatusCode.NoContent);
        Assert.Null(JsonNode.Parse(await client.TextAsync(Hall))!["height"]);

        async Task<string> HeightsAsync()
        {
            JsonNode height = JsonNode.Parse(await client.TextAsync(Hall))!["height"]!;
            return string.Join(' ', (height is JsonArray many ? many : new JsonArray(height.DeepClone())).Select(h => h!["value"]!.ToJsonString()));
        }
    }

    [Fact]
    public async Task A_deleted_entity_is_gone_and_its_id_is_free_again_5_6_6()
    {
        NgsiClient client = await fixture.FreshAsync();
        await client.CreateAsync(HallBody);

        (await client.DeleteAsync($"/entities/{Hall}")).Is(HttpStatusCode.NoContent);

        (await client.GetAsync($"/entities/{Hall}")).Refuses(HttpStatusCode.NotFound, "ResourceNotFound");
        (await client.DeleteAsync($"/entities/{Hall}")).Refuses(HttpStatusCode.NotFound, "ResourceNotFound");
        await client.CreateAsync(HallBody);
    }

    [Theory]
    [InlineData("PUT", "", """{"id":"urn:ngsi-ld:Building:none","type":"Building","a":{"value":1}}""")]
    [InlineData("PATCH", "", """{"a":{"value":1}}""")]
    [InlineData("DELETE", "", null)]
    [InlineData("POST", "/attrs", """{"a":{"value":1}}""")]
    [InlineData("PATCH", "/attrs", """{"a":{"value":1}}""")]
    [InlineData("PATCH", "/attrs/a", """{"value":1}""")]
    [InlineData("PUT", "/attrs/a", """{"value":1}""")]
    [InlineData("DELETE", "/attrs/a", null)]
    public async Task What_is_not_there_cannot_be_changed_6_3_2(string method, string path, string? body)
    {
        NgsiClient client = await fixture.FreshAsync();
        await client.CreateAsync(HallBody);

        Answer answer = await client.SendAsync(new HttpMethod(method), $"/entities/urn:ngsi-ld:Building:none{path}", body, "application/json");

        answer.Refuses(HttpStatusCode.NotFound, "ResourceNotFound");
    }

    [Theory]
    [InlineData("PATCH", """{"value":1}""")]
    [InlineData("DELETE", null)]
    [InlineData("PUT", """{"value":1}""")]
    public async Task An_attribute_that_is_not_there_cannot_be_changed_5_6_4(string method, string? body)
    {
        NgsiClient client = await fixture.FreshAsync();
        await client.CreateAsync(HallBody);

        Answer answer = await client.SendAsync(new HttpMethod(method), $"/entities/{Hall}/attrs/floors", body, "application/json");

        answer.Refuses(HttpStatusCode.NotFound, "ResourceNotFound");
        Assert.Null(JsonNode.Parse(await client.TextAsync(Hall))!["floors"]);
    }

    [Theory]
    [InlineData("POST", "/entities")]
    [InlineData("PUT", "/entities/" + Hall)]
    [InlineData("PATCH", "/entities/" + Hall)]
    [InlineData("POST", "/entities/" + Hall + "/attrs")]
    [InlineData("PATCH", "/entities/" + Hall + "/attrs/name")]
    [InlineData("POST", "/entityOperations/create")]
    [InlineData("POST", "/entityOperations/delete")]
    public async Task Another_media_type_is_refused_before_anything_else_is_looked_at_6_3_4(string method, string path)
    {
        NgsiClient client = await fixture.FreshAsync();

        (await client.SendAsync(new HttpMethod(method), path, "<a/>", "application/xml")).Is(HttpStatusCode.UnsupportedMediaType);
        (await client.SendAsync(new HttpMethod(method), path, "{}", null)).Is(HttpStatusCode.UnsupportedMediaType);
    }

    [Fact]
    public async Task The_type_parameter_protects_an_entity_of_another_type_5_6_6()
    {
        NgsiClient client = await fixture.FreshAsync();
        await client.CreateAsync(HallBody);

        (await client.DeleteAsync($"/entities/{Hall}?type=Vehicle")).Refuses(HttpStatusCode.NotFound, "ResourceNotFound");
        (await client.PatchAsync($"/entities/{Hall}/attrs?type=Vehicle", """{"name":{"value":1}}""")).Refuses(HttpStatusCode.NotFound, "ResourceNotFound");
        (await client.DeleteAsync($"/entities/{Hall}?type=Building")).Is(HttpStatusCode.NoContent);
    }

    [Fact]
    public async Task Tenants_do_not_see_each_other_4_14()
    {
        RegistryNode node = await fixture.NodeAsync();
        NgsiClient one = node.Fresh(), other = node.Fresh();
        await one.CreateAsync(HallBody);
        await other.CreateAsync($$"""{"id":"{{Hall}}","type":"Vehicle"}""");

        (await other.DeleteAsync($"/entities/{Hall}")).Is(HttpStatusCode.NoContent);

        Assert.Equal("Building", (string?)JsonNode.Parse(await one.TextAsync(Hall))!["type"]);
        (await other.GetAsync($"/entities/{Hall}")).Refuses(HttpStatusCode.NotFound, "ResourceNotFound");
        Answer unknown = await node.Of("never-seen").GetAsync($"/entities/{Hall}");
        unknown.Refuses(HttpStatusCode.NotFound, "NonexistentTenant");
        Assert.Equal("never-seen", unknown["NGSILD-Tenant"]);
        (await node.Of("no name").PostAsync("/entities", HallBody)).Refuses(HttpStatusCode.BadRequest, "BadRequestData");
    }

    [Fact]
    public async Task A_write_that_changes_nothing_keeps_modifiedAt_of_what_it_did_not_touch()
    {
        NgsiClient client = await fixture.FreshAsync();
        await client.CreateAsync(HallBody);
        JsonNode before = await client.EntityAsync(Hall);

        (await client.PatchAsync($"/entities/{Hall}/attrs", """{"name":{"type":"Property","value":"new"}}""")).Is(HttpStatusCode.NoContent);

        JsonNode after = await client.EntityAsync(Hall);
        Assert.Equal((string?)before["height"]!["modifiedAt"], (string?)after["height"]!["modifiedAt"]);
        Assert.Equal((string?)before["name"]!["createdAt"], (string?)after["name"]!["createdAt"]);
        Assert.NotEqual((string?)before["name"]!["modifiedAt"], (string?)after["name"]!["modifiedAt"]);
        Assert.Equal((string?)after["name"]!["modifiedAt"], (string?)after["modifiedAt"]);
    }
}

public sealed class ProvisionOnSqliteTests(SqliteNode node) : ProvisionTests(node), IClassFixture<SqliteNode>;

public sealed class ProvisionOnPostgresTests(PostgresNode node) : ProvisionTests(node), IClassFixture<PostgresNode>;
