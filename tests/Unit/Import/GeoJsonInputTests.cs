using System.Text.Json;
using Twin.Node.Import;
using Xunit;

namespace Twin.Tests.Unit.Import;

public sealed class GeoJsonInputTests
{
    [Fact]
    public async Task A_feature_becomes_an_entity_at_its_place_with_its_properties_as_the_mapping_says()
    {
        var mapping = new ImportMapping
        {
            Id = "urn:ngsi-ld:Building:redon-{ID_BUILD}",
            Scope = "/Redon",
            Attributes = new Dictionary<string, AttributeMapping>
            {
                ["HEIGHT_ROOF"] = new() { Name = "height", Unit = "MTR" },
                ["MAIN_USE"] = new() { Name = "use", Missing = ["null"] },
                ["ZINDEX"] = new() { Drop = true },
            },
        };
        var rows = await Inputs.ReadAsync("b.geojson", """
            {"type":"FeatureCollection","crs":{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::32630"}},"features":[
             {"type":"Feature","geometry":{"type":"Point","coordinates":[516024.9683961687,5277296.946439595]},
              "properties":{"HEIGHT_ROOF":3.5,"MAIN_USE":"null","ZINDEX":0,"ID_BUILD":1,"NOTE":null}}]}
            """, mapping, "Building");
        Assert.Equal(
            """{"id":"urn:ngsi-ld:Building:redon-1","type":"Building","scope":"/Redon","location":{"type":"GeoProperty","value":{"type":"Point","coordinates":[-2.786619,47.648871]}},"height":{"type":"Property","value":3.5,"unitCode":"MTR"},"ID_BUILD":{"type":"Property","value":1}}""",
            Assert.Single(rows).Text());
    }

    [Theory]
    [InlineData("""{"type":"Polygon","coordinates":[[[0,0,1.5],[4,0,1.5],[4,4,2],[0,4,2],[0,0,1.5]],[[1,1,0],[1,2,0],[2,2,0],[2,1,0],[1,1,0]]]}""")]
    [InlineData("""{"type":"MultiPolygon","coordinates":[[[[0,0],[1,0],[1,1],[0,1],[0,0]]],[[[5,5],[6,5],[6,6],[5,6],[5,5]],[[5.2,5.2],[5.2,5.4],[5.4,5.4],[5.4,5.2],[5.2,5.2]]]]}""")]
    [InlineData("""{"type":"MultiLineString","coordinates":[[[0,0],[1,1]],[[2,2],[3,3]]]}""")]
    [InlineData("""{"type":"MultiPoint","coordinates":[[0,0,7],[1,1,8]]}""")]
    public async Task Heights_holes_and_parts_are_kept(string geometry)
    {
        var row = Assert.Single(await Inputs.ReadAsync("b.geojson", Feature(geometry), type: "Building"));
        using var entity = JsonDocument.Parse(row.Json);
        Assert.Equal(geometry, entity.RootElement.GetProperty("location").GetProperty("value").GetRawText());
    }

    [Theory]
    [InlineData("""{"type":"Polygon","coordinates":[[[0,0],[4,4],[4,0],[0,4],[0,0]]]}""", "Self-intersection", true)]
    [InlineData("""{"type":"Polygon","coordinates":[[[0,0],[4,0],[4,4],[0,4]]]}""", "not closed", true)]
    [InlineData("""{"type":"Polygon","coordinates":[[[0,0],[4,0],[4,4],[0,4],[0,0]],[[9,9],[9,10],[10,10],[9,9]]]}""", "not valid", true)]
    [InlineData("""{"type":"Polygon","coordinates":[[[0,0],[1,1],[0,0]]]}""", "not valid", false)]
    [InlineData("""{"type":"Polygon","coordinates":[]}""", "without a ring", false)]
    [InlineData("""{"type":"Point","coordinates":[516024,5277296]}""", "--crs", false)]
    [InlineData("""{"type":"Point","coordinates":["7","47"]}""", "two or three numbers", false)]
    [InlineData("""{"type":"Point","coordinates":[7]}""", "two or three numbers", false)]
    [InlineData("""{"type":"Point","coordinates":[1e999,0]}""", "finite", false)]
    [InlineData("""{"type":"Circle","coordinates":[7,47]}""", "none of Point", false)]
    [InlineData("""{"type":"GeometryCollection","geometries":[]}""", "coordinates", false)]
    [InlineData("""{"type":"LineString","coordinates":[[0,0]]}""", "not valid", false)]
    public async Task An_invalid_geometry_is_refused_with_its_reason_and_mended_only_where_asked(string geometry, string reason, bool mendable)
    {
        var refused = Assert.Single(await Inputs.ReadAsync("b.geojson", Feature(geometry), type: "Building")).Refusal!;
        Assert.Contains(reason, refused.Reason, StringComparison.Ordinal);
        Assert.Equal("geometry", refused.Member);
        var repaired = Assert.Single(await Inputs.ReadAsync("b.geojson", Feature(geometry), type: "Building", repair: true));
        Assert.Equal(mendable, repaired.Refusal is null);
    }

