using Twin.NgsiLd.Entities;
using Twin.NgsiLd.Queries;

namespace Twin.NgsiLd.Representations;

/// <summary>Entities as GeoJSON Features (4.5.16, simplified 4.5.17).</summary>
internal static class GeoJsonRenderer
{
    /// <summary>Writes a Feature up to, but not with, its closing brace.</summary>
    public static void WriteFeature(ref Utf8Output output, EntityDocument entity, RenderOptions options)
    {
        output.Write("{"u8);
        if (options.Projection.Keeps(EntityMembers.Id))
        {
            output.Write("\"id\":\""u8);
            output.Write(entity.IdUtf8);
            output.Write("\","u8);
        }

        output.Write("\"type\":\"Feature\",\"geometry\":"u8);
        output.Write(GeometryOf(entity, options));
        output.Write(",\"properties\":{"u8);
        bool first = true;
        ViewRenderer.WriteMembers(ref output, entity, options, options.Projection, 0, ref first);
        output.Write((byte)'}');
    }

    /// <summary>The default instance of the geometry property, or null as JSON when it has none that is a geometry.</summary>
    private static ReadOnlySpan<byte> GeometryOf(EntityDocument entity, RenderOptions options)
    {
        ReadOnlySpan<byte> geometry = "null"u8;
        bool found = false;
        foreach (AttributeView attribute in entity.Attributes)
        {
            if (attribute.Name != options.GeometryProperty || attribute.Kind != AttributeKind.GeoProperty || !options.Projection.KeepsDataset(attribute))
            {
                continue;
            }

            if (!attribute.HasDatasetId)
            {
                return attribute.Value;
            }

            geometry = found ? geometry : attribute.Value;
            found = true;
        }

        return geometry;
    }
}
