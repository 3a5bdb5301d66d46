namespace Twin.NgsiLd.Representations;

/// <summary>The members that GS CIM 009 gives an attribute (4.5); every other member is a sub-attribute.</summary>
internal enum AttributeMember : byte
{
    SubAttribute,
    Type,
    Value,
    Object,
    LanguageMap,
    Vocab,
    Json,
    ValueList,
    ObjectList,
    ObjectType,
    UnitCode,
    ValueType,
    ObservedAt,
    DatasetId,
    ExpiresAt,
    CreatedAt,
    ModifiedAt,
    Context,
    EntityIdSealed,
    EntityTypeSealed,

    /// <summary>What a broker adds to answers and notifications (4.5.0, 4.5.23).</summary>
    OutputOnly,

    /// <summary>In temporal evolutions (4.5.7, 4.5.8).</summary>
    InstanceId,
    DeletedAt,
}

internal static class AttributeMembers
{
    public static AttributeMember Of(ReadOnlySpan<byte> name) => name.Length switch
    {
        4 when name.SequenceEqual("type"u8) => AttributeMember.Type,
        4 when name.SequenceEqual("json"u8) => AttributeMember.Json,
        5 when name.SequenceEqual("value"u8) => AttributeMember.Value,
        5 when name.SequenceEqual("vocab"u8) => AttributeMember.Vocab,
        5 when name.SequenceEqual("@type"u8) => AttributeMember.Type,
        6 when name.SequenceEqual("entity"u8) => AttributeMember.OutputOnly,
        6 when name.SequenceEqual("object"u8) => AttributeMember.Object,
        8 when name.SequenceEqual("@context"u8) => AttributeMember.Context,
        8 when name.SequenceEqual("unitCode"u8) => AttributeMember.UnitCode,
        9 when name.SequenceEqual("datasetId"u8) => AttributeMember.DatasetId,
        9 when name.SequenceEqual("expiresAt"u8) => AttributeMember.ExpiresAt,
        9 when name.SequenceEqual("createdAt"u8) => AttributeMember.CreatedAt,
        9 when name.SequenceEqual("deletedAt"u8) => AttributeMember.DeletedAt,
        9 when name.SequenceEqual("valueList"u8) => AttributeMember.ValueList,
        9 when name.SequenceEqual("valueType"u8) => AttributeMember.ValueType,
        10 when name.SequenceEqual("entityList"u8) => AttributeMember.OutputOnly,
        10 when name.SequenceEqual("observedAt"u8) => AttributeMember.ObservedAt,
        10 when name.SequenceEqual("modifiedAt"u8) => AttributeMember.ModifiedAt,
        10 when name.SequenceEqual("objectType"u8) => AttributeMember.ObjectType,
        10 when name.SequenceEqual("objectList"u8) => AttributeMember.ObjectList,
        10 when name.SequenceEqual("instanceId"u8) => AttributeMember.InstanceId,
        11 when name.SequenceEqual("languageMap"u8) => AttributeMember.LanguageMap,
        14 when name.SequenceEqual("entityIdSealed"u8) => AttributeMember.EntityIdSealed,
        16 when name.SequenceEqual("entityTypeSealed"u8) => AttributeMember.EntityTypeSealed,
        _ => name.StartsWith("previous"u8) && IsPrevious(name[8..]) ? AttributeMember.OutputOnly : AttributeMember.SubAttribute,
    };

    private static bool IsPrevious(ReadOnlySpan<byte> rest) =>
        rest.SequenceEqual("Value"u8) || rest.SequenceEqual("Object"u8) || rest.SequenceEqual("LanguageMap"u8) || rest.SequenceEqual("Vocab"u8)
        || rest.SequenceEqual("Json"u8) || rest.SequenceEqual("ValueList"u8) || rest.SequenceEqual("ObjectList"u8);

    /// <summary>Whether no attribute may have this name, because the core @context gives it to a member of attributes (4.5.1).</summary>
    public static bool IsReserved(AttributeMember member) => member is not (AttributeMember.SubAttribute or AttributeMember.OutputOnly) && !IsValue(member);

    /// <summary>Whether the member is one of the eight that hold the attribute's value.</summary>
    public static bool IsValue(AttributeMember member) => member is >= AttributeMember.Value and <= AttributeMember.ObjectList;
}
