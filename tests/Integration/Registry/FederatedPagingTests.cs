using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Twin.Hosting.Storage;
using Twin.Tests.Integration.Contexts;
using Twin.Tests.Support;
using Xunit;

namespace Twin.Tests.Integration.Registry;

/// <summary>
/// Pages over two real nodes of 3,000 entities each, 200 of them held by both in part (GS CIM 009 5.7.2, 6.3.10), and over sources
/// that page in other ways than this node does.
/// </summary>
public sealed class FederatedPagingTests(FederatedPagingTests.TwoCities cities) : IClassFixture<FederatedPagingTests.TwoCities>
{
    private const int Each = 3_000;
    private const int Shared = 200;
    private const int InAll = (2 * Each) - Shared;

    private static readonly string[] Everyone = [.. Enumerable.Range(0, InAll).Select(Id).Order(StringComparer.Ordinal)];

    [Fact]
    public async Task A_walk_by_Twin_Next_has_each_entity_of_both_cities_once_and_counts_them()
    {
        var seen = new List<string>();
        string? path = "/entities?type=Hall&limit=500&count=true";
        while (path is not null)
        {
            Answer page = (await cities.One.Client.GetAsync(path)).Is(HttpStatusCode.OK);
            Assert.Null(page["NGSILD-Warning"]);
            Assert.Equal(InAll.ToString(CultureInfo.InvariantCulture), page["NGSILD-Results-Count"]);
            seen.AddRange(page.Ids);
            path = page["Twin-Next"];
        }

        Assert.Equal(Everyone, seen);
    }

    [Fact]
    public async Task A_walk_by_offset_has_each_entity_once_too_and_parts_of_one_entity_are_merged()
    {
        var seen = new List<string>();
        for (int offset = 0; offset < InAll; offset += 1_000)
        {
            Answer page = (await cities.One.Client.GetAsync($"/entities?type=Hall&limit=1000&offset={offset}")).Is(HttpStatusCode.OK);
            seen.AddRange(page.Ids);
            Assert.Equal(offset + 1_000 < InAll, page["Link"]!.Contains("rel=\"next\"", StringComparison.Ordinal));
            foreach (JsonNode? entity in page.Json.AsArray())
            {
                int number = Number((string)entity!["id"]!);
                Assert.Equal(number < Each, entity["one"] is not null);
                Assert.Equal(number >= Each - Shared, entity["two"] is not null);
            }
        }

        Assert.Equal(Everyone, seen);
    }

    [Fact]
    public async Task A_query_by_post_goes_the_same_way_with_several_selectors()
    {
        const string Query = """{"type":"Query","entities":[{"type":"Hall","id":["urn:e:00001","urn:e:05001"]},{"type":"Hall","idPattern":"^urn:e:0[25]002$"}],"q":"load>=0"}""";

        Answer answer = (await cities.One.Client.PostAsync("/entityOperations/query?count=true", Query)).Is(HttpStatusCode.OK);

        Assert.Equal(["urn:e:00001", "urn:e:02002", "urn:e:05001", "urn:e:05002"], answer.Ids);
        Assert.Equal("4", answer["NGSILD-Results-Count"]);
        Assert.Null(answer["NGSILD-Warning"]);
    }

    [Fact]
    public async Task An_order_holds_over_all_entities_of_both_cities()
    {
        Answer answer = (await cities.One.Client.GetAsync("/entities?type=Hall&orderBy=load;desc&limit=3&offset=1&count=true")).Is(HttpStatusCode.OK);

        Assert.Equal([Id(InAll - 2), Id(InAll - 3), Id(InAll - 4)], answer.Ids);
        Assert.Equal(InAll.ToString(CultureInfo.InvariantCulture), answer["NGSILD-Results-Count"]);
    }

