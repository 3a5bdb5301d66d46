namespace Twin.NgsiLd.Queries;

/// <summary>
/// Entity ids by code point, which is also the order of their UTF-8 bytes: what <c>orderBy=id</c> means, and what lets the
/// answers of several nodes be merged one entity at a time.
/// </summary>
public static class EntityIdOrder
{
    /// <summary>Compares two ids.</summary>
    public static int Compare(string x, string y)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(y);
        int same = x.AsSpan().CommonPrefixLength(y);
        return same == x.Length || same == y.Length ? x.Length - y.Length : Rank(x[same]) - Rank(y[same]);
    }

    /// <summary>Surrogates stand for code points above all others, though their numbers lie below some.</summary>
    private static int Rank(char c) => char.IsSurrogate(c) ? c + 0x2000 : c >= '\uE000' ? c - 0x800 : c;
}
