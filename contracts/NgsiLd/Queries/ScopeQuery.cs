using System.Buffers;
using System.Text;
using Twin.NgsiLd.Entities;

namespace Twin.NgsiLd.Queries;

/// <summary>
/// Scope query (4.19): <c>/a/b</c> exactly, <c>+</c> any one level, <c>/#</c> at the end this scope and all below;
/// <c>;</c> and, <c>,</c> or <c>|</c> or, parentheses. <c>/#</c> alone is any scope.
/// </summary>
public sealed class ScopeQuery
{
    private static readonly SearchValues<char> Stop = SearchValues.Create(",|;()");
    private readonly Node _root;

    private ScopeQuery(string text, Node root)
    {
        Text = text;
        _root = root;
    }

    /// <summary>The expression as it was given.</summary>
    public string Text { get; }

    /// <summary>Parses the expression.</summary>
    /// <exception cref="NgsiLdException">BadRequestData with the position, or TooComplexQuery.</exception>
    public static ScopeQuery Parse(string text, string parameter = "scopeQ")
    {
        ArgumentNullException.ThrowIfNull(text);
        var cursor = new QueryCursor(text, parameter);
        Node root = ParseAny(cursor);
        cursor.End("',', '|', ';' or the end");
        return new(text, root);
    }

    /// <summary>Whether the entity's scopes match.</summary>
    public bool Matches(EntityDocument entity) => Matches(_root, entity);

    /// <summary>Whether one scope alone matches.</summary>
    public bool Matches(string scope) => Matches(_root, Encoding.UTF8.GetBytes(scope));

    private static bool Matches(Node node, EntityDocument entity)
    {
        if (node.Levels is { } levels)
        {
            foreach (ReadOnlySpan<byte> scope in entity.Scopes)
            {
                if (MatchesPath(levels, scope))
                {
                    return true;
                }
            }

            return false;
        }

        foreach (Node child in node.Children!)
        {
            if (Matches(child, entity) != node.All)
            {
                return !node.All;
            }
        }

        return node.All;
    }

    private static bool Matches(Node node, ReadOnlySpan<byte> scope)
    {
        if (node.Levels is { } levels)
        {
            return MatchesPath(levels, scope);
        }

        foreach (Node child in node.Children!)
        {
            if (Matches(child, scope) != node.All)
            {
                return !node.All;
            }
        }

        return node.All;
    }

    private static bool MatchesPath(byte[][] levels, ReadOnlySpan<byte> scope)
    {
        ReadOnlySpan<byte> rest = scope.Trim((byte)'/');
        for (int i = 0; i < levels.Length; i++)
        {
            ReadOnlySpan<byte> level = levels[i];
            if (level is [(byte)'#'])
            {
                return true;
            }

            if (rest.IsEmpty)
            {
                return false;
            }

            int slash = rest.IndexOf((byte)'/');
            ReadOnlySpan<byte> head = slash < 0 ? rest : rest[..slash];
            rest = slash < 0 ? [] : rest[(slash + 1)..];
            if (level is not [(byte)'+'] && !head.SequenceEqual(level))
            {
                return false;
            }
        }

        return rest.IsEmpty;
    }

    private static Node ParseAny(QueryCursor cursor)
    {
        var children = new List<Node> { ParseAll(cursor) };
        while (cursor.TryTake(',') || cursor.TryTake('|'))
        {
            children.Add(ParseAll(cursor));
        }

        return children.Count == 1 ? children[0] : new Node(null, All: false, [.. children]);
    }

    private static Node ParseAll(QueryCursor cursor)
    {
        var children = new List<Node> { ParseOne(cursor) };
        while (cursor.TryTake(';'))
        {
            children.Add(ParseOne(cursor));
        }

        return children.Count == 1 ? children[0] : new Node(null, All: true, [.. children]);
    }

    private static Node ParseOne(QueryCursor cursor)
    {
        if (cursor.TryTake('('))
        {
            cursor.Enter();
            Node inner = ParseAny(cursor);
            cursor.Take(')', "')'");
            cursor.Leave();
            return inner;
        }

        cursor.CountTerm();
        int start = cursor.Position;
        string path = cursor.TakeUntil(Stop).ToString();
        if (path.Length < 2 || path[0] != '/')
        {
            throw cursor.Expected("a scope such as /city/district", start);
        }

        string[] levels = path[1..].Split('/');
        int at = start + 1;
        for (int i = 0; i < levels.Length; i++)
        {
            string level = levels[i];
            bool last = i == levels.Length - 1;
            if (level.Length == 0 || level.AsSpan().ContainsAny(NameRules.NotInNames))
            {
                throw cursor.Expected("a scope level, + or #", at);
            }

            if ((level.Contains('#', StringComparison.Ordinal) && (level != "#" || !last)) || (level.Contains('+', StringComparison.Ordinal) && level != "+"))
            {
                throw cursor.Expected("'+' to stand for a whole level, and '#' for the last one", at);
            }

            at += level.Length + 1;
        }

        return new Node([.. levels.Select(Encoding.UTF8.GetBytes)], All: false, null);
    }

    private sealed record Node(byte[][]? Levels, bool All, Node[]? Children);
}
