using System.Buffers;
using Twin.NgsiLd.Contexts;
using Twin.NgsiLd.Representations;

namespace Twin.NgsiLd.Queries;

/// <summary>
/// A list of entity members (4.21, attribute projection): <c>id,name,locatedAt{id,name}</c>, with <c>|</c> for <c>,</c>
/// where one likes. Braces select members of the entity that a relationship links to.
/// </summary>
public sealed class MemberSelection
{
    private static readonly SearchValues<char> Stop = SearchValues.Create(",|{}");
    private readonly List<(TermName Name, MemberSelection? Linked)> _attributes = [];

    private MemberSelection()
    {
    }

    /// <summary>The members in it that are no attributes.</summary>
    public EntityMembers Members { get; private set; }

    /// <summary>The attributes in it.</summary>
    public IEnumerable<TermName> Attributes => _attributes.Select(a => a.Name);

    /// <summary>How many relationships its deepest braces follow.</summary>
    public int Depth { get; private set; }

    /// <summary>Parses a list.</summary>
    /// <exception cref="NgsiLdException">BadRequestData with the position, or TooComplexQuery.</exception>
    public static MemberSelection Parse(string text, JsonLdContext context, string parameter)
    {
        ArgumentNullException.ThrowIfNull(text);
        var cursor = new QueryCursor(text, parameter);
        MemberSelection selection = ParseList(cursor, context);
        cursor.End("',', '|', '{' or the end");
        return selection;
    }

    /// <summary>Whether the attribute is listed.</summary>
    /// <param name="name">The name's <see cref="Terms"/> number.</param>
    /// <param name="linked">The selection in its braces; null when there are none.</param>
    public bool TryFind(int name, out MemberSelection? linked)
    {
        foreach ((TermName candidate, MemberSelection? inner) in _attributes)
        {
            if (candidate.Id == name)
            {
                linked = inner;
                return true;
            }
        }

        linked = null;
        return false;
    }

    /// <summary>A member that is in both lists as a whole; null when there is none.</summary>
    internal string? Common(MemberSelection other)
    {
        EntityMembers members = Members & other.Members;
        if (members != 0)
        {
            return EntityMemberNames.Text(members);
        }

        foreach ((TermName name, MemberSelection? linked) in _attributes)
        {
            foreach ((TermName otherName, MemberSelection? otherLinked) in other._attributes)
            {
                if (name.Iri != otherName.Iri)
                {
                    continue;
                }

                if (otherLinked is null)
                {
                    return name.Iri;
                }

                if (linked?.Common(otherLinked) is { } common)
                {
                    return common;
                }
            }
        }

        return null;
    }

    private static MemberSelection ParseList(QueryCursor cursor, JsonLdContext context)
    {
        var selection = new MemberSelection();
        do
        {
            selection.ParseMember(cursor, context);
        }
        while (cursor.TryTake(',') || cursor.TryTake('|'));

        return selection;
    }

    private void ParseMember(QueryCursor cursor, JsonLdContext context)
    {
        cursor.CountTerm();
        int start = cursor.Position;
        string name = cursor.TakeUntil(Stop).ToString();
        if (!Uris.IsName(System.Text.Encoding.UTF8.GetBytes(name)))
        {
            int wrong = name.AsSpan().IndexOfAny(NameRules.NotInNames);
            throw cursor.Expected("the name of a member", start + Math.Max(wrong, 0));
        }

        EntityMembers member = EntityMemberNames.Of(name);
        if (member != EntityMembers.None)
        {
            Members |= member;
            return;
        }

        TermName attribute = TermName.Expand(name, context, cursor.Parameter);
        MemberSelection? linked = null;
        if (cursor.TryTake('{'))
        {
            cursor.Enter();
            linked = ParseList(cursor, context);
            cursor.Take('}', "',', '|' or '}'");
            cursor.Leave();
            Depth = Math.Max(Depth, 1 + linked.Depth);
        }

        _attributes.Add((attribute, linked));
    }
}
