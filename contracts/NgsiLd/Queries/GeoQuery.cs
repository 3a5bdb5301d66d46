using System.Globalization;
using System.Text;
using NetTopologySuite.Geometries;
using Twin.NgsiLd.Contexts;
using Twin.NgsiLd.Entities;

namespace Twin.NgsiLd.Queries;

/// <summary>The relations of 4.10: entity geometry, relation, query geometry.</summary>
public enum GeoRelation : byte
{
    /// <summary>near;maxDistance==m or near;minDistance==m.</summary>
    Near,

    /// <summary>The entity lies within the query's geometry.</summary>
    Within,

    /// <summary>The entity contains the query's geometry.</summary>
    Contains,

    /// <summary>The two overlap.</summary>
    Overlaps,

    /// <summary>The two share a place.</summary>
    Intersects,

    /// <summary>The two are the same.</summary>
    Equals,

    /// <summary>The two share no place.</summary>
    Disjoint,
}

/// <summary>
/// A geoquery (4.10), parsed once. An entity without the GeoProperty never matches; with several instances, any may.
/// Distances are <see cref="Geodesy"/>'s, between the nearest places of the two geometries, bounds included.
/// </summary>
public sealed class GeoQuery
{
    /// <summary>The GeoProperty when none is named.</summary>
    public const string DefaultProperty = "location";

    private readonly Geometry _geometry;
    private readonly GeoPredicates _predicates;
    private readonly Point? _point;
    private readonly Polygon? _polygon;
    private readonly BoundingBox _box;

    private GeoQuery(GeoRelation relation, double? maximum, double? minimum, Geometry geometry, TermName property)
    {
        Relation = relation;
        MaximumDistance = maximum;
        MinimumDistance = minimum;
        Property = property;
        _geometry = geometry;
        _predicates = new GeoPredicates(geometry);
        _point = geometry as Point;
        _polygon = geometry as Polygon;
        Envelope box = geometry.EnvelopeInternal;
        _box = new BoundingBox(box.MinX, box.MinY, box.MaxX, box.MaxY);
        SearchBoxes = GeoBoxes.Of(geometry, relation, maximum);
        SearchBox = SearchBoxes is null ? null : GeoBoxes.Union(SearchBoxes);
    }

    /// <summary>The relation.</summary>
    public GeoRelation Relation { get; }

    /// <summary>near: at most so many metres.</summary>
    public double? MaximumDistance { get; }

    /// <summary>near: at least so many metres.</summary>
    public double? MinimumDistance { get; }

    /// <summary>The GeoProperty.</summary>
    public TermName Property { get; }

    /// <summary>A box that every matching geometry touches; null is everywhere. Over the dateline it is the whole band.</summary>
    public BoundingBox? SearchBox { get; }

    /// <summary>The same, as two boxes when it lies over the dateline.</summary>
    public IReadOnlyList<BoundingBox>? SearchBoxes { get; }

    /// <summary>Parses the parameters of a geoquery.</summary>
    /// <param name="georel"><c>within</c>, <c>near;maxDistance==2000</c>, …</param>
    /// <param name="geometry">The GeoJSON type.</param>
    /// <param name="coordinates">The GeoJSON coordinates as JSON text.</param>
    /// <param name="geoproperty">The GeoProperty's name; null is location.</param>
    /// <param name="context">The @context that expands it.</param>
    /// <exception cref="NgsiLdException">BadRequestData naming the parameter, or TooComplexQuery.</exception>
    public static GeoQuery Parse(string? georel, string? geometry, string? coordinates, string? geoproperty, JsonLdContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        Require(georel, "georel");
        Require(geometry, "geometry");
        Require(coordinates, "coordinates");
        GeoRelation relation = ParseRelation(georel!, out double? maximum, out double? minimum);
        Geometry parsed = GeometryText.ParseCoordinates(geometry!, Encoding.UTF8.GetBytes(coordinates!), "coordinates");
        string property = string.IsNullOrEmpty(geoproperty) ? DefaultProperty : geoproperty;
        return new(relation, maximum, minimum, parsed, TermName.Expand(property, context, "geoproperty"));
    }

    /// <summary>The area within which an entity lies, for an access grant.</summary>
    public static GeoQuery Within(string geometry, string coordinates) => Parse("within", geometry, coordinates, null, JsonLdContext.Core);

