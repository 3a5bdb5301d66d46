using System.Collections.Frozen;
using Twin.NgsiLd.Contexts;
using Twin.NgsiLd.Entities;
using Twin.NgsiLd.Representations;

namespace Twin.NgsiLd.Queries;

/// <summary>How linked entities are answered (4.5.23).</summary>
public enum JoinKind : byte
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary>Beside the entities that link to them.</summary>
    Flat,

    /// <summary>Within the relationships that link to them.</summary>
    Inline,
}

/// <summary>Which members of an entity are answered: pick and omit (4.21), attrs, datasetId (4.5.5). Immutable.</summary>
public sealed class Projection
{
    private readonly MemberSelection? _pick;
    private readonly MemberSelection? _omit;
    private readonly AttributeNames? _attributes;

    private Projection(MemberSelection? pick, MemberSelection? omit, AttributeNames? attributes, FrozenSet<string>? datasets)
    {
        _pick = pick;
        _omit = omit;
        _attributes = attributes;
        DatasetIds = datasets;
    }

    /// <summary>Everything.</summary>
    public static Projection Everything { get; } = new(null, null, null, null);

    /// <summary>Whether this leaves nothing out.</summary>
    public bool IsEverything => _pick is null && _omit is null && _attributes is null && DatasetIds is null;

    /// <summary>pick.</summary>
    public MemberSelection? Pick => _pick;

    /// <summary>omit.</summary>
    public MemberSelection? Omit => _omit;

    /// <summary>attrs: id, type, scope and these.</summary>
    public IReadOnlyList<TermName>? Attributes => _attributes?.Names;

    /// <summary>The instances that are answered, <c>@none</c> for the default one; null is all.</summary>
    public IReadOnlySet<string>? DatasetIds { get; }

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

    /// <summary>What is answered of the entities to which a relationship links.</summary>
    public Projection Linked(int relationship)
    {
        MemberSelection? pick = null;
        MemberSelection? omit = null;
        _ = _pick?.TryFind(relationship, out pick);
        _ = _omit?.TryFind(relationship, out omit);
        return pick is null && omit is null && DatasetIds is null ? Everything : new(pick, omit, null, DatasetIds as FrozenSet<string>);
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
            if (name.Length == 0 || name.AsSpan().ContainsAny(NameRules.NotInNames) || EntityMemberNames.Of(name) is EntityMembers.Id or EntityMembers.Type or EntityMembers.Scope)
            {
                throw NgsiLdException.BadRequest($"attrs: '{name}' is not the name of an attribute; members such as id are picked with pick.", "attrs");
            }

            names.Add(TermName.Expand(name, context, "attrs"));
        }

        return names.Count <= QueryLimits.Terms ? names : throw QueryLimits.TooComplex($"more than {QueryLimits.Terms} names.", "attrs");
    }

    private static FrozenSet<string>? ParseDatasets(string? datasetId)
    {
        if (string.IsNullOrEmpty(datasetId))
        {
            return null;
        }

        string[] ids = datasetId.Split(',');
        foreach (string id in ids)
        {
            if (id != "@none" && !Uris.IsAbsolute(id))
            {
                throw NgsiLdException.BadRequest($"datasetId '{id}' is neither a URI (RFC 3986) nor @none.", "datasetId");
            }
        }

        return ids.ToFrozenSet(StringComparer.Ordinal);
    }

    private bool KeepsDataset(in AttributeView instance) =>
        DatasetIds is null || DatasetIds.Contains(instance.HasDatasetId ? System.Text.Encoding.UTF8.GetString(instance.DatasetId) : "@none");
}

/// <summary>Whether and how far linked entities are answered too.</summary>
/// <param name="Kind">join.</param>
/// <param name="Level">joinLevel: how many relationships are followed, at least 1.</param>
/// <param name="ContainedBy">containedBy: entities that are not joined again.</param>
public sealed record LinkedRetrieval(JoinKind Kind, int Level, IReadOnlyList<string> ContainedBy)
{
    /// <summary>The most relationships that are followed.</summary>
    public const int MaximumLevel = 10;

