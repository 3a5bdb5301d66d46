using Twin.NgsiLd.Contexts;
using Twin.NgsiLd.Entities;
using Twin.NgsiLd.Representations;

namespace Twin.NgsiLd.Operations;

/// <summary>An entity that is being changed, and the account of it.</summary>
internal sealed class EntityChange
{
    private readonly long _now;
    private bool _changed;

    public EntityChange(EntityDocument current, long now)
    {
        _now = now;
        Node = current.Unpack();
        Expiry.Prune(Node.Attributes, now);
    }

    public EntityNode Node { get; }

    public EntityUpdate Update { get; } = new();

    public void AddTypes(List<int> types)
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

    public void SetExpiry(EntityNode fragment)
    {
        if (fragment.ExpiresAt != 0 || (fragment.Removed & RemovedMembers.ExpiresAt) != 0)
        {
            Node.ExpiresAt = fragment.ExpiresAt;
            _changed = true;
        }
    }

    public void SetScopes(List<string>? scopes)
    {
        Node.Scopes = scopes;
        Update.Note(CoreTerms.Scope);
        _changed = true;
    }

    /// <summary>The place of an instance that must be there.</summary>
    public int Require(int name, string? datasetId)
    {
        int at = Instances.IndexOf(Node.Attributes, name, datasetId);
        return at >= 0 ? at : throw NgsiLdException.NotFound(datasetId is null
            ? $"The entity has no {(Instances.Has(Node.Attributes, name) ? "default instance of the " : "")}attribute {Terms.Iri(name)}."
            : $"The entity has no attribute {Terms.Iri(name)} with the datasetId {datasetId}.");
    }

    public void Set(AttributeNode instance)
    {
        Instances.DropRemovals(instance);
        bool there = Instances.Has(Node.Attributes, instance.Name);
        Instances.Set(Node.Attributes, instance, _now);
        Done(instance.Name, there ? null : Update.Added);
    }

    public void Patched(int at, AttributeNode instance)
    {
        Node.Attributes[at] = instance;
        Done(instance.Name, null);
    }

    public bool Remove(int name, string? datasetId)
    {
        int at = Instances.IndexOf(Node.Attributes, name, datasetId);
        if (at < 0)
        {
            return false;
        }

        Node.Attributes.RemoveAt(at);
        Done(name, Update.Deleted);
        return true;
    }

    public void RemoveAll(int name)
    {
        if (Node.Attributes.RemoveAll(a => a.Name == name) == 0)
        {
            throw NgsiLdException.NotFound($"The entity has no attribute {Terms.Iri(name)}.");
        }

        Done(name, Update.Deleted);
    }

    public EntityUpdate Finish()
    {
        if (_changed)
        {
            Node.ModifiedAt = _now;
            Update.Next = EntityDocument.Pack(Node);
        }

        return Update;
    }

    private void Done(int name, List<int>? also)
    {
        _changed = true;
        if (also is null)
        {
            Update.Note(name);
        }
        else
        {
            Update.Note(name, also);
        }
    }
}
