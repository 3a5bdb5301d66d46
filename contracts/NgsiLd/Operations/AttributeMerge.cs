using Twin.NgsiLd.Contexts;
using Twin.NgsiLd.Entities;

namespace Twin.NgsiLd.Operations;

/// <summary>Merges a fragment into an attribute instance.</summary>
internal static class AttributeMerge
{
    /// <summary>5.6.4: each member of the fragment replaces the instance's whole member.</summary>
    public static void Members(AttributeNode there, AttributeNode fragment, long now)
    {
        if (!fragment.Value.IsEmpty)
        {
            TakeValue(there, fragment, fragment.Value);
        }

        Rest(there, fragment, MergeSub);

        void MergeSub(List<AttributeNode> subs, AttributeNode sub)
        {
            EntityOperations.Stamp([sub], now);
            Replace(subs, sub);
        }
    }

    /// <summary>5.5.12: values that are objects are merged in depth, sub-attributes likewise.</summary>
    public static void InDepth(AttributeNode there, AttributeNode patch, MergeOptions options, long now)
    {
        if (!patch.Value.IsEmpty)
        {
            TakeValue(there, patch, MergedValue(there, patch, options));
        }

        bool hadObservedAt = there.ObservedAt is not null;
        Rest(there, patch, MergeSub);
        if (hadObservedAt && patch.ObservedAt is null && !options.ObservedAt.IsEmpty)
        {
            AttributeExtras.SetObservedAt(there, options.ObservedAt);
        }

        void MergeSub(List<AttributeNode> subs, AttributeNode sub)
        {
            AttributeNode? same = subs.Find(s => s.Name == sub.Name && s.DatasetId == sub.DatasetId);
            if (same is null || (sub.IsKindKnown && sub.Kind != same.Kind))
            {
                RequireWhole(sub);
                EntityOperations.Stamp([sub], now);
                Replace(subs, sub);
            }
            else
            {
                InDepth(same, sub, options, now);
                same.ModifiedAt = now;
            }
        }
    }

    /// <summary>A fragment that becomes an attribute of its own needs a value.</summary>
    /// <exception cref="NgsiLdException">BadRequestData.</exception>
    public static void RequireWhole(AttributeNode attribute)
    {
        if (attribute.Value.IsEmpty)
        {
            throw NgsiLdException.BadRequest($"The entity has no attribute {Terms.Iri(attribute.Name)} to be merged with, and the fragment has no value.");
        }
    }

    private static ReadOnlyMemory<byte> MergedValue(AttributeNode there, AttributeNode patch, MergeOptions options)
    {
        bool text = patch.Value.Span[0] == (byte)'"';
        return there.Kind switch
        {
            AttributeKind.LanguageProperty when text && options.Language is { } language => ValueMerge.WithMember(there.Value, language, patch.Value),
            AttributeKind.Property or AttributeKind.JsonProperty or AttributeKind.LanguageProperty => ValueMerge.Merge(there.Value, patch.Value),
            _ => patch.Value,
        };
    }

    private static void TakeValue(AttributeNode there, AttributeNode from, ReadOnlyMemory<byte> value)
    {
        there.Value = value;
        there.Geometry = there.Kind == AttributeKind.GeoProperty ? from.Geometry : GeometryShape.None;
        there.Bounds = there.Kind == AttributeKind.GeoProperty ? from.Bounds : default;
    }

    private static void Rest(AttributeNode there, AttributeNode fragment, Action<List<AttributeNode>, AttributeNode> mergeSub)
    {
        AttributeExtras.MergeInto(there, fragment);
        there.ObjectTypes = (fragment.Removed & RemovedMembers.ObjectType) != 0 ? null : fragment.ObjectTypes ?? there.ObjectTypes;
        foreach (AttributeNode sub in fragment.SubAttributes ?? [])
        {
            List<AttributeNode> subs = there.SubAttributes ??= [];
            if (EntityOperations.Removes(sub))
            {
                subs.RemoveAll(s => s.Name == sub.Name && s.DatasetId == sub.DatasetId);
            }
            else
            {
                mergeSub(subs, sub);
            }
        }

        if (there.SubAttributes is { Count: 0 })
        {
            there.SubAttributes = null;
        }
    }

    private static void Replace(List<AttributeNode> subs, AttributeNode sub)
    {
        int at = subs.FindIndex(s => s.Name == sub.Name && s.DatasetId == sub.DatasetId);
        if (at < 0)
        {
            subs.Add(sub);
        }
        else
        {
            sub.CreatedAt = subs[at].CreatedAt;
            subs[at] = sub;
        }
    }
}
