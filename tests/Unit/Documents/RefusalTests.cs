using System.Text;
using Twin.NgsiLd;
using Twin.NgsiLd.Contexts;
using Twin.NgsiLd.Representations;
using Xunit;

namespace Twin.Tests.Unit.Documents;

public sealed class RefusalTests
{
    [Theory]
    [InlineData("\"a\":{\"type\":\"Property\"}", "/a")]
    [InlineData("\"a\":{\"type\":\"Property\",\"value\":null}", "/a/value")]
    [InlineData("\"a\":{\"type\":\"Property\",\"object\":\"urn:x:1\"}", "/a")]
    [InlineData("\"a\":{\"type\":\"Property\",\"value\":1,\"previousValue\":2}", "/a/previousValue")]
    [InlineData("\"a\":{\"type\":\"Property\",\"value\":1,\"value\":2}", "/a/value")]
    [InlineData("\"a\":{\"type\":\"Property\",\"value\":{\"x\":1,\"y\":{\"z\":1,\"z\":2}}}", "/a/value/y/z")]
    [InlineData("\"a\":{\"type\":\"Property\",\"value\":{\"x\":1,\"\\u0078\":2}}", "/a/value/x")]
    [InlineData("\"a\":1,\"a\":2", "/a")]
    [InlineData("\"a\":1,\"https://uri.etsi.org/ngsi-ld/default-context/a\":2", "/https:~1~1uri.etsi.org~1ngsi-ld~1default-context~1a")]
    [InlineData("\"a\":{\"type\":\"Property\",\"value\":1,\"observedAt\":\"2026-08-10T12:00:00+02:00\"}", "/a/observedAt")]
    [InlineData("\"a\":{\"type\":\"Property\",\"value\":1,\"observedAt\":\"2026-02-30T12:00:00Z\"}", "/a/observedAt")]
    [InlineData("\"a\":{\"type\":\"Property\",\"value\":1,\"observedAt\":{\"type\":\"Property\",\"value\":1}}", "/a/observedAt")]
    [InlineData("\"a\":{\"type\":\"Property\",\"value\":1,\"expiresAt\":\"not-a-date\"}", "/a/expiresAt")]
    [InlineData("\"a\":{\"type\":\"Property\",\"value\":1,\"datasetId\":\"nothing\"}", "/a/datasetId")]
    [InlineData("\"a\":{\"type\":\"Property\",\"value\":1,\"s\":{\"type\":\"Property\",\"value\":\"urn:ngsi-ld:null\"}}", "/a/s/value")]
    [InlineData("\"a\":{\"type\":\"Property\",\"value\":{\"x\":{\"y\":\"urn:ngsi-ld:null\"}}}", "/a/value/x/y")]
    [InlineData("\"a\":{\"type\":\"Property\",\"value\":1e400}", "/a/value")]
    [InlineData("\"a\":{\"type\":\"Property\",\"value\":\"\\ud800\"}", "/a/value")]
    [InlineData("\"a\":{\"type\":\"Property\",\"value\":1,\"@context\":{}}", "/a/@context")]
    [InlineData("\"a\":{\"type\":\"Nothing\",\"value\":1}", "/a/type")]
    [InlineData("\"a\":{\"x\":1}", "/a")]
    [InlineData("\"a\":[{\"value\":1},{\"value\":2}]", "/a/1")]
    [InlineData("\"a\":[{\"value\":1,\"datasetId\":\"urn:d:1\"},{\"value\":2,\"datasetId\":\"urn:d:1\"}]", "/a/1")]
    [InlineData("\"a\":[{\"value\":1,\"datasetId\":\"urn:d:1\"},3]", "/a/1")]
    [InlineData("\"a\":{\"type\":\"Relationship\",\"object\":\"nothing\"}", "/a/object")]
    [InlineData("\"a\":{\"type\":\"Relationship\",\"object\":[\"urn:x:1\",\"nothing\"]}", "/a/object/1")]
    [InlineData("\"a\":{\"type\":\"Relationship\",\"object\":\"urn:x:1\",\"unitCode\":\"CEL\"}", "/a/unitCode")]
    [InlineData("\"a\":{\"type\":\"JsonProperty\",\"json\":5}", "/a/json")]
    [InlineData("\"a\":{\"type\":\"LanguageProperty\",\"languageMap\":{\"en\":5}}", "/a/languageMap/en")]
    [InlineData("\"a\":{\"type\":\"LanguageProperty\",\"languageMap\":{\"\":\"x\"}}", "/a/languageMap/")]
    [InlineData("\"a\":{\"type\":\"LanguageProperty\",\"languageMap\":{\"@none\":\"urn:ngsi-ld:null\"}}", "/a/languageMap")]
    [InlineData("\"a\":{\"type\":\"ListProperty\",\"valueList\":1}", "/a/valueList")]
    [InlineData("\"a\":{\"type\":\"ListRelationship\",\"objectList\":[\"nothing\"]}", "/a/objectList/0")]
    [InlineData("\"a\":{\"type\":\"VocabProperty\",\"vocab\":[\"x\",1]}", "/a/vocab")]
    [InlineData("\"a\":{\"type\":\"GeoProperty\",\"value\":\"not a geometry\"}", "/a/value")]
    [InlineData("\"a\":{\"type\":\"GeoProperty\",\"value\":{\"type\":\"Point\",\"coordinates\":[181,0]}}", "/a/value/coordinates")]
    [InlineData("\"a\":{\"type\":\"GeoProperty\",\"value\":{\"type\":\"Point\",\"coordinates\":[\"1\",0]}}", "/a/value/coordinates/0")]
    [InlineData("\"a\":{\"type\":\"GeoProperty\",\"value\":{\"type\":\"Polygon\",\"coordinates\":[[[0,0],[1,0],[1,1],[0,1]]]}}", "/a/value/coordinates/0")]
    [InlineData("\"a\":{\"type\":\"GeoProperty\",\"value\":{\"type\":\"Polygon\",\"coordinates\":[[[0,0],[1,0],[0,0]]]}}", "/a/value/coordinates/0")]
    [InlineData("\"a\":{\"type\":\"GeoProperty\",\"value\":{\"type\":\"LineString\",\"coordinates\":[[0,0]]}}", "/a/value/coordinates")]
    [InlineData("\"a\":{\"type\":\"GeoProperty\",\"value\":{\"type\":\"GeometryCollection\",\"geometries\":[]}}", "/a/value")]
    [InlineData("\"location\":{\"type\":\"Property\",\"value\":7}", "/location/value")]
    [InlineData("\"my attr\":1", "/my attr")]
    [InlineData("\"9lives\":1", "/9lives")]
    [InlineData("\"datasetId\":\"urn:d:1\"", "/datasetId")]
    [InlineData("\"observedAt\":\"2026-01-01T00:00:00Z\"", "/observedAt")]
    [InlineData("\"scope\":\"/1a\"", "/scope")]
    [InlineData("\"scope\":[\"/A\",\"/A//B\"]", "/scope/1")]
    [InlineData("\"scope\":\"urn:ngsi-ld:null\"", "/scope")]
    [InlineData("\"expiresAt\":\"2026-13-45T00:00:00Z\"", "/expiresAt")]
    public void What_is_not_allowed_is_refused_with_the_member_at_fault(string attributes, string member)
    {
        NgsiLdException refusal = Bodies.Refused(Bodies.With(attributes));
        Assert.Equal((NgsiLdErrorType.BadRequestData, member), (refusal.ErrorType, refusal.Member));
    }

