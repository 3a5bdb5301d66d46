using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Xunit;

namespace Twin.Tests.Integration.Registry;

/// <summary>
/// Bad input: refused with the right status and a problem that names the member, and nothing of it stored. What is
/// refused never reaches the store, so one store is enough.
/// </summary>
public sealed class RefusedInputTests(SqliteNode fixture) : IClassFixture<SqliteNode>
{
    private const string Unchanged = """{"id":"urn:e:a","type":"T","v":{"type":"Property","value":1}}""";

    [Theory]
    [InlineData("""{"id":"urn:e:x","type":"T""", "InvalidRequest", null)]
    [InlineData("""{"id":"urn:e:x","type":"T"} trailing""", "InvalidRequest", null)]
    [InlineData("""{"id":"urn:e:x","type":"T","v":{"value":01}}""", "InvalidRequest", null)]
    [InlineData("""{"id":"urn:e:x","type":"T","v":{"value":"\ud800"}}""", "BadRequestData", null)]
    [InlineData("not json", "InvalidRequest", null)]
    [InlineData("[]", "InvalidRequest", null)]
    [InlineData("7", "InvalidRequest", null)]
    [InlineData("""{"id":"urn:e:x","type":"T","@context":"https://a.example/c.jsonld"}""", "BadRequestData", "/@context")]
    [InlineData("""{"id":"urn:e:x","id":"urn:e:y","type":"T"}""", null, "/id")]
    [InlineData("""{"id":"urn:e:x","type":"T","v":{"value":1},"v":{"value":2}}""", null, "/v")]
    [InlineData("""{"id":"urn:e:x","type":"T","v":{"value":1,"value":2}}""", null, "/v/value")]
    [InlineData("""{"type":"T"}""", "BadRequestData", "/id")]
    [InlineData("""{"id":"urn:e:x"}""", "BadRequestData", "/type")]
    [InlineData("""{"id":"no uri","type":"T"}""", "BadRequestData", "/id")]
    [InlineData("""{"id":"urn:e:a b","type":"T"}""", "BadRequestData", "/id")]
    [InlineData("""{"id":7,"type":"T"}""", "BadRequestData", "/id")]
    [InlineData("""{"id":"urn:e:x","type":""}""", "BadRequestData", "/type")]
    [InlineData("""{"id":"urn:e:x","type":[]}""", "BadRequestData", "/type")]
    [InlineData("""{"id":"urn:e:x","type":"T","scope":"no slash?"}""", "BadRequestData", "/scope")]
    [InlineData("""{"id":"urn:e:x","type":"T","v":{"type":"Property"}}""", "BadRequestData", "/v")]
    [InlineData("""{"id":"urn:e:x","type":"T","v":{"type":"Nothing","value":1}}""", "BadRequestData", "/v/type")]
    [InlineData("""{"id":"urn:e:x","type":"T","v":{"type":"Property","value":null}}""", "BadRequestData", "/v/value")]
    [InlineData("""{"id":"urn:e:x","type":"T","r":{"type":"Relationship","object":"no uri"}}""", "BadRequestData", "/r/object")]
    [InlineData("""{"id":"urn:e:x","type":"T","r":{"type":"Relationship","object":7}}""", "BadRequestData", "/r/object")]
    [InlineData("""{"id":"urn:e:x","type":"T","l":{"type":"LanguageProperty","languageMap":{"fr":7}}}""", "BadRequestData", "/l/languageMap")]
    [InlineData("""{"id":"urn:e:x","type":"T","v":{"type":"Property","value":1,"observedAt":"yesterday"}}""", "BadRequestData", "/v/observedAt")]
    [InlineData("""{"id":"urn:e:x","type":"T","v":{"type":"Property","value":1,"observedAt":"2026-02-30T00:00:00Z"}}""", "BadRequestData", "/v/observedAt")]
    [InlineData("""{"id":"urn:e:x","type":"T","v":{"type":"Property","value":1,"observedAt":"2026-01-01T25:00:00Z"}}""", "BadRequestData", "/v/observedAt")]
    [InlineData("""{"id":"urn:e:x","type":"T","v":{"type":"Property","value":1,"datasetId":"no uri"}}""", "BadRequestData", "/v/datasetId")]
    [InlineData("""{"id":"urn:e:x","type":"T","v":[{"value":1},{"value":2}]}""", "BadRequestData", "/v")]
    [InlineData("""{"id":"urn:e:x","type":"T","v":{"type":"Property","value":1,"unitCode":7}}""", "BadRequestData", "/v/unitCode")]
    [InlineData("""{"id":"urn:e:x","type":"T","expiresAt":"never"}""", "BadRequestData", "/expiresAt")]
    [InlineData("""{"id":"urn:e:x","type":"T","v":{"type":"Property","value":{"@context":"x"},"@context":{}}}""", "BadRequestData", "/v/@context")]
    public async Task A_body_that_is_not_allowed_is_refused_by_member_and_nothing_of_it_is_stored(string body, string? problem, string? member)
    {
        NgsiClient client = await fixture.FreshAsync();
        await client.CreateAsync(Unchanged);

        Answer single = await client.PostAsync("/entities", body);
        single.Is(HttpStatusCode.BadRequest);
        Assert.Equal(problem ?? single.Problem, single.Problem);
        Assert.NotEqual("", (string?)single.Json["detail"]);
        AssertNames(member, single.Member);
        if (member is not null && member != "/@context")
        {
            Answer batch = (await client.PostAsync("/entityOperations/upsert", $$"""[{"id":"urn:e:b","type":"T"},{{body}}]""")).Is(HttpStatusCode.MultiStatus);
            Assert.Equal(["urn:e:b"], batch.Json["success"]!.AsArray().Select(i => (string)i!));
            AssertNames("/1" + member, (string?)batch.Json["errors"]!.AsArray().Single()!["error"]!["member"]);
        }

        await NothingStoredAsync(client);
    }