    [Fact]
    public async Task A_crs_that_comes_after_the_features_is_refused_and_never_guessed()
    {
        var rows = await Inputs.ReadAsync("b.geojson", """
            {"type":"FeatureCollection","features":[{"type":"Feature","id":"1","geometry":{"type":"Point","coordinates":[7,47]},"properties":{}}],
             "crs":{"type":"name","properties":{"name":"EPSG:2154"}}}
            """, type: "Building");
        Assert.Contains("--crs", rows[^1].Refusal!.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Features_on_lines_and_in_the_NGSI_LD_form_are_read()
    {
        var row = Assert.Single(await Inputs.ReadAsync("b.geojsonl", """
            {"type":"Feature","id":"urn:ngsi-ld:Building:1","geometry":{"type":"Point","coordinates":[7,47]},"properties":{"type":"Building","height":{"type":"Property","value":3},"location":{"type":"GeoProperty","value":{"type":"Point","coordinates":[7,47]}}}}
            """));
        Assert.Equal(
            """{"id":"urn:ngsi-ld:Building:1","type":"Building","height":{"type":"Property","value":3},"location":{"type":"GeoProperty","value":{"type":"Point","coordinates":[7,47]}}}""",
            row.Text());
    }

    [Fact]
    public async Task The_real_buildings_come_to_Redon_and_all_are_valid()
    {
        var file = Path.Combine(Shared(), "data", "buildings", "redon-buildings.geojson");
        Assert.SkipUnless(File.Exists(file), "The reference data of TWIN_SHARED are not here.");
        var mapping = new ImportMapping { Id = "urn:ngsi-ld:Building:redon-{ID_BUILD}" };
        var rows = await Inputs.ListAsync(EntitySource.ReadAsync(file, new(ImportFormat.Auto, mapping, "Building", null, false), default));
        Assert.Equal(2506, rows.Count);
        Assert.All(rows, static r => Assert.Null(r.Refusal));
        Assert.Equal(2506, rows.Select(static r => r.Id).Distinct(StringComparer.Ordinal).Count());
        foreach (var row in rows)
        {
            using var entity = JsonDocument.Parse(row.Json);
            var first = entity.RootElement.GetProperty("location").GetProperty("value").GetProperty("coordinates")[0][0];
            Assert.InRange(first[0].GetDouble(), -2.81, -2.76);
            Assert.InRange(first[1].GetDouble(), 47.63, 47.67);
        }
    }

    private static string Shared() => Environment.GetEnvironmentVariable("TWIN_SHARED") ?? Path.Combine(Root(), "..", "shared");

    private static string Root()
    {
        var directory = AppContext.BaseDirectory;
        while (directory is not null && !File.Exists(Path.Combine(directory, "Twin.Federation.sln")))
        {
            directory = Path.GetDirectoryName(directory);
        }

        return directory ?? ".";
    }

    private static string Feature(string geometry) =>
        """{"type":"FeatureCollection","features":[{"type":"Feature","id":"1","geometry":GEOMETRY,"properties":{}}]}""".Replace("GEOMETRY", geometry, StringComparison.Ordinal);
}
