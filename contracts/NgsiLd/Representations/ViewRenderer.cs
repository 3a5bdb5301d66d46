using System.Text;
using Twin.NgsiLd.Contexts;
using Twin.NgsiLd.Entities;

namespace Twin.NgsiLd.Representations;

/// <summary>Entities as a request asked for them: form, members, datasets, languages, linked entities.</summary>
internal static class ViewRenderer
{
    /// <summary>Writes an entity up to, but not with, its closing brace.</summary>
    public static void Write(ref Utf8Output output, EntityDocument entity, RenderOptions options, Projection? projection, int level)
    {
        output.Write((byte)'{');
        bool first = true;
        if (projection?.Has(ProjectionMembers.Id) != false)
        {
            output.Write("\"id\":\""u8);
            output.Write(entity.IdUtf8);
            output.Write((byte)'"');
            first = false;
        }

        WriteMembers(ref output, entity, options, projection, level, ref first);
    }

    /// <summary>Writes all members but the id, each after the first with a comma before it.</summary>
    public static void WriteMembers(ref Utf8Output output, EntityDocument entity, RenderOptions options, Projection? projection, int level, ref bool first)
    {
        var names = new Names(options.Context);
        if (projection?.Has(ProjectionMembers.Type) != false)
        {
            Comma(ref output, ref first);
            output.Write("\"type\":"u8);
            names.WriteTypes(ref output, entity.Types);
        }

        if (entity.ScopeCount > 0 && projection?.Has(ProjectionMembers.Scope) != false)
        {
            Comma(ref output, ref first);
            NormalizedRenderer.WriteScopes(ref output, entity);
        }

        if (options.SystemAttributes)
        {
            WriteTime(ref output, "\"createdAt\":"u8, entity.CreatedAt, projection?.Has(ProjectionMembers.CreatedAt) != false, ref first);
            WriteTime(ref output, "\"modifiedAt\":"u8, entity.ModifiedAt, projection?.Has(ProjectionMembers.ModifiedAt) != false, ref first);
            WriteTime(ref output, "\"expiresAt\":"u8, entity.ExpiresAt, entity.ExpiresAt != 0 && projection?.Has(ProjectionMembers.ExpiresAt) != false, ref first);
        }

        AttributeEnumerator rest = entity.Attributes;
        AttributeEnumerator group = rest;
        while (TryTakeGroup(ref rest, ref group, out int name, out int count))
        {
            if (projection?.Has(name) == false)
            {
                continue;
            }

            int kept = options.Datasets is null ? count : Count(group, count, options);
            if (kept > 0)
            {
                Comma(ref output, ref first);
                names.WriteProperty(ref output, name);
                WriteGroup(ref output, group, count, kept, options, projection, level);
            }
        }
    }

    /// <summary>Whether any member is left.</summary>
    public static bool IsEmpty(EntityDocument entity, RenderOptions options)
    {
        if (options.Projection is not { } projection)
        {
            return false;
        }

        if (projection.Has(ProjectionMembers.Id) || projection.Has(ProjectionMembers.Type) || (entity.ScopeCount > 0 && projection.Has(ProjectionMembers.Scope)))
        {
            return false;
        }

        if (options.SystemAttributes && (projection.Has(ProjectionMembers.CreatedAt) || projection.Has(ProjectionMembers.ModifiedAt)))
        {
            return false;
        }

        foreach (AttributeView attribute in entity.Attributes)
        {
            if (projection.Has(attribute.Name) && Keeps(attribute, options))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether the instance's dataset is asked for.</summary>
    public static bool Keeps(AttributeView attribute, RenderOptions options) =>
        options.Datasets is not { } datasets || datasets.Contains(Encoding.UTF8.GetString(attribute.DatasetId));

    private static void WriteGroup(ref Utf8Output output, AttributeEnumerator group, int count, int kept, RenderOptions options, Projection? projection, int level)
    {
        bool map = kept > 1 && options.Form == EntityForm.Simplified;
        if (kept > 1)
        {
            output.Write(map ? "{\"dataset\":{"u8 : "["u8);
        }

        bool first = true;
        for (int i = 0; i < count && (i == 0 || group.MoveNext()); i++)
        {
            AttributeView instance = group.Current;
            if (!Keeps(instance, options))
            {
                continue;
            }

            Comma(ref output, ref first);
            if (map)
            {
                output.WriteString(instance.HasDatasetId ? instance.DatasetId : "@none"u8);
                output.Write((byte)':');
            }

            InstanceRenderer.Write(ref output, instance, options, projection, level, alone: kept == 1);
        }

        if (kept > 1)
        {
            output.Write(map ? "}}"u8 : "]"u8);
        }
    }

    /// <summary>Writes sub-attributes, each with a comma before it.</summary>
    public static void WriteSubAttributes(ref Utf8Output output, AttributeView attribute, RenderOptions options)
    {
        RenderOptions inner = options.Datasets is null ? options : options with { Datasets = null };
        AttributeEnumerator rest = attribute.SubAttributes;
        AttributeEnumerator group = rest;
        while (TryTakeGroup(ref rest, ref group, out int name, out int count))
        {
            output.Write((byte)',');
            new Names(options.Context).WriteProperty(ref output, name);
            WriteGroup(ref output, group, count, count, inner, null, int.MaxValue);
        }
    }

    /// <summary>Takes the instances of the next name: an enumerator that stands on the first of them, and their number.</summary>
    private static bool TryTakeGroup(ref AttributeEnumerator rest, ref AttributeEnumerator group, out int name, out int count)
    {
        name = 0;
        count = 0;
        if (!rest.MoveNext())
        {
            return false;
        }

        group = rest;
        name = rest.Current.Name;
        count = 1;
        for (AttributeEnumerator ahead = rest; ahead.MoveNext() && ahead.Current.Name == name; count++)
        {
            rest = ahead;
        }

        return true;
    }

    private static int Count(AttributeEnumerator group, int count, RenderOptions options)
    {
        int kept = 0;
        for (int i = 0; i < count && (i == 0 || group.MoveNext()); i++)
        {
            kept += Keeps(group.Current, options) ? 1 : 0;
        }

        return kept;
    }

    private static void WriteTime(ref Utf8Output output, ReadOnlySpan<byte> name, long micros, bool wanted, ref bool first)
    {
        if (wanted)
        {
            Comma(ref output, ref first);
            output.Write(name);
            output.WriteTime(micros);
        }
    }

    private static void Comma(ref Utf8Output output, ref bool first)
    {
        if (!first)
        {
            output.Write((byte)',');
        }

        first = false;
    }
}
