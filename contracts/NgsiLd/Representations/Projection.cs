using Twin.NgsiLd.Contexts;

namespace Twin.NgsiLd.Representations;

/// <summary>Which members of an entity are answered (4.21): those picked, or all but those omitted.</summary>
public sealed class Projection
{
    private readonly bool _omits;
    private readonly HashSet<int> _names;
    private readonly ProjectionMembers _members;
    private readonly Dictionary<int, Projection> _linked;

    internal Projection(bool omits, ProjectionMembers members, HashSet<int> names, Dictionary<int, Projection> linked, int depth)
    {
        _omits = omits;
        _members = members;
        _names = names;
        _linked = linked;
        Depth = depth;
    }

    /// <summary>How many levels of linked entities it names; 0 is none. More than joinLevel is refused by the caller.</summary>
    public int Depth { get; }

    /// <summary>Whether the attribute list came as <c>attrs</c>, which also selects entities (4.21, 5.7.2).</summary>
    public bool Selects { get; private init; }

    /// <summary>The attributes named, as <see cref="Terms"/> ids.</summary>
    public IReadOnlyCollection<int> Names => _names;

    /// <summary>Reads <c>pick</c>.</summary>
    /// <exception cref="NgsiLdException">BadRequestData: a syntax error, with its place.</exception>
    public static Projection Pick(string text, JsonLdContext context) => new ProjectionParser(text, context, "pick").Parse(omits: false);

    /// <summary>Reads <c>omit</c>.</summary>
    /// <exception cref="NgsiLdException">BadRequestData: a syntax error, with its place.</exception>
    public static Projection Omit(string text, JsonLdContext context) => new ProjectionParser(text, context, "omit").Parse(omits: true);

    /// <summary>Reads <c>attrs</c>: id, type and scope stay, and only attributes may be named.</summary>
    /// <exception cref="NgsiLdException">BadRequestData: a syntax error, or a member that is no attribute.</exception>
    public static Projection Attributes(string text, JsonLdContext context)
    {
        Projection parsed = new ProjectionParser(text, context, "attrs").Parse(omits: false);
        if (parsed._members != ProjectionMembers.None || parsed.Depth > 0)
        {
            throw NgsiLdException.BadRequest("attrs names attributes only; use pick for id, type, scope and linked entities (4.21).", "attrs");
        }

        return new Projection(false, ProjectionMembers.All, parsed._names, [], 0) { Selects = true };
    }

    /// <summary>Both in one; pick decides, omit takes away from it.</summary>
    /// <exception cref="NgsiLdException">BadRequestData: a member is in both, or attrs stands beside one of them.</exception>
    public static Projection? FromRequest(string? pick, string? omit, string? attrs, JsonLdContext context)
    {
        if (attrs is not null && (pick is not null || omit is not null))
        {
            throw NgsiLdException.BadRequest("attrs does not go with pick or omit (4.21).", "attrs");
        }

        if (attrs is not null)
        {
            return Attributes(attrs, context);
        }

        if (omit is null)
        {
            return pick is null ? null : Pick(pick, context);
        }

        Projection without = Omit(omit, context);
        if (pick is null)
        {
            return without;
        }

        Projection with = Pick(pick, context);
        if ((with._members & without._members) != ProjectionMembers.None || with._names.Overlaps(without._names))
        {
            throw NgsiLdException.BadRequest("A member is in pick and in omit (4.21).", "omit");
        }

        return with;
    }

    /// <summary>Whether the attribute is answered.</summary>
    public bool Has(int name) => _omits ? !_names.Contains(name) || _linked.ContainsKey(name) : _names.Contains(name);

    /// <summary>The projection of the entities that a relationship links to; null is all of each.</summary>
    public Projection? Linked(int relationship) => _linked.GetValueOrDefault(relationship);

    /// <summary>
    /// Whether a join follows the relationship (4.5.23): a pick follows what it names with braces, and stops there; an omit
    /// follows everything it leaves.
    /// </summary>
    public bool Follows(int relationship) => _omits ? Has(relationship) : _linked.ContainsKey(relationship);

    internal bool Has(ProjectionMembers member) => ((_members & member) != 0) != _omits;
}

/// <summary>The members of an entity that are no attributes.</summary>
[Flags]
internal enum ProjectionMembers : byte
{
    None = 0,
    Id = 1,
    Type = 2,
    Scope = 4,
    CreatedAt = 8,
    ModifiedAt = 16,
    ExpiresAt = 32,
    All = 63,
}
