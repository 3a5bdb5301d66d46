using System.Collections.Concurrent;
using Twin.NgsiLd.Contexts;
using Twin.NgsiLd.Entities;

namespace Twin.EntityRegistry.Index;

/// <summary>An entity's place in memory: the document changes, the place stays.</summary>
internal sealed class Resident(int ordinal, long sequence, EntityDocument document)
{
    private EntityDocument? _document = document;

    /// <summary>The place in creation order, dense within this run of the process.</summary>
    public int Ordinal { get; } = ordinal;

    /// <summary>The place in creation order, as the store knows it: the same after a restart.</summary>
    public long Sequence { get; } = sequence;

    /// <summary>The committed state; null when the entity is gone.</summary>
    public EntityDocument? Document
    {
        get => Volatile.Read(ref _document);
        set => Volatile.Write(ref _document, value);
    }
}

/// <summary>
/// The committed state of one tenant, in memory, with lookups by id, type, scope, attribute and area. One writer (the
/// committer) changes it; readers take no lock. A reader that meets a document sees all of one commit of that entity.
/// </summary>
internal sealed class ResidentIndex
{
    private readonly ConcurrentDictionary<string, Resident> _byId = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<int, Posting> _byType = new();
    private readonly ConcurrentDictionary<int, Posting> _byAttribute = new();
    private readonly ConcurrentDictionary<string, Posting> _byScope = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<int, SpatialIndex> _byPlace = new();
    private readonly Posting _all = new();
    private readonly Posting _transient = new();
    private Resident?[] _byOrdinal = new Resident?[1024];
    private int _ordinals;

    /// <summary>How many entities there are.</summary>
    /// <remarks>Not the dictionary's count, which takes every one of its locks: this is asked by each query.</remarks>
    public int Count => _all.Count;

    /// <summary>Every entity, in creation order.</summary>
    public Posting.View All => _all.Snapshot();

    /// <summary>The entities that end by themselves.</summary>
    public Posting.View Transient => _transient.Snapshot();

    /// <summary>The entity types in use, with the number of entities of each.</summary>
    public IEnumerable<KeyValuePair<int, int>> Types =>
        _byType.Where(t => t.Value.Count > 0).Select(t => KeyValuePair.Create(t.Key, t.Value.Count));

    /// <summary>The attribute names in use, with the number of entities that have each.</summary>
    public IEnumerable<KeyValuePair<int, int>> AttributeNames =>
        _byAttribute.Where(a => a.Value.Count > 0).Select(a => KeyValuePair.Create(a.Key, a.Value.Count));

    /// <summary>Finds an entity by id.</summary>
    public EntityDocument? Find(string id) => _byId.TryGetValue(id, out Resident? resident) ? resident.Document : null;

    /// <summary>Finds an entity's place by id.</summary>
    public Resident? FindResident(string id) => _byId.GetValueOrDefault(id);

    /// <summary>
    /// Whether deleted entities have left so many holes that <see cref="Rebuilt"/> is worth its while: their places are
    /// kept so that a reader in the middle of a walk still finds its way.
    /// </summary>
    public bool IsSparse => _ordinals > 100_000 && _ordinals > 2 * Count;

    /// <summary>The place at an ordinal; its document is null when the entity is gone.</summary>
    public Resident At(int ordinal) => Volatile.Read(ref _byOrdinal)[ordinal]!;

    /// <summary>The same entities in a fresh index without holes.</summary>
    public ResidentIndex Rebuilt()
    {
        var index = new ResidentIndex();
        Posting.View all = All;
        for (int i = 0; i < all.Count; i++)
        {
            Resident resident = At(all.Items[i]);
            index.Insert(resident.Sequence, resident.Document!);
        }

        return index;
    }

    /// <summary>The entities of a type.</summary>
    public Posting.View OfType(int type) => _byType.TryGetValue(type, out Posting? posting) ? posting.Snapshot() : Posting.View.Empty;

    /// <summary>The entities that have an attribute.</summary>
    public Posting.View WithAttribute(int name) => _byAttribute.TryGetValue(name, out Posting? posting) ? posting.Snapshot() : Posting.View.Empty;

