using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Twin.Node.Districts;

/// <summary>One generated entity.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Type">Its type, as the district's context names it.</param>
/// <param name="Json">NGSI-LD, normalized, UTF-8, without @context.</param>
public sealed record DistrictEntity(string Id, string Type, ReadOnlyMemory<byte> Json);

/// <summary>Writes normalized NGSI-LD entities one after the other.</summary>
internal sealed class EntityWriter(DistrictPlan plan, LocalFrame frame) : IDisposable
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly ArrayBufferWriter<byte> _buffer = new();
    private readonly string _observedAt = plan.ObservedAt.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
    private readonly Utf8JsonWriter _json = new(Stream.Null, Options);
    private string _id = "", _type = "";

    public void Dispose() => _json.Dispose();

    /// <summary>Opens an entity; <paramref name="area"/> is appended to the district's scope.</summary>
    public EntityWriter Begin(string id, string type, string scope, string area)
    {
        (_id, _type) = (id, type);
        _buffer.ResetWrittenCount();
        _json.Reset(_buffer);
        _json.WriteStartObject();
        _json.WriteString("id", id);
        _json.WriteString("type", type);
        _json.WriteString("scope", $"{scope}/{area}");
        return this;
    }

    /// <summary>Closes it with what every generated entity says: that it is synthetic, and who made it.</summary>
    public DistrictEntity End()
    {
        Flag("synthetic", true);
        Text("dataProvider", "Twin.Federation district generator (synthetic data)");
        _json.WriteEndObject();
        _json.Flush();
        return new(_id, _type, _buffer.WrittenSpan.ToArray());
    }

    public EntityWriter Text(string name, string value) => Attribute(name, "Property", () => _json.WriteString("value", value));

    public EntityWriter Texts(string name, params ReadOnlySpan<string> values)
    {
        Open(name, "Property");
        _json.WriteStartArray("value");
        foreach (var value in values)
        {
            _json.WriteStringValue(value);
        }

        _json.WriteEndArray();
        _json.WriteEndObject();
        return this;
    }

    public EntityWriter Flag(string name, bool value) => Attribute(name, "Property", () => _json.WriteBoolean("value", value));

    /// <summary>A Property whose value is JSON.</summary>
    public EntityWriter Value(string name, JsonNode value) => Attribute(name, "Property", () =>
    {
        _json.WritePropertyName("value");
        value.WriteTo(_json);
    });

    /// <summary>A number with its UN/CEFACT unit; observed when <paramref name="observed"/>.</summary>
    public EntityWriter Number(string name, double value, string? unit = null, int decimals = 1, bool observed = false)
    {
        Open(name, "Property");
        _json.WriteNumber("value", Math.Round((decimal)value, decimals));
        if (unit is not null)
        {
            _json.WriteString("unitCode", unit);
        }

        if (observed)
        {
            _json.WriteString("observedAt", _observedAt);
        }

        _json.WriteEndObject();
        return this;
    }

    public EntityWriter Observed() => Attribute("dateObserved", "Property", () =>
    {
        _json.WriteStartObject("value");
        _json.WriteString("@type", "DateTime");
        _json.WriteString("@value", _observedAt);
        _json.WriteEndObject();
    });

    public EntityWriter Named(string name, Wording wording) => Attribute(name, "LanguageProperty", () =>
    {
        _json.WriteStartObject("languageMap");
        _json.WriteString("fr", wording.Fr);
        _json.WriteString("de", wording.De);
        _json.WriteString("en", wording.En);
        _json.WriteEndObject();
    });

    public EntityWriter Relates(string name, string target) => Attribute(name, "Relationship", () => _json.WriteString("object", target));

    public EntityWriter RelatesAll(string name, IEnumerable<string> targets) => Attribute(name, "Relationship", () =>
    {
        _json.WriteStartArray("object");
        foreach (var target in targets)
        {
            _json.WriteStringValue(target);
        }

        _json.WriteEndArray();
    });

    public EntityWriter Address(string street) => Attribute("address", "Property", () =>
    {
        _json.WriteStartObject("value");
        _json.WriteString("streetAddress", street);
        _json.WriteString("postalCode", plan.PostalCode);
        _json.WriteString("addressLocality", plan.City);
        _json.WriteString("addressRegion", plan.Region);
        _json.WriteString("addressCountry", plan.Country);
        _json.WriteEndObject();
    });

    public EntityWriter Point(Spot spot) => Geometry("Point", () => Position(spot));

    public EntityWriter Line(params Spot[] spots) => Geometry("LineString", () => Positions(spots));

    public EntityWriter Polygon(params Spot[][] rings) => Geometry("Polygon", () =>
    {
        _json.WriteStartArray();
        foreach (var ring in rings)
        {
            Positions(ring);
        }

        _json.WriteEndArray();
    });

    private EntityWriter Geometry(string type, Action coordinates) => Attribute("location", "GeoProperty", () =>
    {
        _json.WriteStartObject("value");
        _json.WriteString("type", type);
        _json.WritePropertyName("coordinates");
        coordinates();
        _json.WriteEndObject();
    });

    private void Positions(Spot[] spots)
    {
        _json.WriteStartArray();
        foreach (var spot in spots)
        {
            Position(spot);
        }

        _json.WriteEndArray();
    }

    private void Position(Spot spot)
    {
        var (longitude, latitude) = frame.ToDegrees(spot);
        _json.WriteStartArray();
        _json.WriteNumberValue(longitude);
        _json.WriteNumberValue(latitude);
        _json.WriteEndArray();
    }

    private void Open(string name, string type)
    {
        _json.WriteStartObject(name);
        _json.WriteString("type", type);
    }

    private EntityWriter Attribute(string name, string type, Action value)
    {
        Open(name, type);
        value();
        _json.WriteEndObject();
        return this;
    }
}
