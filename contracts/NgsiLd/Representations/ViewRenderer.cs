using Twin.NgsiLd.Entities;
using Twin.NgsiLd.Queries;

namespace Twin.NgsiLd.Representations;

/// <summary>Entities as a request asked for them: form, members, datasets, languages, linked entities.</summary>
internal static class ViewRenderer
{
    /// <summary>Writes an entity up to, but not with, its closing brace.</summary>
    public static void Write(ref Utf8Output output, EntityDocument entity, RenderOptions options, Projection projection, int level)
    {
        output.Write((byte)'{');
        bool first = true;
        if (projection.Keeps(EntityMembers.Id))
        {
            output.Write("\"id\":\""u8);
            output.Write(entity.IdUtf8);
            output.Write((byte)'"');
            first = false;
        }

        WriteMembers(ref output, entity, options, projection, level, ref first);
    }

    /// <summary>Writes all members but the id, each after the first with a comma before it.</summary>
    public static void WriteMembers(ref Utf8Output output, EntityDocument entity, RenderOptions options, Projection projection, int level, ref bool first)
    {
        var names = new Names(options.Context);
        if (projection.Keeps(EntityMembers.Type))
        {
            Comma(ref output, ref first);
            output.Write("\"type\":"u8);
            names.WriteTypes(ref output, entity.Types);
        }

        if (entity.ScopeCount > 0 && projection.Keeps(EntityMembers.Scope))
        {
            Comma(ref output, ref first);
            NormalizedRenderer.WriteScopes(ref output, entity);
        }

        if (options.SystemAttributes)
        {
            WriteTime(ref output, "\"createdAt\":"u8, entity.CreatedAt, projection.Keeps(EntityMembers.CreatedAt), ref first);
            WriteTime(ref output, "\"modifiedAt\":"u8, entity.ModifiedAt, projection.Keeps(EntityMembers.ModifiedAt), ref first);
            WriteTime(ref output, "\"expiresAt\":"u8, entity.ExpiresAt, entity.ExpiresAt != 0 && projection.Keeps(EntityMembers.ExpiresAt), ref first);
        }

        AttributeEnumerator rest = entity.Attributes;
        AttributeEnumerator group = rest;
        while (TryTakeGroup(ref rest, ref group, out int name, out int count))
        {
            if (!projection.Keeps(name))
            {
                continue;
            }

            int kept = projection.ChoosesDatasets ? Count(group, count, projection) : count;
            if (kept > 0)
            {
                Comma(ref output, ref first);
                names.WriteProperty(ref output, name);
                WriteGroup(ref output, group, count, kept, options, projection, level);
            }
        }
    }

    private static void WriteGroup(ref Utf8Output output, AttributeEnumerator group, int count, int kept, RenderOptions options, Projection projection, int level)
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
            if (!projection.KeepsDataset(instance))
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
        AttributeEnumerator rest = attribute.SubAttributes;
        AttributeEnumerator group = rest;
        while (TryTakeGroup(ref rest, ref group, out int name, out int count))
        {
            output.Write((byte)',');
            new Names(options.Context).WriteProperty(ref output, name);
            WriteGroup(ref output, group, count, count, options, Projection.Everything, int.MaxValue);
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

    private static int Count(AttributeEnumerator group, int count, Projection projection)
    {
        int kept = 0;
        for (int i = 0; i < count && (i == 0 || group.MoveNext()); i++)
        {
            kept += projection.KeepsDataset(group.Current) ? 1 : 0;
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
