using System.Buffers;
using System.Text;
using Twin.NgsiLd;
using Twin.NgsiLd.Contexts;
using Twin.NgsiLd.Entities;
using Twin.NgsiLd.Queries;
using Twin.NgsiLd.Representations;
using Xunit;

namespace Twin.Tests.Unit.Documents;

public sealed class RenderingTests
{
    private const string Head = """{"id":"urn:ngsi-ld:Building:1","type":"Building",""";
    private static readonly RenderOptions Plain = new() { Context = JsonLdContext.Core };

    [Theory]
    [InlineData("""{"type":"Property","value":5}""", "5")]
    [InlineData("""{"type":"Property","value":{"a":1}}""", """{"value":{"a":1}}""")]
    [InlineData("""{"type":"Property","value":[1,2]}""", "[1,2]")]
    [InlineData("""{"type":"Property","value":[{"value":2}]}""", """{"value":[{"value":2}]}""")]
    [InlineData("""{"type":"Property","value":5,"unitCode":"CEL"}""", """{"value":5,"unitCode":"CEL"}""")]
    [InlineData("""{"type":"Property","value":{"type":"Point","coordinates":[1,2]}}""", """{"type":"Property","value":{"type":"Point","coordinates":[1,2]}}""")]
    [InlineData("""{"type":"GeoProperty","value":{"type":"Point","coordinates":[1,2]}}""", """{"type":"Point","coordinates":[1,2]}""")]
    [InlineData("""{"type":"Relationship","object":"urn:a:1"}""", """{"object":"urn:a:1"}""")]
    [InlineData("""{"type":"LanguageProperty","languageMap":{"fr":"un"}}""", """{"languageMap":{"fr":"un"}}""")]
    [InlineData("""{"type":"ListRelationship","objectList":[{"object":"urn:a:1"}]}""", """{"objectList":[{"object":"urn:a:1"}]}""")]
    public void The_concise_form_leaves_out_what_can_be_told_and_reads_back(string normalized, string concise)
    {
        EntityDocument entity = Bodies.Pack(Bodies.With($"\"thing\":{normalized}"));
        string text = Bodies.Render(entity, Plain with { Form = EntityForm.Concise });
        Assert.Equal($"{Head}\"thing\":{concise}}}", text);
        Assert.Equal(Bodies.Render(entity), Bodies.Render(Bodies.Pack(text)));
    }

    [Theory]
    // 4.5.4
    [InlineData("""{"type":"Property","value":5,"unitCode":"CEL"}""", "5")]
    [InlineData("""{"type":"Relationship","object":"urn:a:1"}""", "\"urn:a:1\"")]
    [InlineData("""{"type":"GeoProperty","value":{"type":"Point","coordinates":[1,2]}}""", """{"type":"Point","coordinates":[1,2]}""")]
    [InlineData("""{"type":"LanguageProperty","languageMap":{"en":"hi"}}""", """{"languageMap":{"en":"hi"}}""")]
    [InlineData("""{"type":"VocabProperty","vocab":"non-commercial"}""", """{"vocab":"non-commercial"}""")]
    [InlineData("""{"type":"JsonProperty","json":{"a":1}}""", """{"json":{"a":1}}""")]
    [InlineData("""{"type":"ListProperty","valueList":[1.2,3.4]}""", "[1.2,3.4]")]
    [InlineData("""{"type":"ListRelationship","objectList":["urn:a:1","urn:a:2"]}""", """["urn:a:1","urn:a:2"]""")]
    [InlineData("""[{"type":"Property","value":55},{"type":"Property","value":11,"datasetId":"urn:d:gps"}]""", """{"dataset":{"@none":55,"urn:d:gps":11}}""")]
    public void The_simplified_form_is_the_value(string normalized, string simplified) =>
        Assert.Equal($"{Head}\"thing\":{simplified}}}", Rendered($"\"thing\":{normalized}", Plain with { Form = EntityForm.Simplified }));

    [Theory]
    [InlineData("fr;q=0.2,nl;q=0.9", "nl", "nederlands")]
    [InlineData("FR", "fr", "français")]
    [InlineData("nl-BE", "nl", "nederlands")]
    [InlineData("en", "en-US", "american")]
    [InlineData("*", "fr", "français")]
    [InlineData("pl", "fr", "français")]
    public void A_language_filter_makes_a_Property_of_the_best_language(string filter, string tag, string value)
    {
        const string Map = """{"type":"LanguageProperty","languageMap":{"fr":"français","nl":"nederlands","en-US":"american"}}""";
        RenderOptions options = Plain with { Language = LanguageFilter.Parse(filter) };
        Assert.Equal(Head + $$"""
            "thing":{"type":"Property","value":"{{value}}","lang":"{{tag}}"}
            """.Trim() + "}", Rendered($"\"thing\":{Map}", options));
        Assert.Equal($"{Head}\"thing\":\"{value}\"}}", Rendered($"\"thing\":{Map}", options with { Form = EntityForm.Simplified }));
    }

