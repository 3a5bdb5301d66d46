using Twin.NgsiLd.Contexts;

namespace Twin.NgsiLd.Representations;

/// <summary>How names are written: compacted by a @context, or as IRIs when there is none (the stored form).</summary>
internal readonly struct Names(JsonLdContext? context)
{
    public JsonLdContext? Context => context;

    public void WriteProperty(ref Utf8Output output, int name)
    {
        if (context is not null)
        {
            output.Write(context.PropertyName(name));
            return;
        }

        output.WriteString(Terms.Utf8(name));
        output.Write((byte)':');
    }

    /// <summary>Writes types: one as a string, several as an array.</summary>
    public void WriteTypes(ref Utf8Output output, ReadOnlySpan<int> types)
    {
        if (types.Length != 1)
        {
            output.Write((byte)'[');
        }

        for (int i = 0; i < types.Length; i++)
        {
            if (i > 0)
            {
                output.Write((byte)',');
            }

            if (context is not null)
            {
                output.Write(context.Quoted(types[i]));
            }
            else
            {
                output.WriteString(Terms.Utf8(types[i]));
            }
        }

        if (types.Length != 1)
        {
            output.Write((byte)']');
        }
    }
}
