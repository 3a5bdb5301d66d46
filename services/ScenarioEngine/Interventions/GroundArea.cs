using System.Text.Json;
using System.Text.Json.Nodes;
using Twin.NgsiLd;
using Twin.ScenarioEngine.Scenarios;

namespace Twin.ScenarioEngine.Interventions;

/// <summary>A piece of ground: the outline and the holes of a GeoJSON Polygon of a size in which the earth is flat.</summary>
internal sealed class GroundArea
{
    private const double MetresPerDegree = 6_371_008.8 * Math.PI / 180;
    private const int MostPositions = 10_000;

    private GroundArea(Place[][] rings) => Rings = rings;

    /// <summary>The outline, then the holes; each is closed.</summary>
    public IReadOnlyList<IReadOnlyList<Place>> Rings { get; }

    /// <summary>Its size, m².</summary>
    public double Size => Math.Abs(RingSize(Rings[0])) - Rings.Skip(1).Sum(ring => Math.Abs(RingSize(ring)));

    /// <summary>Reads the coordinates of a Polygon.</summary>
    /// <exception cref="NgsiLdException">BadRequestData with the path.</exception>
    public static GroundArea Read(InterventionMembers members, string name)
    {
        var rings = (members.Items(name, 1, 100) ?? throw members.Missing(name)).Select(static item => Ring(item.Item, item.Path)).ToArray();
        var area = new GroundArea(rings);
        if (rings.Sum(static ring => ring.Length) > MostPositions)
        {
            throw members.Fault(name, $"A polygon has at most {MostPositions} positions.");
        }

        var (west, east) = (rings[0].Min(static place => place.Longitude), rings[0].Max(static place => place.Longitude));
        var (south, north) = (rings[0].Min(static place => place.Latitude), rings[0].Max(static place => place.Latitude));
        return east - west < 0.5 && north - south < 0.5 && Math.Abs(north) < 85 && area.Size > 0
            ? area
            : throw members.Fault(name, "The coordinates of a Polygon are expected here, over 0 m² and within half a degree.");
    }

    /// <summary>Places in it: a sequence of Halton (bases 2 and 3) over its box, of which those inside count. Deterministic.</summary>
    /// <param name="count">How many.</param>
    /// <returns>Fewer when it is so thin that the sequence hardly meets it.</returns>
    public IEnumerable<Place> Spread(int count)
    {
        var (west, east) = (Rings[0].Min(static place => place.Longitude), Rings[0].Max(static place => place.Longitude));
        var (south, north) = (Rings[0].Min(static place => place.Latitude), Rings[0].Max(static place => place.Latitude));
        return Enumerable.Range(1, 200 * (count + 10))
            .Select(i => new Place(Round(west + (Halton(i, 2) * (east - west))), Round(south + (Halton(i, 3) * (north - south)))))
            .Where(Contains).Take(count);
    }

    /// <summary>Writes its coordinates.</summary>
    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartArray();
        foreach (var ring in Rings)
        {
            json.WriteStartArray();
            foreach (var place in ring)
            {
                place.Write(json);
            }

            json.WriteEndArray();
        }

        json.WriteEndArray();
    }

    /// <summary>Its coordinates as JSON.</summary>
    public JsonArray Node() => [.. Rings.Select(static ring => (JsonNode)new JsonArray([.. ring.Select(static place => (JsonNode)place.Node())]))];

    private static Place[] Ring(JsonElement json, string path)
    {
        Place[] ring = json.ValueKind == JsonValueKind.Array ? [.. json.EnumerateArray().Take(MostPositions + 1).Select((one, i) => Place.Read(one, $"{path}/{i}"))] : [];
        return ring.Length is >= 4 and <= MostPositions && ring[0] == ring[^1] ? ring : throw NgsiLdException.BadRequest("A ring of a polygon has four positions or more, the last one being the first (RFC 7946, 3.1.6).", path);
    }

    /// <summary>The shoelace formula on the plane that touches the earth at the outline's first position, m².</summary>
    private double RingSize(IReadOnlyList<Place> ring)
    {
        var at = Rings[0][0];
        var (sum, shrink) = (0.0, Math.Cos(at.Latitude * Math.PI / 180));
        for (var i = 0; i + 1 < ring.Count; i++)
        {
            sum += ((ring[i].Longitude - at.Longitude) * (ring[i + 1].Latitude - at.Latitude)) - ((ring[i + 1].Longitude - at.Longitude) * (ring[i].Latitude - at.Latitude));
        }

        return sum / 2 * MetresPerDegree * MetresPerDegree * shrink;
    }

    private bool Contains(Place place) => Rings.Count(ring => Inside(ring, place)) == 1;

    /// <summary>Whether a ray to the east crosses the ring an odd number of times.</summary>
    private static bool Inside(IReadOnlyList<Place> ring, Place place)
    {
        var inside = false;
        for (var i = 0; i + 1 < ring.Count; i++)
        {
            var (a, b) = (ring[i], ring[i + 1]);
            if (a.Latitude > place.Latitude != b.Latitude > place.Latitude
                && place.Longitude < a.Longitude + ((b.Longitude - a.Longitude) * (place.Latitude - a.Latitude) / (b.Latitude - a.Latitude)))
            {
                inside = !inside;
            }
        }

        return inside;
    }

    private static double Halton(int index, int radix)
    {
        var (fraction, sum) = (1.0, 0.0);
        for (var i = index; i > 0; i /= radix)
        {
            fraction /= radix;
            sum += fraction * (i % radix);
        }

        return sum;
    }

    /// <summary>To a centimetre.</summary>
    private static double Round(double degrees) => Math.Round(degrees, 7);
}
