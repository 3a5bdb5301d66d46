using System.Text;
using Twin.NgsiLd;
using Twin.NgsiLd.Contexts;
using Xunit;

namespace Twin.Tests.Unit.Contexts;

/// <summary>Nested, remote, cyclic, oversized, broken and unreachable @contexts.</summary>
public sealed class CompilingTests
{
    private const string City = "https://city.example/context.jsonld";
    private const string Types = "https://city.example/sub/types.jsonld";

    [Fact]
    public void A_url_an_array_and_a_document_that_names_another_one_relatively_are_followed()
    {
        JsonLdContext context = Compiling.Compile(
            $$"""["{{City}}", {"c": "https://example.org/c", "b": "https://example.org/over"}]""",
            (City, """{"@context": ["sub/types.jsonld", {"b": "https://example.org/b"}]}"""),
            (Types, """{"@context": {"a": "https://example.org/a"}, "ignored": 1}"""));

        Assert.Equal("https://example.org/a", context.ExpandTerm("a"));
        Assert.Equal("https://example.org/over", context.ExpandTerm("b"));
        Assert.Equal("https://example.org/c", context.ExpandTerm("c"));
        Assert.Null(context.Url);
        Assert.Null(context.LinkHeader);
        Assert.Equal($$"""["{{City}}",{"c":"https://example.org/c","b":"https://example.org/over"}]""", Encoding.UTF8.GetString(context.Json));
    }

    [Theory]
    [InlineData($"\"{City}\"")]
    [InlineData($"[ \"{City}\" ]")]
    public void One_url_is_echoed_as_a_string_and_as_a_link(string json)
    {
        JsonLdContext context = Compiling.Compile(json, (City, """{"@context": {}}"""));

        Assert.Equal($"\"{City}\"", Encoding.UTF8.GetString(context.Json));
        Assert.Equal($"<{City}>; rel=\"http://www.w3.org/ns/json-ld#context\"; type=\"application/ld+json\"", context.LinkHeader);
        JsonLdContext hosted = context.WithUrl("https://node.example/1");
        Assert.StartsWith("<https://node.example/1>;", hosted.LinkHeader, StringComparison.Ordinal);
        Assert.Equal($"\"{City}\"", Encoding.UTF8.GetString(hosted.Json));
    }

    [Fact]
    public void Every_bundled_context_compiles_without_fetching()
    {
        Assert.NotEmpty(BundledContexts.Urls);
        foreach (string url in BundledContexts.Urls)
        {
            JsonLdContext context = Compiling.Compile($"\"{url}\"");

            Assert.Equal("https://uri.etsi.org/ngsi-ld/hasValue", context.ExpandTerm("value"));
        }
    }

    [Fact]
    public void An_older_core_adds_its_own_terms_and_changes_none_of_the_current_one()
    {
        JsonLdContext old = Compiling.Compile("\"https://uri.etsi.org/ngsi-ld/v1/ngsi-ld-core-context-v1.8.jsonld\"");

        Assert.Equal("https://purl.org/geojson/vocab#geometryProperty", old.ExpandTerm("geometryProperty"));
        Assert.Equal("https://uri.etsi.org/ngsi-ld/default-context/geometryProperty", JsonLdContext.Core.ExpandTerm("geometryProperty"));
        Assert.Equal("https://uri.etsi.org/ngsi-ld/attributeCount", old.ExpandTerm("attributeCount"));
    }

    [Fact]
    public void The_compound_context_of_the_conformance_suite_is_at_hand()
    {
        JsonLdContext context = Compiling.Compile("\"https://raw.githubusercontent.com/marek-mraz/ngsi-ld-test-suite/main/resources/jsonld-contexts/ngsi-ld-test-suite-compound.jsonld\"");

        Assert.Equal("https://ngsi-ld-test-suite/context#Building", context.ExpandTerm("Building"));
    }

