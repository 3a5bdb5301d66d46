using Twin.NgsiLd;
using Twin.NgsiLd.Entities;
using Twin.NgsiLd.Queries;
using Xunit;

namespace Twin.Tests.Unit.Queries;

public sealed class GeoQueryTests
{
    private const string Square = "[[[0,0],[10,0],[10,10],[0,10],[0,0]]]";
    private const string Holed = "[[[0,0],[10,0],[10,10],[0,10],[0,0]],[[4,4],[6,4],[6,6],[4,6],[4,4]]]";

    // Expected by OGC 06-103r4; the first letters are those of the entity's geometry.
    [Theory]
    [InlineData("Point", "[5,5]", "within", "Polygon", Square, true)]
    [InlineData("Point", "[10,5]", "within", "Polygon", Square, false)]
    [InlineData("Point", "[10,5]", "intersects", "Polygon", Square, true)]
    [InlineData("Point", "[10,5]", "disjoint", "Polygon", Square, false)]
    [InlineData("Point", "[0,0]", "intersects", "Polygon", Square, true)]
    [InlineData("Point", "[11,5]", "disjoint", "Polygon", Square, true)]
    [InlineData("Point", "[5,5]", "within", "Polygon", Holed, false)]
    [InlineData("Point", "[2,2]", "within", "Polygon", Holed, true)]
    [InlineData("Point", "[4,5]", "intersects", "Polygon", Holed, true)]
    [InlineData("Point", "[5,5]", "disjoint", "Polygon", Holed, true)]
    [InlineData("Point", "[5,5]", "contains", "Polygon", Square, false)]
    [InlineData("Point", "[5,5]", "overlaps", "Polygon", Square, false)]
    [InlineData("Point", "[5,5]", "equals", "Point", "[5,5]", true)]
    [InlineData("Point", "[5,5]", "equals", "MultiPoint", "[[5,5],[5,5]]", true)]
    [InlineData("Point", "[5,5]", "contains", "Point", "[5,5]", true)]
    [InlineData("Point", "[5,5]", "disjoint", "Point", "[5,6]", true)]
    [InlineData("Point", "[5,5]", "overlaps", "Point", "[5,5]", false)]
    [InlineData("Point", "[5,5]", "within", "LineString", "[[0,0],[10,10]]", true)]
    [InlineData("Point", "[0,0]", "within", "LineString", "[[0,0],[10,10]]", false)]
    [InlineData("Point", "[5,5]", "within", "MultiPolygon", "[[[[0,0],[1,0],[1,1],[0,0]]],[[[4,4],[9,4],[6,9],[4,4]]]]", true)]
    [InlineData("Polygon", Square, "contains", "Point", "[5,5]", true)]
    [InlineData("Polygon", Square, "contains", "Polygon", "[[[1,1],[2,1],[2,2],[1,1]]]", true)]
    [InlineData("Polygon", "[[[1,1],[2,1],[2,2],[1,1]]]", "within", "Polygon", Square, true)]
    [InlineData("Polygon", Square, "overlaps", "Polygon", "[[[5,5],[15,5],[15,15],[5,5]]]", true)]
    [InlineData("Polygon", Square, "overlaps", "Polygon", "[[[1,1],[2,1],[2,2],[1,1]]]", false)]
    [InlineData("Polygon", Square, "equals", "Polygon", "[[[10,0],[10,10],[0,10],[0,0],[10,0]]]", true)]
    [InlineData("Polygon", Square, "disjoint", "Polygon", "[[[20,0],[21,0],[21,1],[20,0]]]", true)]
    [InlineData("Polygon", Square, "intersects", "LineString", "[[-5,5],[5,5]]", true)]
    [InlineData("LineString", "[[0,0],[10,0]]", "overlaps", "LineString", "[[5,0],[15,0]]", true)]
    [InlineData("MultiLineString", "[[[0,0],[1,1]],[[2,2],[3,3]]]", "within", "Polygon", "[[[-1,-1],[4,-1],[4,4],[-1,4],[-1,-1]]]", true)]
    [InlineData("MultiPoint", "[[1,1],[20,20]]", "overlaps", "MultiPoint", "[[1,1],[3,3]]", true)]
    public void A_relation_holds_as_OGC_defines_it(string shape, string coordinates, string georel, string geometry, string query, bool expected) =>
        Assert.Equal(expected, GeoQuery.Parse(georel, geometry, query, null, Given.Core).Matches(Located(shape, coordinates)));