    [Theory]
    [InlineData("""{"type":"T"}""", "/id")]
    [InlineData("""{"id":"urn:x:1"}""", "/type")]
    [InlineData("""{"id":"urn:x:1","type":[]}""", "/type")]
    [InlineData("""{"id":"urn:x:1","type":"9T"}""", "/type")]
    [InlineData("""{"id":"urn:x:1","type":"type"}""", "/type")]
    [InlineData("""{"id":"nothing","type":"T"}""", "/id")]
    [InlineData("""{"id":"urn:ngsi-ld:null","type":"T"}""", "/id")]
    [InlineData("{\"id\":\"urn:x:1\u202e\",\"type\":\"T\"}", "/id")]
    [InlineData("{\"id\":\"urn:x:1\u3164\",\"type\":\"T\"}", "/id")]
    [InlineData("{\"id\":\"urn:x:1\ufe0f\",\"type\":\"T\"}", "/id")]
    public void An_entity_without_a_sound_id_and_type_is_refused(string json, string member) => Assert.Equal(member, Bodies.Refused(json).Member);

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("""{"id":"urn:x:1","type":"T"} x""")]
    [InlineData("""{"id":"urn:x:1","type":"T",}""")]
    public void What_is_no_JSON_object_is_an_InvalidRequest(string json) =>
        Assert.Equal(NgsiLdErrorType.InvalidRequest, Bodies.Refused(json).ErrorType);

    [Fact]
    public void Ten_thousand_levels_are_refused_without_a_stack_for_them()
    {
        string deep = Bodies.With($"\"a\":{string.Concat(Enumerable.Repeat("[", 10_000))}{string.Concat(Enumerable.Repeat("]", 10_000))}");
        Assert.Contains("deeper than 64", Bodies.Refused(deep).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Bytes_that_are_not_UTF8_are_refused() =>
        Assert.Equal(
            NgsiLdErrorType.InvalidRequest,
            Assert.Throws<NgsiLdException>(() => EntityParser.ParseEntity(new byte[] { (byte)'"', 0xC3, (byte)'"' }, JsonLdContext.Core, ParseOptions.Entity)).ErrorType);

    [Fact]
    public void A_self_intersecting_polygon_is_refused()
    {
        const string Bow = """{"type":"GeoProperty","value":{"type":"Polygon","coordinates":[[[0,0],[1,1],[1,0],[0,1],[0,0]]]}}""";
        Assert.Equal("/area/value/coordinates", Bodies.Refused(Bodies.With($"\"area\":{Bow}")).Member);
    }

    [Fact]
    public void A_batch_tells_what_is_wrong_with_one_and_takes_the_others()
    {
        List<ParsedEntity> batch = EntityParser.ParseEntities(
            Encoding.UTF8.GetBytes("""[{"id":"urn:x:1","type":"T"},{"id":"urn:x:2","type":"T","a":{"value":null}},{"id":"urn:x:3","type":"T","b":[1]}]"""),
            JsonLdContext.Core,
            ParseOptions.Entity);
        Assert.Equal(["urn:x:1", null, "urn:x:3"], batch.Select(b => b.Entity?.Id));
        Assert.Equal(("urn:x:2", "/1/a/value"), (batch[1].RefusedId, batch[1].Error!.Member));
    }

    [Theory]
    [InlineData("[]", NgsiLdErrorType.BadRequestData)]
    [InlineData("""[{"id":"urn:x:1","type":"T"},null]""", NgsiLdErrorType.BadRequestData)]
    [InlineData("""[{"id":"urn:x:1","type":"T"},""", NgsiLdErrorType.InvalidRequest)]
    public void A_batch_that_is_no_array_of_objects_is_refused_whole(string json, NgsiLdErrorType type) =>
        Assert.Equal(type, Assert.Throws<NgsiLdException>(() => EntityParser.ParseEntities(Encoding.UTF8.GetBytes(json), JsonLdContext.Core, ParseOptions.Entity)).ErrorType);

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"datasetId":"urn:ngsi-ld:null"}""")]
    [InlineData("""{"value":{"country":"urn:ngsi-ld:null"}}""")]
    public void A_partial_update_that_changes_nothing_or_nests_null_is_refused(string json) =>
        Assert.Equal(
            NgsiLdErrorType.BadRequestData,
            Assert.Throws<NgsiLdException>(() => EntityParser.ParseAttribute(Encoding.UTF8.GetBytes(json), CoreTerms.Location, JsonLdContext.Core, ParseOptions.Patch)).ErrorType);
}
