using Xunit;
using Twin.NgsiLd.Representations;

namespace Twin.Tests.Unit.Documents;

public sealed class NormalizedTests
{
    [Fact]
    public void A_compact_body_in_canonical_order_comes_back_byte_for_byte() =>
        Assert.Equal(Bodies.Building, Bodies.Render(Bodies.Pack(Bodies.Building)));

    [Theory]
    [InlineData("""{"type":"Property","value":[1,2.50,"a",{"b":null}]}""")]
    [InlineData("""{"type":"Property","value":"a\"b\\c\nd\u0001é/"}""")]
    [InlineData("""{"type":"Property","value":{"a b":{"c":" x "}}}""")]
    [InlineData("""{"type":"Relationship","object":["urn:a:1","urn:a:2"],"objectType":["Room","Hall"]}""")]
    [InlineData("""{"type":"LanguageProperty","languageMap":{"fr":"Bibliothèque","de-CH":["Bibliothek","Bücherei"],"@none":"Library"}}""")]
    [InlineData("""{"type":"VocabProperty","vocab":["mainSite","https://example.org/x"]}""")]
    [InlineData("""{"type":"JsonProperty","json":{"id":"x","@type":1,"null":null}}""")]
    [InlineData("""{"type":"ListProperty","valueList":[3,1,{"a":2}]}""")]
    [InlineData("""{"type":"ListRelationship","objectList":[{"object":"urn:a:2"},{"object":"urn:a:1"}]}""")]
    [InlineData("""{"type":"GeoProperty","value":{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,0]]]}}""")]
    [InlineData("""[{"type":"Property","value":1},{"type":"Property","value":2,"datasetId":"urn:d:1"}]""")]
    [InlineData("""{"type":"Property","value":1,"unitCode":"CEL","valueType":"https://www.w3.org/2001/XMLSchema#int","observedAt":"2026-01-01T00:00:00.5Z","datasetId":"urn:d:1","accuracy":{"type":"Property","value":0.1,"by":{"type":"Relationship","object":"urn:s:1"}}}""")]
    public void Every_attribute_type_comes_back_as_it_was(string attribute)
    {
        string body = Bodies.With($"\"thing\":{attribute}");
        Assert.Equal(body, Bodies.Render(Bodies.Pack(body)));
    }

    [Fact]
    public void The_stored_form_reads_back_to_the_same_stored_form()
    {
        string stored = Bodies.Stored(Bodies.Pack(Bodies.Building));
        Assert.Contains("\":temperature\":", stored, StringComparison.Ordinal);
        Assert.Equal(stored, Bodies.Stored(Bodies.Pack(stored, ParseOptions.Stored)));
    }

    [Fact]
    public void Spaces_and_needless_escapes_do_not_survive() =>
        Assert.Equal(
            Bodies.With("""
                "a":{"type":"Property","value":{"x":["/é"]}}
                """.Trim()),
            Bodies.Render(Bodies.Pack(Bodies.With("""
                "a" : { "value" : { "\u0078" : [ "\/\u00e9" ] } , "type" : "Property" }
                """.Trim()))));
}
