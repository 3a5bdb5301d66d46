using System.Text;
using System.Text.Json;
using NetTopologySuite.Geometries;
using Twin.NgsiLd.Entities;
using Twin.NgsiLd.Representations;

namespace Twin.NgsiLd.Queries;

/// <summary>GeoJSON (RFC 7946) to NetTopologySuite, for geometries of queries and for stored ones that are no points.</summary>
internal static class GeometryText
{
    private static readonly GeometryFactory Factory = new(new PrecisionModel(), 4326);

    /// <summary>Reads and checks the coordinates of a query.</summary>
    public static Geometry ParseCoordinates(string geometry, ReadOnlySpan<byte> coordinates, string parameter)
    {
        if (coordinates.Length > QueryLimits.GeometryCharacters)
        {
            throw QueryLimits.TooComplex($"{coordinates.Length} bytes, at most {QueryLimits.GeometryCharacters} are answered.", parameter);
        }

        GeometryShape shape = Geometries.ShapeOf(Encoding.UTF8.GetBytes(geometry));
        if (shape is GeometryShape.None or GeometryShape.GeometryCollection)
        {
            throw NgsiLdException.BadRequest($"geometry '{geometry}' is none of Point, MultiPoint, LineString, MultiLineString, Polygon, MultiPolygon.", "geometry");
        }

        try
        {
            var reader = new Reader(coordinates, parameter);
            return reader.Whole(shape);
        }
        catch (JsonException fault)
        {
            throw NgsiLdException.BadRequest($"{parameter} is not a JSON array of the coordinates of a {geometry}: {fault.Message}", parameter);
        }
    }

    /// <summary>Reads a stored geometry, which was checked when it came in; null when it cannot be read all the same.</summary>
    public static Geometry? ParseStored(ReadOnlySpan<byte> json)
    {
        if (AttributeView.ShapeOf(json) != JsonShape.Object)
        {
            return null;
        }

        ReadOnlySpan<byte> type = JsonText.Member(json, "type"u8);
        GeometryShape shape = type.Length < 2 ? GeometryShape.None : Geometries.ShapeOf(type[1..^1]);
        try
        {
            if (shape == GeometryShape.GeometryCollection)
            {
                ReadOnlySpan<byte> members = JsonText.Member(json, "geometries"u8);
                var parts = new List<Geometry>();
                JsonText.AnyElement(members, parts, static (element, all) =>
                {
                    if (ParseStored(element) is { } part)
                    {
                        all.Add(part);
                    }

                    return false;
                });
                return Factory.CreateGeometryCollection([.. parts]);
            }

            ReadOnlySpan<byte> coordinates = JsonText.Member(json, "coordinates"u8);
            return shape == GeometryShape.None || coordinates.IsEmpty ? null : new Reader(coordinates, "value", limited: false).Whole(shape);
        }
        catch (Exception fault) when (fault is NgsiLdException or JsonException)
        {
            return null;
        }
    }

    private ref struct Reader(ReadOnlySpan<byte> json, string parameter, bool limited = true)
    {
        private Utf8JsonReader _json = new(json);
        private int _positions;

        public Geometry Whole(GeometryShape shape)
        {
            _json.Read();
            Geometry geometry = shape switch
            {
                GeometryShape.Point => Factory.CreatePoint(Position()),
                GeometryShape.MultiPoint => Factory.CreateMultiPointFromCoords(Positions(1, "a MultiPoint")),
                GeometryShape.LineString => Factory.CreateLineString(Positions(2, "a LineString")),
                GeometryShape.MultiLineString => MultiLine(),
                GeometryShape.Polygon => Polygon(),
                _ => MultiPolygon(),
            };
            return _json.Read() ? throw Fault("nothing behind the coordinates") : geometry;
        }

        private MultiLineString MultiLine()
        {
            Open("an array of lines");
            var lines = new List<LineString>();
            while (Next())
            {
                lines.Add(Factory.CreateLineString(Positions(2, "a line")));
            }

            return lines.Count > 0 ? Factory.CreateMultiLineString([.. lines]) : throw Fault("at least one line");
        }

        private MultiPolygon MultiPolygon()
        {
            Open("an array of polygons");
            var polygons = new List<Polygon>();
            while (Next())
            {
                polygons.Add(Polygon());
            }

            return polygons.Count > 0 ? Factory.CreateMultiPolygon([.. polygons]) : throw Fault("at least one polygon");
        }

        private Polygon Polygon()
        {
            Open("an array of rings");
            var rings = new List<LinearRing>();
            while (Next())
            {
                Coordinate[] ring = Positions(4, "a ring");
                if (!ring[0].Equals2D(ring[^1]))
                {
                    throw Fault("a closed ring: its last position equal to its first (RFC 7946, 3.1.6)");
                }

                rings.Add(Factory.CreateLinearRing(ring));
            }

            return rings.Count > 0 ? Factory.CreatePolygon(rings[0], [.. rings.Skip(1)]) : throw Fault("at least one ring");
        }

        private Coordinate[] Positions(int least, string what)
        {
            Open("an array of positions");
            var positions = new List<Coordinate>();
            while (Next())
            {
                positions.Add(Position());
            }

            return positions.Count >= least ? [.. positions] : throw Fault($"{what} of at least {least} positions");
        }

        private Coordinate Position()
        {
            Open("a position [longitude, latitude]");
            double longitude = Number();
            double latitude = Number();
            if (!(longitude is >= -180 and <= 180 && latitude is >= -90 and <= 90))
            {
                throw Fault("a longitude from -180 to 180 and a latitude from -90 to 90, in this order");
            }

            int more = 0;
            while (Next())
            {
                if (_json.TokenType != JsonTokenType.Number || ++more > 1)
                {
                    throw Fault("a position of two or three numbers");
                }
            }

            return ++_positions > QueryLimits.Positions && limited
                ? throw QueryLimits.TooComplex($"more than {QueryLimits.Positions} positions.", parameter)
                : new Coordinate(longitude, latitude);
        }

        private double Number()
        {
            if (!_json.Read() || _json.TokenType != JsonTokenType.Number || !_json.TryGetDouble(out double number))
            {
                throw Fault("a number");
            }

            return number;
        }

        private void Open(string expected)
        {
            if (_json.TokenType != JsonTokenType.StartArray)
            {
                throw Fault(expected);
            }
        }

        private bool Next() => _json.Read() && _json.TokenType != JsonTokenType.EndArray;

        private readonly NgsiLdException Fault(string expected) =>
            NgsiLdException.BadRequest($"{parameter}, character {_json.TokenStartIndex}: expected {expected}.", parameter);
    }
}
