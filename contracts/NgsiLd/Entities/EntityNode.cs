namespace Twin.NgsiLd.Entities;

/// <summary>
/// An entity as an open tree, with expanded names: what a body is parsed to and what write operations change. The form
/// that is kept and evaluated is <see cref="EntityDocument"/>.
/// </summary>
public sealed class EntityNode
{
    /// <summary>The entity id, a URI.</summary>
    public required string Id { get; set; }

    /// <summary>Entity types as <c>Contexts.Terms</c> ids; never empty for a whole entity, may be for a fragment.</summary>
    public List<int> Types { get; set; } = [];

    /// <summary>Scopes (4.18) such as <c>/Mulhouse/DMC</c>; null when there are none.</summary>
    public List<string>? Scopes { get; set; }

    /// <summary>Attribute instances in order. Several with one name differ by <see cref="AttributeNode.DatasetId"/>.</summary>
    public List<AttributeNode> Attributes { get; set; } = [];

    /// <summary>createdAt in microseconds since 1970 UTC; 0 is unknown.</summary>
    public long CreatedAt { get; set; }

    /// <summary>modifiedAt in microseconds since 1970 UTC; 0 is unknown.</summary>
    public long ModifiedAt { get; set; }

    /// <summary>expiresAt in microseconds since 1970 UTC (transient entity, V1.9.1); 0 is never.</summary>
    public long ExpiresAt { get; set; }

    /// <summary>Members that a patch removes: <see cref="RemovedMembers.Scope"/>, <see cref="RemovedMembers.ExpiresAt"/>.</summary>
    public RemovedMembers Removed { get; set; }
}

/// <summary>What a patch takes away with <c>urn:ngsi-ld:null</c> (5.5.12).</summary>
[Flags]
public enum RemovedMembers : byte
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>The value, and with it the attribute instance.</summary>
    Value = 1,

    /// <summary>unitCode.</summary>
    UnitCode = 2,

    /// <summary>valueType.</summary>
    ValueType = 4,

    /// <summary>observedAt.</summary>
    ObservedAt = 8,

    /// <summary>expiresAt.</summary>
    ExpiresAt = 16,

    /// <summary>objectType.</summary>
    ObjectType = 32,

    /// <summary>The entity's scope.</summary>
    Scope = 64,
}

/// <summary>One instance of an attribute, or of a sub-attribute, with everything that hangs on it.</summary>
public sealed class AttributeNode
{
    /// <summary>The attribute's name as a <c>Contexts.Terms</c> id.</summary>
    public required int Name { get; set; }

    /// <summary>The attribute type.</summary>
    public AttributeKind Kind { get; set; }

    /// <summary>
    /// Whether the body said the type or a member that tells it; false only in patches, where <see cref="Kind"/> is then a
    /// guess that gives way to the type of the attribute that is there.
    /// </summary>
    public bool IsKindKnown { get; set; } = true;

    /// <summary>Members that a patch removes (<c>urn:ngsi-ld:null</c>); <see cref="RemovedMembers.Value"/> removes the instance.</summary>
    public RemovedMembers Removed { get; set; }

    /// <summary>datasetId, a URI; null is the default instance (4.5.5).</summary>
    public string? DatasetId { get; set; }

    /// <summary>
    /// Compact JSON of value, object, languageMap, vocab (as IRIs), json, valueList or objectList, by <see cref="Kind"/>.
    /// </summary>
    public ReadOnlyMemory<byte> Value { get; set; }

    /// <summary>
    /// Members that are copied as they came, pre-rendered with a leading comma each, in canonical order: unitCode,
    /// valueType, observedAt, datasetId, entityIdSealed. Empty when there are none. Made by the parser.
    /// </summary>
    public ReadOnlyMemory<byte> Extras { get; set; }

    /// <summary>unitCode (UN/CEFACT), null when absent. Also within <see cref="Extras"/>.</summary>
    public string? UnitCode { get; set; }

    /// <summary>observedAt in microseconds since 1970 UTC, null when absent. Its text is within <see cref="Extras"/>.</summary>
    public long? ObservedAt { get; set; }

    /// <summary>expiresAt in microseconds since 1970 UTC (transient attribute); 0 is never.</summary>
    public long ExpiresAt { get; set; }

    /// <summary>createdAt in microseconds since 1970 UTC.</summary>
    public long CreatedAt { get; set; }

    /// <summary>modifiedAt in microseconds since 1970 UTC.</summary>
    public long ModifiedAt { get; set; }

    /// <summary>deletedAt of an instance of a temporal evolution (4.5.7), in microseconds since 1970 UTC; 0 when there is none. Not stored.</summary>
    public long DeletedAt { get; set; }

    /// <summary>instanceId of an instance of a temporal evolution (4.5.8), a URI; null when nobody gave one. Not stored.</summary>
    public string? InstanceId { get; set; }

    /// <summary>objectType of a relationship, as <c>Contexts.Terms</c> ids; null when absent.</summary>
    public List<int>? ObjectTypes { get; set; }

    /// <summary>Sub-attributes; null when there are none.</summary>
    public List<AttributeNode>? SubAttributes { get; set; }

    /// <summary>The geometry's shape, when <see cref="Kind"/> is GeoProperty.</summary>
    public GeometryShape Geometry { get; set; }

    /// <summary>The geometry's bounding box in degrees: west, south, east, north; a Point repeats itself.</summary>
    public BoundingBox Bounds { get; set; }
}

/// <summary>A box in degrees of longitude and latitude (WGS 84).</summary>
/// <param name="West">Least longitude.</param>
/// <param name="South">Least latitude.</param>
/// <param name="East">Greatest longitude.</param>
/// <param name="North">Greatest latitude.</param>
public readonly record struct BoundingBox(double West, double South, double East, double North)
{
    /// <summary>Whether the two boxes share a point.</summary>
    public bool Intersects(in BoundingBox other) =>
        West <= other.East && other.West <= East && South <= other.North && other.South <= North;

    /// <summary>Whether the other box lies in this one, edges included.</summary>
    public bool Contains(in BoundingBox other) => West <= other.West && other.East <= East && South <= other.South && other.North <= North;
}