    [Fact]
    public void A_document_that_comes_back_to_itself_is_refused_by_name()
    {
        NgsiLdException refused = Refused($"\"{City}\"", (City, $$"""{"@context": "{{Types}}"}"""), (Types, $$"""{"@context": ["{{City}}"]}"""));

        Assert.Equal(NgsiLdErrorType.BadRequestData, refused.ErrorType);
        Assert.Contains(City, refused.Message, StringComparison.Ordinal);
        Assert.Contains("includes itself", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_same_document_twice_without_a_cycle_is_fine()
    {
        JsonLdContext context = Compiling.Compile($$"""["{{City}}", "{{City}}"]""", (City, """{"@context": {"a": "https://example.org/a"}}"""));

        Assert.Equal("https://example.org/a", context.ExpandTerm("a"));
    }

    [Fact]
    public void A_chain_without_end_is_cut()
    {
        LoadContext endless = (url, _) => new(Encoding.UTF8.GetBytes($$"""{"@context": "{{url}}x"}"""));

        NgsiLdException refused = Assert.Throws<NgsiLdException>(() => Compile($"\"{City}\"", endless));

        Assert.Equal(NgsiLdErrorType.BadRequestData, refused.ErrorType);
        Assert.Contains("draws in too much", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unreachable_document_is_not_available_by_name()
    {
        NgsiLdException refused = Refused($"\"{City}\"");

        Assert.Equal(NgsiLdErrorType.LdContextNotAvailable, refused.ErrorType);
        Assert.Contains(City, refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("[1]")]
    [InlineData("""{"context": {}}""")]
    public void A_remote_document_that_is_no_context_is_refused(string document)
    {
        Assert.Equal(NgsiLdErrorType.BadRequestData, Refused($"\"{City}\"", (City, document)).ErrorType);
    }

    [Theory]
    [InlineData("5")]
    [InlineData("true")]
    [InlineData("[5]")]
    [InlineData("""[["https://example.org/"]]""")]
    [InlineData("\"not a url\"")]
    [InlineData("\"ftp://example.org/c\"")]
    [InlineData("\"/relative\"")]
    [InlineData("""{"a": 5}""")]
    [InlineData("""{"a": ["https://example.org/"]}""")]
    [InlineData("""{"a": "b", "b": "a"}""")]
    [InlineData("""{"a": "a:x"}""")]
    [InlineData("""{"a": {"@id": "https://example.org/", "@unknown": 1}}""")]
    [InlineData("""{"a": {"@id": 5}}""")]
    [InlineData("""{"a": {"@id": "https://example.org/", "@type": "_:b"}}""")]
    [InlineData("""{"a": {"@id": "https://example.org/", "@container": "@nowhere"}}""")]
    [InlineData("""{"a": "@context"}""")]
    [InlineData("""{"Vehicle": {"@id": "https://example.org/Vehicle", "@context": {"speed": "https://example.org/hidden"}}}""")]
    [InlineData("""{"@id": "https://example.org/"}""")]
    [InlineData("""{"": "https://example.org/"}""")]
    [InlineData("""{"@version": 1.0}""")]
    [InlineData("""{"@vocab": 5}""")]
    [InlineData("""[{"@protected": true, "a": "https://example.org/a"}, {"a": "https://example.org/b"}]""")]
    [InlineData("""[{"@protected": true, "a": "https://example.org/a"}, null]""")]
    public void An_invalid_context_is_refused(string json)
    {
        Assert.Equal(NgsiLdErrorType.BadRequestData, Refused(json).ErrorType);
    }

    [Theory]
    [InlineData("{")]
    [InlineData("""{"a": "https://example.org/a", "a": "https://example.org/b"}""")]
    public void What_is_not_json_is_an_invalid_request(string json)
    {
        Assert.Equal(NgsiLdErrorType.InvalidRequest, Refused(json).ErrorType);
    }

    [Fact]
    public void Too_deep_and_too_large_are_refused()
    {
        string deep = $$$"""{"a": {"@id": "https://example.org/a", "@nest": {{{new string('[', 10_000)}}}{{{new string(']', 10_000)}}} }}""";
        string large = $$"""{"a": "https://example.org/{{new string('a', ContextLimits.DocumentBytes)}}"}""";
        string many = "{" + string.Join(',', Enumerable.Range(0, ContextLimits.Terms + 1).Select(i => $"\"t{i}\":\"ex:{i}\"")) + "}";

        Assert.Equal(NgsiLdErrorType.InvalidRequest, Refused(deep).ErrorType);
        Assert.Equal(NgsiLdErrorType.BadRequestData, Refused(large).ErrorType);
        Assert.Equal(NgsiLdErrorType.BadRequestData, Refused(many).ErrorType);
    }

    [Fact]
    public void What_json_ld_tolerates_is_tolerated()
    {
        JsonLdContext context = Compiling.Compile("""
            [null, {"@version": 1.1, "@base": "https://example.org/base/", "@language": "fr", "@propagate": true, "@type": {"@container": "@set"}, "@future": "x",
              "back": {"@reverse": "https://example.org/forth"}, "idea": "@id",
              "guarded": {"@id": "https://example.org/g", "@protected": true}}, {"guarded": {"@id": "https://example.org/g"}}]
            """);

        Assert.Equal("https://example.org/forth", context.ExpandTerm("back"));
        Assert.Equal("https://example.org/forth", context.CompactIri("https://example.org/forth"));
        Assert.Equal("@id", context.ExpandTerm("idea"));
    }

    [Fact]
    public void An_import_is_read_before_what_imports_it()
    {
        JsonLdContext context = Compiling.Compile(
            $$"""{"@import": "{{City}}", "b": "https://example.org/own"}""",
            (City, """{"@context": {"@vocab": "https://example.org/v/", "a": {"@type": "@id"}, "b": "https://example.org/b"}}"""));

        Assert.Equal("https://example.org/v/a", context.ExpandTerm("a"));
        Assert.Equal("https://example.org/own", context.ExpandTerm("b"));
    }

    [Fact]
    public async Task The_same_bytes_are_compiled_once_until_they_are_forgotten()
    {
        var compiler = new ContextCompiler();
        byte[] json = Encoding.UTF8.GetBytes($"\"{City}\"");
        int loads = 0;
        LoadContext load = (_, _) =>
        {
            loads++;
            return new(Encoding.UTF8.GetBytes("""{"@context": {"a": "https://example.org/a"}}"""));
        };

        JsonLdContext first = await compiler.CompileAsync(json, load, TestContext.Current.CancellationToken);
        JsonLdContext again = await compiler.CompileUrlAsync(City, load, TestContext.Current.CancellationToken);
        bool remembered = compiler.TryGet(json, out JsonLdContext known);
        compiler.Forget();
        JsonLdContext fresh = await compiler.CompileAsync(json, load, TestContext.Current.CancellationToken);

        Assert.Same(first, again);
        Assert.True(remembered);
        Assert.Same(first, known);
        Assert.NotSame(first, fresh);
        Assert.Equal(2, loads);
    }

    private static NgsiLdException Refused(string json, params (string Url, string Document)[] documents) =>
        Assert.Throws<NgsiLdException>(() => Compiling.Compile(json, documents));

    private static JsonLdContext Compile(string json, LoadContext load) =>
        new ContextCompiler().CompileAsync(Encoding.UTF8.GetBytes(json), load, CancellationToken.None).AsTask().GetAwaiter().GetResult();
}
