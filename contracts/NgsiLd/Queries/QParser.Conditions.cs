using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Json;

namespace Twin.NgsiLd.Queries;

/// <summary>Operators and constants of the grammar.</summary>
internal sealed partial class QParser
{
    private static readonly SearchValues<char> InNumbers = SearchValues.Create("0123456789+-.eE");
    private static readonly SearchValues<char> InTimes = SearchValues.Create("0123456789:.,-+TZtz");
    private static readonly SearchValues<char> ValueStop = SearchValues.Create(";|),\" \t\r\n");

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