    [Theory]
    [InlineData("a", null, """{"a":{"type":"Property","value":1}}""")]
    [InlineData("id|a", null, """{"id":"urn:ngsi-ld:Building:1","a":{"type":"Property","value":1}}""")]
    [InlineData(null, "type,a", """{"id":"urn:ngsi-ld:Building:1","b":{"type":"Property","value":2}}""")]
    [InlineData("id", null, """{"id":"urn:ngsi-ld:Building:1"}""")]
    public void Pick_and_omit_choose_members(string? pick, string? omit, string expected)
    {
        string attributes = """
            "a":{"type":"Property","value":1},"b":{"type":"Property","value":2}
            """.Trim();
        Bodies.Pack(Bodies.With(attributes));
        Assert.Equal(expected, Rendered(attributes, Plain with { Projection = Projection.Parse(pick, omit, null, null, JsonLdContext.Core) }));
    }

    [Theory]
    [InlineData("id;name")]
    [InlineData("id,locatedAt{name")]
    [InlineData("id,locatedAt{{name}")]
    [InlineData("id,,name")]
    [InlineData("a||b")]
    [InlineData("id,locatedAt{,name}")]
    [InlineData("id,locatedAt{}")]
    [InlineData("id{name}")]
    [InlineData("")]
    public void A_projection_with_a_syntax_error_is_refused(string pick) =>
        Assert.Equal("pick", Assert.Throws<NgsiLdException>(() => MemberSelection.Parse(pick, JsonLdContext.Core, "pick")).Member);

    [Theory]
    [InlineData("\"/Mulhouse/DMC\"")]
    [InlineData("[\"/Mulhouse/DMC\",\"/Open\"]")]
    public void Scopes_stand_between_type_and_attributes_in_every_form_and_alone_when_picked(string scopes)
    {
        string members = $"\"scope\":{scopes},\"a\":1";
        Assert.Equal($"{Head}{members}}}", Rendered(members, Plain with { Form = EntityForm.Simplified }));
        Assert.Equal($"{Head}\"scope\":{scopes},\"a\":{{\"type\":\"Property\",\"value\":1}}}}", Rendered(members, Plain));
        Assert.Equal($"{{\"scope\":{scopes}}}", Rendered(members, Plain with { Projection = Projection.Parse("scope", null, null, null, JsonLdContext.Core) }));
    }

    [Theory]
    [InlineData("nothingOfThatName", null, false)]
    [InlineData(null, "id,type,a", false)]
    [InlineData("a", null, true)]
    public void An_entity_of_which_nothing_is_left_is_no_match(string? pick, string? omit, bool left)
    {
        EntityDocument entity = Bodies.Pack(Bodies.With("\"a\":1"));
        var query = new EntityQuery { Projection = Projection.Parse(pick, omit, null, null, JsonLdContext.Core) };
        Assert.Equal(left, query.Matches(entity, new EvaluationContext(0, AccessScope.Everything)));
    }

    [Theory]
    [InlineData("urn:d:1", """{"type":"Property","value":2,"datasetId":"urn:d:1"}""")]
    [InlineData("@none", """{"type":"Property","value":1}""")]
    public void A_dataset_filter_keeps_its_instances_and_the_entity(string dataset, string left)
    {
        RenderOptions options = Plain with { Projection = Projection.Parse(null, null, null, dataset, JsonLdContext.Core) };
        Assert.Equal(
            $"{Head}\"thing\":{left}}}",
            Rendered("""
                "thing":[{"type":"Property","value":1},{"type":"Property","value":2,"datasetId":"urn:d:1"}]
                """.Trim(), options));
    }

