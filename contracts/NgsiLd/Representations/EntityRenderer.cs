using System.Buffers;
using Twin.NgsiLd.Entities;

namespace Twin.NgsiLd.Representations;

/// <summary>Resident entities to JSON: ready slices are copied, nothing is parsed unless the request asks for another form.</summary>
public static class EntityRenderer
{
    /// <summary>Writes one entity, or one Feature.</summary>
    public static void Write(IBufferWriter<byte> to, EntityDocument entity, RenderOptions options)
    {
        var output = new Utf8Output(to);
        Write(ref output, entity, options, options.IncludesContext);
        output.Flush();
    }

    /// <summary>Writes an array of entities, each with its <c>@context</c> where asked for, or a FeatureCollection with one.</summary>
    public static void WriteAll(IBufferWriter<byte> to, IReadOnlyList<EntityDocument> entities, RenderOptions options)
    {
        var output = new Utf8Output(to);
        output.Write(options.IsGeoJson ? "{\"type\":\"FeatureCollection\",\"features\":["u8 : "["u8);
        for (int i = 0; i < entities.Count; i++)
        {
            if (i > 0)
            {
                output.Write((byte)',');
            }

            Write(ref output, entities[i], options, options.IncludesContext && !options.IsGeoJson);
        }

        output.Write((byte)']');
        if (options.IsGeoJson)
        {
            Close(ref output, options, options.IncludesContext);
        }

        output.Flush();
    }

    /// <summary>
    /// Writes the form in which an entity is stored: names as IRIs (<c>:name</c> in the default vocabulary), system
    /// attributes, of attributes only those that differ from the entity's own. Reading it with
    /// <see cref="ParseOptions.Stored"/> and packing gives the same entity again.
    /// </summary>
    public static void WriteStored(IBufferWriter<byte> to, EntityDocument entity)
    {
        var output = new Utf8Output(to);
        NormalizedRenderer.Write(ref output, entity, new Names(null, entity.CreatedAt, entity.ModifiedAt), systemAttributes: true);
        output.Write((byte)'}');
        output.Flush();
    }

    /// <summary>Whether <see cref="RenderOptions.PreferredMinor"/> changes the entity, which makes the answer a 203 (4.3.6.8).</summary>
    public static bool IsAltered(EntityDocument entity, RenderOptions options) => Downgrades.Alters(entity.Attributes, options.PreferredMinor);

    private static void Write(ref Utf8Output output, EntityDocument entity, RenderOptions options, bool context)
    {
        if (options.IsGeoJson)
        {
            GeoJsonRenderer.WriteFeature(ref output, entity, options);
        }
        else if (options.IsPlain)
        {
            NormalizedRenderer.Write(ref output, entity, new Names(options.Context), options.SystemAttributes);
        }
        else
        {
            ViewRenderer.Write(ref output, entity, options, options.Projection, 0);
        }

        Close(ref output, options, context);
    }

    private static void Close(ref Utf8Output output, RenderOptions options, bool context)
    {
        if (context)
        {
            output.Write(",\"@context\":"u8);
            output.Write(options.Context.Json);
        }

        output.Write((byte)'}');
    }
}
