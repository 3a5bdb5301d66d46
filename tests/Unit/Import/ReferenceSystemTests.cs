using Twin.Node.Import;
using Xunit;

namespace Twin.Tests.Unit.Import;

public sealed class ReferenceSystemTests
{
    /// <summary>Expected values from another implementation: proj4js 2.22.0 with the EPSG parameters.</summary>
    [Theory]
    [InlineData("EPSG:2056", 2679520.05, 1212273.44, 8.485305899, 47.056717533)]
    [InlineData("EPSG:2154", 1025000, 6750000, 7.341115115, 47.769969510)]
    [InlineData("EPSG:3857", 814800, 6060000, 7.319472935, 47.717591124)]
    [InlineData("EPSG:3942", 1500000, 1150000, 0.603338860, 41.524590410)]
    [InlineData("EPSG:3948", 2022000, 7160000, 7.281053616, 47.559782473)]
    [InlineData("EPSG:3950", 1652000, 9276000, 2.320838859, 50.681317420)]
    [InlineData("urn:ogc:def:crs:EPSG::25832", 400000, 5290000, 7.665714654, 47.755610712)]
    [InlineData("http://www.opengis.net/def/crs/EPSG/0/25833", 390000, 5820000, 13.378811770, 52.518995313)]
    [InlineData("31466", 2570000, 5650000, 6.996187135, 50.980947452)]
    [InlineData("EPSG:31467", 3406000, 5283000, 7.747104634, 47.678496045)]
    [InlineData("EPSG:31468", 4468000, 5334000, 11.568552133, 48.143217455)]
    [InlineData("EPSG:31469", 5410000, 5655000, 13.715301963, 51.023138798)]
    [InlineData("EPSG:32630", 516024.9683961687, 5277296.946439595, -2.786619000, 47.648871000)]
    [InlineData("EPSG:32632", 374000, 5290000, 7.318938784, 47.751054356)]
    [InlineData("EPSG:32756", 334000, 6252000, 151.205514687, -33.859261705)]
    public void Projected_coordinates_come_to_the_right_place_within_a_centimetre(string name, double x, double y, double longitude, double latitude)
    {
        var degrees = ReferenceSystem.Find(name).ToDegrees(x, y);
        Assert.InRange(degrees.Longitude, longitude - 1e-7, longitude + 1e-7);
        Assert.InRange(degrees.Latitude, latitude - 1e-7, latitude + 1e-7);
    }

    [Theory]
    [InlineData("urn:ogc:def:crs:OGC:1.3:CRS84")]
    [InlineData("EPSG:4326")]
    [InlineData("EPSG:4258")]
    public void Degrees_stay_as_they_are(string name) => Assert.Equal((7.3195123456789, 47.7455), ReferenceSystem.Find(name).ToDegrees(7.3195123456789, 47.7455));

    [Theory]
    [InlineData("EPSG:27700")]
    [InlineData("EPSG:999999999999")]
    [InlineData("Lambert")]
    [InlineData("")]
    public void A_system_that_is_not_known_is_refused_with_what_to_do(string name) => Assert.Throws<InputException>(() => ReferenceSystem.Find(name));
}