    /// <summary>The entities whose scope is this one or lies under it.</summary>
    public Posting.View InScope(string scope) => _byScope.TryGetValue(scope, out Posting? posting) ? posting.Snapshot() : Posting.View.Empty;

    /// <summary>The entities whose geoproperty may meet a box.</summary>
    public List<Posting.View> Near(int geoproperty, in BoundingBox box) =>
        _byPlace.TryGetValue(geoproperty, out SpatialIndex? places) ? places.Search(box) : [];

    /// <summary>The least ordinal whose sequence is greater: where a page that ended at a sequence goes on.</summary>
    public int OrdinalAfter(long sequence)
    {
        Resident?[] residents = Volatile.Read(ref _byOrdinal);
        Posting.View all = All;
        int low = 0, high = all.Count;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            Resident? resident = residents[all.Items[middle]];
            if (resident!.Sequence <= sequence)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low < all.Count ? all.Items[low] : int.MaxValue;
    }

    /// <summary>Puts a new entity in its place.</summary>
    /// <param name="sequence">Greater than every sequence before.</param>
    /// <param name="document">The committed state.</param>
    public void Insert(long sequence, EntityDocument document)
    {
        int ordinal = _ordinals;
        var resident = new Resident(ordinal, sequence, document);
        if (ordinal == _byOrdinal.Length)
        {
            var grown = new Resident?[ordinal * 2];
            _byOrdinal.CopyTo(grown, 0);
            Volatile.Write(ref _byOrdinal, grown);
        }

        Volatile.Write(ref _byOrdinal[ordinal], resident);
        _ordinals++;
        _byId[document.Id] = resident;
        _all.Add(ordinal);
        if (document.ExpiresAt != 0)
        {
            _transient.Add(ordinal);
        }

        foreach (int type in document.Types)
        {
            Add(_byType, type, ordinal);
        }

        foreach (string scope in ScopesAndAbove(document))
        {
            _byScope.GetOrAdd(scope, static _ => new Posting()).Add(ordinal);
        }

        int previous = -1;
        foreach (AttributeView attribute in document.Attributes)
        {
            if (attribute.Name != previous)
            {
                previous = attribute.Name;
                Add(_byAttribute, previous, ordinal);
            }

            if (attribute.Geometry != GeometryShape.None)
            {
                _byPlace.GetOrAdd(previous, static _ => new SpatialIndex()).Add(ordinal, attribute.Bounds);
            }
        }
    }

    /// <summary>Replaces an entity's state and moves it in the lookups where it changed.</summary>
    public void Replace(Resident resident, EntityDocument next)
    {
        EntityDocument before = resident.Document!;
        int ordinal = resident.Ordinal;

        // First into the new lists, then the state, then out of the old ones: a reader never misses it.
        foreach (int type in next.Types)
        {
            if (!before.HasType(type))
            {
                Add(_byType, type, ordinal);
            }
        }

        if (next.ExpiresAt != 0)
        {
            _transient.Add(ordinal);
        }
        else if (before.ExpiresAt != 0)
        {
            _transient.Remove(ordinal);
        }

        AddScopes(before, next, ordinal);
        AddAttributes(before, next, ordinal);
        resident.Document = next;
        foreach (int type in before.Types)
        {
            if (!next.HasType(type) && _byType.TryGetValue(type, out Posting? posting))
            {
                posting.Remove(ordinal);
            }
        }

        RemoveScopes(before, next, ordinal);
        RemoveAttributes(before, next, ordinal);
    }

