using System.Text.Json;
using System.Text.Json.Serialization;

namespace Twin.Node.Import;

/// <summary>
/// How columns of a CSV file, or properties of GeoJSON features, become an entity: a JSON file. Unknown members are
/// refused, so that a misspelt one is noticed.
/// </summary>
internal sealed record ImportMapping
{
    /// <summary>Entity type; <c>--type</c> goes before it.</summary>
    public string? Type { get; set; }

    /// <summary>Template of the id: <c>{column}</c> stands for a value, <c>{row}</c> for the record's number.</summary>
    public string? Id { get; set; }

    /// <summary>Scope of every entity, such as <c>/Mulhouse/DMC</c>.</summary>
    public string? Scope { get; set; }

    /// <summary>URL of the @context; <c>--context</c> goes before it.</summary>
    public string? Context { get; set; }

    /// <summary>Reference system; <c>--crs</c> goes before it.</summary>
    public string? Crs { get; set; }

    /// <summary>What becomes of columns that <see cref="Attributes"/> does not name: true keeps them under their own name.</summary>
    public bool KeepOthers { get; set; } = true;

    /// <summary>CSV: the separator, one character.</summary>
    public string Separator { get; set; } = ",";

    /// <summary>CSV: the encoding, such as <c>utf-8</c> or <c>windows-1252</c>.</summary>
    public string Encoding { get; set; } = "utf-8";

    /// <summary>CSV: the decimal separator of numbers, <c>.</c> or <c>,</c>.</summary>
    public string Decimal { get; set; } = ".";

    /// <summary>CSV: where the geometry is.</summary>
    public GeometryColumns? Geometry { get; set; }

    /// <summary>Columns by name.</summary>
    public IReadOnlyDictionary<string, AttributeMapping> Attributes { get; set; } = new Dictionary<string, AttributeMapping>();

    /// <summary>Reads a mapping file.</summary>
    /// <exception cref="InputException">It is not valid; the message says where.</exception>
    public static async Task<ImportMapping> ReadAsync(string file, CancellationToken cancellationToken)
    {
        try
        {
            await using var stream = File.OpenRead(file);
            var mapping = await JsonSerializer.DeserializeAsync(stream, ImportJson.Default.ImportMapping, cancellationToken);
            return mapping?.Checked() ?? throw new InputException($"{file}: a mapping is a JSON object.");
        }
        catch (JsonException error)
        {
            throw new InputException($"{file}: {error.Message}");
        }
    }

    private ImportMapping Checked()
    {
        Require(Separator.Length == 1 && Separator is not ("\"" or "\n" or "\r"), "\"separator\" is one character, such as \";\".");
        Require(Decimal is "." or ",", "\"decimal\" is \".\" or \",\".");
        Require(Decimal != Separator || Separator != ",", "\"decimal\" and \"separator\" cannot both be \",\".");
        foreach (var (column, attribute) in Attributes)
        {
            Require(attribute.Kind is "Property" or "Relationship" or "LanguageProperty", $"\"attributes\".\"{column}\".\"kind\" is Property, Relationship or LanguageProperty.");
            Require(attribute.Type is null or "text" or "number" or "integer" or "boolean" or "datetime" or "date", $"\"attributes\".\"{column}\".\"type\" is text, number, integer, boolean, datetime or date.");
        }

        return this;

        static void Require(bool holds, string message)
        {
            if (!holds)
            {
                throw new InputException("Mapping: " + message);
            }
        }
    }
}

/// <summary>The columns of a CSV file that hold the geometry: two of a point, or one of WKT.</summary>
internal sealed record GeometryColumns
{
    /// <summary>Column of the longitude or easting.</summary>
    public string? X { get; set; }

    /// <summary>Column of the latitude or northing.</summary>
    public string? Y { get; set; }

    /// <summary>Column of the geometry as well-known text.</summary>
    public string? Wkt { get; set; }

    /// <summary>Name of the GeoProperty.</summary>
    public string Attribute { get; set; } = "location";
}

/// <summary>How one column becomes an attribute.</summary>
internal sealed record AttributeMapping
{
    /// <summary>Name of the attribute; the column's own when null.</summary>
    public string? Name { get; set; }

    /// <summary><c>Property</c>, <c>Relationship</c> or <c>LanguageProperty</c>.</summary>
    public string Kind { get; set; } = "Property";

    /// <summary><c>text</c>, <c>number</c>, <c>integer</c>, <c>boolean</c>, <c>datetime</c> or <c>date</c>; null takes JSON as it is and CSV as text.</summary>
    public string? Type { get; set; }

    /// <summary>unitCode (UN/CEFACT).</summary>
    public string? Unit { get; set; }

    /// <summary>Language of a LanguageProperty.</summary>
    public string Language { get; set; } = "und";

    /// <summary>Template of the value, with <c>{value}</c>, such as <c>urn:ngsi-ld:Organization:{value}</c>.</summary>
    public string? Template { get; set; }

    /// <summary>The column with the time of observation.</summary>
    public string? ObservedAt { get; set; }

    /// <summary>Leaves the column out.</summary>
    public bool Drop { get; set; }

    /// <summary>Texts that mean that there is no value.</summary>
    public IReadOnlyList<string> Missing { get; set; } = [];
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    ReadCommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ImportMapping))]
[JsonSerializable(typeof(Refusal))]
[JsonSerializable(typeof(ImportState))]
[JsonSerializable(typeof(ImportSummary))]
internal sealed partial class ImportJson : JsonSerializerContext;
