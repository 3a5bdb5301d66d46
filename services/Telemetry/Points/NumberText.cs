using System.Buffers.Text;
using System.Globalization;
using System.Text.Json;

namespace Twin.Telemetry.Points;

/// <summary>Numbers as JSON writes them (RFC 8259): up to 18 digits are kept as they are, others as the nearest double.</summary>
internal static class NumberText
{
    private const int MostExactDigits = 18;

    /// <summary>Whether a text is a number, and which.</summary>
    /// <param name="text">The whole text.</param>
    /// <param name="form">Of the value: <see cref="PointForm"/>.</param>
    /// <param name="bits">The value.</param>
    /// <returns>False for anything that is no JSON number, and for numbers beyond a double.</returns>
    public static bool TryParse(ReadOnlySpan<byte> text, out byte form, out long bits)
    {
        (form, bits) = (0, 0);
        var at = text is [(byte)'-', ..] ? 1 : 0;
        var start = at;
        long digits = 0;
        var scale = -1;
        // A zero before the point is no digit of the value.
        var most = MostExactDigits + (at < text.Length && text[at] == '0' ? 1 : 0);
        for (; at < text.Length; at++)
        {
            var digit = (uint)(text[at] - '0');
            if (digit <= 9)
            {
                if (at - start > most)
                {
                    return TryParseDouble(text, out form, out bits);
                }

                digits = (digits * 10) + digit;
                scale += scale >= 0 ? 1 : 0;
            }
            else if (text[at] == '.' && scale < 0 && at > start)
            {
                scale = 0;
            }
            else
            {
                return TryParseDouble(text, out form, out bits);
            }
        }

        // 01, 1. and .5 are no JSON numbers.
        if (at == start || scale == 0 || (text[start] == '0' && at - start > 1 && text[start + 1] != '.'))
        {
            return false;
        }

        var count = at - start - (scale >= 0 ? 1 : 0);
        if (count > most || scale > PointForm.MaxScale)
        {
            return TryParseDouble(text, out form, out bits);
        }

        form = (byte)Math.Max(0, scale);
        bits = start == 0 ? digits : -digits;
        return true;
    }

    /// <summary>Writes a number, the least digits that say the same.</summary>
    public static void Write(Utf8JsonWriter writer, byte form, long bits)
    {
        switch (form)
        {
            case PointForm.Boolean:
                writer.WriteBooleanValue(bits != 0);
                break;
            case PointForm.Double:
                writer.WriteNumberValue(BitConverter.Int64BitsToDouble(bits));
                break;
            case 0:
                writer.WriteNumberValue(bits);
                break;
            default:
                Span<byte> text = stackalloc byte[32];
                writer.WriteRawValue(text[..Format(form, bits, text)], skipInputValidation: true);
                break;
        }
    }

    /// <summary>A number or boolean as JSON.</summary>
    /// <returns>The number of bytes written, at most 32.</returns>
    public static int FormatJson(byte form, long bits, Span<byte> to)
    {
        switch (form)
        {
            case PointForm.Boolean:
                var word = bits != 0 ? "true"u8 : "false"u8;
                word.CopyTo(to);
                return word.Length;
            case PointForm.Double:
                _ = BitConverter.Int64BitsToDouble(bits).TryFormat(to, out var written, default, CultureInfo.InvariantCulture);
                return written;
            default:
                return Format(form, bits, to);
        }
    }

    /// <summary>A decimal as text, without zeros at its end: how many it had is lost where a series is brought to one scale.</summary>
    /// <returns>The number of bytes written, at most 22.</returns>
    public static int Format(byte scale, long bits, Span<byte> to)
    {
        while (scale > 0 && bits % 10 == 0)
        {
            (scale, bits) = ((byte)(scale - 1), bits / 10);
        }

        var at = 0;
        if (bits < 0)
        {
            to[at++] = (byte)'-';
        }

        var power = (ulong)PointValue.PowerOfTen(scale);
        var (whole, rest) = Math.DivRem(bits < 0 ? (ulong)-bits : (ulong)bits, power);
        _ = Utf8Formatter.TryFormat(whole, to[at..], out var written);
        at += written;
        if (scale > 0)
        {
            to[at++] = (byte)'.';
            for (var i = scale - 1; i >= 0; i--)
            {
                to[at + i] = (byte)('0' + (rest % 10));
                rest /= 10;
            }

            at += scale;
        }

        return at;
    }

    private static bool TryParseDouble(ReadOnlySpan<byte> text, out byte form, out long bits)
    {
        (form, bits) = (PointForm.Double, 0);
        // The grammar of JSON, not that of a parser which also takes Infinity, 1. and +1.
        if (!IsJsonNumber(text) || !double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) || !double.IsFinite(value))
        {
            return false;
        }

        bits = BitConverter.DoubleToInt64Bits(value);
        return true;
    }

    private static bool IsJsonNumber(ReadOnlySpan<byte> text)
    {
        if (text.Length > 512)
        {
            return false;
        }

        var at = text is [(byte)'-', ..] ? 1 : 0;
        var whole = Digits(text, ref at);
        if (whole == 0 || (whole > 1 && text[at - whole] == '0'))
        {
            return false;
        }

        if (at < text.Length && text[at] == '.')
        {
            at++;
            if (Digits(text, ref at) == 0)
            {
                return false;
            }
        }

        if (at < text.Length && text[at] is (byte)'e' or (byte)'E')
        {
            at++;
            if (at < text.Length && text[at] is (byte)'+' or (byte)'-')
            {
                at++;
            }

            if (Digits(text, ref at) == 0)
            {
                return false;
            }
        }

        return at == text.Length;
    }

    private static int Digits(ReadOnlySpan<byte> text, ref int at)
    {
        var start = at;
        while (at < text.Length && (uint)(text[at] - '0') <= 9)
        {
            at++;
        }

        return at - start;
    }
}