    /// <summary>No linked entities.</summary>
    public static LinkedRetrieval None { get; } = new(JoinKind.None, 0, []);

    /// <summary>Parses the parameters; null and empty ones are absent.</summary>
    /// <exception cref="NgsiLdException">BadRequestData naming the parameter.</exception>
    public static LinkedRetrieval Parse(string? join, string? joinLevel, string? containedBy)
    {
        JoinKind kind = join switch
        {
            null or "" or "@none" => JoinKind.None,
            "flat" => JoinKind.Flat,
            "inline" => JoinKind.Inline,
            _ => throw NgsiLdException.BadRequest($"join '{join}' is none of flat, inline, @none.", "join"),
        };
        int level = 1;
        if (!string.IsNullOrEmpty(joinLevel)
            && (!int.TryParse(joinLevel, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out level) || level < 1 || level > MaximumLevel))
        {
            throw NgsiLdException.BadRequest($"joinLevel is a number from 1 to {MaximumLevel}.", "joinLevel");
        }

        string[] contained = string.IsNullOrEmpty(containedBy) ? [] : containedBy.Split(',');
        foreach (string id in contained)
        {
            if (!Uris.IsAbsolute(id))
            {
                throw NgsiLdException.BadRequest($"containedBy '{id}' is not a URI (RFC 3986).", "containedBy");
            }
        }

        return kind == JoinKind.None ? None : new(kind, level, contained);
    }

    /// <summary>Refuses what follows more relationships than are joined (5.7.2.4).</summary>
    public void Require(int depth, string parameter)
    {
        int level = Kind == JoinKind.None ? 0 : Level;
        if (depth > level)
        {
            throw NgsiLdException.BadRequest(
                $"{parameter} follows {depth} relationship(s), and {(level == 0 ? "no join is asked for: add join=inline or join=flat" : $"joinLevel allows {level}")} (5.7.2.4).", parameter);
        }
    }
}

/// <summary>The languages that a reader wants (4.15): tags by falling weight, then as given; <c>*</c> is any.</summary>
/// <param name="Text">The parameter as it was given.</param>
/// <param name="Tags">The tags; those of weight 0 are left out.</param>
public sealed record LanguageFilter(string Text, IReadOnlyList<string> Tags)
{
    /// <summary>Parses <c>nl,fr;q=0.8,*;q=0.1</c>; null when absent.</summary>
    /// <exception cref="NgsiLdException">BadRequestData.</exception>
    public static LanguageFilter? Parse(string? lang)
    {
        if (string.IsNullOrEmpty(lang))
        {
            return null;
        }

        if (lang.Length > QueryLimits.Characters)
        {
            throw QueryLimits.TooComplex($"more than {QueryLimits.Characters} characters.", "lang");
        }

        var tags = new List<(string Tag, double Weight)>();
        foreach (string entry in lang.Split(','))
        {
            string[] parts = entry.Split(';', StringSplitOptions.TrimEntries);
            double weight = 1;
            bool weighed = parts.Length == 1
                || (parts.Length == 2 && parts[1].StartsWith("q=", StringComparison.OrdinalIgnoreCase)
                    && double.TryParse(parts[1].AsSpan(2), System.Globalization.NumberStyles.AllowDecimalPoint, System.Globalization.CultureInfo.InvariantCulture, out weight) && weight is >= 0 and <= 1);
            if (!weighed || !IsTag(parts[0]))
            {
                throw NgsiLdException.BadRequest($"lang: '{entry}' is not a language tag with an optional weight, such as fr-CH;q=0.8 (RFC 5646, RFC 3282).", "lang");
            }

            tags.Add((parts[0], weight));
        }

        return new(lang, [.. tags.Where(t => t.Weight > 0).OrderByDescending(t => t.Weight).Select(t => t.Tag)]);
    }

    internal static bool IsTag(string text) =>
        text == "*" || (text.Length is > 0 and < 64 && char.IsAsciiLetter(text[0])
            && text.Split('-').All(part => part.Length is > 0 and <= 8 && part.All(char.IsAsciiLetterOrDigit)));
}
