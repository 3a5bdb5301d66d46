using NetTopologySuite.Geometries;

namespace Twin.NgsiLd.Queries;

/// <summary>
/// Distances on the WGS 84 ellipsoid in metres, by Andoyer and Lambert's first-order formula: within 0.002 % of the
/// geodesic, 2 cm in a kilometre (a sphere is up to 0.5 % off); only near antipodes worse.
/// </summary>
public static class Geodesy
{
    private const double Equator = 6_378_137.0;
    private const double Flattening = 1 / 298.257223563;
    private const double Radians = Math.PI / 180;

    /// <summary>The length of the geodesic between two positions in degrees.</summary>
    public static double Distance(double longitude1, double latitude1, double longitude2, double latitude2)
    {
        if (longitude1 == longitude2 && latitude1 == latitude2)
        {
            return 0;
        }

        // Half sums and half differences of the geographic latitudes (Meeus, Astronomical Algorithms, chapter 11).
        double f = (latitude1 + latitude2) * 0.5 * Radians;
        double g = (latitude1 - latitude2) * 0.5 * Radians;
        double l = (longitude1 - longitude2) * 0.5 * Radians;
        double sinG2 = Square(Math.Sin(g));
        double cosG2 = 1 - sinG2;
        double sinF2 = Square(Math.Sin(f));
        double cosF2 = 1 - sinF2;
        double sinL2 = Square(Math.Sin(l));
        double cosL2 = 1 - sinL2;
        double s = (sinG2 * cosL2) + (cosF2 * sinL2);
        double c = (cosG2 * cosL2) + (sinF2 * sinL2);
        if (s == 0)
        {
            return 0;
        }

        double omega = Math.Atan2(Math.Sqrt(s), Math.Sqrt(c));
        double d = 2 * omega * Equator;
        if (c < 1e-9)
        {
            // Antipodes: the corrections lose their meaning, half a meridian is the longest way there is.
            return Math.Min(d, 20_003_931.4586);
        }

        double r = Math.Sqrt(s * c) / omega;
        double h1 = ((3 * r) - 1) / (2 * c);
        double h2 = ((3 * r) + 1) / (2 * s);
        return Math.Max(0, d * (1 + (Flattening * ((h1 * sinF2 * cosG2) - (h2 * cosF2 * sinG2)))));
    }

    /// <summary>The least distance between two geometries; their edges run straight in longitude and latitude (RFC 7946).</summary>
    internal static double Distance(Geometry a, Geometry b)
    {
        if (a is Point p && b is Point q)
        {
            return Distance(p.X, p.Y, q.X, q.Y);
        }

        if (GeoPredicates.Intersects(a, b))
        {
            return 0;
        }

        return Math.Min(FromPositions(a, b), FromPositions(b, a));
    }

    internal static double Distance(double longitude, double latitude, Geometry to)
    {
        double least = double.PositiveInfinity;
        foreach (Geometry part in Parts(to))
        {
            switch (part)
            {
                case Point point:
                    least = Math.Min(least, Distance(longitude, latitude, point.X, point.Y));
                    break;
                case LineString line:
                    least = Math.Min(least, ToLine(longitude, latitude, line.CoordinateSequence));
                    break;
                case Polygon polygon when PolygonLocation.Of(longitude, latitude, polygon) != Location.Exterior:
                    return 0;
                case Polygon polygon:
                    least = Math.Min(least, ToLine(longitude, latitude, polygon.ExteriorRing.CoordinateSequence));
                    foreach (LineString hole in polygon.InteriorRings)
                    {
                        least = Math.Min(least, ToLine(longitude, latitude, hole.CoordinateSequence));
                    }

                    break;
            }
        }

        return least;
    }

    internal static IEnumerable<Geometry> Parts(Geometry geometry)
    {
        for (int i = 0; i < geometry.NumGeometries; i++)
        {
            Geometry part = geometry.GetGeometryN(i);
            if (part is GeometryCollection)
            {
                foreach (Geometry inner in Parts(part))
                {
                    yield return inner;
                }
            }
            else
            {
                yield return part;
            }
        }
    }

    private static double FromPositions(Geometry from, Geometry to)
    {
        double least = double.PositiveInfinity;
        foreach (Coordinate position in from.Coordinates)
        {
            least = Math.Min(least, Distance(position.X, position.Y, to));
        }

        return least;
    }

    private static double ToLine(double longitude, double latitude, CoordinateSequence line)
    {
        double least = double.PositiveInfinity;
        for (int i = 1; i < line.Count; i++)
        {
            least = Math.Min(least, ToEdge(longitude, latitude, line.GetX(i - 1), line.GetY(i - 1), line.GetX(i), line.GetY(i)));
        }

        return least;
    }

    /// <summary>
    /// The nearest place on a short edge is found in a local plane; a long edge is cut into pieces of a degree first,
    /// because no plane fits it.
    /// </summary>
    private static double ToEdge(double x, double y, double x1, double y1, double x2, double y2)
    {
        int pieces = (int)Math.Clamp(Math.Ceiling(Math.Max(Math.Abs(x2 - x1), Math.Abs(y2 - y1))), 1, 720);
        double least = double.PositiveInfinity;
        double nearest = 0;
        for (int i = 0; i < pieces; i++)
        {
            double t = Place((double)i / pieces, (i + 1.0) / pieces);
            double distance = Distance(x, y, x1 + (t * (x2 - x1)), y1 + (t * (y2 - y1)));
            if (distance < least)
            {
                least = distance;
                nearest = t;
            }
        }

        // Once more around the best place, where the plane fits better.
        double span = 0.5 / pieces;
        for (int i = 0; i < 3; i++, span *= 0.1)
        {
            double t = Place(Math.Max(0, nearest - span), Math.Min(1, nearest + span));
            double distance = Distance(x, y, x1 + (t * (x2 - x1)), y1 + (t * (y2 - y1)));
            if (distance < least)
            {
                least = distance;
                nearest = t;
            }
        }

        return least;

        double Place(double from, double to)
        {
            double ax = x1 + (from * (x2 - x1));
            double ay = y1 + (from * (y2 - y1));
            double scale = Math.Cos((ay + ((to - from) * (y2 - y1) * 0.5) + y) * 0.5 * Radians);
            double dx = (to - from) * (x2 - x1) * scale;
            double dy = (to - from) * (y2 - y1);
            double length = (dx * dx) + (dy * dy);
            if (length == 0)
            {
                return from;
            }

            double px = Math.IEEERemainder(x - ax, 360) * scale;
            double part = Math.Clamp(((px * dx) + ((y - ay) * dy)) / length, 0, 1);
            return from + (part * (to - from));
        }
    }

    private static double Square(double x) => x * x;
}