    [Fact]
    public async Task An_entity_map_names_who_holds_what_and_serves_the_pages_while_entities_go_5_5_9_3()
    {
        NgsiClient other = cities.Two.Client;
        await other.CreateAsync("""{"id":"urn:m:1","type":"Mapped"}""");
        await other.CreateAsync("""{"id":"urn:m:3","type":"Mapped"}""");
        await cities.One.Client.CreateAsync("""{"id":"urn:m:2","type":"Mapped"}""");
        await cities.One.Client.CreateAsync("""{"id":"urn:m:4","type":"Mapped"}""");

        Answer first = (await cities.One.Client.GetAsync("/entities?type=Mapped&limit=2&entityMap=true&entityMapLifetime=PT5M")).Is(HttpStatusCode.Created);
        string map = first["NGSILD-EntityMap"]!;
        JsonNode held = (await cities.One.Client.GetAsync(map)).Is(HttpStatusCode.OK).Json["entityMap"]!;
        await other.DeleteAsync("/entities/urn:m:1");
        await other.CreateAsync("""{"id":"urn:m:0","type":"Mapped"}""");
        Answer again = (await cities.One.Client.GetAsync("/entities?type=Mapped&limit=2", ("NGSILD-EntityMap", map))).Is(HttpStatusCode.OK);
        Answer rest = (await cities.One.Client.GetAsync("/entities?type=Mapped&limit=2&offset=2&count=true", ("NGSILD-EntityMap", map))).Is(HttpStatusCode.OK);

        Assert.Equal(["urn:m:1", "urn:m:2"], first.Ids);
        Assert.Equal("""{"urn:m:1":["urn:r:two"],"urn:m:2":["@none"],"urn:m:3":["urn:r:two"],"urn:m:4":["@none"]}""", held.ToJsonString());
        Assert.Equal(["urn:m:2", "urn:m:3"], again.Ids);
        Assert.Equal(["urn:m:4"], rest.Ids);
        Assert.Equal(("3", map), (rest["NGSILD-Results-Count"], rest["NGSILD-EntityMap"]));
    }

    [Fact]
    public async Task An_entity_map_over_thousands_serves_pages_by_many_ids_at_once()
    {
        Answer first = (await cities.One.Client.GetAsync("/entities?type=Hall&limit=1&entityMap=true")).Is(HttpStatusCode.Created);
        Answer page = (await cities.One.Client.GetAsync("/entities?type=Hall&limit=1000&offset=2500&count=true", ("NGSILD-EntityMap", first["NGSILD-EntityMap"]!))).Is(HttpStatusCode.OK);

        Assert.Equal(Everyone.Skip(2500).Take(1000), page.Ids);
        Assert.Equal(InAll.ToString(CultureInfo.InvariantCulture), page["NGSILD-Results-Count"]);
    }

    [Fact]
    public async Task A_city_that_stops_midway_is_named_and_the_walk_goes_on_with_the_other()
    {
        await using var own = new TwoCities();
        await own.InitializeAsync();
        Answer first = (await own.One.Client.GetAsync("/entities?type=Hall&limit=500")).Is(HttpStatusCode.OK);
        Answer second = (await own.One.Client.GetAsync(first["Twin-Next"]!)).Is(HttpStatusCode.OK);
        await own.StopTwoAsync();
        List<string> seen = [.. first.Ids, .. second.Ids];
        for (string? path = second["Twin-Next"]; path is not null;)
        {
            Answer page = (await own.One.Client.GetAsync(path)).Is(HttpStatusCode.OK);
            Assert.Contains("urn:r:two", page["NGSILD-Warning"], StringComparison.Ordinal);
            seen.AddRange(page.Ids);
            path = page["Twin-Next"];
        }

        Assert.Equal(Enumerable.Range(0, Each).Select(Id), seen);
    }

    [Theory]
    [InlineData("orders", 7, 7)]
    [InlineData("ignores orderBy", 7, 7)]
    [InlineData("refuses orderBy", 7, 7)]
    [InlineData("ignores pageAfter", 3, 7)]
    [InlineData("refuses pageAfter", 3, 7)]
    public async Task A_source_that_pages_in_another_way_is_read_to_its_end(string manner, int limit, int pageSize)
    {
        await using DocumentSite source = await DocumentSite.StartAsync();
        string[] theirs = [.. Enumerable.Range(0, 20).Select(i => $"urn:f:{i:00}")];
        source.Serve("/ngsi-ld/v1/entities", http => AnswerAsync(http, theirs, manner, pageSize));
        NgsiClient client = cities.One.Fresh();
        await client.CreateAsync("""{"id":"urn:f:05a","type":"Foreign"}""");
        (await client.PostAsync(
            "/csourceRegistrations",
            $$"""{"id":"urn:r:foreign","type":"ContextSourceRegistration","information":[{"entities":[{"type":"Foreign"}]}],"endpoint":"{{source.Url}}"}""")).Is(HttpStatusCode.Created);
        var seen = new List<string>();
        string? path = $"/entities?type=Foreign&limit={limit}&count=true";
        while (path is not null)
        {
            Answer page = (await client.GetAsync(path)).Is(HttpStatusCode.OK);
            Assert.Null(page["NGSILD-Warning"]);
            Assert.Equal("21", page["NGSILD-Results-Count"]);
            seen.AddRange(page.Ids);
            path = page["Twin-Next"];
        }

        Assert.Equal([.. theirs[..6], "urn:f:05a", .. theirs[6..]], seen);
    }

