using Twin.NgsiLd.Contexts;

namespace Twin.NgsiLd.Representations;

/// <summary>
/// How names are written: compacted by a @context, or, when there is none, as <see cref="Terms.StoredName"/> says: the
/// stored form, which also leaves out the times of attributes that are the entity's own.
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
        output.Write(context is not null ? context.PropertyName(name) : Terms.StoredName(name));
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

            output.Write(context is not null ? context.Quoted(types[i]) : Terms.StoredName(types[i])[..^1]);
        }

        if (types.Length != 1)
        {
            output.Write((byte)']');
        }
    }
}
