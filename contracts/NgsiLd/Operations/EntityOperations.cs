using Twin.NgsiLd.Contexts;
using Twin.NgsiLd.Entities;

namespace Twin.NgsiLd.Operations;

/// <summary>
/// What the write operations of GS CIM 009 5.6 make of an entity: pure functions from its state and a fragment to the next
/// state. Times are microseconds since 1970 UTC.
/// </summary>
public static class EntityOperations
{
    /// <summary>The name of the scope member where attributes are named (UpdateResult, delete).</summary>
    public static readonly int Scope = Terms.Intern("https://uri.etsi.org/ngsi-ld/scope");

    /// <summary>5.6.1: a new entity. The tree becomes the document's and must not be used again.</summary>
    public static EntityDocument Create(EntityNode entity, long now)
    {
        entity.CreatedAt = now;
        entity.ModifiedAt = now;
        Stamp(entity.Attributes, now);
        return EntityDocument.Pack(entity);
    }

    /// <summary>5.6.18: the entity becomes what the body says; it and the instances that stay keep their createdAt.</summary>
    public static EntityDocument Replace(EntityDocument current, EntityNode entity, long now)
    {
        entity.CreatedAt = current.CreatedAt;
        entity.ModifiedAt = now;
        Stamp(entity.Attributes, now);
        foreach (AttributeNode attribute in entity.Attributes)
        {
            KeepCreatedAt(current, attribute);
        }

        return EntityDocument.Pack(entity);
    }

    /// <summary>5.6.3 Append Attributes, and the update of a batch (5.6.9): adds instances, and replaces those that are there.</summary>
    /// <param name="current">The entity.</param>
    /// <param name="fragment">The attributes; types are united, scopes replaced or, without overwriting, added.</param>
    /// <param name="overwrite">Whether instances that are there give way.</param>
    /// <param name="now">The time.</param>
    public static EntityUpdate Append(EntityDocument current, EntityNode fragment, bool overwrite, long now)
    {
        var edit = new EntityEdit(current, now);
        edit.UniteTypes(fragment.Types);
        if (fragment.Scopes is { } scopes)
        {
            edit.SetScopes(overwrite ? scopes : [.. edit.Node.Scopes ?? [], .. scopes]);
        }

        edit.SetExpiry(fragment);
        foreach (AttributeNode attribute in fragment.Attributes)
        {
            if (Removes(attribute))
            {
                edit.Remove(attribute.Name, attribute.DatasetId);
            }
            else if (edit.Find(attribute.Name, attribute.DatasetId) is { } there && !overwrite)
            {
                edit.LeaveAlone(there.Name, "The attribute is there already and noOverwrite keeps it.");
            }
            else
            {
                edit.Put(attribute);
            }
        }

        return edit.Finish();
    }

    /// <summary>
    /// 5.6.2 Update Attributes: instances replace those that are there and are added where they are not; a null removes. A scope
    /// replaces one that is there.
    /// </summary>
    public static EntityUpdate Update(EntityDocument current, EntityNode fragment, long now)
    {
        var edit = new EntityEdit(current, now);
        edit.UniteTypes(fragment.Types);
        if ((fragment.Removed & RemovedMembers.Scope) != 0)
        {
            edit.SetScopes(null);
        }
        else if (fragment.Scopes is { } scopes)
        {
            if (current.ScopeCount > 0)
            {
                edit.SetScopes(scopes);
            }
            else
            {
                edit.LeaveAlone(Scope, "The entity has no scope; append one.");
            }
        }

        edit.SetExpiry(fragment);
        foreach (AttributeNode attribute in fragment.Attributes)
        {
            if (!Removes(attribute))
            {
                edit.Put(attribute);
            }
            else if (!edit.Remove(attribute.Name, attribute.DatasetId))
            {
                edit.LeaveAlone(attribute.Name, "There is no such instance to be removed.");
            }
        }

        return edit.Finish();
    }

