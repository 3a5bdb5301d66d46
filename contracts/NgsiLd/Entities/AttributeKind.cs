namespace Twin.NgsiLd.Entities;

/// <summary>The attribute types of GS CIM 009 V1.9.1, clause 4.5.</summary>
public enum AttributeKind : byte
{
    /// <summary>4.5.2 Property: <c>value</c>.</summary>
    Property,

    /// <summary>4.5.3 Relationship: <c>object</c>, a URI or an array of URIs.</summary>
    Relationship,

    /// <summary>4.5.2 GeoProperty: <c>value</c> is a GeoJSON geometry (RFC 7946).</summary>
    GeoProperty,

    /// <summary>4.5.18 LanguageProperty: <c>languageMap</c>.</summary>
    LanguageProperty,

    /// <summary>4.5.20 VocabProperty: <c>vocab</c>, a term or an array of terms, kept as IRIs.</summary>
    VocabProperty,

    /// <summary>4.5.24 JsonProperty: <c>json</c>, opaque to JSON-LD.</summary>
    JsonProperty,

    /// <summary>4.5.21 ListProperty: <c>valueList</c>, an ordered array.</summary>
    ListProperty,

    /// <summary>4.5.22 ListRelationship: <c>objectList</c>, an ordered array of <c>{"object": URI}</c>.</summary>
    ListRelationship,
}

/// <summary>What the JSON value of an attribute instance is.</summary>
public enum JsonShape : byte
{
    /// <summary>JSON null (only in patches and as <c>urn:ngsi-ld:null</c>).</summary>
    Null,

    /// <summary>true or false.</summary>
    Boolean,

    /// <summary>A number; its double is kept beside the text.</summary>
    Number,

    /// <summary>A string.</summary>
    String,

    /// <summary>An object.</summary>
    Object,

    /// <summary>An array.</summary>
    Array,
}

/// <summary>The shape of a GeoProperty's geometry; <see cref="None"/> for every other attribute.</summary>
public enum GeometryShape : byte
{
    /// <summary>Not a geometry.</summary>
    None,

    /// <summary>Point.</summary>
    Point,

    /// <summary>MultiPoint.</summary>
    MultiPoint,

    /// <summary>LineString.</summary>
    LineString,

    /// <summary>MultiLineString.</summary>
    MultiLineString,

    /// <summary>Polygon.</summary>
    Polygon,

    /// <summary>MultiPolygon.</summary>
    MultiPolygon,

    /// <summary>GeometryCollection.</summary>
    GeometryCollection,
}
