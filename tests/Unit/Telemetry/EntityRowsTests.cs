using System.Text;
using Microsoft.AspNetCore.Http;
using Twin.NgsiLd.Contexts;
using Twin.Telemetry.Ingest;
using Twin.Telemetry.Ingest.Entities;
using Xunit;

namespace Twin.Tests.Unit.Telemetry;

/// <summary>Temporal evolutions (GS CIM 009 5.2.20) as rows.</summary>
public sealed class EntityRowsTests
{
    private const string Vehicle = """
        {"id":"urn:ngsi-ld:Vehicle:B9211","type":"Vehicle",
         "speed":[{"type":"Property","value":120,"observedAt":"2018-08-01T12:03:00Z","unitCode":"KMH"},
                  {"type":"Property","value":80.50,"observedAt":"2018-08-01T12:05:00Z","unitCode":"KMH","instanceId":"urn:i:1","createdAt":"2018-08-01T12:05:01Z"}],
         "fuelLevel":{"value":67,"observedAt":"2018-08-01T12:03:00Z","datasetId":"urn:ds:1","quality":{"type":"Property","value":"uncertain"}}}
        """;

    [Fact]
    public void Instances_that_are_values_become_the_rows_that_they_would_be_in_CSV() =>
        Assert.Equal(
            [
                "urn:ngsi-ld:Vehicle:B9211|speed|2018-08-01T12:03:00Z|120|KMH",
                "urn:ngsi-ld:Vehicle:B9211|speed|2018-08-01T12:05:00Z|80.5|KMH",
                "urn:ngsi-ld:Vehicle:B9211|fuelLevel|2018-08-01T12:03:00Z|67||urn:ds:1|uncertain",
            ],
            Read($"[{Vehicle}]"));

    [Fact]
    public void One_object_is_as_good_as_an_array_and_a_line_and_bytes_may_come_one_by_one()
    {
        var array = Encoding.UTF8.GetBytes($" [{Vehicle} , {Vehicle}]\n");
        List<string> expected = [.. Read(Vehicle), .. Read(Vehicle)];
        Assert.Equal(expected, RowReading.Read(Reader(), array));
        Assert.Equal(expected, RowReading.Read(Reader(), array, 1));
        var line = Vehicle.ReplaceLineEndings(" ") + "\n";
        Assert.Equal(
            [.. expected, "urn:d:1|t|2026-01-01T00:00:00Z|1"],
            RowReading.Read(new EntityLines(Record()), Encoding.UTF8.GetBytes(line + line + """{"entity":"urn:d:1","attribute":"t","observedAt":"2026-01-01T00:00:00Z","value":1}"""), 1));
    }

    [Fact]
    public void The_simplified_form_is_pairs_of_a_value_and_its_time() =>
        Assert.Equal(
            ["urn:v:1|speed|2018-08-01T12:03:00Z|120", "urn:v:1|speed|2018-08-01T12:05:00Z|80", "urn:v:1|name|2018-08-01T12:05:00Z|'a\"b"],
            Read("""{"id":"urn:v:1","type":"Vehicle","speed":{"type":"Property","values":[[120,"2018-08-01T12:03:00Z"],[80,"2018-08-01T12:05:00Z"]]},"name":{"values":[["a\"b","2018-08-01T12:05:00Z"]]}}"""));

    [Theory]
    [InlineData("""{"type":"T","t":{"value":1,"observedAt":"2026-01-01T00:00:00Z"}}""", "it has no id", "/id")]
    [InlineData("""{"id":"urn:v:1","type":"T"}""", "no instance", null)]
    [InlineData("""{"id":"urn:v:1","id":"urn:v:2"}""", "twice", "/id")]
    [InlineData("""{"id":"urn:v:1","t":21.5}""", "an attribute is an object", "/t")]
    [InlineData("""{"id":"urn:v:1","a/b":[{"value":1,"observedAt":"2026-01-01T00:00:00Z"},5]}""", "an instance is an object", "/a~1b/1")]
    [InlineData("""{"id":"urn:v:1","t":{"value":1,"value":2,"observedAt":"2026-01-01T00:00:00Z"}}""", "", "/t")]
    [InlineData("""{"id":"urn:v:1","t":{"type":"Property","observedAt":"2026-01-01T00:00:00Z"}}""", "", "/t")]
    [InlineData("""{"id":"urn:v:1","t":{"values":[[1]]}}""", "an array of a value and its time", "/t/values/0/0")]
    [InlineData("""{"id":"urn:v:1","t":{"values":[1]}}""", "an array of a value and its time", "/t/values/0/0")]
    [InlineData("""{"id":"urn:v:1","t":{"objects":[["urn:o:1","\""]]}}""", "it has characters", "/t/objects/0/1")]
    [InlineData("""{"id":"urn:v:1","scope":"/a"}""", "scopes do not come in bulk", "/scope")]
    [InlineData("""{"id":"urn:v:1","type":[["a"]],"t":{"value":1,"observedAt":"2026-01-01T00:00:00Z"}}""", "it is the name", "/type")]
    [InlineData("""{"id":"urn:v:1","@context":[],"t":{"value":1,"observedAt":"2026-01-01T00:00:00Z"}}""", "in a Link header", "/@context")]
    [InlineData("""{"id":"urn:v:1","t":{"value":}}""", "not JSON", null)]
    public void What_is_no_instance_is_refused_with_its_place(string body, string expected, string? place)
    {
        var refused = Read(body)[^1];

        Assert.StartsWith($"1: {place}: ", refused, StringComparison.Ordinal);
        Assert.Contains(expected, refused, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[")]
    [InlineData("[{\"id\":\"urn:v:1\",\"t\":{\"value\":1,\"observedAt\":\"2026-01-01T00:00:00Z\"}}")]
    [InlineData("[{\"id\":\"urn:v:1\",\"t\":{\"value\":1,\"observedAt\":\"2026-01-01T00:00:00Z\"}},")]
    [InlineData("")]
    public void A_body_that_ends_too_early_says_so(string body) =>
        Assert.Throws<IngestException>(() =>
        {
            var reader = Reader();
            RowReading.Read(reader, Encoding.UTF8.GetBytes(body));
            reader.End();
        });

    private static EntityRecord Record() => new(new RecordContexts(null!, new DefaultHttpContext().Request, JsonLdContext.Core, ContextPlace.Link));

    private static EntityRows Reader() => new(Record());

    private static List<string> Read(string body) => RowReading.Read(Reader(), Encoding.UTF8.GetBytes(body));
}
