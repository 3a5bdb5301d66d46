using System.Buffers;
using Twin.NgsiLd.Contexts;
using Twin.NgsiLd.Entities;

namespace Twin.NgsiLd.Representations;

/// <summary>Resident entities to JSON: ready slices are copied, nothing is parsed.</summary>
public static class EntityRenderer
{
    /// <summary>Writes one entity.</summary>
    public static void Write(IBufferWriter<byte> to, EntityDocument entity, RenderOptions options)
    {
        var output = new Utf8Output(to);
        NormalizedRenderer.Write(ref output, entity, new Names(options.Context), options.SystemAttributes);
        Close(ref output, options);
        output.Flush();
    }

    /// <summary>Writes an array of entities.</summary>
    public static void WriteAll(IBufferWriter<byte> to, IReadOnlyList<EntityDocument> entities, RenderOptions options)
    {
        var output = new Utf8Output(to);
        output.Write((byte)'[');
        for (int i = 0; i < entities.Count; i++)
        {
            if (i > 0)
            {
                output.Write((byte)',');
            }

            NormalizedRenderer.Write(ref output, entities[i], new Names(options.Context), options.SystemAttributes);
            Close(ref output, options);
        }

        output.Write((byte)']');
        output.Flush();
    }

    /// <summary>
    /// Writes the form in which an entity is stored: names as IRIs, system attributes. Reading it with
    /// <see cref="ParseOptions.Stored"/> and packing gives the same entity again.
    /// </summary>
    public static void WriteStored(IBufferWriter<byte> to, EntityDocument entity)
    {
        var output = new Utf8Output(to);
        NormalizedRenderer.Write(ref output, entity, default, systemAttributes: true);
        output.Write((byte)'}');
        output.Flush();
    }

    private static void Close(ref Utf8Output output, RenderOptions options)
    {
        if (options.IncludesContext)
        {
            output.Write(",\"@context\":"u8);
            output.Write(options.Context.Json);
        }

        output.Write((byte)'}');
    }
}