    /// <summary>Whether an instance of the GeoProperty fulfils the relation. Allocates nothing for points, near and in polygons.</summary>
    /// <param name="entity">The entity.</param>
    /// <param name="now">What has expired by then does not exist; 0 lets nothing expire.</param>
    public bool Matches(EntityDocument entity, long now = 0)
    {
        int name = Property.Id;
        if (name < 0)
        {
            return false;
        }

        foreach (AttributeView view in entity.Instances(name))
        {
            if (view.Geometry != GeometryShape.None && (view.ExpiresAt == 0 || view.ExpiresAt > now) && Matches(view))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether one GeoProperty instance fulfils the relation.</summary>
    public bool Matches(in AttributeView view)
    {
        BoundingBox bounds = view.Bounds;
        if (SearchBoxes is { } boxes && !GeoBoxes.Touch(boxes, bounds))
        {
            return false;
        }

        if (view.Geometry == GeometryShape.Point)
        {
            return MatchesPoint(bounds.West, bounds.South);
        }

        return OfBoxes(bounds) ?? Matches(view.Value);
    }

    /// <summary>What the boxes alone tell, without reading the geometry; null when they leave it open.</summary>
    private bool? OfBoxes(in BoundingBox bounds) => Relation switch
    {
        GeoRelation.Within when !_box.Contains(bounds) => false,
        GeoRelation.Contains when !bounds.Contains(_box) => false,
        GeoRelation.Equals when bounds != _box => false,
        GeoRelation.Disjoint when !bounds.Intersects(_box) => true,
        _ => null,
    };

    /// <summary>Whether a GeoJSON geometry, as UTF-8, fulfils the relation.</summary>
    public bool Matches(ReadOnlySpan<byte> geometry) => GeometryText.ParseStored(geometry) is { } stored
        && (Relation == GeoRelation.Near ? IsNear(Geodesy.Distance(stored, _geometry)) : _predicates.Holds(Relation, stored));

    private bool MatchesPoint(double x, double y)
    {
        if (Relation == GeoRelation.Near)
        {
            return IsNear(_point is null ? Geodesy.Distance(x, y, _geometry) : Geodesy.Distance(x, y, _point.X, _point.Y));
        }

        if (_point is not null)
        {
            bool same = x == _point.X && y == _point.Y;
            return Relation switch
            {
                GeoRelation.Disjoint => !same,
                GeoRelation.Overlaps => false,
                _ => same,
            };
        }

        if (_polygon is null)
        {
            return _predicates.Holds(Relation, _geometry.Factory.CreatePoint(new Coordinate(x, y)));
        }

        Location location = PolygonLocation.Of(x, y, _polygon);
        return Relation switch
        {
            GeoRelation.Within => location == Location.Interior,
            GeoRelation.Intersects => location != Location.Exterior,
            GeoRelation.Disjoint => location == Location.Exterior,
            _ => false,
        };
    }

    private bool IsNear(double distance) => MaximumDistance is { } maximum ? distance <= maximum : distance >= MinimumDistance;

    private static GeoRelation ParseRelation(string georel, out double? maximum, out double? minimum)
    {
        maximum = null;
        minimum = null;
        switch (georel)
        {
            case "within":
                return GeoRelation.Within;
            case "contains":
                return GeoRelation.Contains;
            case "overlaps":
                return GeoRelation.Overlaps;
            case "intersects":
                return GeoRelation.Intersects;
            case "equals":
                return GeoRelation.Equals;
            case "disjoint":
                return GeoRelation.Disjoint;
        }

        const string Maximum = "near;maxDistance==";
        const string Minimum = "near;minDistance==";
        bool max = georel.StartsWith(Maximum, StringComparison.Ordinal);
        if (!max && !georel.StartsWith(Minimum, StringComparison.Ordinal))
        {
            throw NgsiLdException.BadRequest(
                "georel: expected near;maxDistance==METRES, near;minDistance==METRES, within, contains, overlaps, intersects, equals or disjoint.", "georel");
        }

        string metres = georel[Maximum.Length..];
        if (!double.TryParse(metres, NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out double distance)
            || !double.IsFinite(distance) || distance <= 0)
        {
            throw NgsiLdException.BadRequest($"georel, character {Maximum.Length}: expected a positive number of metres and nothing behind it.", "georel");
        }

        maximum = max ? distance : null;
        minimum = max ? null : distance;
        return GeoRelation.Near;
    }

    private static void Require(string? value, string parameter)
    {
        if (string.IsNullOrEmpty(value))
        {
            throw NgsiLdException.BadRequest($"A geoquery needs georel, geometry and coordinates; {parameter} is missing.", parameter);
        }
    }
}