    /// <summary>Takes entities away.</summary>
    public void Delete(IReadOnlyCollection<Resident> residents)
    {
        var gone = new Dictionary<Posting, List<int>>();
        foreach (Resident resident in residents)
        {
            EntityDocument before = resident.Document!;
            _byId.TryRemove(before.Id, out _);
            resident.Document = null;
            Gone(_all, resident.Ordinal);
            Gone(before.ExpiresAt != 0 ? _transient : null, resident.Ordinal);
            foreach (int type in before.Types)
            {
                Gone(_byType.GetValueOrDefault(type), resident.Ordinal);
            }

            foreach (string scope in ScopesAndAbove(before))
            {
                Gone(_byScope.GetValueOrDefault(scope), resident.Ordinal);
            }

            int previous = -1;
            foreach (AttributeView attribute in before.Attributes)
            {
                if (attribute.Name != previous)
                {
                    previous = attribute.Name;
                    Gone(_byAttribute.GetValueOrDefault(previous), resident.Ordinal);
                }

                if (attribute.Geometry != GeometryShape.None && _byPlace.TryGetValue(previous, out SpatialIndex? places))
                {
                    places.Remove(resident.Ordinal, attribute.Bounds);
                }
            }
        }

        foreach ((Posting posting, List<int> ordinals) in gone)
        {
            ordinals.Sort();
            posting.RemoveAll(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(ordinals));
        }

        void Gone(Posting? posting, int ordinal)
        {
            if (posting is not null)
            {
                (gone.TryGetValue(posting, out List<int>? list) ? list : gone[posting] = []).Add(ordinal);
            }
        }
    }

    private static void Add(ConcurrentDictionary<int, Posting> postings, int key, int ordinal) =>
        postings.GetOrAdd(key, static _ => new Posting()).Add(ordinal);

    private static HashSet<string> ScopesAndAbove(EntityDocument document)
    {
        var scopes = new HashSet<string>(StringComparer.Ordinal);
        foreach (ReadOnlySpan<byte> utf8 in document.Scopes)
        {
            string scope = System.Text.Encoding.UTF8.GetString(utf8);
            for (int end = scope.Length; end > 0; end = scope.LastIndexOf('/', end - 1))
            {
                scopes.Add(scope[..end]);
            }
        }

        return scopes;
    }

    private void AddScopes(EntityDocument before, EntityDocument next, int ordinal)
    {
        if (before.ScopeCount == 0 && next.ScopeCount == 0)
        {
            return;
        }

        foreach (string scope in ScopesAndAbove(next).Except(ScopesAndAbove(before)))
        {
            _byScope.GetOrAdd(scope, static _ => new Posting()).Add(ordinal);
        }
    }

    private void RemoveScopes(EntityDocument before, EntityDocument next, int ordinal)
    {
        if (before.ScopeCount == 0)
        {
            return;
        }

        foreach (string scope in ScopesAndAbove(before).Except(ScopesAndAbove(next)))
        {
            _byScope[scope].Remove(ordinal);
        }
    }

    private void AddAttributes(EntityDocument before, EntityDocument next, int ordinal)
    {
        foreach (AttributeView attribute in next.Attributes)
        {
            if (!before.TryFind(attribute.Name, out _))
            {
                Add(_byAttribute, attribute.Name, ordinal);
            }

            if (attribute.Geometry != GeometryShape.None && !HasPlace(before, attribute.Name, attribute.Bounds))
            {
                _byPlace.GetOrAdd(attribute.Name, static _ => new SpatialIndex()).Add(ordinal, attribute.Bounds);
            }
        }
    }

    private void RemoveAttributes(EntityDocument before, EntityDocument next, int ordinal)
    {
        bool moved = false;
        foreach (AttributeView attribute in before.Attributes)
        {
            if (!next.TryFind(attribute.Name, out _) && _byAttribute.TryGetValue(attribute.Name, out Posting? posting))
            {
                posting.Remove(ordinal);
            }

            if (attribute.Geometry != GeometryShape.None && !HasPlace(next, attribute.Name, attribute.Bounds))
            {
                _byPlace[attribute.Name].Remove(ordinal, attribute.Bounds);
                moved = true;
            }
        }

        if (moved)
        {
            // Two instances may have shared a cell that only one of them left: put back what still stands.
            foreach (AttributeView attribute in next.Attributes)
            {
                if (attribute.Geometry != GeometryShape.None)
                {
                    _byPlace.GetOrAdd(attribute.Name, static _ => new SpatialIndex()).Add(ordinal, attribute.Bounds);
                }
            }
        }
    }

    private static bool HasPlace(EntityDocument document, int name, in BoundingBox bounds)
    {
        foreach (AttributeView attribute in document.Attributes)
        {
            if (attribute.Name == name && attribute.Geometry != GeometryShape.None && SpatialIndex.SamePlace(attribute.Bounds, bounds))
            {
                return true;
            }
        }

        return false;
    }
}