    /// <summary>5.6.4 Partial Attribute Update: the members of a fragment replace those of the instance, the others stay.</summary>
    /// <exception cref="NgsiLdException">ResourceNotFound: no such instance; BadRequestData: it has another attribute type.</exception>
    public static EntityUpdate UpdateAttribute(EntityDocument current, IReadOnlyList<AttributeNode> fragments, long now)
    {
        var edit = new EntityEdit(current, now);
        foreach (AttributeNode fragment in fragments)
        {
            AttributeNode there = edit.Require(fragment.Name, fragment.DatasetId);
            if (Removes(fragment))
            {
                edit.Remove(fragment.Name, fragment.DatasetId);
                continue;
            }

            if (fragment.IsKindKnown && fragment.Kind != there.Kind)
            {
                throw NgsiLdException.BadRequest($"The attribute is a {there.Kind}; a partial update cannot make it a {fragment.Kind}.", "/type");
            }

            AttributeMerge.Members(there, fragment, now);
            edit.Touch(there);
        }

        return edit.Finish();
    }

    /// <summary>5.6.19 Replace Attribute: the instances given replace those of their dataset.</summary>
    /// <exception cref="NgsiLdException">ResourceNotFound: the entity has no such attribute or instance.</exception>
    public static EntityUpdate ReplaceAttribute(EntityDocument current, IReadOnlyList<AttributeNode> instances, long now)
    {
        var edit = new EntityEdit(current, now);
        foreach (AttributeNode instance in instances)
        {
            edit.Require(instance.Name, instance.DatasetId);
            edit.Put(instance);
        }

        return edit.Finish();
    }

    /// <summary>5.6.5 Delete Attribute: the default instance, that of a dataset, or all; or the scope.</summary>
    /// <exception cref="NgsiLdException">ResourceNotFound: there is nothing of the kind.</exception>
    public static EntityUpdate DeleteAttribute(EntityDocument current, int name, string? datasetId, bool all, long now)
    {
        var edit = new EntityEdit(current, now);
        if (name == Scope && current.ScopeCount > 0)
        {
            edit.SetScopes(null);
            return edit.Finish();
        }

        bool removed = all ? edit.RemoveAll(name) : edit.Remove(name, datasetId);
        return removed ? edit.Finish() : throw EntityEdit.Missing(name, datasetId);
    }

    /// <summary>5.6.17 Merge Entity: members are merged in depth (5.5.12), nulls remove.</summary>
    public static EntityUpdate Merge(EntityDocument current, EntityNode patch, long now, MergeOptions options)
    {
        var edit = new EntityEdit(current, now);
        edit.UniteTypes(patch.Types);
        if ((patch.Removed & RemovedMembers.Scope) != 0)
        {
            edit.SetScopes(null);
        }
        else if (patch.Scopes is { } scopes)
        {
            edit.SetScopes(scopes);
        }

        edit.SetExpiry(patch);
        foreach (AttributeNode attribute in patch.Attributes)
        {
            AttributeNode? there = edit.Find(attribute.Name, attribute.DatasetId);
            if (Removes(attribute))
            {
                edit.Remove(attribute.Name, attribute.DatasetId);
            }
            else if (there is null || (attribute.IsKindKnown && attribute.Kind != there.Kind))
            {
                AttributeMerge.RequireWhole(attribute);
                edit.Put(attribute);
            }
            else
            {
                AttributeMerge.InDepth(there, attribute, options, now);
                edit.Touch(there);
            }
        }

        return edit.Finish();
    }

    internal static bool Removes(AttributeNode attribute) => (attribute.Removed & RemovedMembers.Value) != 0;

    /// <summary>Gives instances and all that hangs on them their times.</summary>
    internal static void Stamp(List<AttributeNode> attributes, long now)
    {
        foreach (AttributeNode attribute in attributes)
        {
            attribute.CreatedAt = now;
            attribute.ModifiedAt = now;
            if (attribute.SubAttributes is { } subs)
            {
                Stamp(subs, now);
            }
        }
    }

    private static void KeepCreatedAt(EntityDocument current, AttributeNode attribute)
    {
        foreach (AttributeView there in current.Attributes)
        {
            if (there.Name == attribute.Name && there.HasDatasetId == attribute.DatasetId is not null
                && (attribute.DatasetId is null || System.Text.Encoding.UTF8.GetString(there.DatasetId) == attribute.DatasetId))
            {
                attribute.CreatedAt = there.CreatedAt;
                return;
            }
        }
    }
}
