using System.Buffers;

namespace Twin.Telemetry.Formats;

/// <summary>Fields of CSV (RFC 4180).</summary>
internal static class CsvText
{
    // The separators that readers guess from are quoted too.
    private static readonly SearchValues<byte> Special = SearchValues.Create(",;\t\"\r\n"u8);

    /// <summary>Writes a field, in quotes where it must be.</summary>
    public static void Write(IBufferWriter<byte> to, ReadOnlySpan<byte> text)
    {
        if (text.IndexOfAny(Special) < 0)
        {
            to.Write(text);
            return;
        }

        to.Write("\""u8);
        while (text.IndexOf((byte)'"') is var quote and >= 0)
        {
            to.Write(text[..(quote + 1)]);
            to.Write("\""u8);
            text = text[(quote + 1)..];
        }

        to.Write(text);
        to.Write("\""u8);
    }
}
