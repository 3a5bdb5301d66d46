using System.Text;
using Twin.NgsiLd.Contexts;
using Twin.NgsiLd.Entities;
using Twin.NgsiLd.Representations;

namespace Twin.NgsiLd.Operations;

/// <summary>A patch of one attribute instance onto the one that is there: for a merge (5.5.12) and for a partial update (5.5.8).</summary>
internal static class AttributeMerge
{
    /// <summary>Merges: objects inside values too, and another type replaces the whole.</summary>
    public static AttributeNode Merge(AttributeNode current, AttributeNode patch, long now, MergeOptions options)
    {
        if (patch.IsKindKnown && !patch.Value.IsEmpty && patch.Kind != current.Kind)
        {
            AttributeNode replaced = New(patch, options);
            Instances.DropRemovals(replaced);
            Instances.Stamp(replaced, current, now);
            return replaced;
        }

        Fit(current, patch, options);
        AttributeNode next = Members(current, patch, now, options.ObservedAt);
        next.SubAttributes = SubAttributes(current, patch, now, (old, sub) => Merge(old, sub, now, MergeOptions.None));
        if (!patch.Value.IsEmpty)
        {
            bool deep = current.Kind is AttributeKind.Property or AttributeKind.JsonProperty or AttributeKind.LanguageProperty;
            next.Value = deep ? JsonMerge.Apply(current.Value, patch.Value) : patch.Value;
            next.Geometry = patch.Geometry;
            next.Bounds = patch.Bounds;
        }

        return next;
    }

    /// <summary>Overwrites: values as a whole, and another type is refused.</summary>
    public static AttributeNode Overwrite(AttributeNode current, AttributeNode patch, long now)
    {
        if (patch.IsKindKnown && patch.Kind != current.Kind)
        {
            throw NgsiLdException.BadRequest($"The attribute is a {current.Kind} and a partial update does not change that (5.6.4); replace the attribute instead.", "/type");
        }

        Fit(current, patch, MergeOptions.None);
        AttributeNode next = Members(current, patch, now, null);
        next.SubAttributes = SubAttributes(current, patch, now, (old, sub) =>
            sub.Value.IsEmpty || (sub.IsKindKnown && sub.Kind != old.Kind) ? Merge(old, sub, now, MergeOptions.None) : Whole(sub, old, now));
        if (!patch.Value.IsEmpty)
        {
            next.Value = patch.Value;
            next.Geometry = patch.Geometry;
            next.Bounds = patch.Bounds;
        }

        return next;
    }

    /// <summary>An instance that was not there: it needs a value, and nulls within it have nothing to remove.</summary>
    public static AttributeNode New(AttributeNode patch, MergeOptions options)
    {
        if (patch.Value.IsEmpty)
        {
            throw NgsiLdException.BadRequest($"The entity has no attribute {Terms.Iri(patch.Name)} yet; a new one needs a value (5.5.12).");
        }

        if (patch.Kind is AttributeKind.Property or AttributeKind.JsonProperty or AttributeKind.LanguageProperty)
        {
            patch.Value = JsonMerge.Apply(default, patch.Value);
        }

        patch.SubAttributes?.RemoveAll(s => (s.Removed & RemovedMembers.Value) != 0);
        foreach (AttributeNode sub in patch.SubAttributes ?? [])
        {
            New(sub, options);
        }

        return patch;
    }

    private static AttributeNode Whole(AttributeNode sub, AttributeNode old, long now)
    {
        Instances.DropRemovals(sub);
        Instances.Stamp(sub, old, now);
        return sub;
    }

    /// <summary>Reads a value whose type was not said as the type of the attribute that is there.</summary>
    private static void Fit(AttributeNode current, AttributeNode patch, MergeOptions options)
    {
        if (patch.Value.IsEmpty || patch.IsKindKnown || patch.Kind == current.Kind)
        {
            return;
        }

        if (current.Kind == AttributeKind.LanguageProperty && AttributeView.ShapeOf(patch.Value.Span) is JsonShape.String or JsonShape.Array)
        {
            byte[] tag = Encoding.UTF8.GetBytes(options.Language ?? "@none");
            patch.Value = (byte[])[.. "{\""u8, .. tag, .. "\":"u8, .. patch.Value.Span, (byte)'}'];
        }

        AttributeValues.Reread(patch, current.Kind);
    }

    private static AttributeNode Members(AttributeNode current, AttributeNode patch, long now, string? observedAt)
    {
        var old = new Extras(current.Extras.Span);
        var given = new Extras(patch.Extras.Span);
        RemovedMembers removed = patch.Removed;
        bool inherits = given.ObservedAt.IsEmpty && observedAt is not null && current.ObservedAt is not null;
        ReadOnlySpan<byte> observed = inherits
            ? Encoding.UTF8.GetBytes($"\"{observedAt}\"")
            : Choose(given.ObservedAt, old.ObservedAt, removed, RemovedMembers.ObservedAt);
        long time = 0;
        bool observes = !observed.IsEmpty && Timestamps.TryParse(observed[1..^1], out time);
        return new AttributeNode
        {
            Name = current.Name,
            Kind = current.Kind,
            DatasetId = current.DatasetId,
            Value = current.Value,
            Geometry = current.Geometry,
            Bounds = current.Bounds,
            UnitCode = (removed & RemovedMembers.UnitCode) != 0 ? null : patch.UnitCode ?? current.UnitCode,
            ObservedAt = observes ? time : null,
            ExpiresAt = patch.ExpiresAt != 0 ? patch.ExpiresAt : (removed & RemovedMembers.ExpiresAt) != 0 ? 0 : current.ExpiresAt,
            ObjectTypes = (removed & RemovedMembers.ObjectType) != 0 ? null : patch.ObjectTypes ?? current.ObjectTypes,
            CreatedAt = current.CreatedAt,
            ModifiedAt = now,
            Extras = ExtrasWriter.Write(
                new ValueArena(),
                Choose(given.UnitCode, old.UnitCode, removed, RemovedMembers.UnitCode),
                Choose(given.ValueType, old.ValueType, removed, RemovedMembers.ValueType),
                observed,
                old.DatasetId,
                given.EntityIdSealed.IsEmpty ? old.EntityIdSealed : given.EntityIdSealed),
        };
    }

    private static ReadOnlySpan<byte> Choose(ReadOnlySpan<byte> given, ReadOnlySpan<byte> old, RemovedMembers removed, RemovedMembers member) =>
        !given.IsEmpty ? given : (removed & member) != 0 ? default : old;

    private static List<AttributeNode>? SubAttributes(AttributeNode current, AttributeNode patch, long now, Func<AttributeNode, AttributeNode, AttributeNode> merge)
    {
        if (patch.SubAttributes is not { } patches)
        {
            return current.SubAttributes;
        }

        List<AttributeNode> next = [.. current.SubAttributes ?? []];
        foreach (AttributeNode sub in patches)
        {
            int at = Instances.IndexOf(next, sub.Name, sub.DatasetId);
            bool removes = (sub.Removed & RemovedMembers.Value) != 0;
            if (at >= 0 && removes)
            {
                next.RemoveAt(at);
            }
            else if (at >= 0)
            {
                next[at] = merge(next[at], sub);
            }
            else if (!removes)
            {
                AttributeNode added = New(sub, MergeOptions.None);
                Instances.Stamp(added, null, now);
                next.Add(added);
            }
        }

        return next.Count > 0 ? next : null;
    }
}
