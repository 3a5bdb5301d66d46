using System.Buffers;
using Twin.NgsiLd.Contexts;

namespace Twin.NgsiLd.Queries;

/// <summary>
/// Entity type selection (4.17): <c>A,B</c> or <c>A|B</c> either, <c>(A;B)</c> both, parentheses, <c>*</c> any type.
/// </summary>
public sealed class TypeExpression
{
    private static readonly SearchValues<char> Stop = SearchValues.Create(",|;()");
    private readonly Node _root;

    private TypeExpression(string text, Node root)
    {
        Text = text;
        _root = root;
    }

    private enum Operation : byte
    {
        Name,
        All,
        Any,
        Every,
    }

    /// <summary>The expression as it was given.</summary>
    public string Text { get; }

    /// <summary>Whether it is <c>*</c>.</summary>
    public bool IsEveryType => _root.Operation == Operation.Every;

    /// <summary>Parses the expression.</summary>
    /// <exception cref="NgsiLdException">BadRequestData with the position, or TooComplexQuery.</exception>
    public static TypeExpression Parse(string text, JsonLdContext context, string parameter = "type")
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text == "*")
        {
            return new(text, new Node(Operation.Every, null, null));
        }

        var cursor = new QueryCursor(text, parameter);
        Node root = ParseAny(cursor, context);
        cursor.End("',', '|', ';' or the end");
        return new(text, root);
    }

    /// <summary>Whether an entity with these types is selected.</summary>
    public bool Matches(ReadOnlySpan<int> types) => Matches(_root, types);

    /// <summary>
    /// The types of which a selected entity has at least one, as <see cref="Terms"/> numbers; null is any. Types that no
    /// entity has used are left out.
    /// </summary>
    public IReadOnlyList<int>? CandidateTypes()
    {
        if (IsEveryType)
        {
            return null;
        }

        var found = new HashSet<int>();
        Collect(_root, found);
        return [.. found];
    }

    /// <summary>The names in it, in order.</summary>
    public IReadOnlyList<string> TypeIris()
    {
        var found = new List<string>();
        Names(_root, found);
        return found;
    }

    private static bool Matches(Node node, ReadOnlySpan<int> types)
    {
        switch (node.Operation)
        {
            case Operation.Name:
                return types.Contains(node.Name!.Id);
            case Operation.Every:
                return true;
            case Operation.All:
                foreach (Node child in node.Children!)
                {
                    if (!Matches(child, types))
                    {
                        return false;
                    }
                }

                return true;
            default:
                foreach (Node child in node.Children!)
                {
                    if (Matches(child, types))
                    {
                        return true;
                    }
                }

                return false;
        }
    }

    private static void Collect(Node node, HashSet<int> found)
    {
        switch (node.Operation)
        {
            case Operation.Name when node.Name!.Id >= 0:
                found.Add(node.Name.Id);
                break;
            case Operation.All:
                Collect(node.Children![0], found);
                break;
            case Operation.Any:
                foreach (Node child in node.Children!)
                {
                    Collect(child, found);
                }

                break;
        }
    }

    private static void Names(Node node, List<string> found)
    {
        if (node.Name is { } name)
        {
            found.Add(name.Iri);
        }

        foreach (Node child in node.Children ?? [])
        {
            Names(child, found);
        }
    }

    private static Node ParseAny(QueryCursor cursor, JsonLdContext context)
    {
        var children = new List<Node> { ParseAll(cursor, context) };
        while (cursor.TryTake(',') || cursor.TryTake('|'))
        {
            children.Add(ParseAll(cursor, context));
        }

        return children.Count == 1 ? children[0] : new Node(Operation.Any, null, [.. children]);
    }

    private static Node ParseAll(QueryCursor cursor, JsonLdContext context)
    {
        var children = new List<Node> { ParseOne(cursor, context) };
        while (cursor.TryTake(';'))
        {
            children.Add(ParseOne(cursor, context));
        }

        return children.Count == 1 ? children[0] : new Node(Operation.All, null, [.. children]);
    }

    private static Node ParseOne(QueryCursor cursor, JsonLdContext context)
    {
        if (cursor.TryTake('('))
        {
            cursor.Enter();
            Node inner = ParseAny(cursor, context);
            cursor.Take(')', "')'");
            cursor.Leave();
            return inner;
        }

        cursor.CountTerm();
        int start = cursor.Position;
        ReadOnlySpan<char> name = cursor.TakeUntil(Stop);
        int wrong = name.IndexOfAny(NameRules.NotInNames);
        if (name.IsEmpty || wrong >= 0)
        {
            throw cursor.Expected("an entity type name", start + Math.Max(wrong, 0));
        }

        return new Node(Operation.Name, TermName.Expand(name, context, cursor.Parameter), null);
    }

    private sealed record Node(Operation Operation, TermName? Name, Node[]? Children);
}

/// <summary>What may not stand in a name or IRI of an expression.</summary>
internal static class NameRules
{
    public static readonly SearchValues<char> NotInNames = SearchValues.Create(
        "\0\u0001\u0002\u0003\u0004\u0005\u0006\a\b\t\n\v\f\r\u000E\u000F\u0010\u0011\u0012\u0013\u0014\u0015\u0016\u0017\u0018\u0019\u001A\u001B\u001C\u001D\u001E\u001F\u007F \"<>\\^`{}[]*");
}
