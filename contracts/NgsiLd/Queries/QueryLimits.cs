namespace Twin.NgsiLd.Queries;

/// <summary>Bounds on what one query may ask; beyond them it is refused as TooComplexQuery.</summary>
public static class QueryLimits
{
    /// <summary>Characters of one expression (q, type, scopeQ, csf, pick, …).</summary>
    public const int Characters = 4096;

    /// <summary>Nested parentheses and braces.</summary>
    public const int Depth = 32;

    /// <summary>Terms of one expression.</summary>
    public const int Terms = 256;

    /// <summary>Segments of one attribute or value path.</summary>
    public const int PathSegments = 16;

    /// <summary>Characters of a regular expression.</summary>
    public const int PatternCharacters = 512;

    /// <summary>Positions of one query geometry.</summary>
    public const int Positions = 10_000;

    /// <summary>Characters of one query geometry.</summary>
    public const int GeometryCharacters = 512 * 1024;

    /// <summary>How long one regular expression may work on one value.</summary>
    public static readonly TimeSpan MatchTime = TimeSpan.FromMilliseconds(250);

    internal static NgsiLdException TooComplex(string what, string parameter) =>
        new(NgsiLdErrorType.TooComplexQuery, $"{parameter}: {what}", parameter);
}
