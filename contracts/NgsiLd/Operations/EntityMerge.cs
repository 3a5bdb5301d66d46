using Twin.NgsiLd.Entities;

namespace Twin.NgsiLd.Operations;

/// <summary>What one source knows of an entity.</summary>
/// <param name="Entity">Its view.</param>
/// <param name="IsAuxiliary">Whether the source only fills what no other one has (4.3.6.2).</param>
public readonly record struct SourcedEntity(EntityDocument Entity, bool IsAuxiliary = false);

/// <summary>
/// One entity out of what several sources know of it (4.5.5, 4.3.6). Per attribute and datasetId the newest observedAt wins,
/// then the newest modifiedAt, then the source that comes first; auxiliary sources only fill holes. Types and scopes are
/// united, createdAt is the earliest, modifiedAt the latest.
/// </summary>
public static class EntityMerge
{
    /// <summary>Merges views of one entity.</summary>
    /// <exception cref="ArgumentException">There are none, or they are of different entities.</exception>
    public static EntityDocument Merge(IEnumerable<SourcedEntity> sources)
    {
        // Stable: among the auxiliary and among the others the order of the sources stays.
        SourcedEntity[] ordered = [.. sources.OrderBy(s => s.IsAuxiliary)];
        if (ordered.Length == 0 || ordered.Any(s => s.Entity.Id != ordered[0].Entity.Id))
        {
            throw new ArgumentException("Views of one entity are needed.", nameof(sources));
        }

        if (ordered.Length == 1)
        {
            return ordered[0].Entity;
        }

        EntityNode merged = ordered[0].Entity.Unpack();
        foreach (SourcedEntity source in ordered.AsSpan(1))
        {
            Take(merged, source.Entity.Unpack(), fillsOnly: source.IsAuxiliary);
        }

        return EntityDocument.Pack(merged);
    }

    private static void Take(EntityNode merged, EntityNode other, bool fillsOnly)
    {
        merged.Types.AddRange(other.Types.Except(merged.Types).ToArray());
        if (other.Scopes is { } scopes)
        {
            merged.Scopes = [.. (merged.Scopes ?? []).Union(scopes, StringComparer.Ordinal)];
        }

        merged.CreatedAt = merged.CreatedAt == 0 ? other.CreatedAt : other.CreatedAt == 0 ? merged.CreatedAt : Math.Min(merged.CreatedAt, other.CreatedAt);
        merged.ModifiedAt = Math.Max(merged.ModifiedAt, other.ModifiedAt);
        merged.ExpiresAt = merged.ExpiresAt == 0 || other.ExpiresAt == 0 ? 0 : Math.Max(merged.ExpiresAt, other.ExpiresAt);
        foreach (AttributeNode attribute in other.Attributes)
        {
            int at = Instances.IndexOf(merged.Attributes, attribute.Name, attribute.DatasetId);
            if (at < 0)
            {
                merged.Attributes.Add(attribute);
            }
            else if (!fillsOnly && IsNewer(attribute, merged.Attributes[at]))
            {
                merged.Attributes[at] = attribute;
            }
        }
    }

    private static bool IsNewer(AttributeNode a, AttributeNode b) =>
        (a.ObservedAt ?? long.MinValue, a.ModifiedAt).CompareTo((b.ObservedAt ?? long.MinValue, b.ModifiedAt)) > 0;
}
