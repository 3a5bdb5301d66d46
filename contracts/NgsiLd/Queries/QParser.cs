using System.Buffers;
using Twin.NgsiLd.Contexts;

namespace Twin.NgsiLd.Queries;

/// <summary>Reads the grammar of 4.9 by recursive descent.</summary>
internal sealed partial class QParser(QueryCursor cursor, JsonLdContext context, IReadOnlyCollection<string>? expandValues)
{
    private const string SystemNamespace = "https://uri.etsi.org/ngsi-ld/";
    private static readonly SearchValues<char> NameStop = SearchValues.Create("=!<>~;|()[]{},\" \t\r\n");
    private static readonly SearchValues<char> PathStop = SearchValues.Create("[]{}()\"\t\r\n ;|=<>~");


    public List<QTerm> Terms { get; } = [];

    public QNode Parse()
    {
        QNode root = ParseAny();
        cursor.End("an operator, ';', '|' or the end");
        return root;
    }

    private QNode ParseAny()
    {
        var children = new List<QNode> { ParseAll() };
        while (cursor.TryTake('|'))
        {
            children.Add(ParseAll());
        }

        return children.Count == 1 ? children[0] : new QAny([.. children]);
    }

    private QNode ParseAll()
    {
        var children = new List<QNode>();
        do
        {
            QNode child = ParseOne();
            if (child is QAll inner)
            {
                children.AddRange(inner.Children);
            }
            else
            {
                children.Add(child);
            }
        }
        while (cursor.TryTake(';'));

        return children.Count == 1 ? children[0] : new QAll([.. children]);
    }

    private QNode ParseOne()
    {
        if (cursor.TryTake('('))
        {
            cursor.Enter();
            QNode inner = ParseAny();
            cursor.Take(')', "';', '|' or ')'");
            cursor.Leave();
            return inner;
        }

        cursor.CountTerm();
        bool absent = cursor.TryTake('!');
        int start = cursor.Position;
        QTarget target = ParseTarget();
        bool expand = expandValues is { Count: > 0 } && Expands(cursor.Text.AsSpan(start, cursor.Position - start), target);
        QCondition condition = absent ? QCondition.Existence : ParseCondition(expand);
        var term = new QTerm(target, condition, absent);
        Terms.Add(term);
        return term;
    }

    private bool Expands(ReadOnlySpan<char> written, QTarget target)
    {
        foreach (string name in expandValues!)
        {
            if (written.SequenceEqual(name) || (target.Name is { } attribute && target.SubAttributes.Length == 0 && attribute.Iri == context.ExpandTerm(name)))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>An attribute path alone, for an order.</summary>
    public QTarget ParsePathAlone()
    {
        QTarget target = ParseTarget();
        cursor.End("nothing behind the path");
        return target;
    }

    private QTarget ParseTarget()
    {
        int start = cursor.Position;
        ReadOnlySpan<char> written = cursor.TakeUntil(NameStop);
        List<TermName> names = ParseNames(written, start, out SystemMember member);
        ValuePath? path = cursor.TryTake('[') ? ParsePath() : null;
        if (path is not null && (names.Count == 0 || member != SystemMember.None))
        {
            throw cursor.Expected("no path into a system member", start);
        }

        QTarget? linked = null;
        TypeExpression? types = null;
        if (path is null && member == SystemMember.None && cursor.TryTake('{'))
        {
            cursor.Enter();
            types = ParseLinkedTypes();
            linked = ParseTarget();
            cursor.Take('}', "'}'");
            cursor.Leave();
        }

        return new QTarget(names.Count == 0 ? null : names[0], names.Count < 2 ? [] : [.. names.Skip(1)], member, path, linked, types);
    }

    /// <summary>Names parted by dots; dots before the last slash or hash belong to an IRI.</summary>
    private List<TermName> ParseNames(ReadOnlySpan<char> written, int start, out SystemMember member)
    {
        member = SystemMember.None;
        int wrong = written.IndexOfAny(NameRules.NotInNames);
        if (written.IsEmpty || wrong >= 0)
        {
            throw cursor.Expected("an attribute name", start + Math.Max(wrong, 0));
        }

        var names = new List<TermName>();
        int iri = written.LastIndexOfAny('/', '#') + 1;
        int from = 0;
        while (from <= written.Length)
        {
            int dot = written[Math.Max(from, iri)..].IndexOf('.');
            int to = dot < 0 ? written.Length : Math.Max(from, iri) + dot;
            ReadOnlySpan<char> segment = written[from..to];
            if (segment.IsEmpty)
            {
                throw cursor.Expected("a name between the dots", start + from);
            }

            if (member != SystemMember.None)
            {
                throw cursor.Expected("nothing behind a system member", start + from - 1);
            }

            if (names.Count == QueryLimits.PathSegments)
            {
                throw QueryLimits.TooComplex($"a path of more than {QueryLimits.PathSegments} names at character {start}.", cursor.Parameter);
            }

            TermName name = TermName.Expand(segment, context, cursor.Parameter);
            member = MemberOf(name.Iri);
            if (names.Count == 0 && member > SystemMember.ExpiresAt)
            {
                throw cursor.Expected($"an attribute before '{segment}'", start + from);
            }

            if (member == SystemMember.None)
            {
                names.Add(name);
            }

            from = to + 1;
        }

        return names;
    }

    private static SystemMember MemberOf(string iri) => !iri.StartsWith(SystemNamespace, StringComparison.Ordinal) ? SystemMember.None : iri[SystemNamespace.Length..] switch
    {
        "createdAt" => SystemMember.CreatedAt,
        "modifiedAt" => SystemMember.ModifiedAt,
        "expiresAt" => SystemMember.ExpiresAt,
        "observedAt" => SystemMember.ObservedAt,
        "unitCode" => SystemMember.UnitCode,
        "datasetId" => SystemMember.DatasetId,
        _ => SystemMember.None,
    };

    private ValuePath ParsePath()
    {
        int start = cursor.Position;
        string path = cursor.TakeUntil(PathStop).ToString();
        string[] segments = path.Split('.');
        int at = start;
        foreach (string segment in segments)
        {
            if (segment.Length == 0)
            {
                throw cursor.Expected("a member name or a language", at);
            }

            at += segment.Length + 1;
        }

        if (segments.Length > QueryLimits.PathSegments)
        {
            throw QueryLimits.TooComplex($"a path of more than {QueryLimits.PathSegments} names at character {start}.", cursor.Parameter);
        }

        cursor.Take(']', "']'");
        return new ValuePath(path);
    }

    /// <summary><c>Type:</c> before the linked attribute. A colon of an IRI or of a compact IRI is none.</summary>
    private TypeExpression? ParseLinkedTypes()
    {
        ReadOnlySpan<char> inner = cursor.Rest;
        int end = inner.IndexOfAny('{', '}', '[');
        inner = end < 0 ? inner : inner[..end];
        int colon = inner.LastIndexOf(':');
        if (colon <= 0 || inner[(colon + 1)..].StartsWith("//"))
        {
            return null;
        }

        ReadOnlySpan<char> types = inner[..colon];
        if (context.TryGetDefinition(types, out TermDefinition definition) && definition.IsPrefix)
        {
            return null;
        }

        cursor.Position += colon + 1;
        return TypeExpression.Parse(types.ToString(), context, cursor.Parameter);
    }
}
