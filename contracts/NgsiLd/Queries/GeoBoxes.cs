using NetTopologySuite.Geometries;
using Twin.NgsiLd.Entities;

namespace Twin.NgsiLd.Queries;

/// <summary>The boxes to which a geoquery's answers are confined.</summary>
internal static class GeoBoxes
{
    /// <summary>No degree of latitude is shorter than this on WGS 84, in metres.</summary>
    private const double LeastMetresPerDegree = 110_500;

    public static IReadOnlyList<BoundingBox>? Of(Geometry geometry, GeoRelation relation, double? maximum)
    {
        Envelope box = geometry.EnvelopeInternal;
        if (relation == GeoRelation.Disjoint || (relation == GeoRelation.Near && maximum is null))
        {
            return null;
        }

        return maximum is not { } metres
            ? [new BoundingBox(box.MinX, box.MinY, box.MaxX, box.MaxY)]
            : Widened(box, metres);
    }

    public static BoundingBox Union(IReadOnlyList<BoundingBox> boxes) => boxes.Count == 1
        ? boxes[0]
        : new BoundingBox(-180, boxes.Min(b => b.South), 180, boxes.Max(b => b.North));

    public static bool Touch(IReadOnlyList<BoundingBox> boxes, in BoundingBox bounds)
    {
        for (int i = 0; i < boxes.Count; i++)
        {
            if (boxes[i].Intersects(bounds))
            {
                return true;
            }
        }

        return false;
    }

    private static List<BoundingBox>? Widened(Envelope box, double metres)
    {
        double up = metres / LeastMetresPerDegree;
        double south = box.MinY - up;
        double north = box.MaxY + up;
        double farthest = Math.Max(Math.Abs(south), Math.Abs(north));
        if (farthest >= 89.9)
        {
            // Around a pole every longitude is near.
            return south <= -90 && north >= 90 ? null : [new BoundingBox(-180, Math.Max(south, -90), 180, Math.Min(north, 90))];
        }

        // The widest longitude of a cap of this angle lies poleward of its centre; 0.5 % covers the flattening.
        double angle = Math.Min(metres / 6_335_000, Math.PI / 2);
        double centre = Math.Max(Math.Abs(box.MinY), Math.Abs(box.MaxY)) * Math.PI / 180;
        double ratio = Math.Sin(angle) / Math.Cos(centre);
        double side = ratio >= 1 ? 360 : Math.Asin(ratio) * 180 / Math.PI * 1.005;
        double west = box.MinX - side;
        double east = box.MaxX + side;
        if (east - west >= 360)
        {
            return [new BoundingBox(-180, south, 180, north)];
        }

        if (west < -180)
        {
            return [new BoundingBox(west + 360, south, 180, north), new BoundingBox(-180, south, east, north)];
        }

        return east > 180
            ? [new BoundingBox(west, south, 180, north), new BoundingBox(-180, south, east - 360, north)]
            : [new BoundingBox(west, south, east, north)];
    }
}
