using System.Text;
using Twin.Telemetry.Ingest.Mappings;
using Twin.Telemetry.Ingest.SensorThings;
using Xunit;

namespace Twin.Tests.Unit.Telemetry;

/// <summary>Observations of the OGC SensorThings API; the bodies are examples of OGC 18-088 with what they say of time, result and Datastream.</summary>
public sealed class SensorThingsTests
{
    private const string Mapping = """
        {"format":"sensorthings","entity":"urn:ngsi-ld:Device:{thing}","attribute":"{observedPropertyName}",
         "datastreams":{"1":{"entity":"urn:ngsi-ld:Device:oven","attribute":"temperature","unit":"CEL"}},"qualities":{"good enough":"estimated"}}
        """;

    /// <summary>18-088 10.2.1 (create with a link to the Datastream) and 8.2.8.</summary>
    [Fact]
    public void An_observation_is_of_what_the_mapping_says_of_its_Datastream() =>
        Assert.Equal(
            ["urn:ngsi-ld:Device:oven|temperature|2015-02-05T17:00:00Z|23|CEL", "urn:ngsi-ld:Device:oven|temperature|2015-03-16T00:00:00+01:00|21.5|CEL||estimated"],
            Read(Mapping, """
                [{"phenomenonTime":"2015-02-05T17:00:00Z","resultTime":"2015-02-05T17:00:00Z","result":23,"Datastream":{"@iot.id":1}},
                 {"phenomenonTime":"2015-03-16T00:00:00+01:00","result":21.5,"resultQuality":"good enough","Datastream":{"@iot.id":"1"},"FeatureOfInterest":{"@iot.id":7}}]
                """));

    /// <summary>18-088 13.2.1: CreateObservations with a data array.</summary>
    [Fact]
    public void A_data_array_has_its_columns_in_components() =>
        Assert.Equal(
            [
                "urn:ngsi-ld:Device:oven|temperature|2010-12-23T10:20:00-07:00|20|CEL",
                "urn:ngsi-ld:Device:oven|temperature|2010-12-23T10:21:00-07:00|30|CEL",
                "1: /dataArray/0/Datastream: the body does not tell its thing: ask for it with $expand, or say in datastreams of the mapping what the Datastream means.",
            ],
            [.. Read(Mapping, """
                [{"Datastream":{"@iot.id":1},"components":["phenomenonTime","result","FeatureOfInterest/id"],"dataArray@iot.count":2,
                  "dataArray":[["2010-12-23T10:20:00-07:00",20,1],["2010-12-23T10:21:00-07:00",30,1]]}]
                """),
            .. Read(Mapping, """[{"Datastream":{"@iot.id":2},"components":["phenomenonTime","result"],"dataArray":[["2010-12-23T10:20:00Z",65]]}]""")]);

    [Fact]
    public void An_answer_of_a_server_tells_its_Datastream_when_it_is_expanded() =>
        Assert.Equal(
            ["urn:ngsi-ld:Device:9|Air Temperature|2026-01-01T00:00:00Z|21.5|CEL", "urn:ngsi-ld:Device:9|Air Temperature|2026-01-01T00:10:00Z|true|CEL"],
            Read(Mapping, """
                {"@iot.nextLink":"https://example.org/v1.1/Observations?$skip=2","value":[
                 {"@iot.id":5,"phenomenonTime":"2026-01-01T00:00:00Z/2026-01-01T00:10:00Z","result":21.5,
                  "Datastream":{"@iot.id":3,"unitOfMeasurement":{"name":"Degree Celsius","symbol":"°C"},"Thing":{"@iot.id":9},"ObservedProperty":{"name":"Air Temperature"}}},
                 {"@iot.id":6,"phenomenonTime":null,"resultTime":"2026-01-01T00:10:00Z","result":true,
                  "Datastream":{"@iot.id":3,"unitOfMeasurement":{"name":"Degree Celsius","symbol":"°C"},"Thing":{"@iot.id":9},"ObservedProperty":{"name":"Air Temperature"}}}]}
                """));

