using System.Text.Json;
using NetTopologySuite.Geometries;
using Twin.NgsiLd.Entities;

namespace Twin.NgsiLd.Representations;

/// <summary>GeoJSON geometries (RFC 7946; GS CIM 009 V1.9.1, 4.7): checked once at the door, with their shape and box.</summary>
internal ref struct Geometries
{
    private static readonly GeometryFactory Factory = new();
    private readonly ParseState _state;
    private Utf8JsonReader _reader;
    private int _offset;
    private double _west;
    private double _south;
    private double _east;
    private double _north;

    private Geometries(ParseState state, RawValue value)
    {
        _state = state;
        _offset = value.Start;
        _reader = new Utf8JsonReader(value.Sent(state), new JsonReaderOptions { MaxDepth = ParseState.MaximumDepth });
        _west = _south = double.PositiveInfinity;
        _east = _north = double.NegativeInfinity;
    }

    /// <summary>Checks a geometry.</summary>
    /// <exception cref="NgsiLdException">It is not one, or it breaks a rule of RFC 7946.</exception>
    public static GeometryShape Check(ParseState state, RawValue value, out BoundingBox bounds)
    {
        if (value.Token != JsonTokenType.StartObject)
        {
            throw state.Fault(value.Start, "A GeoProperty has a GeoJSON geometry (RFC 7946, 3.1) as its value: an object with type and coordinates.");
        }

        var check = new Geometries(state, value);
        check._reader.Read();
        GeometryShape shape = check.Geometry();
        if (double.IsInfinity(check._west))
        {
            throw state.Fault(value.Start, "The geometry has no position.");
        }

        bounds = new BoundingBox(check._west, check._south, check._east, check._north);
        return shape;
    }

    /// <summary>The shape that a GeoJSON type names; None when it is none.</summary>
    public static GeometryShape ShapeOf(ReadOnlySpan<byte> type) => type.Length switch
    {
        5 when type.SequenceEqual("Point"u8) => GeometryShape.Point,
        7 when type.SequenceEqual("Polygon"u8) => GeometryShape.Polygon,
        10 when type.SequenceEqual("MultiPoint"u8) => GeometryShape.MultiPoint,
        10 when type.SequenceEqual("LineString"u8) => GeometryShape.LineString,
        12 when type.SequenceEqual("MultiPolygon"u8) => GeometryShape.MultiPolygon,
        15 when type.SequenceEqual("MultiLineString"u8) => GeometryShape.MultiLineString,
        18 when type.SequenceEqual("GeometryCollection"u8) => GeometryShape.GeometryCollection,
        _ => GeometryShape.None,
    };

    /// <summary>Whether the object at the reader is a geometry: it says such a type and has coordinates or geometries.</summary>
    public static bool IsGeometry(Utf8JsonReader reader)
    {
        bool shape = false;
        bool content = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool type = reader.ValueTextEquals("type"u8);
            content |= reader.ValueTextEquals("coordinates"u8) || reader.ValueTextEquals("geometries"u8);
            reader.Read();
            shape |= type && reader.TokenType == JsonTokenType.String && ShapeOf(reader.ValueSpan) != GeometryShape.None;
            reader.Skip();
        }

        return shape && content;
    }

    private GeometryShape Geometry()
    {
        int start = _offset + (int)_reader.TokenStartIndex;
        if (_reader.TokenType != JsonTokenType.StartObject)
        {
            throw _state.Fault(start, "A geometry is an object with type and coordinates.");
        }

        GeometryShape shape = GeometryShape.None;
        Utf8JsonReader content = default;
        bool hasContent = false;
        while (_reader.Read() && _reader.TokenType == JsonTokenType.PropertyName)
        {
            if (_reader.ValueTextEquals("type"u8))
            {
                _reader.Read();
                shape = _reader.TokenType == JsonTokenType.String ? ShapeOf(_reader.ValueSpan) : GeometryShape.None;
                continue;
            }

            bool mine = _reader.ValueTextEquals("coordinates"u8);
            _reader.Read();
            if (mine)
            {
                content = _reader;
                hasContent = true;
            }

            _reader.Skip();
        }

        if (shape is GeometryShape.None or GeometryShape.GeometryCollection)
        {
            throw _state.Fault(start, "The geometry's type is none of Point, MultiPoint, LineString, MultiLineString, Polygon, MultiPolygon; GeometryCollection is not taken (4.6.3).");
        }

        if (!hasContent || content.TokenType != JsonTokenType.StartArray)
        {
            throw _state.Fault(start, $"A {shape} needs an array coordinates.");
        }

        _reader = content;
        Content(shape);
        return shape;
    }

    private void Content(GeometryShape shape)
    {
        switch (shape)
        {
            case GeometryShape.Point:
                Position();
                break;
            case GeometryShape.MultiPoint:
                Positions(0, keep: null);
                break;
            case GeometryShape.LineString:
                Positions(2, keep: null);
                break;
            case GeometryShape.MultiLineString:
                while (Next())
                {
                    Positions(2, keep: null);
                }

                break;
            case GeometryShape.Polygon:
                Polygon();
                break;
            default:
                MultiPolygon();
                break;
        }
    }

    /// <summary>Goes on to the next element of the array, false at its end.</summary>
    private bool Next() => _reader.Read() && _reader.TokenType != JsonTokenType.EndArray;

    private void Positions(int least, List<Coordinate>? keep)
    {
        long start = _reader.TokenStartIndex;
        NeedArray();
        int count = 0;
        for (; Next(); count++)
        {
            Coordinate? position = Position(keep is not null);
            keep?.Add(position!);
        }

        if (count < least)
        {
            throw _state.Fault(_offset + start, $"A line needs at least {least} positions; this has {count} (RFC 7946, 3.1.4).");
        }
    }

    private Polygon Polygon()
    {
        int start = _offset + (int)_reader.TokenStartIndex;
        NeedArray();
        var rings = new List<LinearRing>();
        while (Next())
        {
            int ringStart = _offset + (int)_reader.TokenStartIndex;
            var ring = new List<Coordinate>();
            Positions(0, ring);
            if (ring.Count < 4)
            {
                throw _state.Fault(ringStart, $"A ring needs at least four positions; this has {ring.Count} (RFC 7946, 3.1.6).");
            }

            if (!ring[0].Equals2D(ring[^1]))
            {
                throw _state.Fault(ringStart, "The ring is not closed: make its last position equal to its first (RFC 7946, 3.1.6).");
            }

            rings.Add(Factory.CreateLinearRing([.. ring]));
        }

        if (rings.Count == 0)
        {
            throw _state.Fault(start, "A Polygon needs at least one ring (RFC 7946, 3.1.6).");
        }

        Polygon polygon = Factory.CreatePolygon(rings[0], [.. rings.Skip(1)]);
        CheckValid(polygon, start);
        return polygon;
    }

    private void MultiPolygon()
    {
        int start = _offset + (int)_reader.TokenStartIndex;
        var polygons = new List<Polygon>();
        while (Next())
        {
            polygons.Add(Polygon());
        }

        if (polygons.Count > 1)
        {
            CheckValid(Factory.CreateMultiPolygon([.. polygons]), start);
        }
    }

    private readonly void CheckValid(NetTopologySuite.Geometries.Geometry geometry, int start)
    {
        var valid = new NetTopologySuite.Operation.Valid.IsValidOp(geometry);
        if (!valid.IsValid)
        {
            throw _state.Fault(start, $"The polygon is not simple (OGC 06-103r4, 6.1.11): {valid.ValidationError.Message} at {valid.ValidationError.Coordinate}.");
        }
    }

    private Coordinate? Position(bool keep = false)
    {
        int start = _offset + (int)_reader.TokenStartIndex;
        NeedArray();
        double longitude = 0;
        double latitude = 0;
        int count = 0;
        for (; Next(); count++)
        {
            if (_reader.TokenType != JsonTokenType.Number)
            {
                throw _state.Fault(_offset + _reader.TokenStartIndex, "A position holds numbers: longitude, latitude and, if wanted, altitude (RFC 7946, 3.1.1).");
            }

            double number = _reader.GetDouble();
            longitude = count == 0 ? number : longitude;
            latitude = count == 1 ? number : latitude;
        }

        if (count is not (2 or 3))
        {
            throw _state.Fault(start, "A position is longitude, latitude and, if wanted, altitude (RFC 7946, 3.1.1).");
        }

        if (longitude is not (>= -180 and <= 180) || latitude is not (>= -90 and <= 90))
        {
            throw _state.Fault(start, "The position is out of range: longitude -180 to 180 first, then latitude -90 to 90 (WGS 84).");
        }

        _west = Math.Min(_west, longitude);
        _east = Math.Max(_east, longitude);
        _south = Math.Min(_south, latitude);
        _north = Math.Max(_north, latitude);
        return keep ? new Coordinate(longitude, latitude) : null;
    }

    private readonly void NeedArray()
    {
        if (_reader.TokenType != JsonTokenType.StartArray)
        {
            throw _state.Fault(_offset + _reader.TokenStartIndex, "Coordinates nest as RFC 7946, 3.1 says; an array is missing here.");
        }
    }
}
