using Twin.NgsiLd.Entities;
using Twin.NgsiLd.Representations;

namespace Twin.NgsiLd.Operations;

/// <summary>
/// What the write operations of GS CIM 009 V1.9.1, 5.6 make of an entity. Times are microseconds since 1970 UTC; createdAt
/// stays with what is kept or replaced, modifiedAt moves with what is written. The fragment given is used up.
/// </summary>
/// <remarks>Expired attributes of the current state are gone with any change (4.22).</remarks>
public static class EntityOperations
{
    /// <summary>5.6.1 Create Entity.</summary>
    public static EntityDocument Create(EntityNode entity, long now)
    {
        entity.CreatedAt = entity.ModifiedAt = now;
        foreach (AttributeNode attribute in entity.Attributes)
        {
            Instances.Stamp(attribute, null, now);
        }

        return EntityDocument.Pack(entity);
    }

    /// <summary>5.6.18 Replace Entity: types, scopes and attributes are those of the new one.</summary>
    public static EntityDocument Replace(EntityDocument current, EntityNode entity, long now)
    {
        EntityNode old = current.Unpack();
        entity.CreatedAt = current.CreatedAt;
        entity.ModifiedAt = now;
        foreach (AttributeNode attribute in entity.Attributes)
        {
            int at = Instances.IndexOf(old.Attributes, attribute.Name, attribute.DatasetId);
            Instances.Stamp(attribute, at >= 0 ? old.Attributes[at] : null, now);
        }

        return EntityDocument.Pack(entity);
    }

    /// <summary>5.6.3 Append Attributes: adds instances; those that are there are replaced, or kept and named when not to overwrite.</summary>
    public static EntityUpdate Append(EntityDocument current, EntityNode fragment, bool overwrite, long now)
    {
        var change = new EntityChange(current, now);
        change.AddTypes(fragment.Types);
        change.SetExpiry(fragment);
        if (fragment.Scopes is { } scopes)
        {
            change.SetScopes(overwrite ? scopes : [.. (change.Node.Scopes ?? []).Union(scopes, StringComparer.Ordinal)]);
        }

        foreach (AttributeNode attribute in fragment.Attributes)
        {
            if ((attribute.Removed & RemovedMembers.Value) != 0)
            {
                change.Remove(attribute.Name, attribute.DatasetId);
            }
            else if (!overwrite && Instances.IndexOf(change.Node.Attributes, attribute.Name, attribute.DatasetId) >= 0)
            {
                change.Update.NotUpdated.Add(new NotUpdated(attribute.Name, "The attribute is there already and noOverwrite was asked for."));
            }
            else
            {
                change.Set(attribute);
            }
        }

        return change.Finish();
    }

    /// <summary>
    /// 5.6.2 Update Attributes: replaces instances, adds those that are not there, removes those that are NGSI-LD Null. A
    /// scope is only replaced where there is one.
    /// </summary>
    public static EntityUpdate Update(EntityDocument current, EntityNode fragment, long now)
    {
        var change = new EntityChange(current, now);
        change.AddTypes(fragment.Types);
        change.SetExpiry(fragment);
        if (fragment.Scopes is not null || (fragment.Removed & RemovedMembers.Scope) != 0)
        {
            if (change.Node.Scopes is null)
            {
                change.Update.NotUpdated.Add(new NotUpdated(CoreTerms.Scope, "The entity has no scope to update; append it instead."));
            }
            else
            {
                change.SetScopes(fragment.Scopes);
            }
        }

        foreach (AttributeNode attribute in fragment.Attributes)
        {
            if ((attribute.Removed & RemovedMembers.Value) == 0)
            {
                change.Set(attribute);
            }
            else if (!change.Remove(attribute.Name, attribute.DatasetId))
            {
                change.Update.NotUpdated.Add(new NotUpdated(attribute.Name, "There is no such attribute instance to remove."));
            }
        }

        return change.Finish();
    }

