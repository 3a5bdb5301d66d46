using Twin.NgsiLd.Entities;

namespace Twin.NgsiLd.Representations;

/// <summary>The normalized form (4.5.2.2), which is also what is stored.</summary>
internal static class NormalizedRenderer
{
    /// <summary>Writes an entity up to, but not with, its closing brace.</summary>
    public static void Write(ref Utf8Output output, EntityDocument entity, Names names, bool systemAttributes)
    {
        WriteHead(ref output, entity, names, systemAttributes);
        int previous = -1;
        bool array = false;
        AttributeEnumerator rest = entity.Attributes;
        bool more = rest.MoveNext();
        while (more)
        {
            AttributeView attribute = rest.Current;
            more = rest.MoveNext();
            bool next = more && rest.Current.Name == attribute.Name;
            WriteName(ref output, names, attribute.Name, attribute.Name == previous, next, ref array);
            previous = attribute.Name;
            WriteInstance(ref output, attribute, names, systemAttributes);
            if (array && !next)
            {
                output.Write((byte)']');
                array = false;
            }
        }
    }

    /// <summary>Writes id, type (a fragment may have none), scope and times, without the closing brace.</summary>
    public static void WriteHead(ref Utf8Output output, EntityDocument entity, Names names, bool systemAttributes)
    {
        output.Write("{\"id\":\""u8);
        output.Write(entity.IdUtf8);
        output.Write((byte)'"');
        if (!entity.Types.IsEmpty)
        {
            output.Write(",\"type\":"u8);
            names.WriteTypes(ref output, entity.Types);
        }

        if (entity.ScopeCount > 0)
        {
            output.Write((byte)',');
            WriteScopes(ref output, entity);
        }

        if (systemAttributes)
        {
            WriteTimes(ref output, entity.CreatedAt, entity.ModifiedAt, entity.ExpiresAt);
        }
    }

    /// <summary>Writes scope: one as a string, several as an array.</summary>
    public static void WriteScopes(ref Utf8Output output, EntityDocument entity)
    {
        output.Write(entity.ScopeCount == 1 ? "\"scope\":"u8 : "\"scope\":["u8);
        bool first = true;
        foreach (ReadOnlySpan<byte> scope in entity.Scopes)
        {
            if (!first)
            {
                output.Write((byte)',');
            }

            first = false;
            output.WriteString(scope);
        }

        if (entity.ScopeCount > 1)
        {
            output.Write((byte)']');
        }
    }

    /// <summary>Writes the member name before the first instance of an attribute, and the brackets when there are several.</summary>
    public static void WriteName(ref Utf8Output output, Names names, int name, bool follows, bool next, ref bool array)
    {
        output.Write((byte)',');
        if (follows)
        {
            return;
        }

        names.WriteProperty(ref output, name);
        if (next)
        {
            output.Write((byte)'[');
            array = true;
        }
    }

    /// <summary>Writes one instance as an object.</summary>
    public static void WriteInstance(ref Utf8Output output, AttributeView attribute, Names names, bool systemAttributes)
    {
        output.Write(AttributeKinds.Opening(attribute.Kind));
        WriteValue(ref output, attribute, names);
        output.Write(attribute.Extras);
        ReadOnlySpan<int> objectTypes = attribute.ObjectTypes;
        if (!objectTypes.IsEmpty)
        {
            output.Write(attribute.Kind == AttributeKind.Property ? ",\"entityTypeSealed\":"u8 : ",\"objectType\":"u8);
            names.WriteTypes(ref output, objectTypes);
        }

        if (systemAttributes)
        {
            WriteTimes(ref output, names, attribute);
        }

        if (attribute.SubCount > 0)
        {
            WriteSubAttributes(ref output, attribute, names, systemAttributes);
        }

        output.Write((byte)'}');
    }

    /// <summary>Writes createdAt, modifiedAt and, where there is one, expiresAt: the system attributes (4.8).</summary>
    public static void WriteTimes(ref Utf8Output output, long createdAt, long modifiedAt, long expiresAt)
    {
        output.Write(",\"createdAt\":"u8);
        output.WriteTime(createdAt);
        output.Write(",\"modifiedAt\":"u8);
        output.WriteTime(modifiedAt);
        if (expiresAt != 0)
        {
            output.Write(",\"expiresAt\":"u8);
            output.WriteTime(expiresAt);
        }
    }

    private static void WriteTimes(ref Utf8Output output, Names names, AttributeView attribute)
    {
        if (names.Context is not null)
        {
            WriteTimes(ref output, attribute.CreatedAt, attribute.ModifiedAt, attribute.ExpiresAt);
            return;
        }

        WriteUnless(ref output, ",\"createdAt\":"u8, attribute.CreatedAt, names.CreatedAt);
        WriteUnless(ref output, ",\"modifiedAt\":"u8, attribute.ModifiedAt, names.ModifiedAt);
        WriteUnless(ref output, ",\"expiresAt\":"u8, attribute.ExpiresAt, 0);
    }

    private static void WriteUnless(ref Utf8Output output, ReadOnlySpan<byte> member, long time, long known)
    {
        if (time != known)
        {
            output.Write(member);
            output.WriteTime(time);
        }
    }

    /// <summary>Writes the value; the IRIs of a vocabulary are compacted.</summary>
    public static void WriteValue(ref Utf8Output output, AttributeView attribute, Names names)
    {
        if (attribute.Kind == AttributeKind.VocabProperty && names.Context is { } context)
        {
            VocabularyValues.Write(ref output, attribute.Value, context);
            return;
        }

        output.Write(attribute.Value);
    }

    private static void WriteSubAttributes(ref Utf8Output output, AttributeView attribute, Names names, bool systemAttributes)
    {
        int previous = -1;
        bool array = false;
        AttributeEnumerator rest = attribute.SubAttributes;
        bool more = rest.MoveNext();
        while (more)
        {
            AttributeView sub = rest.Current;
            more = rest.MoveNext();
            bool next = more && rest.Current.Name == sub.Name;
            WriteName(ref output, names, sub.Name, sub.Name == previous, next, ref array);
            previous = sub.Name;
            WriteInstance(ref output, sub, names, systemAttributes);
            if (array && !next)
            {
                output.Write((byte)']');
                array = false;
            }
        }
    }
}
