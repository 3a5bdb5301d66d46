using System.Buffers;

namespace Twin.NgsiLd.Queries;

/// <summary>Reads an expression from left to right, and says where and what when it does not fit.</summary>
internal sealed class QueryCursor
{
    private int _depth;
    private int _terms;

    public QueryCursor(string text, string parameter)
    {
        Text = text;
        Parameter = parameter;
        if (text.Length > QueryLimits.Characters)
        {
            throw QueryLimits.TooComplex($"{text.Length} characters, at most {QueryLimits.Characters} are answered.", parameter);
        }

        if (text.Length == 0)
        {
            throw NgsiLdException.BadRequest($"{parameter} is empty.", parameter);
        }
    }

    public string Text { get; }

    public string Parameter { get; }

    public int Position { get; set; }

    public bool AtEnd => Position >= Text.Length;

    public char Peek => AtEnd ? '\0' : Text[Position];

    public ReadOnlySpan<char> Rest => Text.AsSpan(Position);

    public bool TryTake(char c)
    {
        if (AtEnd || Text[Position] != c)
        {
            return false;
        }

        Position++;
        return true;
    }

    public bool TryTake(string token)
    {
        if (!Rest.StartsWith(token, StringComparison.Ordinal))
        {
            return false;
        }

        Position += token.Length;
        return true;
    }

    public void Take(char c, string expected)
    {
        if (!TryTake(c))
        {
            throw Expected(expected);
        }
    }

    /// <summary>Everything up to one of the characters, or to the end.</summary>
    public ReadOnlySpan<char> TakeUntil(SearchValues<char> stop)
    {
        int length = Rest.IndexOfAny(stop);
        ReadOnlySpan<char> taken = length < 0 ? Rest : Rest[..length];
        Position += taken.Length;
        return taken;
    }

    public void Enter()
    {
        if (++_depth > QueryLimits.Depth)
        {
            throw QueryLimits.TooComplex($"nested more than {QueryLimits.Depth} deep at character {Position}.", Parameter);
        }
    }

    public void Leave() => _depth--;

    public void CountTerm()
    {
        if (++_terms > QueryLimits.Terms)
        {
            throw QueryLimits.TooComplex($"more than {QueryLimits.Terms} terms at character {Position}.", Parameter);
        }
    }

    public void End(string expected)
    {
        if (!AtEnd)
        {
            throw Expected(expected);
        }
    }

    public NgsiLdException Expected(string expected) => Expected(expected, Position);

    /// <summary>A syntax error, with its position counted from 0.</summary>
    public NgsiLdException Expected(string expected, int position)
    {
        string found = position >= Text.Length ? "the end" : $"'{Printable(Text[position])}'";
        return NgsiLdException.BadRequest($"{Parameter}, character {position}: expected {expected}, found {found}.", Parameter);
    }

    private static string Printable(char c) => char.IsControl(c) || char.IsSurrogate(c) ? $"U+{(int)c:X4}" : c.ToString();
}
