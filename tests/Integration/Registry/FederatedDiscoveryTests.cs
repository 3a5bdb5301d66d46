using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Twin.Hosting.Storage;
using Twin.Tests.Integration.Contexts;
using Twin.Tests.Support;
using Xunit;

namespace Twin.Tests.Integration.Registry;

/// <summary>Types and attributes of other context sources, asked along and merged (GS CIM 009 5.7.5 to 5.7.10).</summary>
public sealed class FederatedDiscoveryTests
{
    private const string Vocabulary = "https://uri.etsi.org/ngsi-ld/default-context/";
    private const string Types = "/ngsi-ld/v1/types/https:%2F%2Furi.etsi.org%2Fngsi-ld%2Fdefault-context%2F";
    private const string HallType = Types + "Hall";
    private const string LoadAttribute = "/ngsi-ld/v1/attributes/https:%2F%2Furi.etsi.org%2Fngsi-ld%2Fdefault-context%2Fload";

    [Fact]
    public async Task The_types_of_a_source_are_listed_with_ours_each_once_5_7_5()
    {
        await using Federation federation = await FederatedAsync();
        federation.Source.Serve("/ngsi-ld/v1/types", """{"id":"urn:l:1","type":"EntityTypeList","typeList":["Hall","Tram"]}""");

        Answer answer = (await federation.Node.Client.GetAsync("/types")).Is(HttpStatusCode.OK);
        Answer local = (await federation.Node.Client.GetAsync("/types?local=true")).Is(HttpStatusCode.OK);

        Assert.Equal(["Hall", "Tram"], Texts(answer.Json["typeList"]));
        Assert.Equal(["Hall"], Texts(local.Json["typeList"]));
        Assert.Null(answer["NGSILD-Warning"]);
        Assert.Equal(1, federation.Source.Hits("/ngsi-ld/v1/types"));
    }

    [Fact]
    public async Task The_attributes_of_a_type_are_those_of_all_sources_5_7_6()
    {
        await using Federation federation = await FederatedAsync();
        string? asked = null;
        federation.Source.Serve("/ngsi-ld/v1/types", http =>
        {
            asked = http.Request.QueryString.Value;
            return http.Response.WriteAsync($$"""[{"id":"{{Vocabulary}}Hall","type":"EntityType","typeName":"Hall","attributeNames":["floors","load"]}]""");
        });

        JsonNode hall = Assert.Single((await federation.Node.Client.GetAsync("/types?details=true")).Is(HttpStatusCode.OK).Json.AsArray())!;

        Assert.Equal((Vocabulary + "Hall", "EntityType", "Hall"), ((string?)hall["id"], (string?)hall["type"], (string?)hall["typeName"]));
        Assert.Equal(["floors", "load", "name"], Texts(hall["attributeNames"]).Order());
        Assert.Equal("?details=true", asked);
    }

    [Fact]
    public async Task Entities_of_a_type_are_counted_at_each_source_and_attribute_types_united_5_7_7()
    {
        await using Federation federation = await FederatedAsync();
        federation.Source.Serve(
            HallType,
            $$"""{"id":"{{Vocabulary}}Hall","type":"EntityTypeInfo","typeName":"Hall","entityCount":41,"attributeDetails":[{"id":"{{Vocabulary}}load","type":"Attribute","attributeName":"load","attributeTypes":["ListProperty","Property"]}]}""");

        JsonNode hall = (await federation.Node.Client.GetAsync("/types/Hall")).Is(HttpStatusCode.OK).Json;

        Assert.Equal(42, (int)hall["entityCount"]!);
        JsonNode load = Assert.Single(hall["attributeDetails"]!.AsArray(), a => (string?)a!["attributeName"] == "load")!;
        Assert.Equal(["ListProperty", "Property"], Texts(load["attributeTypes"]).Order());
        Assert.Equal(2, hall["attributeDetails"]!.AsArray().Count);
        Assert.Equal(1, (int)(await federation.Node.Client.GetAsync("/types/Hall?local=true")).Is(HttpStatusCode.OK).Json["entityCount"]!);
    }