    // The suite's cases 019_11: two polygons that cross themselves in part, and queries that do.
    [Theory]
    [InlineData("equals", "[[[13.2865906,52.5648645],[13.2879639,52.5648645],[13.2797241,52.4988679],[13.477478,52.4712703],[13.5049438,52.5373084],[13.2865906,52.5648645]]]", 1)]
    [InlineData("intersects", "[[[13.3456421,52.4794848],[13.3641815,52.4428773],[13.4177399,52.4730023],[13.3459854,52.479903],[13.3456421,52.4794848]]]", 1)]
    [InlineData("contains", "[[[13.3844376,52.5356966],[13.3844376,52.5356966],[13.381691,52.5123012],[13.4235764,52.5100027],[13.4331894,52.5273425],[13.3844376,52.5356966]]]", 1)]
    [InlineData("contains", "[[[13.1369019,52.5198225],[13.1365585,52.5200314],[13.131752,52.4980907],[13.1832504,52.5026887],[13.1369019,52.5198225]]]", 0)]
    [InlineData("disjoint", "[[[13.1369019,52.5198225],[13.1365585,52.5200314],[13.131752,52.4980907],[13.1832504,52.5026887],[13.1369019,52.5198225]]]", 2)]
    [InlineData("within", "[[[13.3023834,52.4903066],[13.3027267,52.4905156],[13.2745743,52.465632],[13.3343124,52.4185447],[13.4311295,52.47107],[13.3023834,52.4903066]]]", 1)]
    [InlineData("overlaps", "[[[13.3456421,52.4794848],[13.3641815,52.4428773],[13.4177399,52.4730023],[13.3459854,52.479903],[13.3456421,52.4794848]]]", 1)]
    public void A_polygon_that_crosses_itself_is_answered_all_the_same(string georel, string query, int expected)
    {
        GeoQuery geo = GeoQuery.Parse(georel, "Polygon", query, null, Given.Core);
        string[] stored = [SuitePolygons.First, SuitePolygons.Second];
        Assert.Equal(expected, stored.Count(s => geo.Matches(System.Text.Encoding.UTF8.GetBytes(s))));
    }

    // Geodesics: Vincenty's test line Flinders Peak to Buninyong (GRS 80), and JFK to LHR of GeographicLib's documentation.
    [Theory]
    [InlineData(144.42486788888888, -37.95103341666667, 143.92649552777777, -37.65282113888889, 54972.271, 1.1)]
    [InlineData(-73.8, 40.6, -0.5, 51.6, 5551759.400, 111)]
    [InlineData(0, 0, 1, 0, 111319.4908, 0.01)]
    [InlineData(0, 0, 0, 1, 110574.3886, 2.2)]
    [InlineData(7.33, 47.75, 7.33, 47.75, 0, 0)]
    [InlineData(179.9, 0, -179.9, 0, 22263.898, 0.01)]
    [InlineData(0, 0, 180, 0, 20003931.4586, 60000)]
    public void Distances_are_those_of_the_ellipsoid(double x1, double y1, double x2, double y2, double metres, double within) =>
        Assert.InRange(Geodesy.Distance(x1, y1, x2, y2), metres - within, metres + within);

    // 019_30: the nearest place of extended geometries, in metres.
    [Theory]
    [InlineData("Point", "[10,60.009]", "near;maxDistance==2000", "LineString", "[[0,60],[10,60]]", true)]
    [InlineData("Point", "[10,60.009]", "near;maxDistance==2000", "LineString", "[[0,61],[10,61]]", false)]
    [InlineData("LineString", "[[0,85.6],[1,85]]", "near;maxDistance==20000", "Point", "[0,85]", true)]
    [InlineData("LineString", "[[0,85.6],[1,85]]", "near;maxDistance==5000", "Point", "[0,85]", false)]
    [InlineData("Polygon", Square, "near;maxDistance==1", "Point", "[5,5]", true)]
    [InlineData("Polygon", Holed, "near;maxDistance==1000", "Point", "[5,5]", false)]
    [InlineData("Polygon", Square, "near;maxDistance==1", "LineString", "[[-5,5],[15,5]]", true)]
    [InlineData("Point", "[179.99,0]", "near;maxDistance==3000", "Point", "[-179.99,0]", true)]
    [InlineData("Point", "[179.99,0]", "near;minDistance==3000", "Point", "[-179.99,0]", false)]
    [InlineData("Point", "[100,89.99]", "near;maxDistance==3000", "Point", "[-80,89.99]", true)]
    [InlineData("Point", "[13.4,52.5]", "near;minDistance==1000", "Point", "[13.4,52.6]", true)]
    public void Near_measures_between_the_nearest_places(string shape, string coordinates, string georel, string geometry, string query, bool expected) =>
        Assert.Equal(expected, GeoQuery.Parse(georel, geometry, query, null, Given.Core).Matches(Located(shape, coordinates)));

