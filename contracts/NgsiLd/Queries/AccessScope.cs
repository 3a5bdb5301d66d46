using System.Collections.Frozen;
using Twin.NgsiLd.Entities;

namespace Twin.NgsiLd.Queries;

/// <summary>
/// What a caller may see (law 7). An entity is visible when one grant covers it; of a visible entity, the attributes of
/// the grants that cover it. Whatever is not visible does not exist: for a filter, an order, a count, an answer.
/// </summary>
public sealed class AccessScope
{
    private const int MaximumGrants = 64;
    private readonly AccessGrant[] _grants;

    private AccessScope(AccessGrant[] grants) => _grants = grants;

    /// <summary>All entities with all their attributes.</summary>
    public static AccessScope Everything { get; } = new([new AccessGrant()]);

    /// <summary>Nothing at all.</summary>
    public static AccessScope Nothing { get; } = new([]);

    /// <summary>Whether this hides nothing.</summary>
    public bool IsEverything => ReferenceEquals(this, Everything);

    /// <summary>The grants; none is nothing.</summary>
    public IReadOnlyList<AccessGrant> Grants => _grants;

    /// <summary>What anyone may see: entities that carry one of the types and one of the scopes.</summary>
    /// <param name="types">Type IRIs; null is any type.</param>
    /// <param name="scopes">A scope query (4.19); null is any scope.</param>
    public static AccessScope OpenData(IEnumerable<string>? types, string? scopes) =>
        Of([new AccessGrant
        {
            Types = types?.Select(TermName.OfIri).ToArray(),
            Scopes = string.IsNullOrEmpty(scopes) ? null : ScopeQuery.Parse(scopes),
        }]);

    /// <summary>The union of grants, at most 64.</summary>
    public static AccessScope Of(IReadOnlyList<AccessGrant> grants)
    {
        ArgumentNullException.ThrowIfNull(grants);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(grants.Count, MaximumGrants);
        return grants.Count == 0 ? Nothing : new([.. grants]);
    }

    /// <summary>Whether the entity may be seen, and which of its attributes.</summary>
    public bool TrySee(EntityDocument entity, out VisibleAttributes visible)
    {
        if (ReferenceEquals(this, Everything))
        {
            visible = default;
            return true;
        }

        ulong covering = 0;
        bool whole = false;
        for (int i = 0; i < _grants.Length; i++)
        {
            if (_grants[i].Covers(entity))
            {
                covering |= 1UL << i;
                whole |= _grants[i].Attributes is null;
            }
        }

        visible = whole || covering == 0 ? default : new VisibleAttributes(_grants, covering);
        return covering != 0;
    }
}

/// <summary>One permission to read. Its conditions all hold for an entity that it covers; a null condition always holds.</summary>
public sealed record AccessGrant
{
    /// <summary>The entity has one of these types.</summary>
    public IReadOnlyList<TermName>? Types { get; init; }

    /// <summary>The entity's scopes match.</summary>
    public ScopeQuery? Scopes { get; init; }

    /// <summary>The attributes that may be seen; null is all.</summary>
    public AttributeNames? Attributes { get; init; }

    /// <summary>The entity lies there.</summary>
    public GeoQuery? Area { get; init; }

    internal bool Covers(EntityDocument entity) =>
        HasType(entity)
        && (Scopes is null || Scopes.Matches(entity))
        && (Area is null || ((Attributes is null || Attributes.Contains(Area.Property.Id)) && Area.Matches(entity)));

    private bool HasType(EntityDocument entity)
    {
        if (Types is null)
        {
            return true;
        }

        foreach (TermName type in Types)
        {
            if (entity.HasType(type.Id))
            {
                return true;
            }
        }

        return false;
    }
}

/// <summary>A set of attribute names that follows names which become known later.</summary>
public sealed class AttributeNames
{
    private readonly TermName[] _names;
    private FrozenSet<int> _known = [];
    private int _unknown;

    /// <summary>The set of these names.</summary>
    public AttributeNames(IEnumerable<TermName> names)
    {
        _names = [.. names];
        _unknown = _names.Length;
    }

    /// <summary>The names.</summary>
    public IReadOnlyList<TermName> Names => _names;

    /// <summary>Whether the attribute is in the set.</summary>
    /// <param name="name">The name's <c>Contexts.Terms</c> number.</param>
    public bool Contains(int name)
    {
        if (name < 0)
        {
            return false;
        }

        if (_known.Contains(name))
        {
            return true;
        }

        if (Volatile.Read(ref _unknown) == 0)
        {
            return false;
        }

        foreach (TermName candidate in _names)
        {
            if (candidate.Id == name)
            {
                _known = _names.Select(n => n.Id).Where(id => id >= 0).ToFrozenSet();
                Volatile.Write(ref _unknown, _names.Count(n => n.Id < 0));
                return true;
            }
        }

        return false;
    }
}

/// <summary>The attributes of one entity that may be seen; the default value is all of them.</summary>
public readonly struct VisibleAttributes
{
    private readonly AccessGrant[]? _grants;
    private readonly ulong _covering;

    internal VisibleAttributes(AccessGrant[] grants, ulong covering)
    {
        _grants = grants;
        _covering = covering;
    }

    /// <summary>Whether nothing is hidden.</summary>
    public bool IsAll => _grants is null;

    /// <summary>Whether this attribute may be seen.</summary>
    /// <param name="name">The name's <c>Contexts.Terms</c> number.</param>
    public bool Contains(int name)
    {
        if (_grants is null)
        {
            return true;
        }

        for (ulong left = _covering; left != 0; left &= left - 1)
        {
            if (_grants[System.Numerics.BitOperations.TrailingZeroCount(left)].Attributes!.Contains(name))
            {
                return true;
            }
        }

        return false;
    }
}
