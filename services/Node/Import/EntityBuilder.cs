using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using NetTopologySuite.Geometries;

namespace Twin.Node.Import;

/// <summary>Builds one NGSI-LD entity after the other from values under names, by a mapping.</summary>
/// <param name="mapping">The mapping.</param>
/// <param name="type">Entity type when the input does not say one.</param>
/// <param name="prefix">Start of ids that are made from a row number: the file's name.</param>
internal sealed class EntityBuilder(ImportMapping mapping, string? type, string prefix) : IDisposable
{
    private readonly ArrayBufferWriter<byte> _buffer = new();
    private readonly Utf8JsonWriter _json = new(Stream.Null, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    public void Dispose() => _json.Dispose();

    /// <summary>The entity's type: of the record itself, else of the command line or the mapping.</summary>
    public string TypeOf(string? own) => type ?? own ?? mapping.Type ?? throw new RefusedException("type", "The record has no type; give --type or \"type\" in the mapping.");

    /// <summary>The id: from the template, else the record's own as a URI or below <c>urn:ngsi-ld:Type:</c>, else by its number.</summary>
    public string IdOf(string entityType, string? own, long row, Func<string, string?> value)
    {
        var id = mapping.Id is { } template ? Fill(template, "id", name => name == "row" ? row.ToString(CultureInfo.InvariantCulture) : value(name))
            : own is null ? $"urn:ngsi-ld:{entityType}:{Uri.EscapeDataString(prefix)}:{row}"
            : own.Contains(':') ? own
            : $"urn:ngsi-ld:{entityType}:{Uri.EscapeDataString(own)}";
        return Uri.TryCreate(id, UriKind.Absolute, out _) ? id : throw new RefusedException("id", $"\"{id}\" is not a URI.");
    }

    /// <summary>Opens an entity.</summary>
    public void Begin(string id, string entityType)
    {
        _buffer.ResetWrittenCount();
        _json.Reset(_buffer);
        _json.WriteStartObject();
        _json.WriteString("id", id);
        _json.WriteString("type", entityType);
        if (mapping.Scope is { } scope)
        {
            _json.WriteString("scope", scope);
        }
    }

    /// <summary>Closes it.</summary>
    public byte[] End()
    {
        _json.WriteEndObject();
        _json.Flush();
        return _buffer.WrittenSpan.ToArray();
    }

    /// <summary>How a column is mapped; null when it is left out.</summary>
    public AttributeMapping? Of(string column) =>
        mapping.Attributes.TryGetValue(column, out var attribute) ? (attribute.Drop ? null : attribute) : mapping.KeepOthers ? new() : null;

    /// <summary>A GeoProperty.</summary>
    public void Geometry(string name, Geometry geometry)
    {
        _json.WriteStartObject(name);
        _json.WriteString("type", "GeoProperty");
        _json.WritePropertyName("value");
        Geometries.Write(_json, geometry);
        _json.WriteEndObject();
    }

    /// <summary>A member as it is.</summary>
    public void Raw(string name, JsonElement value)
    {
        _json.WritePropertyName(name);
        value.WriteTo(_json);
    }

    /// <summary>An attribute from a JSON value.</summary>
    public void Attribute(string column, AttributeMapping attribute, JsonElement value, Func<string, string?> other)
    {
        if (value.ValueKind == JsonValueKind.Null)
        {
            return;
        }

        if (value.ValueKind == JsonValueKind.String || attribute.Type is not null || attribute.Kind != "Property" || attribute.Template is not null)
        {
            Attribute(column, attribute, value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText(), other, '.');
            return;
        }

        Open(column, attribute);
        _json.WritePropertyName("value");
        value.WriteTo(_json);
        Close(attribute, other);
    }

    /// <summary>An attribute from text; an empty text and those that mean nothing leave it out.</summary>
    public void Attribute(string column, AttributeMapping attribute, string text, Func<string, string?> other, char decimalPoint)
    {
        if (text.Length == 0 || attribute.Missing.Contains(text))
        {
            return;
        }

        var filled = attribute.Template is { } template ? Fill(template, column, name => name == "value" ? text : other(name)) : text;
        Open(column, attribute);
        switch (attribute.Kind)
        {
            case "Relationship":
                _json.WriteString("object", Uri.TryCreate(filled, UriKind.Absolute, out _) ? filled : throw new RefusedException(column, $"\"{filled}\" is not a URI, which a Relationship needs."));
                break;
            case "LanguageProperty":
                _json.WriteStartObject("languageMap");
                _json.WriteString(attribute.Language, filled);
                _json.WriteEndObject();
                break;
            default:
                _json.WritePropertyName("value");
                Values.Write(_json, attribute.Type, filled, column, decimalPoint);
                break;
        }

        Close(attribute, other);
    }

    private void Open(string column, AttributeMapping attribute)
    {
        var name = attribute.Name ?? column;
        if (name.Length == 0 || name is "id" or "type" or "scope" or "@context" || name.Any(static c => char.IsWhiteSpace(c) || c is '<' or '>' or '"' or '\'' or '=' or ';' or '(' or ')'))
        {
            throw new RefusedException(column, $"\"{name}\" cannot be the name of an attribute; map the column to another name, or drop it.");
        }

        _json.WriteStartObject(name);
        _json.WriteString("type", attribute.Kind);
    }

    private void Close(AttributeMapping attribute, Func<string, string?> other)
    {
        if (attribute.Unit is { } unit)
        {
            _json.WriteString("unitCode", unit);
        }

        if (attribute.ObservedAt is { } column && other(column) is { Length: > 0 } time)
        {
            _json.WriteString("observedAt", Values.Instant(time, column));
        }

        _json.WriteEndObject();
    }

    /// <summary>Puts values into the braces of a template, escaped as parts of a URI.</summary>
    private static string Fill(string template, string member, Func<string, string?> value)
    {
        var filled = new System.Text.StringBuilder();
        for (var at = 0; at < template.Length;)
        {
            var (open, close) = (template.IndexOf('{', at), template.IndexOf('}', at));
            if (open < 0 || close < open)
            {
                return filled.Append(template.AsSpan(at)).ToString();
            }

            var name = template[(open + 1)..close];
            var text = value(name);
            filled.Append(template.AsSpan(at, open - at)).Append(text is { Length: > 0 }
                ? Uri.EscapeDataString(text)
                : throw new RefusedException(member, $"There is no value of \"{name}\" for \"{template}\"."));
            at = close + 1;
        }

        return filled.ToString();
    }
}
