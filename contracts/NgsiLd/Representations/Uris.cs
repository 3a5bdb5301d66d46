using System.Buffers;
using System.Globalization;
using System.Text;

namespace Twin.NgsiLd.Representations;

/// <summary>What GS CIM 009 asks of identifiers and names.</summary>
public static class Uris
{
    private static readonly SearchValues<byte> NotInUri = SearchValues.Create([.. Enumerable.Range(0, 33).Select(b => (byte)b), .. "\"<>\\^`{|}"u8, 127]);
    private static readonly SearchValues<byte> PlainName = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-."u8);

    /// <summary>
    /// Whether the text is an absolute URI (RFC 3986: scheme, colon, something). Beyond ASCII, letters, digits and their
    /// marks are taken as in an IRI (RFC 3987); what cannot be seen or told apart is not, since ids get compared by people.
    /// </summary>
    public static bool IsAbsolute(ReadOnlySpan<byte> text)
    {
        int colon = text.IndexOf((byte)':');
        if (colon < 1 || colon == text.Length - 1 || !char.IsAsciiLetter((char)text[0]))
        {
            return false;
        }

        for (int i = 1; i < colon; i++)
        {
            if (!char.IsAsciiLetterOrDigit((char)text[i]) && text[i] is not ((byte)'+' or (byte)'-' or (byte)'.'))
            {
                return false;
            }
        }

        text = text[(colon + 1)..];
        return !text.ContainsAny(NotInUri) && (Ascii.IsValid(text) || AreVisible(text));
    }

    /// <inheritdoc cref="IsAbsolute(ReadOnlySpan{byte})"/>
    public static bool IsAbsolute(string text) => IsAbsolute(Encoding.UTF8.GetBytes(text));

    /// <summary>
    /// Whether the text may name a type or an attribute (4.6.2): a term that starts with a letter and goes on with
    /// letters of any script, digits, <c>_</c>, <c>-</c> and <c>.</c>, or else a compact IRI or an IRI.
    /// </summary>
    public static bool IsName(ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty)
        {
            return false;
        }

        if (!text.ContainsAnyExcept(PlainName))
        {
            return char.IsAsciiLetter((char)text[0]);
        }

        return text.Contains((byte)':') ? IsAbsolute(text) : IsTerm(text);
    }

    private static bool AreVisible(ReadOnlySpan<byte> text)
    {
        while (!text.IsEmpty)
        {
            if (Rune.DecodeFromUtf8(text, out Rune rune, out int length) != OperationStatus.Done
                || (!rune.IsAscii && ((!Rune.IsLetterOrDigit(rune) && !IsMark(rune)) || IsInvisible(rune.Value))))
            {
                return false;
            }

            text = text[length..];
        }

        return true;
    }

    /// <summary>Letters and marks that Unicode lets a renderer leave out (Default_Ignorable_Code_Point).</summary>
    private static bool IsInvisible(int rune) => rune is 0x034F or 0x115F or 0x1160 or 0x17B4 or 0x17B5 or (>= 0x180B and <= 0x180F)
        or 0x3164 or (>= 0xFE00 and <= 0xFE0F) or 0xFFA0 or (>= 0xE0000 and <= 0xE0FFF);

    private static bool IsTerm(ReadOnlySpan<byte> text)
    {
        bool first = true;
        while (!text.IsEmpty)
        {
            if (Rune.DecodeFromUtf8(text, out Rune rune, out int length) != OperationStatus.Done)
            {
                return false;
            }

            if (!Rune.IsLetter(rune) && (first || (!Rune.IsDigit(rune) && !IsMark(rune) && rune.Value is not ('_' or '-' or '.'))))
            {
                return false;
            }

            first = false;
            text = text[length..];
        }

        return true;
    }

    /// <summary>Scripts such as Devanagari write vowels as marks, which belong to the letter before them.</summary>
    private static bool IsMark(Rune rune) => Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark;
}