    [Fact]
    public void The_search_box_holds_every_place_that_is_near()
    {
        var random = new Random(7);
        for (int i = 0; i < 20_000; i++)
        {
            double x = (random.NextDouble() * 360) - 180, y = (random.NextDouble() * 179) - 89.5, metres = Math.Pow(10, 1 + (random.NextDouble() * 5.5));
            GeoQuery geo = GeoQuery.Parse(FormattableString.Invariant($"near;maxDistance=={metres:F3}"), "Point", FormattableString.Invariant($"[{x:F6},{y:F6}]"), null, Given.Core);
            double spread = metres / 100_000;
            double px = Math.IEEERemainder(x + ((random.NextDouble() - 0.5) * 3 * spread / Math.Cos(y * Math.PI / 180)), 360), py = Math.Clamp(y + ((random.NextDouble() - 0.5) * 2 * spread), -90, 90);
            if (Geodesy.Distance(px, py, Math.Round(x, 6), Math.Round(y, 6)) <= metres && geo.SearchBoxes is { } boxes)
            {
                var at = new BoundingBox(px, py, px, py);
                Assert.True(boxes.Any(b => b.Intersects(at)), FormattableString.Invariant($"{x} {y} {metres} {px} {py}"));
                Assert.True(geo.SearchBox!.Value.Intersects(at));
            }
        }

        Assert.Null(GeoQuery.Parse("disjoint", "Polygon", Square, null, Given.Core).SearchBox);
        Assert.Null(GeoQuery.Parse("near;minDistance==5", "Point", "[0,0]", null, Given.Core).SearchBox);
        Assert.Equal(2, GeoQuery.Parse("near;maxDistance==5000", "Point", "[-180,0]", null, Given.Core).SearchBoxes!.Count);
    }

    [Theory]
    [InlineData("near", "Point", "[8,40]", "georel")]
    [InlineData("near;maxDistance==0", "Point", "[8,40]", "georel")]
    [InlineData("near;maxDistance==-100", "Point", "[8,40]", "georel")]
    [InlineData("near;maxDistance==inf", "Point", "[8,40]", "georel")]
    [InlineData("near;maxDistance==1e400", "Point", "[8,40]", "georel")]
    [InlineData("near;maxDistance==5;minDistance==1", "Point", "[8,40]", "georel")]
    [InlineData("near;maxDistance=5", "Point", "[8,40]", "georel")]
    [InlineData("touches", "Point", "[8,40]", "georel")]
    [InlineData(null, "Point", "[8,40]", "georel")]
    [InlineData("within", null, "[8,40]", "geometry")]
    [InlineData("within", "Circle", "[8,40]", "geometry")]
    [InlineData("within", "Polygon", null, "coordinates")]
    [InlineData("within", "Point", "8,40", "coordinates")]
    [InlineData("within", "Point", "[8]", "coordinates")]
    [InlineData("within", "Point", "[\"8\",40]", "coordinates")]
    [InlineData("within", "Point", "[8,91]", "coordinates")]
    [InlineData("within", "Point", "[181,0]", "coordinates")]
    [InlineData("within", "Point", "[8,40] x", "coordinates")]
    [InlineData("within", "Point", "[8,40,1,2]", "coordinates")]
    [InlineData("within", "LineString", "[[8,40]]", "coordinates")]
    [InlineData("within", "Polygon", "[[[0,0],[1,0],[1,1],[0,1]]]", "coordinates")]
    [InlineData("within", "Polygon", "[[[0,0],[1,0],[0,0]]]", "coordinates")]
    [InlineData("within", "Polygon", "[]", "coordinates")]
    [InlineData("within", "Polygon", "[[0,0],[1,0],[1,1],[0,0]]", "coordinates")]
    public void A_bad_geoquery_names_its_parameter(string? georel, string? geometry, string? coordinates, string parameter)
    {
        NgsiLdException fault = Assert.Throws<NgsiLdException>(() => GeoQuery.Parse(georel, geometry, coordinates, null, Given.Core));
        Assert.Equal(NgsiLdErrorType.BadRequestData, fault.ErrorType);
        Assert.Equal(parameter, fault.Member);
    }

    [Fact]
    public void The_named_geoproperty_is_asked_and_an_entity_without_it_never_matches()
    {
        EntityDocument entity = Located("Point", "[5,5]");
        Assert.False(GeoQuery.Parse("disjoint", "Point", "[1,1]", "observationSpace", Given.Core).Matches(entity));
        Assert.True(GeoQuery.Parse("disjoint", "Point", "[1,1]", "location", Given.Core).Matches(entity));
    }

    private static EntityDocument Located(string shape, string coordinates) =>
        Given.Thing($$""" "location":{"type":"GeoProperty","value":{"type":"{{shape}}","coordinates":{{coordinates}} } } """);
}
