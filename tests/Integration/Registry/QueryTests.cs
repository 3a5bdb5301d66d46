using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Twin.Hosting.Storage;
using Twin.Tests.Support;
using Xunit;

namespace Twin.Tests.Integration.Registry;

/// <summary>Queries over real HTTP (GS CIM 009 5.7.2): answered from memory, so one store is enough.</summary>
public sealed class QueryTests(SqliteNode fixture) : IClassFixture<SqliteNode>
{
    [Theory]
    [InlineData("type=Hall", "1 2 3")]
    [InlineData("type=Hall,Tree", "1 2 3 4")]
    [InlineData("type=(Hall;Listed)", "2")]
    [InlineData("id=urn:e:3,urn:e:1&type=Hall", "1 3")]
    [InlineData("idPattern=e:[12]$&type=Hall", "1 2")]
    [InlineData("q=height>12", "2 3")]
    [InlineData("q=height>12;height<20", "2")]
    [InlineData("q=height==10|height==30", "1 3")]
    [InlineData("q=name~=\"^Hall\"", "1 2")]
    [InlineData("q=owner==urn:o:1", "1 3")]
    [InlineData("q=address[city]==\"Mulhouse\"", "2")]
    [InlineData("attrs=species", "4")]
    [InlineData("type=Hall&scopeQ=/DMC/%23", "1 2")]
    [InlineData("type=Hall&scopeQ=/DMC/east", "2")]
    [InlineData("georel=near;maxDistance==500&geometry=Point&coordinates=[7.32,47.75]", "1 4")]
    [InlineData("georel=within&geometry=Polygon&coordinates=[[[7.3,47.7],[7.33,47.7],[7.33,47.8],[7.3,47.8],[7.3,47.7]]]", "1 2 4")]
    [InlineData("georel=near;maxDistance==500&geometry=Point&coordinates=[7.32,47.75]&type=Tree", "4")]
    [InlineData("type=Hall&q=height>12&georel=within&geometry=Polygon&coordinates=[[[7.3,47.7],[7.33,47.7],[7.33,47.8],[7.3,47.8],[7.3,47.7]]]", "2")]
    [InlineData("type=Hall&orderBy=height;desc", "3 2 1")]
    [InlineData("type=Hall&limit=1&offset=1", "2")]
    [InlineData("type=Nothing", "")]
    public async Task A_query_finds_what_matches_and_nothing_else_5_7_2(string query, string expected)
    {
        NgsiClient client = await CityAsync();

        Answer answer = (await client.GetAsync("/entities?" + query)).Is(HttpStatusCode.OK);

        Assert.Equal(expected, string.Join(' ', answer.Ids.Select(id => id["urn:e:".Length..])));
    }

    [Fact]
    public async Task A_query_by_post_answers_as_by_get_5_7_2()
    {
        NgsiClient client = await CityAsync();

        Answer answer = await client.PostAsync("/entityOperations/query?count=true&limit=1", """{"type":"Query","entities":[{"type":"Hall"}],"q":"height>12"}""");

        answer.Is(HttpStatusCode.OK);
        Assert.Equal(["urn:e:2"], answer.Ids);
        Assert.Equal("2", answer["NGSILD-Results-Count"]);
    }

