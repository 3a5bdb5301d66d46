using System.Text;
using System.Text.Json;
using Twin.Node.Bench;
using Xunit;

namespace Twin.Tests.Unit.Bench;

public sealed class BenchEntitiesTests
{
    // As the Python program made them that loads the other brokers of a comparison.
    [Theory]
    [InlineData(0, """{"id":"urn:ngsi-ld:Building:0","type":"Building","temperature":{"type":"Property","value":16.04,"unitCode":"CEL","observedAt":"2026-01-01T00:00:00Z"},"occupancy":{"type":"Property","value":33},"status":{"type":"Property","value":"ok"},"address":{"type":"Property","value":{"streetAddress":"49 rue de la Paix","addressLocality":"Mulhouse","postalCode":"68100","addressCountry":"FR"}},"location":{"type":"GeoProperty","value":{"type":"Point","coordinates":[7.262402,47.836752]}},"refDistrict":{"type":"Relationship","object":"urn:ngsi-ld:District:1"}}""")]
    [InlineData(12345, """{"id":"urn:ngsi-ld:Building:12345","type":"Building","temperature":{"type":"Property","value":15.52,"unitCode":"CEL","observedAt":"2026-01-01T00:00:00Z"},"occupancy":{"type":"Property","value":192},"status":{"type":"Property","value":"ok"},"address":{"type":"Property","value":{"streetAddress":"87 rue de la Paix","addressLocality":"Mulhouse","postalCode":"68100","addressCountry":"FR"}},"location":{"type":"GeoProperty","value":{"type":"Point","coordinates":[7.268738,47.764147]}},"refDistrict":{"type":"Relationship","object":"urn:ngsi-ld:District:0"}}""")]
    [InlineData(999999, """{"id":"urn:ngsi-ld:Building:999999","type":"Building","temperature":{"type":"Property","value":23.33,"unitCode":"CEL","observedAt":"2026-01-01T00:00:00Z"},"occupancy":{"type":"Property","value":88},"status":{"type":"Property","value":"ok"},"address":{"type":"Property","value":{"streetAddress":"147 rue de la Paix","addressLocality":"Mulhouse","postalCode":"68100","addressCountry":"FR"}},"location":{"type":"GeoProperty","value":{"type":"Point","coordinates":[7.20805,47.756825]}},"refDistrict":{"type":"Relationship","object":"urn:ngsi-ld:District:35"}}""")]
    public void Entities_are_byte_for_byte_those_that_other_brokers_are_loaded_with(long number, string json) =>
        Assert.Equal(json, BenchEntities.Json(number));

    [Fact]
    public void A_batch_is_an_array_of_the_entities_asked_for()
    {
        using var batch = JsonDocument.Parse(BenchEntities.Batch(100, 103));

        Assert.Equal(
            ["urn:ngsi-ld:Building:100", "urn:ngsi-ld:Building:101", "urn:ngsi-ld:Building:102"],
            batch.RootElement.EnumerateArray().Select(entity => entity.GetProperty("id").GetString()));
    }

    [Theory]
    [InlineData("retrieve", "GET /ngsi-ld/v1/entities/urn:ngsi-ld:Building:")]
    [InlineData("patch", "PATCH /ngsi-ld/v1/entities/urn:ngsi-ld:Building:")]
    [InlineData("upsert", "POST /ngsi-ld/v1/entityOperations/upsert HTTP/1.1\r\n")]
    public void The_same_requests_are_drawn_each_time(string name, string start)
    {
        var scenario = BenchScenario.All.Single(one => one.Name == name) with { Distinct = 3 };
        var api = new Uri("http://127.0.0.1:1026/ngsi-ld/v1");

        var requests = scenario.Requests(api, 1000);

        Assert.Equal(requests, scenario.Requests(api, 1000));
        Assert.All(requests, request => Assert.StartsWith(start, Encoding.UTF8.GetString(request), StringComparison.Ordinal));
        Assert.NotEqual(requests[0], requests[1]);
    }

    [Fact]
    public void The_ceiling_of_a_write_takes_the_same_body()
    {
        var scenario = BenchScenario.All.Single(one => one.Name == "patch") with { Distinct = 1 };
        var api = new Uri("http://127.0.0.1:1026/ngsi-ld/v1");
        var requests = scenario.Requests(api, 1000);

        var ceiling = Encoding.UTF8.GetString(scenario.CeilingRequests(api, 0, requests)[0]);

        Assert.StartsWith("POST /bench/echo?bytes=0 HTTP/1.1\r\n", ceiling, StringComparison.Ordinal);
        Assert.Equal(Encoding.UTF8.GetString(requests[0]).Split("\r\n\r\n")[1], ceiling.Split("\r\n\r\n")[1]);
    }
}
