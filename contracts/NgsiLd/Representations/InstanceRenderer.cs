using System.Text;
using System.Text.Json;
using Twin.NgsiLd.Entities;
using Twin.NgsiLd.Queries;

namespace Twin.NgsiLd.Representations;

/// <summary>One attribute instance in the form that is asked for.</summary>
internal static class InstanceRenderer
{
    public static void Write(ref Utf8Output output, AttributeView attribute, RenderOptions options, Projection projection, int level, bool alone)
    {
        AttributeKind kind = Downgrades.KindFor(attribute.Kind, options.PreferredMinor);
        string language = string.Empty;
        ReadOnlySpan<byte> chosen = default;
        if (kind == AttributeKind.LanguageProperty && options.Language is { } languages && languages.TrySelect(attribute.Value, out language, out chosen))
        {
            kind = AttributeKind.Property;
        }

        if (options.Form == EntityForm.Simplified)
        {
            WriteSimplified(ref output, attribute, kind, chosen, options, projection, level);
            return;
        }

        // Among several instances a bare value would make their array look like a value itself.
        bool bare = options.Form == EntityForm.Concise && alone && chosen.IsEmpty && IsBare(attribute, kind) && !options.SystemAttributes;
        if (!bare)
        {
            WriteOpening(ref output, attribute, kind, options.Form);
        }

        WriteValue(ref output, attribute, chosen, options);
        if (bare)
        {
            return;
        }

        if (!chosen.IsEmpty)
        {
            output.Write(",\"lang\":"u8);
            output.WriteString(Encoding.UTF8.GetBytes(language));
        }

        WriteRest(ref output, attribute, options, projection, level);
        output.Write((byte)'}');
    }

    private static void WriteRest(ref Utf8Output output, AttributeView attribute, RenderOptions options, Projection projection, int level)
    {
        output.Write(attribute.Extras);
        ReadOnlySpan<int> types = attribute.ObjectTypes;
        if (!types.IsEmpty)
        {
            output.Write(attribute.Kind == AttributeKind.Property ? ",\"entityTypeSealed\":"u8 : ",\"objectType\":"u8);
            new Names(options.Context).WriteTypes(ref output, types);
        }

        if (options.SystemAttributes)
        {
            NormalizedRenderer.WriteTimes(ref output, attribute.CreatedAt, attribute.ModifiedAt, attribute.ExpiresAt);
        }

        LinkedRenderer.WriteEntity(ref output, attribute, options, projection, level);
        if (attribute.SubCount > 0)
        {
            ViewRenderer.WriteSubAttributes(ref output, attribute, options);
        }
    }

    private static void WriteOpening(ref Utf8Output output, AttributeView attribute, AttributeKind kind, EntityForm form)
    {
        // A Property whose value looks like a geometry would be taken for a GeoProperty without its type.
        if (form == EntityForm.Normalized || (kind == AttributeKind.Property && attribute.Shape == JsonShape.Object && LooksLikeGeometry(attribute.Value)))
        {
            output.Write(AttributeKinds.Opening(kind));
            return;
        }

        output.Write("{\""u8);
        output.Write(AttributeKinds.MemberUtf8(kind));
        output.Write("\":"u8);
    }

    /// <summary>Whether the concise form is the value alone (4.5.2.3): nothing hangs on it and it cannot be misread.</summary>
    private static bool IsBare(AttributeView attribute, AttributeKind kind)
    {
        if (!attribute.Extras.IsEmpty || attribute.SubCount > 0 || !attribute.ObjectTypes.IsEmpty)
        {
            return false;
        }

        return kind == AttributeKind.GeoProperty
            || (kind == AttributeKind.Property && attribute.Shape switch
            {
                JsonShape.Object => false,
                JsonShape.Array => !attribute.Value.StartsWith("[{"u8),
                _ => true,
            });
    }

    private static bool LooksLikeGeometry(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = ParseState.MaximumDepth });
        reader.Read();
        return Geometries.IsGeometry(reader);
    }

    private static void WriteSimplified(
        ref Utf8Output output, AttributeView attribute, AttributeKind kind, ReadOnlySpan<byte> chosen, RenderOptions options, Projection projection, int level)
    {
        if (LinkedRenderer.WriteInPlace(ref output, attribute, options, projection, level))
        {
            return;
        }

        bool wrapped = kind is AttributeKind.LanguageProperty or AttributeKind.VocabProperty or AttributeKind.JsonProperty;
        if (wrapped)
        {
            output.Write("{\""u8);
            output.Write(AttributeKinds.MemberUtf8(kind));
            output.Write("\":"u8);
        }

        if (attribute.Kind == AttributeKind.ListRelationship)
        {
            LinkedRenderer.WriteUris(ref output, attribute.Value);
        }
        else
        {
            WriteValue(ref output, attribute, chosen, options);
        }

        if (wrapped)
        {
            output.Write((byte)'}');
        }
    }

    private static void WriteValue(ref Utf8Output output, AttributeView attribute, ReadOnlySpan<byte> chosen, RenderOptions options)
    {
        if (!chosen.IsEmpty)
        {
            output.Write(chosen);
        }
        else if (attribute.Kind == AttributeKind.ListRelationship && Downgrades.KindFor(attribute.Kind, options.PreferredMinor) == AttributeKind.Property)
        {
            LinkedRenderer.WriteUris(ref output, attribute.Value);
        }
        else
        {
            NormalizedRenderer.WriteValue(ref output, attribute, new Names(options.Context));
        }
    }
}
