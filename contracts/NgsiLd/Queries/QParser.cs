using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using Twin.NgsiLd.Contexts;

namespace Twin.NgsiLd.Queries;

/// <summary>Reads the grammar of 4.9 by recursive descent.</summary>
internal sealed class QParser(QueryCursor cursor, JsonLdContext context, IReadOnlyCollection<string>? expandValues)
{
    private const string SystemNamespace = "https://uri.etsi.org/ngsi-ld/";
    private static readonly SearchValues<char> NameStop = SearchValues.Create("=!<>~;|()[]{},\" \t\r\n");
    private static readonly SearchValues<char> ValueStop = SearchValues.Create(";|),\" \t\r\n");
    private static readonly SearchValues<char> PathStop = SearchValues.Create("[]{}()\"\t\r\n ;|=<>~");

    private static readonly SearchValues<char> InTimes = SearchValues.Create("0123456789:.,-+TZtz");
    private static readonly SearchValues<char> InNumbers = SearchValues.Create("0123456789+-.eE");

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

    private QCondition ParseCondition(bool expand)
    {
        if (TryTakeOperator() is not { } comparison)
        {
            return QCondition.Existence;
        }

        if (comparison is ComparisonOperator.Matches or ComparisonOperator.MatchesNot)
        {
            return QCondition.Pattern(comparison, Patterns.Parse(ParsePattern(), cursor.Parameter));
        }

        bool equality = comparison is ComparisonOperator.Equal or ComparisonOperator.NotEqual;
        QOperand first = ParseValue(equality, expand, out bool isRange);
        if (isRange || cursor.TryTake(".."))
        {
            if (!equality)
            {
                throw cursor.Expected("a single value: ranges go with == and != only", cursor.Position - 2);
            }

            int at = cursor.Position;
            QOperand last = ParseValue(equality: false, expand, out bool again);
            if (again || last.Shape != first.Shape)
            {
                throw cursor.Expected("the end of the range, of the type of its start", at);
            }

            return QCondition.Between(comparison, first, last);
        }

        if (cursor.Peek != ',')
        {
            return QCondition.Compare(comparison, first);
        }

        if (!equality)
        {
            throw cursor.Expected("a single value: lists go with == and != only");
        }

        var operands = new List<QOperand> { first };
        while (cursor.TryTake(','))
        {
            int at = cursor.Position;
            operands.Add(ParseValue(equality, expand, out isRange));
            if (isRange || cursor.Rest.StartsWith(".."))
            {
                throw cursor.Expected("a value: a list holds no ranges", at);
            }
        }

        return QCondition.AnyOf(comparison, [.. operands]);
    }

    private ComparisonOperator? TryTakeOperator()
    {
        if (cursor.TryTake("=="))
        {
            return ComparisonOperator.Equal;
        }

        if (cursor.TryTake("!~="))
        {
            return ComparisonOperator.MatchesNot;
        }

        if (cursor.TryTake("!="))
        {
            return ComparisonOperator.NotEqual;
        }

        if (cursor.TryTake(">="))
        {
            return ComparisonOperator.GreaterOrEqual;
        }

        if (cursor.TryTake("<="))
        {
            return ComparisonOperator.LessOrEqual;
        }

        if (cursor.TryTake("~="))
        {
            return ComparisonOperator.Matches;
        }

        return cursor.TryTake('>') ? ComparisonOperator.Greater : cursor.TryTake('<') ? ComparisonOperator.Less : null;
    }

    private string ParsePattern()
    {
        if (cursor.Peek == '"')
        {
            return ParseQuoted();
        }

        int start = cursor.Position;
        int open = 0;
        for (; !cursor.AtEnd; cursor.Position++)
        {
            char c = cursor.Peek;
            if (c == '\\')
            {
                cursor.Position++;
                if (cursor.AtEnd)
                {
                    throw cursor.Expected("a character after '\\'");
                }
            }
            else if (c is '(' or '[')
            {
                open++;
            }
            else if (c is ')' or ']' && open > 0)
            {
                open--;
            }
            else if (open == 0 && c is ';' or '|' or ')')
            {
                break;
            }
        }

        return cursor.Position > start ? cursor.Text[start..cursor.Position] : throw cursor.Expected("a regular expression");
    }

    private QOperand ParseValue(bool equality, bool expand, out bool isRange)
    {
        isRange = false;
        if (cursor.Peek == '"')
        {
            string text = ParseQuoted();
            return QOperand.OfText(expand ? context.ExpandIri(text, vocab: true) : text);
        }

        int start = cursor.Position;
        ReadOnlySpan<char> written = cursor.TakeUntil(ValueStop);
        int dots = written.IndexOf("..");
        if (dots > 0 && IsComparable(written[..dots]))
        {
            cursor.Position = start + dots + 2;
            written = written[..dots];
            isRange = true;
        }

        if (written.IsEmpty || (!cursor.AtEnd && !isRange && cursor.Peek is '"' or ' ' or '\t' or '\r' or '\n'))
        {
            throw cursor.Expected(written.IsEmpty ? "a value" : "';', '|', ',' or the end; a text stands in double quotes");
        }

        if (TryNumber(written, out double number))
        {
            return QOperand.OfNumber(number);
        }

        if (written is "true" or "false")
        {
            return equality ? QOperand.OfBoolean(written is "true") : throw cursor.Expected("a number, text or time: true and false have no order", start);
        }

        if (!equality && !IsComparable(written))
        {
            throw cursor.Expected("a number, a text in double quotes, or a date or time", start);
        }

        string bare = written.ToString();
        return QOperand.OfText(expand ? context.ExpandIri(bare, vocab: true) : bare);
    }

    private string ParseQuoted()
    {
        int start = cursor.Position;
        int end = start + 1;
        while (end < cursor.Text.Length && cursor.Text[end] != '"')
        {
            end += cursor.Text[end] == '\\' ? 2 : 1;
        }

        if (end >= cursor.Text.Length)
        {
            throw cursor.Expected("a closing '\"'", cursor.Text.Length);
        }

        cursor.Position = end + 1;
        string raw = cursor.Text[start..cursor.Position];
        if (!raw.Contains('\\', StringComparison.Ordinal))
        {
            return raw[1..^1];
        }

        try
        {
            return JsonText.AsString(Encoding.UTF8.GetBytes(raw));
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            throw cursor.Expected("a JSON string (RFC 8259): an escape in it is none", start);
        }
    }

    /// <summary>A number, date-time, date or time.</summary>
    private static bool IsComparable(ReadOnlySpan<char> text) =>
        TryNumber(text, out _) || (text.Length >= 5 && char.IsAsciiDigit(text[0]) && !text.ContainsAnyExcept(InTimes));

    private static bool TryNumber(ReadOnlySpan<char> text, out double number)
    {
        number = 0;
        if (text.Length > 400 || text.ContainsAnyExcept(InNumbers) || text[0] == '+' || text[^1] == '.' || text[0] == '.')
        {
            return false;
        }

        Span<byte> utf8 = stackalloc byte[text.Length];
        int length = Encoding.ASCII.GetBytes(text, utf8);
        return Utf8Parser.TryParse(utf8[..length], out number, out int used) && used == length && double.IsFinite(number);
    }
}
