using Twin.NgsiLd.Entities;

namespace Twin.NgsiLd.Representations;

/// <summary>Attribute types by their names, and the member that holds each one's value.</summary>
internal static class AttributeKinds
{
    private static ReadOnlySpan<byte> Namespace => "https://uri.etsi.org/ngsi-ld/"u8;

    public static bool TryParse(ReadOnlySpan<byte> name, out AttributeKind kind)
    {
        if (name.StartsWith(Namespace))
        {
            name = name[Namespace.Length..];
        }

        AttributeKind? found = name.Length switch
        {
            8 when name.SequenceEqual("Property"u8) => AttributeKind.Property,
            11 when name.SequenceEqual("GeoProperty"u8) => AttributeKind.GeoProperty,
            12 when name.SequenceEqual("Relationship"u8) => AttributeKind.Relationship,
            12 when name.SequenceEqual("JsonProperty"u8) => AttributeKind.JsonProperty,
            12 when name.SequenceEqual("ListProperty"u8) => AttributeKind.ListProperty,
            13 when name.SequenceEqual("VocabProperty"u8) => AttributeKind.VocabProperty,
            16 when name.SequenceEqual("LanguageProperty"u8) => AttributeKind.LanguageProperty,
            16 when name.SequenceEqual("ListRelationship"u8) => AttributeKind.ListRelationship,
            _ => null,
        };
        kind = found ?? default;
        return found is not null;
    }

    public static AttributeMember ValueMember(AttributeKind kind) => kind switch
    {
        AttributeKind.Property or AttributeKind.GeoProperty => AttributeMember.Value,
        AttributeKind.Relationship => AttributeMember.Object,
        AttributeKind.LanguageProperty => AttributeMember.LanguageMap,
        AttributeKind.VocabProperty => AttributeMember.Vocab,
        AttributeKind.JsonProperty => AttributeMember.Json,
        AttributeKind.ListProperty => AttributeMember.ValueList,
        _ => AttributeMember.ObjectList,
    };

    public static AttributeKind Of(AttributeMember valueMember) => valueMember switch
    {
        AttributeMember.Object => AttributeKind.Relationship,
        AttributeMember.LanguageMap => AttributeKind.LanguageProperty,
        AttributeMember.Vocab => AttributeKind.VocabProperty,
        AttributeMember.Json => AttributeKind.JsonProperty,
        AttributeMember.ValueList => AttributeKind.ListProperty,
        AttributeMember.ObjectList => AttributeKind.ListRelationship,
        _ => AttributeKind.Property,
    };

    /// <summary>The name of the value member as it is written.</summary>
    public static string MemberName(AttributeKind kind) => System.Text.Encoding.UTF8.GetString(MemberUtf8(kind));

    /// <summary>The name of the value member as UTF-8.</summary>
    public static ReadOnlySpan<byte> MemberUtf8(AttributeKind kind) => kind switch
    {
        AttributeKind.Property or AttributeKind.GeoProperty => "value"u8,
        AttributeKind.Relationship => "object"u8,
        AttributeKind.LanguageProperty => "languageMap"u8,
        AttributeKind.VocabProperty => "vocab"u8,
        AttributeKind.JsonProperty => "json"u8,
        AttributeKind.ListProperty => "valueList"u8,
        _ => "objectList"u8,
    };

    /// <summary>What a normalized attribute starts with, up to its value.</summary>
    public static ReadOnlySpan<byte> Opening(AttributeKind kind) => kind switch
    {
        AttributeKind.Property => "{\"type\":\"Property\",\"value\":"u8,
        AttributeKind.Relationship => "{\"type\":\"Relationship\",\"object\":"u8,
        AttributeKind.GeoProperty => "{\"type\":\"GeoProperty\",\"value\":"u8,
        AttributeKind.LanguageProperty => "{\"type\":\"LanguageProperty\",\"languageMap\":"u8,
        AttributeKind.VocabProperty => "{\"type\":\"VocabProperty\",\"vocab\":"u8,
        AttributeKind.JsonProperty => "{\"type\":\"JsonProperty\",\"json\":"u8,
        AttributeKind.ListProperty => "{\"type\":\"ListProperty\",\"valueList\":"u8,
        _ => "{\"type\":\"ListRelationship\",\"objectList\":"u8,
    };
}
