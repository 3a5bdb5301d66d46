using System.Text.Json;
using Twin.NgsiLd.Entities;

namespace Twin.NgsiLd.Representations;

/// <summary>
/// Attributes in simplified form (4.5.4): the value alone. Which type it has is known only where the attribute is there
/// already; else a geometry makes a GeoProperty, an object with the one member languageMap, vocab, json, valueList or
/// objectList the type of that member, and everything else a Property.
/// </summary>
internal static class SimplifiedValues
{
    public static AttributeNode Read(ParseState state, ref Utf8JsonReader reader, int name)
    {
        var node = new AttributeNode { Name = name, IsKindKnown = false };
        if (reader.TokenType == JsonTokenType.StartObject)
        {
            AttributeMember member = OnlyMember(reader);
            if (member != AttributeMember.SubAttribute)
            {
                reader.Read();
                reader.Read();
                node.Kind = AttributeKinds.Of(member);
                node.IsKindKnown = true;
                AttributeValues.Set(state, node, JsonValues.Read(state, ref reader));
                reader.Read();
                return node;
            }

            node.IsKindKnown = Geometries.IsGeometry(reader);
            node.Kind = node.IsKindKnown ? AttributeKind.GeoProperty : AttributeKind.Property;
        }

        AttributeValues.Set(state, node, JsonValues.Read(state, ref reader));
        return node;
    }

    private static AttributeMember OnlyMember(Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.PropertyName)
        {
            return AttributeMember.SubAttribute;
        }

        AttributeMember member = AttributeMembers.Of(reader.ValueSpan);
        reader.Read();
        reader.Skip();
        return member is >= AttributeMember.LanguageMap and <= AttributeMember.ObjectList && reader.Read() && reader.TokenType == JsonTokenType.EndObject
            ? member
            : AttributeMember.SubAttribute;
    }
}