    [Fact]
    public async Task A_type_that_a_source_alone_has_is_found_and_one_that_nobody_has_is_not_5_7_7()
    {
        await using Federation federation = await FederatedAsync("""[{"entities":[{"type":"Tram"}]}]""");
        federation.Source.Serve(Types + "Tram", $$"""{"id":"{{Vocabulary}}Tram","type":"EntityTypeInfo","typeName":"Tram","entityCount":3,"attributeDetails":[]}""");

        Assert.Equal(3, (int)(await federation.Node.Client.GetAsync("/types/Tram")).Is(HttpStatusCode.OK).Json["entityCount"]!);
        Answer none = await federation.Node.Client.GetAsync("/types/Boat");

        none.Refuses(HttpStatusCode.NotFound, "ResourceNotFound");
        Assert.Null(none["NGSILD-Warning"]);
        Assert.Equal(0, federation.Source.Hits(Types + "Boat"));
        Assert.Equal(0, federation.Source.Hits(HallType));
    }

    [Fact]
    public async Task The_attributes_of_a_source_are_listed_with_ours_and_their_types_5_7_8_5_7_9()
    {
        await using Federation federation = await FederatedAsync();
        federation.Source.Serve("/ngsi-ld/v1/attributes", http => http.Response.WriteAsync(http.Request.QueryString.HasValue
            ? """[{"type":"Attribute","attributeName":"load","typeNames":["Tram"]},{"type":"Attribute","attributeName":"line","typeNames":["Tram"]}]"""
            : """{"id":"urn:l:1","type":"AttributeList","attributeList":["line"]}"""));

        Assert.Equal(["line", "load", "name"], Texts((await federation.Node.Client.GetAsync("/attributes")).Is(HttpStatusCode.OK).Json["attributeList"]));
        JsonArray details = (await federation.Node.Client.GetAsync("/attributes?details=true")).Is(HttpStatusCode.OK).Json.AsArray();

        Assert.Equal(["line", "load", "name"], details.Select(a => (string)a!["attributeName"]!));
        Assert.Equal(["Hall", "Tram"], Texts(details[1]!["typeNames"]).Order());
    }

    [Fact]
    public async Task Occurrences_of_an_attribute_are_counted_at_each_source_5_7_10()
    {
        await using Federation federation = await FederatedAsync();
        federation.Source.Serve(LoadAttribute, $$"""{"id":"{{Vocabulary}}load","type":"Attribute","attributeName":"load","attributeCount":9,"attributeTypes":["JsonProperty"],"typeNames":["Tram"]}""");

        JsonNode load = (await federation.Node.Client.GetAsync("/attributes/load")).Is(HttpStatusCode.OK).Json;

        Assert.Equal(10, (int)load["attributeCount"]!);
        Assert.Equal(["JsonProperty", "Property"], Texts(load["attributeTypes"]).Order());
        Assert.Equal(["Hall", "Tram"], Texts(load["typeNames"]).Order());
        (await federation.Node.Client.GetAsync("/attributes/id")).Refuses(HttpStatusCode.NotFound, "ResourceNotFound");
    }