    [Theory]
    [InlineData("""{"type":"Point","coordinates":[7.3]}""", "/g/value")]
    [InlineData("""{"type":"Point","coordinates":[200,0]}""", "/g/value")]
    [InlineData("""{"type":"Point","coordinates":[0,-90.5]}""", "/g/value")]
    [InlineData("""{"type":"Point","coordinates":["7","47"]}""", "/g/value")]
    [InlineData("""{"type":"Point","coordinates":[]}""", "/g/value")]
    [InlineData("""{"type":"Point"}""", "/g/value")]
    [InlineData("""{"type":"Circle","coordinates":[7,47]}""", "/g/value")]
    [InlineData("""{"type":"LineString","coordinates":[[7,47]]}""", "/g/value")]
    [InlineData("""{"type":"Polygon","coordinates":[]}""", "/g/value")]
    [InlineData("""{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,1]]]}""", "/g/value")]
    [InlineData("""{"type":"Polygon","coordinates":[[[0,0],[1,0],[0,0]]]}""", "/g/value")]
    [InlineData("""{"type":"MultiPolygon","coordinates":[[[[0,0],[1,0],[1,1],[0,1]]]]}""", "/g/value")]
    [InlineData("""{"type":"GeometryCollection","coordinates":[]}""", "/g/value")]
    [InlineData("\"POINT(7 47)\"", "/g/value")]
    public async Task A_geometry_that_breaks_RFC_7946_is_refused_4_7(string geometry, string member)
    {
        NgsiClient client = await fixture.FreshAsync();
        await client.CreateAsync(Unchanged);

        Answer answer = await client.PostAsync("/entities", $$$"""{"id":"urn:e:x","type":"T","g":{"type":"GeoProperty","value":{{{geometry}}}}}""");

        answer.Refuses(HttpStatusCode.BadRequest, "BadRequestData");
        AssertNames(member, answer.Member);
        await NothingStoredAsync(client);
    }

    [Theory]
    [InlineData("PATCH", "/entities/urn:e:a", """{"v":{"value":2},"w":{"type":"Relationship","object":"no uri"}}""", "/w/object")]
    [InlineData("PUT", "/entities/urn:e:a", """{"id":"urn:e:other","type":"T"}""", "/id")]
    [InlineData("PATCH", "/entities/urn:e:a", """{"id":"urn:e:other","v":{"value":2}}""", "/id")]
    [InlineData("POST", "/entities/urn:e:a/attrs", """{"v":{"value":2},"w":{"value":1,"observedAt":"x"}}""", "/w/observedAt")]
    [InlineData("PATCH", "/entities/urn:e:a/attrs", """{"v":{"value":2},"w":{"type":"Nothing"}}""", "/w/type")]
    [InlineData("PATCH", "/entities/urn:e:a/attrs/v", """{"value":2,"observedAt":"x"}""", "/observedAt")]
    [InlineData("PUT", "/entities/urn:e:a/attrs/v", """{"type":"Relationship","object":"no uri"}""", "/object")]
    public async Task A_change_is_refused_whole_when_a_part_of_it_is_wrong(string method, string path, string body, string member)
    {
        NgsiClient client = await fixture.FreshAsync();
        await client.CreateAsync(Unchanged);

        Answer answer = await client.SendAsync(new HttpMethod(method), path, body, "application/json");

        answer.Refuses(HttpStatusCode.BadRequest, "BadRequestData");
        AssertNames(member, answer.Member);
        await NothingStoredAsync(client);
    }

