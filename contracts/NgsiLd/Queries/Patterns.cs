using System.Text.RegularExpressions;

namespace Twin.NgsiLd.Queries;

/// <summary>Regular expressions of strangers: matched in linear time, within a limit of time and size.</summary>
internal static class Patterns
{
    public static Regex Parse(string pattern, string parameter)
    {
        if (pattern.Length > QueryLimits.PatternCharacters)
        {
            throw QueryLimits.TooComplex($"a pattern of {pattern.Length} characters, at most {QueryLimits.PatternCharacters} are matched.", parameter);
        }

        try
        {
            return new Regex(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant, QueryLimits.MatchTime);
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
}