    [Fact]
    public async Task A_source_without_an_order_is_read_up_to_a_bound_and_named()
    {
        await using DocumentSite source = await DocumentSite.StartAsync();
        string[] theirs = [.. Enumerable.Range(0, 200).Select(i => $"urn:f:{i:000}")];
        source.Serve("/ngsi-ld/v1/entities", http => AnswerAsync(http, theirs, "ignores orderBy", 50));
        using TestStore store = await TestStore.CreateAsync(StoreKind.Sqlite, TestContext.Current.CancellationToken);
        await using RegistryNode node = await RegistryNode.StartAsync(store, null, null, ("Twin:Federation:MostUnordered", "100"));
        (await node.Client.PostAsync(
            "/csourceRegistrations",
            $$"""{"id":"urn:r:foreign","type":"ContextSourceRegistration","information":[{"entities":[{"type":"Foreign"}]}],"endpoint":"{{source.Url}}"}""")).Is(HttpStatusCode.Created);

        Answer page = (await node.Client.GetAsync("/entities?type=Foreign&limit=1000")).Is(HttpStatusCode.OK);

        Assert.Equal(100, page.Ids.Length);
        Assert.Contains("urn:r:foreign keeps no order and has more than the 100 entities", page["NGSILD-Warning"], StringComparison.Ordinal);
    }

    private static Task AnswerAsync(HttpContext http, string[] ids, string manner, int most)
    {
        int offset = int.Parse((string?)http.Request.Query["offset"] ?? "0", CultureInfo.InvariantCulture);
        int limit = Math.Min(most, int.Parse((string?)http.Request.Query["limit"] ?? "20", CultureInfo.InvariantCulture));
        bool refuses = (manner == "refuses orderBy" && http.Request.Query.ContainsKey("orderBy"))
            || (manner == "refuses pageAfter" && http.Request.Query.ContainsKey("pageAfter"));
        if (refuses)
        {
            http.Response.StatusCode = StatusCodes.Status400BadRequest;
            return Task.CompletedTask;
        }

        IEnumerable<string> all = manner.EndsWith("orderBy", StringComparison.Ordinal) ? ids.OrderBy(id => id[^1]).ThenByDescending(id => id, StringComparer.Ordinal) : ids;
        if (offset + limit < ids.Length)
        {
            http.Response.Headers.Link = $"</ngsi-ld/v1/entities?offset={offset + limit}>;rel=\"next\"";
        }

        return http.Response.WriteAsync($"[{string.Join(',', all.Skip(offset).Take(limit).Select(id => $$"""{"id":"{{id}}","type":"Foreign"}"""))}]");
    }

    private static string Id(int number) => $"urn:e:{number:00000}";

    private static int Number(string id) => int.Parse(id["urn:e:".Length..], CultureInfo.InvariantCulture);

    /// <summary>Two nodes; the first knows the second as urn:r:two.</summary>
    public sealed class TwoCities : IAsyncLifetime
    {
        private TestStore? _storeOne;
        private TestStore? _storeTwo;
        private RegistryNode? _two;

        internal RegistryNode One { get; private set; } = null!;

        internal RegistryNode Two => _two!;

        public async ValueTask InitializeAsync()
        {
            _storeOne = await TestStore.CreateAsync(StoreKind.Sqlite, TestContext.Current.CancellationToken);
            _storeTwo = await TestStore.CreateAsync(StoreKind.Sqlite, TestContext.Current.CancellationToken);
            One = await RegistryNode.StartAsync(_storeOne, null, null, ("Twin:Federation:BudgetMilliseconds", "30000"));
            _two = await RegistryNode.StartAsync(_storeTwo);

            // Not in the order of their ids, so that nothing comes out right by chance.
            await FillAsync(One, "one", [.. Enumerable.Range(0, Each).Reverse()]);
            await FillAsync(_two, "two", [.. Enumerable.Range(Each - Shared, Each).OrderBy(i => i % 7)]);
            (await One.Client.PostAsync(
                "/csourceRegistrations",
                $$"""{"id":"urn:r:two","type":"ContextSourceRegistration","information":[{"entities":[{"type":"Hall"},{"type":"Mapped"}]}],"endpoint":"{{_two.Address}}"}""")).Is(HttpStatusCode.Created);
        }

        public async Task StopTwoAsync()
        {
            if (_two is not null)
            {
                await _two.DisposeAsync();
                _two = null;
            }
        }

        public async ValueTask DisposeAsync()
        {
            await StopTwoAsync();
            await One.DisposeAsync();
            _storeOne?.Dispose();
            _storeTwo?.Dispose();
        }

        private static async Task FillAsync(RegistryNode node, string city, int[] numbers)
        {
            foreach (int[] batch in numbers.Chunk(1_000))
            {
                string body = string.Join(',', batch.Select(i => $$"""{"id":"{{Id(i)}}","type":"Hall","load":{{i}},"{{city}}":true}"""));
                (await node.Client.PostAsync("/entityOperations/create", $"[{body}]")).Is(HttpStatusCode.Created);
            }
        }
    }
}
