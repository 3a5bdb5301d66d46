using Twin.NgsiLd.Entities;

namespace Twin.NgsiLd.Operations;

/// <summary>Attribute instances in a list: told apart by name and datasetId (4.5.5), stamped with the time of a write.</summary>
internal static class Instances
{
    public static int IndexOf(List<AttributeNode> list, int name, string? datasetId)
    {
        for (int i = 0; i < list.Count; i++)
        {
            if (list[i].Name == name && list[i].DatasetId == datasetId)
            {
                return i;
            }
        }

        return -1;
    }

    public static bool Has(List<AttributeNode> list, int name)
    {
        foreach (AttributeNode attribute in list)
        {
            if (attribute.Name == name)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Puts a whole instance in the place of the one it replaces, or behind the others of its name.</summary>
    public static void Set(List<AttributeNode> list, AttributeNode instance, long now)
    {
        int at = IndexOf(list, instance.Name, instance.DatasetId);
        Stamp(instance, at >= 0 ? list[at] : null, now);
        if (at >= 0)
        {
            list[at] = instance;
        }
        else
        {
            list.Add(instance);
        }
    }

    /// <summary>modifiedAt is now; createdAt is that of what was replaced (4.8).</summary>
    public static void Stamp(AttributeNode instance, AttributeNode? replaced, long now)
    {
        instance.CreatedAt = replaced?.CreatedAt ?? now;
        instance.ModifiedAt = now;
        foreach (AttributeNode sub in instance.SubAttributes ?? [])
        {
            int at = replaced?.SubAttributes is { } old ? IndexOf(old, sub.Name, sub.DatasetId) : -1;
            Stamp(sub, at >= 0 ? replaced!.SubAttributes![at] : null, now);
        }
    }

    /// <summary>Takes out removals, which an instance that is new has no use for.</summary>
    public static void DropRemovals(AttributeNode instance)
    {
        instance.SubAttributes?.RemoveAll(s => (s.Removed & RemovedMembers.Value) != 0);
        foreach (AttributeNode sub in instance.SubAttributes ?? [])
        {
            DropRemovals(sub);
        }
    }
}