    /// <summary>5.6.17 Merge Entity, by the rules of 5.5.12 (RFC 7396 with NGSI-LD Null).</summary>
    /// <exception cref="NgsiLdException">BadRequestData: a new attribute has no value, or a plain value does not fit the attribute's type.</exception>
    public static EntityUpdate Merge(EntityDocument current, EntityNode patch, long now, MergeOptions options)
    {
        var change = new EntityChange(current, now);
        change.AddTypes(patch.Types);
        change.SetExpiry(patch);
        if (patch.Scopes is not null || ((patch.Removed & RemovedMembers.Scope) != 0 && change.Node.Scopes is not null))
        {
            change.SetScopes(patch.Scopes);
        }

        foreach (AttributeNode attribute in patch.Attributes)
        {
            int at = Instances.IndexOf(change.Node.Attributes, attribute.Name, attribute.DatasetId);
            if ((attribute.Removed & RemovedMembers.Value) != 0)
            {
                change.Remove(attribute.Name, attribute.DatasetId);
            }
            else if (at < 0)
            {
                change.Set(AttributeMerge.New(attribute, options));
            }
            else
            {
                change.Patched(at, AttributeMerge.Merge(change.Node.Attributes[at], attribute, now, options));
            }
        }

        return change.Finish();
    }

    /// <summary>5.6.4 Partial Attribute Update: the members that are given replace those of the instances, which must be there.</summary>
    /// <exception cref="NgsiLdException">ResourceNotFound: no such instance. BadRequestData: another attribute type.</exception>
    public static EntityUpdate UpdateAttribute(EntityDocument current, List<AttributeNode> fragment, long now)
    {
        var change = new EntityChange(current, now);
        foreach (AttributeNode attribute in fragment)
        {
            int at = change.Require(attribute.Name, attribute.DatasetId);
            if ((attribute.Removed & RemovedMembers.Value) != 0)
            {
                change.Remove(attribute.Name, attribute.DatasetId);
            }
            else
            {
                change.Patched(at, AttributeMerge.Overwrite(change.Node.Attributes[at], attribute, now));
            }
        }

        return change.Finish();
    }

    /// <summary>5.6.19 Replace Attribute: the instances, which must be there, become what is given.</summary>
    /// <exception cref="NgsiLdException">ResourceNotFound: no such instance.</exception>
    public static EntityUpdate ReplaceAttribute(EntityDocument current, List<AttributeNode> fragment, long now)
    {
        var change = new EntityChange(current, now);
        foreach (AttributeNode attribute in fragment)
        {
            change.Require(attribute.Name, attribute.DatasetId);
            change.Set(attribute);
        }

        return change.Finish();
    }

    /// <summary>5.6.5 Delete Attribute: the default instance, that of a dataset, or all; also the scope by its name.</summary>
    /// <param name="current">The entity.</param>
    /// <param name="name">The attribute.</param>
    /// <param name="datasetId">The dataset; null is the default instance.</param>
    /// <param name="all">Whether all instances go.</param>
    /// <param name="now">The time.</param>
    /// <exception cref="NgsiLdException">ResourceNotFound: nothing to delete.</exception>
    public static EntityUpdate DeleteAttribute(EntityDocument current, int name, string? datasetId, bool all, long now)
    {
        var change = new EntityChange(current, now);
        if (name == CoreTerms.Scope && change.Node.Scopes is not null)
        {
            change.SetScopes(null);
        }
        else if (all)
        {
            change.RemoveAll(name);
        }
        else
        {
            change.Require(name, datasetId);
            change.Remove(name, datasetId);
        }

        return change.Finish();
    }

    /// <summary>5.6.21 Purge with <c>drop</c> or <c>keep</c>: removes the attributes that are dropped or not kept.</summary>
    /// <param name="current">The entity.</param>
    /// <param name="removes">Whether an attribute, by its <c>Contexts.Terms</c> id, goes.</param>
    /// <param name="now">The time.</param>
    public static EntityUpdate DeleteAttributes(EntityDocument current, Func<int, bool> removes, long now)
    {
        var change = new EntityChange(current, now);
        foreach (int name in change.Node.Attributes.Select(a => a.Name).Distinct().Where(removes).ToArray())
        {
            change.RemoveAll(name);
        }

        return change.Finish();
    }
}