    [Theory]
    [InlineData("GET", "/entities?limit=0", "limit")]
    [InlineData("GET", "/entities?type=T&limit=1001", "limit")]
    [InlineData("GET", "/entities?type=T&offset=-1", "offset")]
    [InlineData("GET", "/entities?type=T&count=perhaps", "count")]
    [InlineData("GET", "/entities?type=T&invalid=1", "invalid")]
    [InlineData("GET", "/entities/urn:e:a?options=unknown", "options")]
    [InlineData("GET", "/entities/urn:e:a?format=unknown", "format")]
    [InlineData("GET", "/entities?type=T&id=nouri", "id")]
    [InlineData("GET", "/entities?type=T&idPattern=((", "idPattern")]
    [InlineData("GET", "/entities?type=T&idPattern=(a)%5C1", "idPattern")]
    [InlineData("GET", "/entities?type=T&idPattern=((a%7B1,999%7D)%7B1,999%7D)%7B1,999%7D", "idPattern")]
    [InlineData("GET", "/entities?type=T&q=v==", "q")]
    [InlineData("GET", "/entities?type=T&q=v~=%22((%22", "q")]
    [InlineData("GET", "/entities?type=T&georel=near;maxDistance==x&geometry=Point&coordinates=[1,1]", "georel")]
    [InlineData("GET", "/entities?type=T&georel=near;maxDistance==10&geometry=Point&coordinates=[200,1]", "coordinates")]
    [InlineData("GET", "/entities?type=T&georel=near;maxDistance==10", "geometry")]
    [InlineData("GET", "/entities?type=T&scopeQ=//", "scopeQ")]
    [InlineData("GET", "/entities?type=T;;U", "type")]
    [InlineData("GET", "/entities?type=T&orderBy=v;sideways", "orderBy")]
    [InlineData("GET", "/entities?type=T&pageAfter=x", "pageAfter")]
    [InlineData("GET", "/entities/nouri", "entityId")]
    [InlineData("DELETE", "/entities/urn:e:a?invalid=1", "invalid")]
    [InlineData("DELETE", "/entities/urn:e:a/attrs/v?datasetId=nouri", "datasetId")]
    [InlineData("DELETE", "/entities/urn:e:a/attrs/v?deleteAll=perhaps", "deleteAll")]
    public async Task A_parameter_that_is_not_allowed_is_refused_by_name_6_3(string method, string path, string parameter)
    {
        NgsiClient client = await fixture.FreshAsync();
        await client.CreateAsync(Unchanged);

        Answer answer = await client.SendAsync(new HttpMethod(method), path, null, null);

        answer.Is(HttpStatusCode.BadRequest);
        AssertNames(parameter, answer.Member);
        await NothingStoredAsync(client);
    }

    [Theory]
    [InlineData("a==1;b=2", 6)]
    [InlineData("(a==1", 5)]
    [InlineData("a==1;", 5)]
    [InlineData("a==\"open", 8)]
    public async Task A_query_with_a_syntax_error_is_told_where_4_9(string q, int position)
    {
        NgsiClient client = await fixture.FreshAsync();
        await client.CreateAsync(Unchanged);

        Answer answer = await client.GetAsync("/entities?type=T&q=" + Uri.EscapeDataString(q));

        answer.Refuses(HttpStatusCode.BadRequest, "BadRequestData");
        Assert.Matches($@"\b({position.ToString(CultureInfo.InvariantCulture)}|{(position + 1).ToString(CultureInfo.InvariantCulture)})\b", (string?)answer.Json["detail"]);
    }