    [Fact]
    public void A_Feature_has_the_default_instance_as_its_geometry_and_null_where_there_is_none()
    {
        RenderOptions options = Plain with { IsGeoJson = true, IncludesContext = true, Form = EntityForm.Simplified };
        Assert.Equal(
            """{"id":"urn:ngsi-ld:Building:1","type":"Feature","geometry":{"type":"Point","coordinates":[3,4]},"properties":{"type":"Building","location":{"dataset":{"urn:d:1":{"type":"Point","coordinates":[9,9]},"@none":{"type":"Point","coordinates":[3,4]}}}},"@context":""" + CoreContext + "}",
            Rendered("""
                "location":[{"type":"GeoProperty","value":{"type":"Point","coordinates":[9,9]},"datasetId":"urn:d:1"},{"type":"GeoProperty","value":{"type":"Point","coordinates":[3,4]}}]
                """.Trim(), options));
        Assert.StartsWith("""{"id":"urn:ngsi-ld:Building:1","type":"Feature","geometry":null,""", Rendered("\"a\":1", options), StringComparison.Ordinal);
    }

    [Fact]
    public void A_FeatureCollection_has_one_context_on_top()
    {
        var to = new ArrayBufferWriter<byte>();
        EntityRenderer.WriteAll(to, [Bodies.Pack(Bodies.With("\"a\":1"))], Plain with { IsGeoJson = true, IncludesContext = true });
        Assert.Equal(
            """{"type":"FeatureCollection","features":[{"id":"urn:ngsi-ld:Building:1","type":"Feature","geometry":null,"properties":{"type":"Building","a":{"type":"Property","value":1}}}],"@context":""" + CoreContext + "}",
            Encoding.UTF8.GetString(to.WrittenSpan));
    }

    [Fact]
    public void System_attributes_stand_at_every_level_and_only_when_asked_for()
    {
        const string Stored = """{"id":"urn:x:1","type":":T","createdAt":"2026-01-01T00:00:00Z","modifiedAt":"2026-01-02T00:00:00.123456Z","expiresAt":"2100-01-01T00:00:00Z",":a":{"type":"Property","value":1,"createdAt":"2026-01-01T00:00:00Z","modifiedAt":"2026-01-01T00:00:00.5Z"}}""";
        EntityDocument entity = Bodies.Pack(Stored, ParseOptions.Stored);
        Assert.Equal(
            """{"id":"urn:x:1","type":"T","createdAt":"2026-01-01T00:00:00Z","modifiedAt":"2026-01-02T00:00:00.123456Z","expiresAt":"2100-01-01T00:00:00Z","a":{"type":"Property","value":1,"createdAt":"2026-01-01T00:00:00Z","modifiedAt":"2026-01-01T00:00:00.500Z"}}""",
            Bodies.Render(entity, Plain with { SystemAttributes = true }));
        Assert.Equal("""{"id":"urn:x:1","type":"T","a":{"type":"Property","value":1}}""", Bodies.Render(entity));
    }

    [Fact]
    public void An_older_caller_gets_a_Property_for_a_VocabProperty()
    {
        RenderOptions options = Plain with { PreferredMinor = 5 };
        EntityDocument entity = Bodies.Pack(Bodies.With("\"thing\":{\"vocab\":\"x\"}"));
        Assert.True(EntityRenderer.IsAltered(entity, options));
        Assert.Equal(Head + """
            "thing":{"type":"Property","value":"x"}}
            """.Trim(), Bodies.Render(entity, options));
    }

    [Fact]
    public void Linked_entities_stand_beside_the_object_or_in_its_place_as_deep_as_asked()
    {
        EntityDocument city = Bodies.Pack("""{"id":"urn:c:1","type":"City","name":"Mulhouse","locatedAt":{"object":"urn:c:1"}}""");
        RenderOptions options = Plain with { Linked = id => id == "urn:c:1" ? city : null, JoinLevel = 1 };
        const string Link = "\"locatedAt\":{\"object\":\"urn:c:1\"}";
        Assert.Equal(
            Head + """
            "locatedAt":{"type":"Relationship","object":"urn:c:1","entity":{"id":"urn:c:1","type":"City","name":{"type":"Property","value":"Mulhouse"},"locatedAt":{"type":"Relationship","object":"urn:c:1"}}}}
            """.Trim(),
            Rendered(Link, options));
        Assert.Equal(
            """{"id":"urn:ngsi-ld:Building:1","locatedAt":{"id":"urn:c:1","name":"Mulhouse"}}""",
            Rendered(Link, options with { Form = EntityForm.Simplified, Projection = Projection.Parse("id,locatedAt{id,name}", null, null, null, JsonLdContext.Core) }));
    }

    private static string CoreContext => Encoding.UTF8.GetString(JsonLdContext.Core.Json);

    private static string Rendered(string attributes, RenderOptions options) => Bodies.Render(Bodies.Pack(Bodies.With(attributes)), options);
}
