using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Twin.NgsiLd.Representations;

/// <summary>
/// A language filter (4.15): ranges with weights as in Accept-Language, matched by lookup (RFC 4647, 3.4) and then by prefix.
/// Where nothing matches, the first language there is.
/// </summary>
public sealed class LanguageFilter
{
    private readonly string[] _ranges;

    private LanguageFilter(string[] ranges) => _ranges = ranges;

    /// <summary>Reads <c>fr;q=0.8,en</c>.</summary>
    /// <exception cref="NgsiLdException">BadRequestData: not such a list.</exception>
    public static LanguageFilter Parse(string text)
    {
        string[] parts = text.Split(',', StringSplitOptions.TrimEntries);
        var ranges = new List<(string Range, double Weight)>();
        foreach (string part in parts)
        {
            string[] halves = part.Split(';', 2, StringSplitOptions.TrimEntries);
            double weight = 1;
            if (halves.Length == 2 && !(halves[1].StartsWith("q=", StringComparison.OrdinalIgnoreCase)
                && double.TryParse(halves[1].AsSpan(2), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out weight) && weight <= 1))
            {
                throw Fault();
            }

            if (halves[0].Length is 0 or > 64 || !halves[0].All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '*' or '@') || ranges.Count >= 64)
            {
                throw Fault();
            }

            if (weight > 0)
            {
                ranges.Add((halves[0], weight));
            }
        }

        return new LanguageFilter([.. ranges.OrderByDescending(r => r.Weight).Select(r => r.Range)]);
    }

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

    private static NgsiLdException Fault() =>
        NgsiLdException.BadRequest("lang is a list of language tags, each with an optional weight, such as fr;q=0.8,en (4.15).", "lang");

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
