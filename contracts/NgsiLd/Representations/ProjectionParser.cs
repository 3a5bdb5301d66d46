using Twin.NgsiLd.Contexts;

namespace Twin.NgsiLd.Representations;

/// <summary>Reads <c>id,locatedAt{id,name}</c>: members parted by <c>,</c> or <c>|</c>, braces for linked entities (4.21).</summary>
internal ref struct ProjectionParser(ReadOnlySpan<char> text, JsonLdContext context, string parameter)
{
    private const int MaximumDepth = 16;
    private const int MaximumNames = 1024;
    private readonly ReadOnlySpan<char> _text = text;
    private int _at;
    private int _count;

    public Projection Parse(bool omits)
    {
        Projection projection = List(omits, 0);
        return _at == _text.Length ? projection : throw Fault("the end, or one of , |");
    }

    private Projection List(bool omits, int level)
    {
        var members = ProjectionMembers.None;
        var names = new HashSet<int>();
        var linked = new Dictionary<int, Projection>();
        int depth = 0;
        while (true)
        {
            ReadOnlySpan<char> name = Name();
            ProjectionMembers member = MemberOf(name);
            members |= member;
            int id = member == ProjectionMembers.None ? Expand(name) : -1;
            if (id >= 0)
            {
                names.Add(id);
            }

            if (_at < _text.Length && _text[_at] == '{')
            {
                if (id < 0 || level == MaximumDepth)
                {
                    throw Fault(id < 0 ? "no braces after a member that links nowhere" : $"at most {MaximumDepth} levels");
                }

                _at++;
                Projection inner = List(omits, level + 1);
                if (_at == _text.Length || _text[_at] != '}')
                {
                    throw Fault("a closing brace");
                }

                _at++;
                linked[id] = inner;
                depth = Math.Max(depth, inner.Depth + 1);
            }

            if (_at == _text.Length || _text[_at] is not (',' or '|'))
            {
                return new Projection(omits, members, names, linked, depth);
            }

            _at++;
        }
    }

    private ReadOnlySpan<char> Name()
    {
        int start = _at;
        while (_at < _text.Length && _text[_at] is not (',' or '|' or '{' or '}'))
        {
            _at++;
        }

        ReadOnlySpan<char> name = _text[start.._at].Trim();
        if (++_count > MaximumNames || !Uris.IsName(System.Text.Encoding.UTF8.GetBytes(name.ToString())))
        {
            _at = start;
            throw Fault(_count > MaximumNames ? $"at most {MaximumNames} names" : "the name of a member");
        }

        return name;
    }

    private readonly int Expand(ReadOnlySpan<char> name)
    {
        // Interning would let a reader's names pile up; an unknown one matches no attribute.
        return context.TryExpand(name, out int id) ? id : int.MaxValue;
    }

    private readonly NgsiLdException Fault(string wanted) =>
        NgsiLdException.BadRequest($"{parameter} has a syntax error at character {_at + 1}: {wanted} should stand there (4.21).", parameter);

    private static ProjectionMembers MemberOf(ReadOnlySpan<char> name) => name switch
    {
        "id" => ProjectionMembers.Id,
        "type" => ProjectionMembers.Type,
        "scope" => ProjectionMembers.Scope,
        "createdAt" => ProjectionMembers.CreatedAt,
        "modifiedAt" => ProjectionMembers.ModifiedAt,
        "expiresAt" => ProjectionMembers.ExpiresAt,
        _ => ProjectionMembers.None,
    };
}
