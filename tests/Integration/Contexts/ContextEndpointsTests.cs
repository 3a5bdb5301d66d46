using System.Net;
using System.Text.Json.Nodes;
using Twin.Hosting.Storage;
using Twin.Tests.Support;
using Xunit;

namespace Twin.Tests.Integration.Contexts;

/// <summary>GS CIM 009 V1.9.1, 5.13: adding, listing, serving, reloading and deleting @contexts.</summary>
public sealed class ContextEndpointsTests : IAsyncLifetime
{
    private const string Core = "https://uri.etsi.org/ngsi-ld/v1/ngsi-ld-core-context-v1.6.jsonld";
    private const string Hosted = """{"@context":{"T1":"https://example.org/T1"}}""";
    private TestStore _store = null!;
    private DocumentSite _site = null!;
    private ContextHost _host = null!;

    public async ValueTask InitializeAsync()
    {
        _store = await TestStore.CreateAsync(StoreKind.Sqlite);
        _site = await DocumentSite.StartAsync();
        _host = await ContextHost.StartAsync(_store);
    }

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        await _site.DisposeAsync();
        _store.Dispose();
    }

    [Fact]
    public async Task A_hosted_context_is_served_as_it_was_given_and_used_by_its_url()
    {
        using HttpResponseMessage added = await _host.HostAsync("""{ "@context": {"T1": "https://example.org/T1"}, "beside": 1 }""");

        Assert.Equal(HttpStatusCode.Created, added.StatusCode);
        Assert.Empty(await added.Content.ReadAsStringAsync());
        string location = added.Headers.Location!.OriginalString;
        Assert.StartsWith(ContextHost.Contexts + "/", location, StringComparison.Ordinal);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(Hosted), await _host.GetAsync(location)));
        Assert.Equal("https://example.org/T1", await Text(await _host.UseLinkAsync(_host.Url + location)));
        JsonNode details = (await _host.GetAsync(location + "?details=true"))!;
        Assert.Equal("Hosted", (string?)details["kind"]);
        Assert.EndsWith(location, (string)details["URL"]!, StringComparison.Ordinal);
        Assert.EndsWith((string)details["localId"]!, location, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"T1": "https://example.org/T1"}""", "InvalidRequest")]
    [InlineData("""{"@context": """, "InvalidRequest")]
    [InlineData("", "InvalidRequest")]
    [InlineData("""{"@context": 42}""", "BadRequestData")]
    [InlineData("""{"@context": true}""", "BadRequestData")]
    [InlineData("""{"@context": ["https://example.org/ctx.jsonld", 7]}""", "BadRequestData")]
    [InlineData("""{"@context": {"a": {"@id": "https://example.org/", "@context": {}}}}""", "BadRequestData")]
    public async Task What_is_no_context_is_not_hosted(string body, string type)
    {
        using HttpResponseMessage answer = await _host.HostAsync(body);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Null(answer.Headers.Location);
        Assert.Contains(type, await Text(answer), StringComparison.Ordinal);
        Assert.Empty((await _host.GetAsync(ContextHost.Contexts + "?kind=Hosted"))!.AsArray());
    }

    [Fact]
    public async Task A_hosted_context_too_large_is_refused()
    {
        using HttpResponseMessage answer = await _host.HostAsync("{\"@context\": {\"T1\": \"https://example.org/" + new string('x', 2 << 20) + "\"}}");

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
    }

    [Fact]
    public async Task A_context_from_the_web_is_fetched_once_and_kept_while_its_site_is_down()
    {
        string inner = _site.Serve("/inner.jsonld", """{"@context": {"T1": "https://example.org/T1"}}""");
        string outer = _site.Serve("/outer.jsonld", """{"@context": ["inner.jsonld", {"T2": "https://example.org/T2"}]}""");

        Assert.Equal("https://example.org/T1", await Text(await _host.UseLinkAsync(outer)));
        Assert.Equal("https://example.org/T2", await Text(await _host.UseInlineAsync($$"""["{{outer}}"]""", "T2")));
        await _site.StopAsync();

        Assert.Equal("https://example.org/T2", await Text(await _host.UseInlineAsync($$"""["{{outer}}", {"T3": "https://example.org/T3"}]""", "T2")));
        Assert.Equal(1, _site.Hits("/outer.jsonld"));
        Assert.Equal(1, _site.Hits("/inner.jsonld"));
        string[] cached = [.. (await _host.GetAsync(ContextHost.Contexts + "?kind=Cached"))!.AsArray().Select(u => (string)u!)];
        Assert.Contains(outer, cached);
        Assert.Contains(inner, cached);
    }

    [Fact]
    public async Task Uses_are_counted_and_serving_counts_after_the_answer()
    {
        string url = _site.Serve("/c.jsonld", Hosted);

        await _host.UseInlineAsync($"\"{url}\"");
        Assert.Equal(1, (int)(await _host.DetailsAsync(url))!["numberOfHits"]!);
        await _host.UseLinkAsync(url);
        await _host.UseLinkAsync(url);
        JsonNode details = (await _host.DetailsAsync(url))!;

        Assert.Equal(4, (int)details["numberOfHits"]!);
        Assert.Equal("Cached", (string?)details["kind"]);
        Assert.NotNull((string?)details["lastUsage"]);
        Assert.Empty(details.AsObject().Select(m => m.Key).Except(["URL", "localId", "kind", "createdAt", "lastUsage", "numberOfHits"]));
    }

    [Fact]
    public async Task A_reload_takes_the_new_text_and_a_failed_one_keeps_the_old()
    {
        string url = _site.Serve("/c.jsonld", Hosted);
        await _host.UseLinkAsync(url);
        _site.Serve("/c.jsonld", """{"@context": {"T1": "https://example.org/new"}}""");
        Assert.Equal("https://example.org/T1", await Text(await _host.UseLinkAsync(url)));

        Assert.Equal(HttpStatusCode.NoContent, await _host.DeleteAsync(url, "?reload=true"));
        Assert.Equal("https://example.org/new", await Text(await _host.UseLinkAsync(url)));

        _site.Serve("/c.jsonld", "not a context");
        Assert.Equal(HttpStatusCode.GatewayTimeout, await _host.DeleteAsync(url, "?reload=true"));
        await _site.StopAsync();
        Assert.Equal(HttpStatusCode.GatewayTimeout, await _host.DeleteAsync(url, "?reload=true"));
        Assert.Equal("https://example.org/new", await Text(await _host.UseLinkAsync(url)));

        Assert.Equal(HttpStatusCode.NoContent, await _host.DeleteAsync(url));
        await _host.DetailsAsync(url, HttpStatusCode.NotFound);
        Assert.Equal(HttpStatusCode.GatewayTimeout, (await _host.UseLinkAsync(url)).StatusCode);
    }

    [Fact]
    public async Task A_core_context_can_be_reloaded_and_not_deleted()
    {
        Assert.Equal("Cached", (string?)(await _host.DetailsAsync(Core))!["kind"]);
        Assert.Equal(HttpStatusCode.BadRequest, await _host.DeleteAsync(Core));
        Assert.Equal(HttpStatusCode.BadRequest, await _host.DeleteAsync(Core, "?reload=false"));
        Assert.Equal(HttpStatusCode.NoContent, await _host.DeleteAsync(Core, "?reload=true"));
        Assert.NotNull((await _host.GetAsync($"{ContextHost.Contexts}/{Uri.EscapeDataString(Core)}"))!["@context"]);
    }

    [Theory]
    [InlineData("unknown", "", HttpStatusCode.NotFound)]
    [InlineData("unknown", "?reload=false", HttpStatusCode.NotFound)]
    [InlineData("unknown", "?reload=true", HttpStatusCode.BadRequest)]
    [InlineData("unknown", "?reload=xxx", HttpStatusCode.BadRequest)]
    [InlineData("hosted", "?reload=true", HttpStatusCode.BadRequest)]
    [InlineData("hosted", "", HttpStatusCode.NoContent)]
    public async Task Deleting_answers_as_5_13_5_says(string which, string query, HttpStatusCode expected)
    {
        string id = which == "unknown" ? which : (await _host.HostAsync(Hosted)).Headers.Location!.OriginalString.Split('/')[^1];

        Assert.Equal(expected, await _host.DeleteAsync(id, query));
    }

    [Theory]
    [InlineData("?kind=other")]
    [InlineData("?details=other")]
    [InlineData("?details=true&kind=cached")]
    public async Task An_unknown_filter_is_refused(string query) =>
        await _host.GetAsync(ContextHost.Contexts + query, expected: HttpStatusCode.BadRequest);

    [Fact]
    public async Task A_hosted_context_is_its_tenants_own()
    {
        string location = (await _host.HostAsync(Hosted, "a")).Headers.Location!.OriginalString;
        string id = location.Split('/')[^1];
        string url = _host.Url + location;

        Assert.Equal("https://example.org/T1", await Text(await _host.UseLinkAsync(url, tenant: "a")));
        Assert.Equal("https://example.org/T1", await Text(await _host.UseInlineAsync($$"""["{{url}}", {}]""", tenant: "a")));
        Assert.Equal(HttpStatusCode.GatewayTimeout, (await _host.UseLinkAsync(url, tenant: "b")).StatusCode);
        Assert.Equal(HttpStatusCode.GatewayTimeout, (await _host.UseInlineAsync($$"""["{{url}}", {}]""", tenant: "b")).StatusCode);
        string escaped = url.Replace("/jsonldContexts/", "/jsonldContexts\\/", StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.GatewayTimeout, (await _host.UseInlineAsync($$"""["{{escaped}}", {}]""")).StatusCode);
        await _host.GetAsync(location, "b", HttpStatusCode.NotFound);
        Assert.Equal(HttpStatusCode.NotFound, await _host.DeleteAsync(id, tenant: "b"));
        Assert.Empty((await _host.GetAsync(ContextHost.Contexts + "?kind=Hosted", "b"))!.AsArray());
        Assert.Single((await _host.GetAsync(ContextHost.Contexts + "?kind=Hosted", "a"))!.AsArray());
        Assert.Equal(HttpStatusCode.NoContent, await _host.DeleteAsync(id, tenant: "a"));
    }

    [Fact]
    public async Task An_inline_context_gets_a_url_once_and_is_used_by_it()
    {
        const string Inline = """[{"T1": "https://example.org/T1"}, {"T2": "https://example.org/T2"}]""";
        using HttpResponseMessage first = await _host.SendAsync(HttpMethod.Post, "/use?term=T1&linkable", Inline, null);
        using HttpResponseMessage again = await _host.SendAsync(HttpMethod.Post, "/use?term=T1&linkable", Inline.Replace(" ", "", StringComparison.Ordinal), null);

        string link = first.Headers.GetValues("Link").Single();
        Assert.Equal(link, again.Headers.GetValues("Link").Single());
        string url = link[1..link.IndexOf('>', StringComparison.Ordinal)];
        Assert.Equal("https://example.org/T2", await Text(await _host.UseLinkAsync(url, "T2")));
        JsonNode details = Assert.Single((await _host.GetAsync(ContextHost.Contexts + "?kind=ImplicitlyCreated&details=true"))!.AsArray())!;
        Assert.Equal(url, (string?)details["URL"]);
        Assert.Equal("ImplicitlyCreated", (string?)details["kind"]);
        Assert.Equal(HttpStatusCode.BadRequest, await _host.DeleteAsync((string)details["localId"]!, "?reload=true"));
        Assert.Equal(HttpStatusCode.NoContent, await _host.DeleteAsync((string)details["localId"]!));
    }

    [Fact]
    public async Task Without_a_context_the_core_one_is_meant()
    {
        using HttpResponseMessage answer = await _host.SendAsync(HttpMethod.Post, "/use?term=T1", null, null);

        Assert.Equal("https://uri.etsi.org/ngsi-ld/default-context/T1", await Text(answer));
        Assert.Contains("ngsi-ld-core-context-v1.9.jsonld", answer.Headers.GetValues("Link").Single(), StringComparison.Ordinal);
    }

    private static Task<string> Text(HttpResponseMessage answer) => answer.Content.ReadAsStringAsync();
}