    [Theory]
    [InlineData("<html>")]
    [InlineData("7")]
    [InlineData("[7]")]
    [InlineData("""{"type":"EntityTypeList","typeList":[7]}""")]
    [InlineData("""{"type":"EntityTypeList","typeList":["\ud800"]}""")]
    [InlineData("""{"type":"EntityTypeInfo"}""")]
    [InlineData("""{"type":"Attribute","attributeName":"@id"}""")]
    public async Task A_source_that_answers_something_else_is_named_and_costs_nobody_our_answer_6_3_17(string told)
    {
        await using Federation federation = await FederatedAsync();
        federation.Source.Serve("/ngsi-ld/v1/types", told);

        Answer answer = (await federation.Node.Client.GetAsync("/types")).Is(HttpStatusCode.OK);

        Assert.Equal(["Hall"], Texts(answer.Json["typeList"]));
        Assert.Contains("urn:r:1", answer["NGSILD-Warning"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_source_is_not_asked_for_what_it_is_not_registered_for_nor_by_one_it_has_asked()
    {
        await using Federation federation = await Federation.StartAsync();
        await federation.RegisterAsync("urn:r:1", "inclusive", more: ""","operations":["retrieveOps"]""");
        await federation.RegisterAsync("urn:r:2", "inclusive", more: ""","contextSourceAlias":"loop" """);

        (await federation.Node.Client.GetAsync("/types", ("Via", "1.1 loop"))).Is(HttpStatusCode.OK);

        Assert.Equal(0, federation.Source.Hits("/ngsi-ld/v1/types"));
        (await federation.Node.Client.GetAsync("/types?local=perhaps")).Refuses(HttpStatusCode.BadRequest, "BadRequestData");
    }

    [Fact]
    public async Task A_source_that_never_answers_delays_nobody_past_the_budget()
    {
        await using Federation federation = await Federation.StartAsync(null, ("Twin:Federation:BudgetMilliseconds", "300"));
        federation.Source.Serve("/ngsi-ld/v1/types", http => Task.Delay(Timeout.Infinite, http.RequestAborted));
        await federation.RegisterAsync("urn:r:slow", "inclusive");

        Answer answer = await federation.Node.Client.GetAsync("/types").WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);

        Assert.Empty(Texts(answer.Is(HttpStatusCode.OK).Json["typeList"]));
        Assert.Contains("did not answer within 300 ms", answer["NGSILD-Warning"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_sees_open_data_alone_is_not_told_what_sources_count()
    {
        using TestStore store = await TestStore.CreateAsync(StoreKind.Sqlite, TestContext.Current.CancellationToken);
        await using DocumentSite source = await DocumentSite.StartAsync();
        source.Serve("/ngsi-ld/v1/types", """{"id":"urn:l:1","type":"EntityTypeList","typeList":["Secret"]}""");
        await using (RegistryNode open = await RegistryNode.StartAsync(store))
        {
            await open.Client.CreateAsync("""{"id":"urn:e:park","type":"Park"}""");
            (await open.Client.PostAsync(
                "/csourceRegistrations",
                $$"""{"id":"urn:r:1","type":"ContextSourceRegistration","information":[{"entities":[{"type":"Secret"}]}],"endpoint":"{{source.Url}}"}""")).Is(HttpStatusCode.Created);
            Assert.Equal(["Park", "Secret"], Texts((await open.Client.GetAsync("/types")).Json["typeList"]));
        }

        await using RegistryNode node = await RegistryNode.StartAsync(
            store, null, null, ("Twin:Open", "false"), ("Twin:Address", "127.0.0.1"), ("Twin:Services", "gateway,entity-registry"), ("Twin:OpenData:Types:0", "Park"));

        Assert.Equal(["Park"], Texts((await node.Client.GetAsync("/types")).Is(HttpStatusCode.OK).Json["typeList"]));
        Assert.Equal(1, source.Hits("/ngsi-ld/v1/types"));
    }

    private static async Task<Federation> FederatedAsync(string information = """[{"entities":[{"type":"Hall"}]}]""")
    {
        Federation federation = await Federation.StartAsync();
        await federation.Node.Client.CreateAsync("""{"id":"urn:e:hall","type":"Hall","name":{"value":"ours"},"load":{"value":1}}""");
        await federation.RegisterAsync("urn:r:1", "inclusive", information);
        return federation;
    }

    private static string[] Texts(JsonNode? names) => [.. names!.AsArray().Select(n => (string)n!)];
}
