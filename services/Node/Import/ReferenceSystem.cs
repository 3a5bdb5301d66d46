using System.Collections.Concurrent;
using System.Globalization;
using ProjNet.CoordinateSystems;
using ProjNet.CoordinateSystems.Transformations;

namespace Twin.Node.Import;

/// <summary>
/// A coordinate reference system by its EPSG code, and the way from it to WGS 84 in longitude and latitude. Definitions
/// are made from their parameters: UTM on WGS 84 and ETRS89, Lambert-93, the nine French conformal conics, German
/// Gauß-Krüger on DHDN (to about 3 m, by the seven parameters), Swiss CH1903+ / LV95 (to about 1 m), spherical Mercator.
/// GeoJSON gives easting or longitude first whatever the authority says (RFC 7946 §4), and so do we.
/// </summary>
internal sealed class ReferenceSystem
{
    private const string Wgs84 = "SPHEROID[\"WGS 84\",6378137,298.257223563]";
    private const string Grs80 = "SPHEROID[\"GRS 1980\",6378137,298.257222101],TOWGS84[0,0,0,0,0,0,0]";
    private const string Dhdn = "SPHEROID[\"Bessel 1841\",6377397.155,299.1528128],TOWGS84[598.1,73.7,418.2,0.202,0.045,-2.455,6.7]";
    private const string Ch1903 = "SPHEROID[\"Bessel 1841\",6377397.155,299.1528128],TOWGS84[674.374,15.056,405.346,0,0,0,0]";

    private static readonly ConcurrentDictionary<int, ReferenceSystem> Known = new();

    private readonly MathTransform? _transform;

    private ReferenceSystem(int code, MathTransform? transform) => (Code, _transform) = (code, transform);

    /// <summary>WGS 84: nothing to do.</summary>
    public static ReferenceSystem Degrees { get; } = new(4326, null);

    /// <summary>The EPSG code.</summary>
    public int Code { get; }

    /// <summary>Whether coordinates already are WGS 84 degrees.</summary>
    public bool IsDegrees => _transform is null;

    /// <summary>Finds it by <c>EPSG:2154</c>, <c>2154</c>, <c>urn:ogc:def:crs:EPSG::2154</c>, <c>…/crs/EPSG/0/2154</c> or <c>CRS84</c>.</summary>
    /// <exception cref="InputException">The name is not understood or the system is not known here.</exception>
    public static ReferenceSystem Find(string name)
    {
        if (name.EndsWith("CRS84", StringComparison.OrdinalIgnoreCase) || name.EndsWith("CRS84h", StringComparison.OrdinalIgnoreCase))
        {
            return Degrees;
        }

        var digits = name[(name.LastIndexOfAny([':', '/']) + 1)..];
        return int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var code)
            ? Known.GetOrAdd(code, Make)
            : throw new InputException($"The reference system \"{name}\" is not understood; write it as EPSG:2154.");
    }

    /// <summary>Longitude and latitude in degrees.</summary>
    public (double Longitude, double Latitude) ToDegrees(double x, double y)
    {
        if (_transform is null)
        {
            return (x, y);
        }

        var (longitude, latitude) = _transform.Transform(x, y);
        return (Math.Round(longitude, 8), Math.Round(latitude, 8));
    }

    private static ReferenceSystem Make(int code)
    {
        if (code is 4326 or 4258 or 4979)
        {
            return new(code, null);
        }

        var source = new CoordinateSystemFactory().CreateFromWkt(Definition(code));
        return new(code, new CoordinateTransformationFactory().CreateFromCoordinateSystems(source, GeographicCoordinateSystem.WGS84).MathTransform);
    }

    private static string Definition(int code) => code switch
    {
        >= 32601 and <= 32660 => Transverse(Wgs84, (6 * (code - 32600)) - 183, 0.9996, 500000, 0),
        >= 32701 and <= 32760 => Transverse(Wgs84, (6 * (code - 32700)) - 183, 0.9996, 500000, 10000000),
        >= 25828 and <= 25838 => Transverse(Grs80, (6 * (code - 25800)) - 183, 0.9996, 500000, 0),
        >= 31466 and <= 31469 => Transverse(Dhdn, 3 * (code - 31464), 1, ((code - 31464) * 1e6) + 500000, 0),
        2154 => Conic(46.5, 44, 49, 700000, 6600000),
        >= 3942 and <= 3950 => Conic(code - 3900, code - 3900 - 0.75, code - 3900 + 0.75, 1700000, ((code - 3941) * 1e6) + 200000),
        2056 => Projected(Ch1903, "Hotine_Oblique_Mercator_Azimuth_Center", ("latitude_of_center", 46.952405555555556), ("longitude_of_center", 7.439583333333333),
            ("azimuth", 90), ("rectified_grid_angle", 90), ("scale_factor", 1), ("false_easting", 2600000), ("false_northing", 1200000)),
        3857 => ProjectedCoordinateSystem.WebMercator.WKT,
        _ => throw new InputException(
            $"The reference system EPSG:{code} is not known here. Known: 4326, 4258, 3857, 2154, 3942-3950, 2056, 31466-31469, 25828-25838, 32601-32660, 32701-32760. Reproject the file first, for example with ogr2ogr -t_srs EPSG:4326."),
    };

    private static string Transverse(string spheroid, double meridian, double scale, double easting, double northing) => Projected(
        spheroid, "Transverse_Mercator", ("latitude_of_origin", 0), ("central_meridian", meridian), ("scale_factor", scale), ("false_easting", easting), ("false_northing", northing));

    private static string Conic(double origin, double south, double north, double easting, double northing) => Projected(
        Grs80, "Lambert_Conformal_Conic_2SP", ("standard_parallel_1", north), ("standard_parallel_2", south), ("latitude_of_origin", origin), ("central_meridian", 3),
        ("false_easting", easting), ("false_northing", northing));

    private static string Projected(string datum, string projection, params ReadOnlySpan<(string Name, double Value)> parameters)
    {
        var wkt = $"PROJCS[\"system\",GEOGCS[\"geographic\",DATUM[\"datum\",{datum}],PRIMEM[\"Greenwich\",0],UNIT[\"degree\",0.0174532925199433]],PROJECTION[\"{projection}\"]";
        foreach (var (name, value) in parameters)
        {
            wkt += string.Create(CultureInfo.InvariantCulture, $",PARAMETER[\"{name}\",{value:R}]");
        }

        return wkt + ",UNIT[\"metre\",1]]";
    }
}
