using System.Globalization;
using System.Text;

namespace Twin.Node.Bench;

/// <summary>
/// The entities of every measurement: Building, six attributes and a location, about 700 bytes normalized with the core
/// @context. Entity <c>i</c> is the same on every machine and in every run, and the same that the load scripts for other
/// brokers make.
/// </summary>
internal static class BenchEntities
{
    /// <summary>The centre of the square in which all entities lie: longitude, then latitude (WGS 84, degrees).</summary>
    public static readonly (double Longitude, double Latitude) Centre = (7.33, 47.75);

    private const double EarthRadius = 6371008;

    /// <summary>The id of entity <paramref name="number"/>.</summary>
    public static string Id(long number) => "urn:ngsi-ld:Building:" + number.ToString(CultureInfo.InvariantCulture);

    /// <summary>Where entity <paramref name="number"/> is.</summary>
    public static (double Longitude, double Latitude) Location(long number) => (
        Math.Round(Centre.Longitude + (Draw(number, 5) - 0.5) * 0.30, 6, MidpointRounding.ToEven),
        Math.Round(Centre.Latitude + (Draw(number, 6) - 0.5) * 0.20, 6, MidpointRounding.ToEven));

    /// <summary>Great-circle distance in metres on the sphere of mean radius.</summary>
    public static double Distance((double Longitude, double Latitude) from, (double Longitude, double Latitude) to)
    {
        var (x1, y1, x2, y2) = (double.DegreesToRadians(from.Longitude), double.DegreesToRadians(from.Latitude), double.DegreesToRadians(to.Longitude), double.DegreesToRadians(to.Latitude));
        var h = Math.Pow(Math.Sin((y2 - y1) / 2), 2) + Math.Cos(y1) * Math.Cos(y2) * Math.Pow(Math.Sin((x2 - x1) / 2), 2);
        return 2 * EarthRadius * Math.Asin(Math.Sqrt(h));
    }

    /// <summary>Entities <paramref name="from"/> up to but not including <paramref name="to"/>, as a JSON array.</summary>
    public static byte[] Batch(long from, long to)
    {
        var text = new StringBuilder("[", (int)(to - from) * 720);
        for (var number = from; number < to; number++)
        {
            text.Append(number == from ? "" : ",");
            Append(text, number);
        }

        return Encoding.UTF8.GetBytes(text.Append(']').ToString());
    }

    /// <summary>Entity <paramref name="number"/> as JSON.</summary>
    public static string Json(long number)
    {
        var text = new StringBuilder();
        Append(text, number);
        return text.ToString();
    }

    private static void Append(StringBuilder text, long number)
    {
        var state = Draw(number, 3);
        var (longitude, latitude) = Location(number);
        text.Append(CultureInfo.InvariantCulture, $$"""{"id":"{{Id(number)}}","type":"Building",""");
        text.Append(CultureInfo.InvariantCulture, $$"""
            "temperature":{"type":"Property","value":{{10 + Math.Floor(Draw(number, 1) * 2000) / 100:0.##}},"unitCode":"CEL","observedAt":"2026-01-01T00:00:00Z"},
            """);
        text.Append(CultureInfo.InvariantCulture, $$"""
            "occupancy":{"type":"Property","value":{{(int)(Draw(number, 2) * 200)}}},
            """);
        text.Append(CultureInfo.InvariantCulture, $$"""
            "status":{"type":"Property","value":"{{(state < 0.7 ? "ok" : state < 0.9 ? "warning" : "closed")}}"},
            """);
        text.Append(CultureInfo.InvariantCulture, $$$"""
            "address":{"type":"Property","value":{"streetAddress":"{{{(int)(Draw(number, 4) * 200)}}} rue de la Paix","addressLocality":"Mulhouse","postalCode":"68100","addressCountry":"FR"}},
            """);
        text.Append(CultureInfo.InvariantCulture, $$$"""
            "location":{"type":"GeoProperty","value":{"type":"Point","coordinates":[{{{longitude:0.######}}},{{{latitude:0.######}}}]}},
            """);
        text.Append(CultureInfo.InvariantCulture, $$$"""
            "refDistrict":{"type":"Relationship","object":"urn:ngsi-ld:District:{{{(int)(Draw(number, 7) * 40)}}}"}}
            """);
    }

    /// <summary>A number in 0 to 1 from whole numbers that doubles hold exactly, so that every language draws the same.</summary>
    private static double Draw(long number, int what)
    {
        const long Prime = 16777213;
        var x = (number * 2654435 + what * 7919 + 1) % Prime;
        for (var round = 0; round < 3; round++)
        {
            x = (x * x + what * 104729 + 11) % Prime;
        }

        return x / (double)Prime;
    }
}
