using System.Globalization;
using System.Text.Json;

namespace Twin.NgsiLd.Queries;

/// <summary>
/// The languages that a reader wants (4.15): ranges with weights as in Accept-Language, matched by lookup (RFC 4647, 3.4) and
/// then by prefix. Where nothing matches, the first language there is.
/// </summary>
public sealed class LanguageFilter
{
    private const int MaximumRanges = 64;
    private readonly string[] _ranges;

    private LanguageFilter(string[] ranges) => _ranges = ranges;

    /// <summary>The ranges by falling weight, then as given; those of weight 0 are left out. <c>*</c> is any.</summary>
    public IReadOnlyList<string> Ranges => _ranges;

    /// <summary>Parses <c>nl,fr;q=0.8,*;q=0.1</c>; null when absent.</summary>
    /// <exception cref="NgsiLdException">BadRequestData, or TooComplexQuery.</exception>
    public static LanguageFilter? Parse(string? lang)
    {
        if (string.IsNullOrEmpty(lang))
        {
            return null;
        }

        string[] entries = lang.Split(',', StringSplitOptions.TrimEntries);
        if (lang.Length > QueryLimits.Characters || entries.Length > MaximumRanges)
        {
            throw QueryLimits.TooComplex($"more than {QueryLimits.Characters} characters or {MaximumRanges} languages.", "lang");
        }

        var ranges = new List<(string Range, double Weight)>();
        foreach (string entry in entries)
        {
            string[] parts = entry.Split(';', StringSplitOptions.TrimEntries);
            double weight = 1;
            bool weighed = parts.Length == 1
                || (parts.Length == 2 && parts[1].StartsWith("q=", StringComparison.OrdinalIgnoreCase)
                    && double.TryParse(parts[1].AsSpan(2), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out weight) && weight is >= 0 and <= 1);
            if (!weighed || (parts[0] != "@none" && !IsTag(parts[0])))
            {
                throw NgsiLdException.BadRequest($"lang: '{entry}' is not a language tag with an optional weight, such as fr-CH;q=0.8 (RFC 5646, RFC 3282).", "lang");
            }

            ranges.Add((parts[0], weight));
        }

        return new LanguageFilter([.. ranges.Where(r => r.Weight > 0).OrderByDescending(r => r.Weight).Select(r => r.Range)]);
    }

    internal static bool IsTag(string text) =>
        text == "*" || (text.Length is > 0 and < 64 && char.IsAsciiLetter(text[0])
            && text.Split('-').All(part => part.Length is > 0 and <= 8 && part.All(char.IsAsciiLetterOrDigit)));

    /// <summary>The language to answer in, with its value's JSON text; false when the map is empty.</summary>
    internal bool TrySelect(ReadOnlySpan<byte> languageMap, out string tag, out ReadOnlySpan<byte> value)
    {
        var tags = new List<(string Tag, int Start, int Length)>();
        var reader = new Utf8JsonReader(languageMap);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string name = reader.GetString()!;
            reader.Read();
            int start = (int)reader.TokenStartIndex;
            reader.Skip();
            tags.Add((name, start, (int)reader.BytesConsumed - start));
        }

        tag = string.Empty;
        value = default;
        if (tags.Count == 0)
        {
            return false;
        }

        (string found, int at, int length) = tags[Best([.. tags.Select(t => t.Tag)])];
        tag = found;
        value = languageMap.Slice(at, length);
        return true;
    }

    private int Best(string[] tags)
    {
        foreach (string range in _ranges)
        {
            if (range == "*")
            {
                return 0;
            }

            // Lookup: nl-BE, then nl. Then the other way: en finds en-US.
            for (string shorter = range; shorter.Length > 0; shorter = shorter[..Math.Max(0, shorter.LastIndexOf('-'))])
            {
                int exact = Array.FindIndex(tags, t => t.Equals(shorter, StringComparison.OrdinalIgnoreCase));
                if (exact >= 0)
                {
                    return exact;
                }
            }

            int longer = Array.FindIndex(tags, t => t.Length > range.Length && t[range.Length] == '-' && t.StartsWith(range, StringComparison.OrdinalIgnoreCase));
            if (longer >= 0)
            {
                return longer;
            }
        }

        return Math.Max(0, Array.IndexOf(tags, "@none"));
    }
}