    [Fact]
    public async Task A_count_is_of_all_that_match_also_with_limit_0_6_3_13()
    {
        NgsiClient client = await CityAsync();

        Answer none = await client.GetAsync("/entities?type=Hall&limit=0&count=true");
        Answer one = await client.GetAsync("/entities?type=Hall&limit=1&offset=1&count=true");

        Assert.Equal(("[]", "3"), (none.Text, none["NGSILD-Results-Count"]));
        Assert.DoesNotContain("rel=\"next\"", none["Link"] ?? "", StringComparison.Ordinal);
        Assert.Equal("3", one["NGSILD-Results-Count"]);
        Assert.Contains("</ngsi-ld/v1/entities?count=true&limit=1&offset=2&type=Hall>;rel=\"next\"", one["Link"], StringComparison.Ordinal);
        Assert.Contains("</ngsi-ld/v1/entities?count=true&limit=1&offset=0&type=Hall>;rel=\"prev\"", one["Link"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_walk_by_Twin_Next_neither_repeats_nor_misses_while_entities_come_and_go()
    {
        NgsiClient client = await fixture.FreshAsync();
        for (int i = 0; i < 40; i++)
        {
            await CreateAsync(client, i);
        }

        var seen = new List<string>();
        var deleted = new HashSet<string>();
        string? path = "/entities?type=T&limit=7";
        int next = 100;
        while (path is not null)
        {
            Answer page = (await client.GetAsync(path)).Is(HttpStatusCode.OK);
            seen.AddRange(page.Ids);
            path = page["Twin-Next"];

            // One that was seen goes, so that offsets shift; one that is still to come goes; a new one comes.
            await DeleteAsync(seen[0]);
            await DeleteAsync($"urn:e:{39 - deleted.Count}");
            await CreateAsync(client, next++);
            if (next > 120)
            {
                break;
            }
        }

        Assert.Equal(seen.Distinct(), seen);
        Assert.All(Enumerable.Range(0, 40).Select(i => $"urn:e:{i}").Where(id => !deleted.Contains(id)), id => Assert.Contains(id, seen));

        async Task DeleteAsync(string id)
        {
            if (deleted.Add(id))
            {
                await client.DeleteAsync("/entities/" + id);
            }
        }
    }

    [Fact]
    public async Task Pages_by_offset_cover_all_in_creation_order_6_3_10()
    {
        NgsiClient client = await fixture.FreshAsync();
        for (int i = 0; i < 25; i++)
        {
            await CreateAsync(client, 99 - i);
        }

        var seen = new List<string>();
        for (int offset = 0; offset < 30; offset += 6)
        {
            seen.AddRange((await client.GetAsync($"/entities?type=T&limit=6&offset={offset.ToString(CultureInfo.InvariantCulture)}")).Ids);
        }

        Assert.Equal(Enumerable.Range(0, 25).Select(i => $"urn:e:{99 - i}"), seen);
    }

    [Fact]
    public async Task A_projection_a_language_and_a_form_shape_the_answer_4_21()
    {
        NgsiClient client = await CityAsync();

        Answer picked = await client.GetAsync("/entities/urn:e:1?pick=id,height&format=simplified");
        Answer omitted = await client.GetAsync("/entities/urn:e:1?omit=name,height,owner,location,scope,title");
        Answer german = await client.GetAsync("/entities/urn:e:1?pick=title&lang=de&format=simplified");
        Answer joined = await client.GetAsync("/entities/urn:e:1?join=inline");
        Answer feature = await client.GetAsync("/entities/urn:e:1", ("Accept", "application/geo+json"));
        Answer features = await client.GetAsync("/entities?type=Hall", ("Accept", "application/geo+json"));

        Assert.Equal("""{"id":"urn:e:1","height":10}""", picked.Text);
        Assert.Equal("""{"id":"urn:e:1","type":"Hall"}""", omitted.Text);
        Assert.Equal("""{"title":"Halle"}""", german.Text);
        Assert.True((string?)joined.Json["owner"]!["entity"]?["name"]?["value"] == "DMC", joined.Text);
        Assert.Equal(("Feature", "Point"), ((string?)feature.Json["type"], (string?)feature.Json["geometry"]!["type"]));
        Assert.Equal("application/geo+json", feature.Content.ContentType?.MediaType);
        Assert.Equal(3, features.Json["features"]!.AsArray().Count);
    }

    [Fact]
    public async Task Discovery_counts_types_and_attributes_5_7_5()
    {
        NgsiClient client = await CityAsync();
        (await client.DeleteAsync("/entities/urn:e:3")).Is(HttpStatusCode.NoContent);

        JsonNode types = (await client.GetAsync("/types")).Json;
        JsonNode hall = (await client.GetAsync("/types/Hall")).Json;
        JsonNode height = (await client.GetAsync("/attributes/height")).Json;

        Assert.Equal(["Hall", "Listed", "Organization", "Tree"], types["typeList"]!.AsArray().Select(t => (string)t!));
        Assert.Equal(2, (int)hall["entityCount"]!);
        Assert.Equal(2, (int)height["attributeCount"]!);
        Assert.Equal("""["Property"]""", height["attributeTypes"]!.ToJsonString());
        Assert.Contains("species", (await client.GetAsync("/attributes")).Json["attributeList"]!.AsArray().Select(a => (string)a!));
        (await client.GetAsync("/types/Nothing")).Refuses(HttpStatusCode.NotFound, "ResourceNotFound");
        (await client.GetAsync("/attributes/nothing")).Refuses(HttpStatusCode.NotFound, "ResourceNotFound");
    }

    [Fact]
    public async Task An_anonymous_caller_sees_open_data_only_in_answers_counts_and_discovery()
    {
        using TestStore store = await TestStore.CreateAsync(StoreKind.Sqlite, TestContext.Current.CancellationToken);
        await using (RegistryNode open = await RegistryNode.StartAsync(store))
        {
            await open.Client.CreateAsync("""{"id":"urn:e:park","type":"Park","height":{"value":1}}""");
            await open.Client.CreateAsync("""{"id":"urn:e:meter","type":"Meter","height":{"value":2},"secret":{"value":1}}""");
            await open.Client.CreateAsync("""{"id":"urn:e:bench","type":"Bench","scope":"/Open/parks","height":{"value":3}}""");
        }

        await using RegistryNode node = await RegistryNode.StartAsync(
            store,
            null,
            null,
            ("Twin:Open", "false"),
            ("Twin:Address", "127.0.0.1"),
            ("Twin:Services", "gateway,entity-registry"),
            ("Twin:OpenData:Types:0", "Park"),
            ("Twin:OpenData:Scopes:0", "/Open"));
        NgsiClient anonymous = node.Client;

        Answer all = (await anonymous.GetAsync("/entities?q=height>0&count=true")).Is(HttpStatusCode.OK);
        Assert.Equal(["urn:e:park", "urn:e:bench"], all.Ids);
        Assert.Equal("2", all["NGSILD-Results-Count"]);
        (await anonymous.GetAsync("/entities/urn:e:meter")).Refuses(HttpStatusCode.NotFound, "ResourceNotFound");
        Assert.Equal("[]", (await anonymous.GetAsync("/entities?q=secret==1")).Text);
        Assert.DoesNotContain("Meter", (await anonymous.GetAsync("/types")).Text, StringComparison.Ordinal);
        (await anonymous.GetAsync("/attributes/secret")).Is(HttpStatusCode.NotFound);
        Assert.Equal(HttpStatusCode.Unauthorized, (await anonymous.PostAsync("/entities", """{"id":"urn:e:x","type":"Park"}""")).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await anonymous.DeleteAsync("/entities/urn:e:park")).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await anonymous.GetAsync("/csourceRegistrations?local=true")).Status);
    }

    private static Task CreateAsync(NgsiClient client, int number) =>
        client.CreateAsync($$"""{"id":"urn:e:{{number.ToString(CultureInfo.InvariantCulture)}}","type":"T"}""");

    private async Task<NgsiClient> CityAsync()
    {
        NgsiClient client = await fixture.FreshAsync();
        (await client.PostAsync(
            "/entityOperations/create",
            """
            [{"id":"urn:e:1","type":"Hall","scope":"/DMC","name":{"value":"Hall A"},"height":{"value":10},"owner":{"object":"urn:o:1"},
              "title":{"languageMap":{"de":"Halle","fr":"Hall"}},"location":{"type":"GeoProperty","value":{"type":"Point","coordinates":[7.32,47.75]}}},
             {"id":"urn:e:2","type":["Hall","Listed"],"scope":"/DMC/east","name":{"value":"Hall B"},"height":{"value":15},"address":{"value":{"city":"Mulhouse"}},
              "location":{"type":"GeoProperty","value":{"type":"Polygon","coordinates":[[[7.31,47.76],[7.311,47.76],[7.311,47.761],[7.31,47.76]]]}}},
             {"id":"urn:e:3","type":"Hall","name":{"value":"Old Hall"},"height":{"value":30},"owner":{"object":"urn:o:1"},
              "location":{"type":"GeoProperty","value":{"type":"Point","coordinates":[7.84,47.99]}}},
             {"id":"urn:e:4","type":"Tree","species":{"value":"Platanus"},
              "location":{"type":"GeoProperty","value":{"type":"Point","coordinates":[7.3205,47.7502]}}}]
            """)).Is(HttpStatusCode.Created);
        await client.CreateAsync("""{"id":"urn:o:1","type":"Organization","name":{"value":"DMC"}}""");
        return client;
    }
}
