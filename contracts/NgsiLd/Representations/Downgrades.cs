using Twin.NgsiLd.Entities;

namespace Twin.NgsiLd.Representations;

/// <summary>What callers of earlier versions get in place of attribute types that they do not know (4.3.6.8).</summary>
internal static class Downgrades
{
    /// <summary>The minor version that brought LanguageProperty.</summary>
    private const int Languages = 4;

    /// <summary>The minor version that brought VocabProperty, JsonProperty, ListProperty and ListRelationship.</summary>
    private const int Lists = 8;

    /// <summary>The type to write; 0 asks for no earlier version.</summary>
    public static AttributeKind KindFor(AttributeKind kind, int minor) => kind switch
    {
        _ when minor is 0 or >= Lists => kind,
        AttributeKind.VocabProperty or AttributeKind.JsonProperty or AttributeKind.ListProperty or AttributeKind.ListRelationship => AttributeKind.Property,
        AttributeKind.LanguageProperty when minor < Languages => AttributeKind.Property,
        _ => kind,
    };

    /// <summary>Whether the entity has anything that is written otherwise for the version.</summary>
    public static bool Alters(AttributeEnumerator attributes, int minor)
    {
        foreach (AttributeView attribute in attributes)
        {
            if (KindFor(attribute.Kind, minor) != attribute.Kind || Alters(attribute.SubAttributes, minor))
            {
                return true;
            }
        }

        return false;
    }
}
