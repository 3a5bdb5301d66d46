using Twin.NgsiLd.Contexts;
using Twin.NgsiLd.Entities;

namespace Twin.NgsiLd.Operations;

/// <summary>An entity opened for changes, which remembers what was changed.</summary>
internal sealed class EntityEdit(EntityDocument current, long now)
{
    private readonly List<int> _updated = [];
    private readonly List<NotUpdated> _notUpdated = [];
    private bool _changed;

    /// <summary>The tree that is changed.</summary>
    public EntityNode Node { get; } = current.Unpack();

    /// <summary>The outcome.</summary>
    public EntityUpdate Finish()
    {
        if (!_changed)
        {
            return new EntityUpdate(null, _updated, _notUpdated);
        }

        Node.ModifiedAt = now;
        return new EntityUpdate(EntityDocument.Pack(Node), _updated, _notUpdated);
    }

    /// <summary>Adds types that the entity does not have yet.</summary>
    public void UniteTypes(List<int> types)
    {
        foreach (int type in types)
        {
            if (!Node.Types.Contains(type))
            {
                Node.Types.Add(type);
                _changed = true;
            }
        }
    }

    /// <summary>Replaces the scopes; null takes them away.</summary>
    public void SetScopes(List<string>? scopes)
    {
        Node.Scopes = scopes is { Count: > 0 } ? [.. scopes.Distinct(StringComparer.Ordinal)] : null;
        _updated.Add(EntityOperations.Scope);
        _changed = true;
    }

    /// <summary>Takes over a fragment's expiresAt, or its removal.</summary>
    public void SetExpiry(EntityNode fragment)
    {
        if (fragment.ExpiresAt != 0 || (fragment.Removed & RemovedMembers.ExpiresAt) != 0)
        {
            Node.ExpiresAt = fragment.ExpiresAt;
            _changed = true;
        }
    }

    /// <summary>The instance of a dataset; the default one for null.</summary>
    public AttributeNode? Find(int name, string? datasetId) =>
        Node.Attributes.Find(a => a.Name == name && a.DatasetId == datasetId);

    /// <summary>The instance of a dataset.</summary>
    /// <exception cref="NgsiLdException">ResourceNotFound.</exception>
    public AttributeNode Require(int name, string? datasetId) => Find(name, datasetId) ?? throw Missing(name, datasetId);

    /// <summary>Puts an instance in the place of the one of its dataset, whose createdAt it keeps, or adds it.</summary>
    public void Put(AttributeNode instance)
    {
        EntityOperations.Stamp([instance], now);
        int at = Node.Attributes.FindIndex(a => a.Name == instance.Name && a.DatasetId == instance.DatasetId);
        if (at < 0)
        {
            Node.Attributes.Add(instance);
        }
        else
        {
            instance.CreatedAt = Node.Attributes[at].CreatedAt;
            Node.Attributes[at] = instance;
        }

        Changed(instance.Name);
    }

    /// <summary>An instance was changed in place.</summary>
    public void Touch(AttributeNode instance)
    {
        instance.ModifiedAt = now;
        Changed(instance.Name);
    }

    /// <summary>Removes the instance of a dataset.</summary>
    /// <returns>Whether it was there.</returns>
    public bool Remove(int name, string? datasetId) => Removed(Node.Attributes.RemoveAll(a => a.Name == name && a.DatasetId == datasetId), name);

    /// <summary>Removes every instance of an attribute.</summary>
    /// <returns>Whether there was one.</returns>
    public bool RemoveAll(int name) => Removed(Node.Attributes.RemoveAll(a => a.Name == name), name);

    /// <summary>An attribute of the request is left as it is.</summary>
    public void LeaveAlone(int name, string reason) => _notUpdated.Add(new NotUpdated(name, reason));

    /// <summary>The refusal for an instance that is not there.</summary>
    public static NgsiLdException Missing(int name, string? datasetId) =>
        NgsiLdException.NotFound($"The entity has no {(datasetId is null ? "default instance" : $"instance of dataset {datasetId}")} of the attribute {Terms.Iri(name)}.");

    private bool Removed(int count, int name)
    {
        if (count > 0)
        {
            Changed(name);
        }

        return count > 0;
    }

    private void Changed(int name)
    {
        _changed = true;
        if (!_updated.Contains(name))
        {
            _updated.Add(name);
        }
    }
}
