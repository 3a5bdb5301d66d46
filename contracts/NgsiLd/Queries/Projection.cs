using System.Collections.Immutable;
using System.Text;
using Twin.NgsiLd.Contexts;
using Twin.NgsiLd.Entities;
using Twin.NgsiLd.Representations;

namespace Twin.NgsiLd.Queries;

/// <summary>
/// Which members of an entity are answered: pick and omit (4.21), attrs, datasetId (4.5.5). Parsed once: it decides which
/// entities have anything to answer, and what the renderer writes of them. Immutable.
/// </summary>
public sealed class Projection
{
    private readonly MemberSelection? _pick;
    private readonly MemberSelection? _omit;
    private readonly AttributeNames? _attributes;

    /// <summary>The datasetIds that are answered, the default instance's as an empty one; default is all.</summary>
    private readonly ImmutableArray<byte[]> _datasets;

    private Projection(MemberSelection? pick, MemberSelection? omit, AttributeNames? attributes, ImmutableArray<byte[]> datasets)
    {
        _pick = pick;
        _omit = omit;
        _attributes = attributes;
        _datasets = datasets;
    }

    /// <summary>Everything.</summary>
    public static Projection Everything { get; } = new(null, null, null, default);

    /// <summary>Whether this leaves nothing out.</summary>
    public bool IsEverything => _pick is null && _omit is null && _attributes is null && _datasets.IsDefault;

    /// <summary>pick.</summary>
    public MemberSelection? Pick => _pick;

    /// <summary>omit.</summary>
    public MemberSelection? Omit => _omit;

    /// <summary>attrs: id, type, scope and these.</summary>
    public IReadOnlyList<TermName>? Attributes => _attributes?.Names;

    /// <summary>Whether instances are chosen by their datasetId.</summary>
    public bool ChoosesDatasets => !_datasets.IsDefault;

    /// <summary>How many relationships pick or omit follow.</summary>
    public int Depth => Math.Max(_pick?.Depth ?? 0, _omit?.Depth ?? 0);

    /// <summary>Parses the parameters; null and empty ones are absent.</summary>
    /// <exception cref="NgsiLdException">BadRequestData naming the parameter: syntax, or two that contradict each other.</exception>
    public static Projection Parse(string? pick, string? omit, string? attrs, string? datasetId, JsonLdContext context)
    {
        bool hasAttributes = !string.IsNullOrEmpty(attrs);
        if (hasAttributes && (!string.IsNullOrEmpty(pick) || !string.IsNullOrEmpty(omit)))
        {
            throw NgsiLdException.BadRequest("attrs goes with neither pick nor omit: say it with pick alone (4.21).", "attrs");
        }

        MemberSelection? picked = string.IsNullOrEmpty(pick) ? null : MemberSelection.Parse(pick, context, "pick");
        MemberSelection? omitted = string.IsNullOrEmpty(omit) ? null : MemberSelection.Parse(omit, context, "omit");
        if (picked is not null && omitted is not null && picked.Common(omitted) is { } common)
        {
            throw NgsiLdException.BadRequest($"'{common}' is in pick and in omit (4.21).", "omit");
        }

        return new(picked, omitted, hasAttributes ? new AttributeNames(ParseAttributes(attrs!, context)) : null, ParseDatasets(datasetId));
    }

    /// <summary>Whether a member that is no attribute is answered.</summary>
    public bool Keeps(EntityMembers member) =>
        (_pick is null || (_pick.Members & member) != 0) && (_omit is null || (_omit.Members & member) == 0);

    /// <summary>Whether an attribute is answered.</summary>
    /// <param name="name">The name's <see cref="Terms"/> number.</param>
    public bool Keeps(int name)
    {
        if (_attributes is not null && !_attributes.Contains(name))
        {
            return false;
        }

        return (_pick is null || _pick.TryFind(name, out _))
            && (_omit is null || !_omit.TryFind(name, out MemberSelection? linked) || linked is not null);
    }

    /// <summary>Whether an attribute instance is answered, by its name and datasetId.</summary>
    public bool Keeps(in AttributeView instance) => Keeps(instance.Name) && KeepsDataset(instance);

    /// <summary>
    /// Whether a join follows the relationship (4.5.23): pick follows what it names with braces, attrs nothing, omit
    /// everything that it leaves.
    /// </summary>
    public bool Follows(int relationship) =>
        Keeps(relationship) && _attributes is null && (_pick is null || (_pick.TryFind(relationship, out MemberSelection? linked) && linked is not null));

    /// <summary>What is answered of the entities to which a relationship links.</summary>
    public Projection Linked(int relationship)
    {
        MemberSelection? pick = null;
        MemberSelection? omit = null;
        _ = _pick?.TryFind(relationship, out pick);
        _ = _omit?.TryFind(relationship, out omit);
        return pick is null && omit is null && _datasets.IsDefault ? Everything : new(pick, omit, null, _datasets);
    }

    /// <summary>Whether anything of the entity is answered: what is left without a member is no result (4.21).</summary>
    public bool LeavesSomething(EntityDocument entity, VisibleAttributes visible, in EvaluationContext context)
    {
        if (Keeps(EntityMembers.Id) || Keeps(EntityMembers.Type) || (Keeps(EntityMembers.Scope) && entity.ScopeCount > 0))
        {
            return true;
        }

        foreach (AttributeView view in entity.Attributes)
        {
            if (visible.Contains(view.Name) && !context.Gone(view.ExpiresAt) && Keeps(view))
            {
                return true;
            }
        }

        return false;
    }

    private static List<TermName> ParseAttributes(string attrs, JsonLdContext context)
    {
        var names = new List<TermName>();
        foreach (string name in attrs.Split(','))
        {
            if (name.Length == 0 || !Uris.IsName(Encoding.UTF8.GetBytes(name)) || EntityMemberNames.Of(name) != EntityMembers.None)
            {
                throw NgsiLdException.BadRequest($"attrs: '{name}' is not the name of an attribute; members such as id are picked with pick.", "attrs");
            }

            names.Add(TermName.Expand(name, context, "attrs"));
        }

        return names.Count <= QueryLimits.Terms ? names : throw QueryLimits.TooComplex($"more than {QueryLimits.Terms} names.", "attrs");
    }

    private static ImmutableArray<byte[]> ParseDatasets(string? datasetId)
    {
        if (string.IsNullOrEmpty(datasetId))
        {
            return default;
        }

        string[] ids = datasetId.Split(',');
        if (ids.Length > QueryLimits.Terms)
        {
            throw QueryLimits.TooComplex($"more than {QueryLimits.Terms} ids.", "datasetId");
        }

        foreach (string id in ids)
        {
            if (id != "@none" && !Uris.IsAbsolute(id))
            {
                throw NgsiLdException.BadRequest($"datasetId '{id}' is neither a URI (RFC 3986) nor @none.", "datasetId");
            }
        }

        return [.. ids.Distinct().Select(id => id == "@none" ? [] : Encoding.UTF8.GetBytes(id))];
    }

    /// <summary>Whether an attribute instance is answered, by its datasetId alone.</summary>
    internal bool KeepsDataset(in AttributeView instance)
    {
        if (_datasets.IsDefault)
        {
            return true;
        }

        foreach (byte[] id in _datasets)
        {
            if (instance.DatasetId.SequenceEqual(id))
            {
                return true;
            }
        }

        return false;
    }
}
