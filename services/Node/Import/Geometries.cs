using System.Text.Json;
using NetTopologySuite.Geometries;
using NetTopologySuite.Geometries.Utilities;
using NetTopologySuite.IO;
using NetTopologySuite.Operation.Valid;

namespace Twin.Node.Import;

/// <summary>Reads a geometry in any known reference system and gives it as GeoJSON in WGS 84; holes, parts and heights are kept.</summary>
/// <param name="system">The system of the input.</param>
/// <param name="repair">Whether invalid polygons are mended (closed, untangled) instead of refused.</param>
internal sealed class Geometries(ReferenceSystem system, bool repair)
{
    private const int DepthLimit = 4;

    private static readonly GeometryFactory Factory = new(new PrecisionModel(), 4326);

    public ReferenceSystem System { get; } = system;

    /// <summary>Reads GeoJSON; null stays null.</summary>
    /// <exception cref="RefusedException">What is wrong with it.</exception>
    public Geometry? Read(JsonElement json, string member)
    {
        if (json.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        if (json.ValueKind != JsonValueKind.Object || !json.TryGetProperty("type", out var type) || !json.TryGetProperty("coordinates", out var at) || at.ValueKind != JsonValueKind.Array)
        {
            throw new RefusedException(member, "A geometry has a type and an array of coordinates.");
        }

        try
        {
            return Check(Build(type.ValueKind == JsonValueKind.String ? type.GetString() : null, at), member);
        }
        catch (ArgumentException error)
        {
            throw new RefusedException(member, $"The geometry is not valid: {error.Message}");
        }
    }

    /// <summary>Reads well-known text.</summary>
    public Geometry Read(string wkt, string member)
    {
        try
        {
            var geometry = new WKTReader { IsOldNtsCoordinateSyntaxAllowed = false }.Read(wkt);
            geometry.Apply(new ToDegrees(System));
            geometry.GeometryChanged();
            return Check(geometry, member);
        }
        catch (Exception error) when (error is ParseException or ArgumentException or FormatException)
        {
            throw new RefusedException(member, $"This is not a geometry as well-known text: {error.Message}");
        }
    }

    /// <summary>A point from two columns.</summary>
    public Geometry Point(double x, double y, string member) => Check(Factory.CreatePoint(Place(x, y, double.NaN)), member);

    /// <summary>Writes GeoJSON.</summary>
    public static void Write(Utf8JsonWriter json, Geometry geometry)
    {
        json.WriteStartObject();
        json.WriteString("type", geometry.GeometryType);
        json.WritePropertyName("coordinates");
        WriteCoordinates(json, geometry);
        json.WriteEndObject();
    }

    private Geometry Build(string? type, JsonElement at) => type switch
    {
        "Point" => Factory.CreatePoint(Position(at)),
        "LineString" => Factory.CreateLineString(Positions(at)),
        "Polygon" => Polygon(at),
        "MultiPoint" => Factory.CreateMultiPointFromCoords(Positions(at)),
        "MultiLineString" => Factory.CreateMultiLineString([.. at.EnumerateArray().Select(a => Factory.CreateLineString(Positions(a)))]),
        "MultiPolygon" => Factory.CreateMultiPolygon([.. at.EnumerateArray().Select(Polygon)]),
        _ => throw new ArgumentException($"the type \"{type}\" is none of Point, LineString, Polygon and their Multi forms."),
    };

    private Polygon Polygon(JsonElement at)
    {
        var rings = Items(at).Select(Ring).ToArray();
        return rings.Length == 0 ? throw new ArgumentException("a polygon without a ring.") : Factory.CreatePolygon(rings[0], rings[1..]);
    }

    private LinearRing Ring(JsonElement at)
    {
        var positions = Positions(at);
        if (positions.Length > 0 && !positions[0].Equals2D(positions[^1]))
        {
            positions = repair ? [.. positions, positions[0].Copy()] : throw new ArgumentException("a ring is not closed: its last position must be its first (or use --repair).");
        }

        return Factory.CreateLinearRing(positions);
    }

    private Coordinate[] Positions(JsonElement at) => [.. Items(at).Select(Position)];

    private Coordinate Position(JsonElement at)
    {
        var numbers = Items(at).Take(DepthLimit).ToArray();
        if (numbers.Length < 2 || numbers.Any(static n => n.ValueKind != JsonValueKind.Number))
        {
            throw new ArgumentException("a position is two or three numbers.");
        }

        return Place(numbers[0].GetDouble(), numbers[1].GetDouble(), numbers.Length > 2 ? numbers[2].GetDouble() : double.NaN);
    }

    private static JsonElement.ArrayEnumerator Items(JsonElement at) =>
        at.ValueKind == JsonValueKind.Array ? at.EnumerateArray() : throw new ArgumentException("coordinates are nested arrays of numbers.");

    private Coordinate Place(double x, double y, double z)
    {
        if (!double.IsFinite(x) || !double.IsFinite(y))
        {
            throw new ArgumentException("a coordinate is not a finite number.");
        }

        var (longitude, latitude) = System.ToDegrees(x, y);
        return double.IsNaN(z) ? new Coordinate(longitude, latitude) : new CoordinateZ(longitude, latitude, z);
    }

    private Geometry Check(Geometry geometry, string member)
    {
        if (geometry is GeometryCollection and not (MultiPoint or MultiLineString or MultiPolygon))
        {
            throw new RefusedException(member, "NGSI-LD has no geometry collections; give one Multi geometry.");
        }

        if (geometry.IsEmpty)
        {
            throw new RefusedException(member, "The geometry is empty.");
        }

        var box = geometry.EnvelopeInternal;
        if (!(box.MinX >= -180 && box.MaxX <= 180 && box.MinY >= -90 && box.MaxY <= 90))
        {
            throw new RefusedException(member, $"({box.MinX}, {box.MinY}) is not a longitude and latitude. If the file is in another reference system, give it with --crs EPSG:n.");
        }

        if (new IsValidOp(geometry).ValidationError is not { } error)
        {
            return geometry;
        }

        var mended = repair ? GeometryFixer.Fix(geometry) : null;
        return mended is { IsEmpty: false, IsValid: true } and ((not GeometryCollection) or MultiPolygon or MultiLineString or MultiPoint)
            ? mended
            : throw new RefusedException(member, $"The geometry is not valid: {error.Message} at ({error.Coordinate?.X}, {error.Coordinate?.Y}). --repair mends it.");
    }

    private static void WriteCoordinates(Utf8JsonWriter json, Geometry geometry)
    {
        switch (geometry)
        {
            case Point point:
                WritePosition(json, point.Coordinate);
                break;
            case LineString line:
                WritePositions(json, line.Coordinates);
                break;
            case Polygon polygon:
                json.WriteStartArray();
                WritePositions(json, polygon.ExteriorRing.Coordinates);
                foreach (var hole in polygon.InteriorRings)
                {
                    WritePositions(json, hole.Coordinates);
                }

                json.WriteEndArray();
                break;
            default:
                json.WriteStartArray();
                for (var i = 0; i < geometry.NumGeometries; i++)
                {
                    WriteCoordinates(json, geometry.GetGeometryN(i));
                }

                json.WriteEndArray();
                break;
        }
    }

    private static void WritePositions(Utf8JsonWriter json, Coordinate[] positions)
    {
        json.WriteStartArray();
        foreach (var position in positions)
        {
            WritePosition(json, position);
        }

        json.WriteEndArray();
    }

    private static void WritePosition(Utf8JsonWriter json, Coordinate position)
    {
        json.WriteStartArray();
        json.WriteNumberValue(position.X);
        json.WriteNumberValue(position.Y);
        if (!double.IsNaN(position.Z))
        {
            json.WriteNumberValue(position.Z);
        }

        json.WriteEndArray();
    }

    private sealed class ToDegrees(ReferenceSystem system) : ICoordinateSequenceFilter
    {
        public bool Done => false;

        public bool GeometryChanged => true;

        public void Filter(CoordinateSequence seq, int i)
        {
            var (longitude, latitude) = system.ToDegrees(seq.GetX(i), seq.GetY(i));
            seq.SetX(i, longitude);
            seq.SetY(i, latitude);
        }
    }
}
