using System.Text.Json;
using Twin.NgsiLd.Contexts;
using Twin.NgsiLd.Entities;

namespace Twin.EntityRegistry.Discovery;

/// <summary>Writes a survey as the answers of GS CIM 009 5.2.24 to 5.2.28, with the names of one @context.</summary>
internal sealed class SurveyWriter(Utf8JsonWriter writer, TypeSurvey survey, JsonLdContext context)
{
    /// <summary>5.7.5: an EntityTypeList.</summary>
    public void TypeList() => List("EntityTypeList", "typeList"u8, survey.Types.Keys);

    /// <summary>5.7.6: an array of EntityType.</summary>
    public void Types() => Array(survey.Types, (type, facts) =>
    {
        Head(type, "EntityType", "typeName"u8);
        Names("attributeNames"u8, facts.Attributes);
    });

    /// <summary>5.7.7: an EntityTypeInfo; false when nobody has the type.</summary>
    public bool Type(string iri)
    {
        if (!Terms.TryGet(iri, out int type) || !survey.Types.TryGetValue(type, out TypeSurvey.TypeFacts? facts))
        {
            return false;
        }

        writer.WriteStartObject();
        Head(type, "EntityTypeInfo", "typeName"u8);
        writer.WriteNumber("entityCount"u8, facts.Entities);
        writer.WriteStartArray("attributeDetails"u8);
        foreach (int attribute in facts.Attributes)
        {
            writer.WriteStartObject();
            Head(attribute, "Attribute", "attributeName"u8);
            Kinds(survey.Attributes[attribute]);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
        return true;
    }

    /// <summary>5.7.8: an AttributeList.</summary>
    public void AttributeList() => List("AttributeList", "attributeList"u8, survey.Attributes.Keys);

    /// <summary>5.7.9: an array of Attribute.</summary>
    public void Attributes() => Array(survey.Attributes, (attribute, facts) =>
    {
        Head(attribute, "Attribute", "attributeName"u8);
        Names("typeNames"u8, facts.Types);
    });

    /// <summary>5.7.10: an Attribute with its counts; false when nobody has it.</summary>
    public bool Attribute(string iri)
    {
        if (!Terms.TryGet(iri, out int attribute) || !survey.Attributes.TryGetValue(attribute, out TypeSurvey.AttributeFacts? facts))
        {
            return false;
        }

        writer.WriteStartObject();
        Head(attribute, "Attribute", "attributeName"u8);
        writer.WriteNumber("attributeCount"u8, facts.Entities);
        Kinds(facts);
        Names("typeNames"u8, facts.Types);
        writer.WriteEndObject();
        return true;
    }

    private void List(string type, ReadOnlySpan<byte> list, IEnumerable<int> names)
    {
        writer.WriteStartObject();
        writer.WriteString("id"u8, $"urn:ngsi-ld:{type}:{Guid.CreateVersion7()}");
        writer.WriteString("type"u8, type);
        Names(list, names.OrderBy(Terms.Iri, StringComparer.Ordinal));
        writer.WriteEndObject();
    }

    private void Array<T>(Dictionary<int, T> facts, Action<int, T> members)
    {
        writer.WriteStartArray();
        foreach ((int term, T fact) in facts.OrderBy(f => Terms.Iri(f.Key), StringComparer.Ordinal))
        {
            writer.WriteStartObject();
            members(term, fact);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private void Head(int term, string type, ReadOnlySpan<byte> name)
    {
        writer.WriteString("id"u8, Terms.Utf8(term));
        writer.WriteString("type"u8, type);
        writer.WriteString(name, context.CompactUtf8(term));
    }

    private void Kinds(TypeSurvey.AttributeFacts facts)
    {
        writer.WriteStartArray("attributeTypes"u8);
        foreach (AttributeKind kind in facts.Kinds)
        {
            writer.WriteStringValue(kind.ToString());
        }

        writer.WriteEndArray();
    }

    private void Names(ReadOnlySpan<byte> member, IEnumerable<int> names)
    {
        writer.WriteStartArray(member);
        foreach (int name in names)
        {
            writer.WriteStringValue(context.CompactUtf8(name));
        }

        writer.WriteEndArray();
    }
}
