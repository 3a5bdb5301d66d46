using System.Buffers;
using Twin.NgsiLd.Entities;
using Twin.NgsiLd.Queries;

namespace Twin.NgsiLd.Representations;

/// <summary>What temporal evolutions (5.2.20) take from the representation of entities.</summary>
public static class TemporalRenderer
{
    /// <summary>Writes one attribute instance in normalized form, always as an object.</summary>
    public static void WriteInstance(IBufferWriter<byte> to, AttributeView attribute, RenderOptions options)
    {
        var output = new Utf8Output(to);
        InstanceRenderer.Write(ref output, attribute, options, Projection.Everything, level: 0, alone: false);
        output.Flush();
    }

    /// <summary>Writes the value of an attribute instance: what stands in value, object, languageMap and their siblings.</summary>
    public static void WriteValue(IBufferWriter<byte> to, AttributeView attribute, RenderOptions options)
    {
        var output = new Utf8Output(to);
        if (attribute.Kind == AttributeKind.ListRelationship)
        {
            LinkedRenderer.WriteUris(ref output, attribute.Value);
        }
        else
        {
            NormalizedRenderer.WriteValue(ref output, attribute, new Names(options.Context));
        }

        output.Flush();
    }
}