    [Theory]
    [InlineData("""{"format":"sensorthings"}""", """{"phenomenonTime":"2026-01-01T00:00:00Z/2026-01-02T00:00:00Z","result":1,"Datastream":{"@iot.id":4}}""", "urn:ngsi-ld:Datastream:4|result|2026-01-01T00:00:00Z|1")]
    [InlineData("""{"format":"sensorthings","interval":"end"}""", """{"phenomenonTime":"2026-01-01T00:00:00Z/2026-01-02T00:00:00Z","result":1,"Datastream":{"@iot.id":4}}""", "urn:ngsi-ld:Datastream:4|result|2026-01-02T00:00:00Z|1")]
    [InlineData("""{"format":"sensorthings","entity":"urn:ngsi-ld:Device:1","attribute":"t"}""", """{"phenomenonTime":"2026-01-01T00:00:00Z","result":1}""", "urn:ngsi-ld:Device:1|t|2026-01-01T00:00:00Z|1")]
    [InlineData("""{"format":"sensorthings","units":{"gallons":"GLL"}}""", """{"phenomenonTime":"2026-01-01T00:00:00Z","result":1,"Datastream":{"@iot.id":4,"unitOfMeasurement":{"symbol":"gallons"}}}""", "urn:ngsi-ld:Datastream:4|result|2026-01-01T00:00:00Z|1|GLL")]
    [InlineData("""{"format":"sensorthings"}""", """{"phenomenonTime":"2026-01-01T00:00:00Z","result":1,"resultQuality":{"nameOfMeasure":"x"},"Datastream":{"@iot.id":4}}""", "urn:ngsi-ld:Datastream:4|result|2026-01-01T00:00:00Z|1|||uncertain")]
    [InlineData("""{"format":"sensorthings"}""", """{"result":1,"Datastream":{"@iot.id":4}}""", "1: /phenomenonTime: it is missing.")]
    [InlineData("""{"format":"sensorthings"}""", """{"phenomenonTime":"2026-01-01T00:00:00Z","result":1}""", "1: /Datastream: the body does not tell its datastream: ask for it with $expand, or say in datastreams of the mapping what the Datastream means.")]
    [InlineData("""{"format":"sensorthings"}""", """{"phenomenonTime":"2026-01-01T00:00:00Z","result":1,"Datastream":{"@iot.id":4,"unitOfMeasurement":{"symbol":"Å"}}}""", "1: /Datastream: 'Å' is no unit that is known here: say its UN/CEFACT code in units of the mapping.")]
    [InlineData("""{"format":"sensorthings"}""", """{"Datastream":{"@iot.id":4},"components":["phenomenonTime","result"],"dataArray":[["2026-01-01T00:00:00Z"]]}""", "1: : /dataArray/0 has not the 2 values that components names.")]
    [InlineData("""{"format":"sensorthings"}""", """{"phenomenonTime":"2026-01-01T00:00:00Z","result":"\ud800","Datastream":{"@iot.id":4}}""", "1: : it has a string that is no Unicode text (half of a surrogate pair).")]
    public void Intervals_units_and_qualities_go_as_the_mapping_says_and_what_is_none_is_refused(string mapping, string body, string expected) =>
        Assert.Equal([expected], Read(mapping, body));

    [Theory]
    [InlineData("""{"format":"sensorthings","entity":"urn:{station}"}""", "/entity")]
    [InlineData("""{"format":"sensorthings","entity":"device"}""", "/entity")]
    [InlineData("""{"format":"sensorthings","interval":"middle"}""", "/interval")]
    [InlineData("""{"format":"sensorthings","datastreams":{"1":{"attribute":"{place}"}}}""", "/datastreams/1/attribute")]
    [InlineData("""{"format":"sensorthings","datastreams":{"1":{"colour":"red"}}}""", "/datastreams/1/colour")]
    [InlineData("""{"format":"sensorthings","separator":";"}""", "/separator")]
    public void What_is_no_mapping_is_refused_with_the_member_at_fault(string json, string pointer) =>
        Assert.Equal(pointer, Assert.Throws<MappingException>(() => MappingReader.Read(Encoding.UTF8.GetBytes(json))).Pointer);

    private static List<string> Read(string mapping, string body) =>
        RowReading.Read(new ObservationRows((SensorThingsMapping)MappingReader.Read(Encoding.UTF8.GetBytes(mapping))), Encoding.UTF8.GetBytes(body), 7);
}
