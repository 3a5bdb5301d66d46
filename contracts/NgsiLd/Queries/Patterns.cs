using System.Collections.Concurrent;
using System.Text.RegularExpressions;

namespace Twin.NgsiLd.Queries;

/// <summary>
/// Regular expressions of strangers: matched in linear time, within a limit of time and size. What was made for a pattern is
/// kept for the next query with it, since making it costs more than many matches.
/// </summary>
public static class Patterns
{
    private const int Kept = 64;
    private static readonly ConcurrentDictionary<string, Regex> Made = new(StringComparer.Ordinal);

    /// <summary>The expression for a pattern.</summary>
    /// <exception cref="NgsiLdException">BadRequestData: no such expression, or one that cannot be matched in linear time; TooComplexQuery: too long.</exception>
    public static Regex Parse(string pattern, string parameter)
    {
        if (pattern.Length > QueryLimits.PatternCharacters)
        {
            throw QueryLimits.TooComplex($"a pattern of {pattern.Length} characters, at most {QueryLimits.PatternCharacters} are matched.", parameter);
        }

        if (Made.TryGetValue(pattern, out Regex? made))
        {
            return made;
        }

        try
        {
            return Keep(pattern, new Regex(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant, QueryLimits.MatchTime));
        }
        catch (RegexParseException fault)
        {
            throw NgsiLdException.BadRequest($"{parameter}: the pattern '{pattern}' is not a regular expression, at its character {fault.Offset}: {fault.Error}.", parameter);
        }
        catch (NotSupportedException)
        {
            throw NgsiLdException.BadRequest(
                $"{parameter}: the pattern '{pattern}' uses look-around, a back-reference, an atomic group, a conditional or a very large repetition; patterns are matched in linear time without them.",
                parameter);
        }
    }

    /// <summary>Whether the pattern is found in a text.</summary>
    /// <exception cref="NgsiLdException">TooComplexQuery: it takes too long.</exception>
    public static bool IsMatch(Regex pattern, ReadOnlySpan<char> text)
    {
        try
        {
            return pattern.IsMatch(text);
        }
        catch (RegexMatchTimeoutException)
        {
            throw new NgsiLdException(NgsiLdErrorType.TooComplexQuery, $"The pattern '{pattern}' takes too long to match; make it simpler.");
        }
    }

    /// <summary>Forgets all when full: strangers' patterns never fill the memory, and the usual ones are back at once.</summary>
    private static Regex Keep(string pattern, Regex regex)
    {
        if (Made.Count >= Kept)
        {
            Made.Clear();
        }

        return Made[pattern] = regex;
    }
}