    [Fact]
    public async Task Nesting_ten_thousand_deep_is_refused_wherever_it_is()
    {
        NgsiClient client = await fixture.FreshAsync();
        await client.CreateAsync(Unchanged);
        string deep = new string('[', 10_000) + new string(']', 10_000);
        string objects = string.Concat(Enumerable.Repeat("""{"a":""", 10_000)) + "1" + new string('}', 10_000);
        string subAttributes = string.Concat(Enumerable.Repeat("""{"value":1,"s":""", 10_000)) + """{"value":1}""" + new string('}', 10_000);
        string parentheses = new string('(', 2_000) + "a" + new string(')', 2_000);

        foreach (string value in (string[])[deep, objects])
        {
            (await client.PostAsync("/entities", $$$"""{"id":"urn:e:x","type":"T","v":{"type":"Property","value":{{{value}}}}}""")).Is(HttpStatusCode.BadRequest);
            (await client.PostAsync("/entities", $$$"""{"id":"urn:e:x","type":"T","v":{"type":"JsonProperty","json":{{{value}}}}}""")).Is(HttpStatusCode.BadRequest);
            (await client.PatchAsync("/entities/urn:e:a/attrs/v", $$"""{"value":{{value}}}""")).Is(HttpStatusCode.BadRequest);
            (await client.PostAsync("/csourceRegistrations", value)).Is(HttpStatusCode.BadRequest);
            (await client.PostAsync("/entityOperations/query", value)).Is(HttpStatusCode.BadRequest);
            (await client.PostAsync("/entityOperations/delete", value)).Is(HttpStatusCode.BadRequest);
            (await client.PostAsync("/entities", $$"""{"@context":{{value}},"id":"urn:e:x","type":"T"}""", "application/ld+json")).Is(HttpStatusCode.BadRequest);
        }

        (await client.PostAsync("/entityOperations/create", deep)).Is(HttpStatusCode.BadRequest);
        (await client.PostAsync("/entities", $$"""{"id":"urn:e:x","type":"T","v":{{subAttributes}}}""")).Is(HttpStatusCode.BadRequest);
        (await client.PostAsync("/entityOperations/query", $$"""{"type":"Query","entities":[{"type":"T"}],"q":"{{parentheses}}"}""")).Refuses(HttpStatusCode.Forbidden, "TooComplexQuery");
        await NothingStoredAsync(client);
    }

    [Theory]
    [InlineData("(a+)+$")]
    [InlineData("(a|aa)*$")]
    [InlineData("(.*)*x")]
    public async Task A_pattern_that_explodes_elsewhere_is_answered_at_once(string pattern)
    {
        NgsiClient client = await fixture.FreshAsync();
        string id = "urn:e:" + new string('a', 1_500) + "!";
        await client.CreateAsync($$$"""{"id":"{{{id}}}","type":"T","v":{"type":"Property","value":"{{{new string('a', 50_000)}}}!"}}""");

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(5));
        Answer byId = await client.GetAsync("/entities?type=T&idPattern=" + Uri.EscapeDataString(pattern)).WaitAsync(limit.Token);
        Answer byValue = await client.GetAsync("/entities?type=T&q=" + Uri.EscapeDataString($"v~=\"{pattern}\"")).WaitAsync(limit.Token);

