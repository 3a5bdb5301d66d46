using NetTopologySuite.Algorithm;
using NetTopologySuite.Geometries;
using NetTopologySuite.Geometries.Prepared;
using NetTopologySuite.Geometries.Utilities;

namespace Twin.NgsiLd.Queries;

/// <summary>Where a position lies in a polygon; allocates nothing.</summary>
internal static class PolygonLocation
{
    public static Location Of(double x, double y, Polygon polygon)
    {
        Location shell = Of(x, y, polygon.ExteriorRing.CoordinateSequence);
        if (shell != Location.Interior)
        {
            return shell;
        }

        for (int i = 0; i < polygon.NumInteriorRings; i++)
        {
            Location hole = Of(x, y, polygon.GetInteriorRingN(i).CoordinateSequence);
            if (hole != Location.Exterior)
            {
                return hole == Location.Boundary ? Location.Boundary : Location.Exterior;
            }
        }

        return Location.Interior;
    }

    /// <summary>Counts the edges that a ray to the east crosses, with the exact orientation test.</summary>
    private static Location Of(double x, double y, CoordinateSequence ring)
    {
        bool inside = false;
        double x1 = ring.GetX(0);
        double y1 = ring.GetY(0);
        for (int i = 1; i < ring.Count; i++)
        {
            double x2 = ring.GetX(i);
            double y2 = ring.GetY(i);
            if ((x1 == x && y1 == y) || (x2 == x && y2 == y))
            {
                return Location.Boundary;
            }

            if (y1 == y && y2 == y)
            {
                if (x >= Math.Min(x1, x2) && x <= Math.Max(x1, x2))
                {
                    return Location.Boundary;
                }
            }
            else if (y1 > y != y2 > y)
            {
                int side = CGAlgorithmsDD.OrientationIndex(x1, y1, x2, y2, x, y);
                if (side == 0)
                {
                    return Location.Boundary;
                }

                inside ^= side > 0 == y2 > y1;
            }

            x1 = x2;
            y1 = y2;
        }

        return inside ? Location.Interior : Location.Exterior;
    }
}

/// <summary>The relations of 4.10 between an entity's geometry and the query's, as OGC 06-103r4 defines them.</summary>
internal sealed class GeoPredicates
{
    private readonly Geometry _query;
    private readonly IPreparedGeometry _prepared;

    public GeoPredicates(Geometry query)
    {
        _query = query;
        _prepared = PreparedGeometryFactory.Prepare(query);
    }

    public static bool Intersects(Geometry a, Geometry b) => Robust(a, b, static (x, y) => x.Intersects(y));

    public bool Holds(GeoRelation relation, Geometry entity)
    {
        try
        {
            return relation switch
            {
                GeoRelation.Within => _prepared.Contains(entity),
                GeoRelation.Contains => _prepared.Within(entity),
                GeoRelation.Overlaps => _prepared.Overlaps(entity),
                GeoRelation.Intersects => _prepared.Intersects(entity),
                GeoRelation.Disjoint => _prepared.Disjoint(entity),
                // Equal coordinates are equal whether or not the geometry is valid.
                _ => _query.EqualsExact(entity) || _query.EqualsTopologically(entity),
            };
        }
        catch (Exception fault) when (fault is TopologyException or ArgumentException or InvalidOperationException)
        {
            return Holds(relation, GeometryFixer.Fix(entity), GeometryFixer.Fix(_query));
        }
    }

    private static bool Holds(GeoRelation relation, Geometry entity, Geometry query) => relation switch
    {
        GeoRelation.Within => entity.Within(query),
        GeoRelation.Contains => entity.Contains(query),
        GeoRelation.Overlaps => entity.Overlaps(query),
        GeoRelation.Intersects => entity.Intersects(query),
        GeoRelation.Disjoint => entity.Disjoint(query),
        _ => entity.EqualsTopologically(query),
    };

    /// <summary>A self-intersecting polygon is allowed in (RFC 7946 only says should); it is mended when it gets in the way.</summary>
    private static bool Robust(Geometry a, Geometry b, Func<Geometry, Geometry, bool> predicate)
    {
        try
        {
            return predicate(a, b);
        }
        catch (Exception fault) when (fault is TopologyException or ArgumentException or InvalidOperationException)
        {
            return predicate(GeometryFixer.Fix(a), GeometryFixer.Fix(b));
        }
    }
}
