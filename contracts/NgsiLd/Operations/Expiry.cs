using Twin.NgsiLd.Entities;

namespace Twin.NgsiLd.Operations;

/// <summary>Transient entities and attributes (V1.9.1, 4.22): what has expired is not there any more.</summary>
public static class Expiry
{
    /// <summary>Whether the entity itself has expired.</summary>
    public static bool HasExpired(EntityDocument entity, long now) => entity.ExpiresAt != 0 && entity.ExpiresAt <= now;

    /// <summary>The first moment after which the entity or an attribute of it expires; 0 when none does.</summary>
    public static long Next(EntityDocument entity) => Earlier(entity.ExpiresAt, Next(entity.Attributes));

    /// <summary>The entity as it is at a moment: itself when nothing has expired, null when it has expired as a whole.</summary>
    public static EntityDocument? At(EntityDocument entity, long now)
    {
        long next = Next(entity);
        if (next == 0 || next > now)
        {
            return entity;
        }

        if (HasExpired(entity, now))
        {
            return null;
        }

        EntityNode node = entity.Unpack();
        Prune(node.Attributes, now);
        return EntityDocument.Pack(node);
    }

    internal static void Prune(List<AttributeNode> attributes, long now)
    {
        attributes.RemoveAll(a => a.ExpiresAt != 0 && a.ExpiresAt <= now);
        foreach (AttributeNode attribute in attributes)
        {
            if (attribute.SubAttributes is { } subs)
            {
                Prune(subs, now);
            }
        }
    }

    private static long Next(AttributeEnumerator attributes)
    {
        long next = 0;
        foreach (AttributeView attribute in attributes)
        {
            next = Earlier(next, attribute.ExpiresAt);
            if (attribute.SubCount > 0)
            {
                next = Earlier(next, Next(attribute.SubAttributes));
            }
        }

        return next;
    }

    private static long Earlier(long a, long b) => a == 0 ? b : b == 0 ? a : Math.Min(a, b);
}