        Assert.All((Answer[])[byId, byValue], a => Assert.Contains(a.Status, (HttpStatusCode[])[HttpStatusCode.OK, HttpStatusCode.BadRequest, HttpStatusCode.Forbidden]));
    }

    [Theory]
    [InlineData("http://127.0.0.1:9/context.jsonld", HttpStatusCode.GatewayTimeout, "LdContextNotAvailable")]
    [InlineData("no uri", HttpStatusCode.BadRequest, "BadRequestData")]
    public async Task An_unreachable_context_is_told_and_nothing_is_stored_5_5_7(string context, HttpStatusCode status, string problem)
    {
        NgsiClient client = await fixture.FreshAsync();
        await client.CreateAsync(Unchanged);

        (await client.PostAsync("/entities", $$"""{"@context":"{{context}}","id":"urn:e:x","type":"T"}""", "application/ld+json")).Refuses(status, problem);
        Answer batch = (await client.PostAsync("/entityOperations/create", $$"""[{"@context":"{{context}}","id":"urn:e:x","type":"T"}]""", "application/ld+json")).Is(HttpStatusCode.MultiStatus);
        Assert.EndsWith("/" + problem, (string?)batch.Json["errors"]![0]!["error"]!["type"], StringComparison.Ordinal);

        await NothingStoredAsync(client);
    }

    [Theory]
    [InlineData("application/ld+json", """{"id":"urn:e:x","type":"T"}""", null)]
    [InlineData("application/ld+json", """{"@context":"https://uri.etsi.org/ngsi-ld/v1/ngsi-ld-core-context-v1.9.jsonld","id":"urn:e:x","type":"T"}""", "<https://uri.etsi.org/ngsi-ld/v1/ngsi-ld-core-context-v1.9.jsonld>; rel=\"http://www.w3.org/ns/json-ld#context\"; type=\"application/ld+json\"")]
    public async Task A_context_in_the_wrong_place_is_refused_6_3_5(string type, string body, string? link)
    {
        NgsiClient client = await fixture.FreshAsync();
        await client.CreateAsync(Unchanged);

        Answer answer = await client.SendAsync(HttpMethod.Post, "/entities", body, type, link is null ? [] : [("Link", link)]);

        answer.Refuses(HttpStatusCode.BadRequest, "BadRequestData");
        await NothingStoredAsync(client);
    }

    [Fact]
    public async Task A_hundred_megabytes_are_refused_before_they_are_read()
    {
        RegistryNode node = await fixture.NodeAsync();

        string answer = await RawAsync(node, "POST /ngsi-ld/v1/entityOperations/create HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 104857600\r\n\r\n[");

        Assert.StartsWith("HTTP/1.1 413 ", answer, StringComparison.Ordinal);
        Assert.Contains("application/problem+json", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("POST /ngsi-ld/v1/entities")]
    [InlineData("PATCH /ngsi-ld/v1/entities/urn:e:a/attrs")]
    [InlineData("PUT /ngsi-ld/v1/entities/urn:e:a")]
    [InlineData("POST /ngsi-ld/v1/entityOperations/query")]
    [InlineData("POST /ngsi-ld/v1/csourceRegistrations")]
    public async Task A_body_without_a_length_is_refused_6_3_4(string request)
    {
        RegistryNode node = await fixture.NodeAsync();

        string answer = await RawAsync(node, request + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 411 ", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\u00e9", "GET /ngsi-ld/v1/types")]
    [InlineData("a\u0001b", "GET /ngsi-ld/v1/entities?type=T")]
    [InlineData("a\u007f", "GET /ngsi-ld/v1/jsonldContexts")]
    [InlineData("a b", "DELETE /ngsi-ld/v1/entities/urn:e:a")]
    public async Task A_tenant_that_no_answer_could_name_is_refused_6_3_14(string tenant, string request)
    {
        RegistryNode node = await fixture.NodeAsync();

        string answer = await RawAsync(node, request + $" HTTP/1.1\r\nHost: x\r\nConnection: close\r\nNGSILD-Tenant: {tenant}\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 400 ", answer, StringComparison.Ordinal);
        Assert.Contains("application/problem+json", answer, StringComparison.Ordinal);
        Assert.Contains("\"member\":\"NGSILD-Tenant\"", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_that_ends_before_its_length_changes_nothing()
    {
        RegistryNode node = await fixture.NodeAsync();
        NgsiClient client = node.Fresh();
        await client.CreateAsync(Unchanged);
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(node.Address.Host, node.Address.Port, TestContext.Current.CancellationToken);
        await socket.SendAsync(
            Encoding.ASCII.GetBytes($"POST /ngsi-ld/v1/entities HTTP/1.1\r\nHost: x\r\nNGSILD-Tenant: {client.Tenant}\r\nContent-Type: application/json\r\nContent-Length: 60\r\n\r\n{{\"id\":\"urn:e:x\",\"type\":\"T\"}}"),
            TestContext.Current.CancellationToken);
        socket.Shutdown(SocketShutdown.Send);
        try
        {
            await socket.ReceiveAsync(new byte[1024], TestContext.Current.CancellationToken);
        }
        catch (SocketException reset) when (reset.SocketErrorCode == SocketError.ConnectionReset)
        {
            // The server need not answer half a request.
        }

        await NothingStoredAsync(client);
    }

    [Fact]
    public async Task A_request_without_a_body_is_refused()
    {
        NgsiClient client = await fixture.FreshAsync();
        await client.CreateAsync(Unchanged);

        (await client.PostAsync("/entities", "")).Refuses(HttpStatusCode.BadRequest, "InvalidRequest");
        (await client.PostAsync("/entityOperations/create", "")).Refuses(HttpStatusCode.BadRequest, "InvalidRequest");
    }

    /// <summary>A member is named exactly, or by the place within it.</summary>
    private static void AssertNames(string? expected, string? actual)
    {
        if (expected is not null)
        {
            Assert.True(actual is not null && (actual == expected || actual.StartsWith(expected + "/", StringComparison.Ordinal)), $"The problem names '{actual}', not '{expected}'.");
        }
    }

    private static async Task NothingStoredAsync(NgsiClient client)
    {
        Assert.Equal(Unchanged, await client.TextAsync("urn:e:a"));
        Assert.All((await client.GetAsync("/entities?local=true")).Is(HttpStatusCode.OK).Ids, id => Assert.Contains(id, (string[])["urn:e:a", "urn:e:b"]));
    }

    private static async Task<string> RawAsync(RegistryNode node, string request)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(node.Address.Host, node.Address.Port, TestContext.Current.CancellationToken);
        await socket.SendAsync(Encoding.UTF8.GetBytes(request), TestContext.Current.CancellationToken);
        using var answer = new NetworkStream(socket);
        using var reader = new StreamReader(answer, Encoding.ASCII);
        return await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
    }
}
