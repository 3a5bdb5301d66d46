using Twin.NgsiLd.Contexts;

namespace Twin.NgsiLd.Representations;

/// <summary>
/// How names are written: compacted by a @context, or as IRIs when there is none (the stored form), which then also
/// leaves out the times of attributes that are the entity's own.
/// </summary>
internal readonly struct Names(JsonLdContext? context, long createdAt = 0, long modifiedAt = 0)
{
    public JsonLdContext? Context => context;

    /// <summary>The entity's createdAt, which need not be said again.</summary>
    public long CreatedAt => createdAt;

    /// <summary>The entity's modifiedAt, which need not be said again.</summary>
    public long ModifiedAt => modifiedAt;

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
