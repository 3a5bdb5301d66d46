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
    Ignored,
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
        6 when name.SequenceEqual("object"u8) => AttributeMember.Object,
        8 when name.SequenceEqual("@context"u8) => AttributeMember.Ignored,
        8 when name.SequenceEqual("unitCode"u8) => AttributeMember.UnitCode,
        9 when name.SequenceEqual("datasetId"u8) => AttributeMember.DatasetId,
        9 when name.SequenceEqual("expiresAt"u8) => AttributeMember.ExpiresAt,
        9 when name.SequenceEqual("createdAt"u8) => AttributeMember.CreatedAt,
        9 when name.SequenceEqual("deletedAt"u8) => AttributeMember.Ignored,
        9 when name.SequenceEqual("valueList"u8) => AttributeMember.ValueList,
        9 when name.SequenceEqual("valueType"u8) => AttributeMember.ValueType,
        10 when name.SequenceEqual("observedAt"u8) => AttributeMember.ObservedAt,
        10 when name.SequenceEqual("modifiedAt"u8) => AttributeMember.ModifiedAt,
        10 when name.SequenceEqual("objectType"u8) => AttributeMember.ObjectType,
        10 when name.SequenceEqual("objectList"u8) => AttributeMember.ObjectList,
        10 when name.SequenceEqual("instanceId"u8) => AttributeMember.Ignored,
        11 when name.SequenceEqual("languageMap"u8) => AttributeMember.LanguageMap,
        _ => AttributeMember.SubAttribute,
    };

    /// <summary>Whether the member is one of the eight that hold the attribute's value.</summary>
    public static bool IsValue(AttributeMember member) => member is >= AttributeMember.Value and <= AttributeMember.ObjectList;
}
