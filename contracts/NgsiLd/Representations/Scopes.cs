using System.Globalization;
using System.Text;

namespace Twin.NgsiLd.Representations;

/// <summary>Scopes (4.18).</summary>
public static class Scopes
{
    /// <summary>Whether the text is a scope: levels parted by <c>/</c>, with or without one before the first (4.18).</summary>
    public static bool IsScope(ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty || text.Length > 1024)
        {
            return false;
        }

        bool start = true;
        if (text[0] == '/')
        {
            text = text[1..];
        }

        while (!text.IsEmpty)
        {
            Rune.DecodeFromUtf8(text, out Rune rune, out int length);
            text = text[length..];
            if (rune.Value == '/' && !start)
            {
                start = true;
                continue;
            }

            bool mark = Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark;
            if (!Rune.IsLetter(rune) && (start || (!mark && !Rune.IsDigit(rune) && rune.Value != '_')))
            {
                return false;
            }

            start = false;
        }

        return !start;
    }
}
