namespace Twin.NgsiLd.Representations;

/// <summary>
/// Date-times (GS CIM 009 V1.9.1, 4.6.3: ISO 8601) as microseconds since 1970 UTC. Always in UTC with a trailing Z;
/// offsets are refused, as 4.6.3 asks. Years 1 to 9999.
/// </summary>
public static class Timestamps
{
    /// <summary>The longest text that <see cref="Write"/> makes.</summary>
    public const int MaximumLength = 27;

    private const long TicksTo1970 = 621_355_968_000_000_000;

    /// <summary>Microseconds since 1970 UTC of an instant; what is finer is cut off.</summary>
    public static long FromInstant(DateTimeOffset instant) => (instant.UtcTicks - TicksTo1970) / 10;

    /// <summary>The instant of microseconds since 1970 UTC.</summary>
    public static DateTimeOffset ToInstant(long micros) => new((micros * 10) + TicksTo1970, TimeSpan.Zero);

    /// <summary>Reads <c>2026-01-01T00:00:00.123Z</c>, also with <c>,</c> for the point or without seconds.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out long micros)
    {
        micros = 0;
        if (text.Length < 17 || text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':'
            || !Digits(text[..4], out int year) || !Digits(text[5..7], out int month) || !Digits(text[8..10], out int day)
            || !Digits(text[11..13], out int hour) || !Digits(text[14..16], out int minute))
        {
            return false;
        }

        int second = 0;
        int at = 16;
        if (text[at] == ':')
        {
            if (text.Length < 20 || !Digits(text[17..19], out second))
            {
                return false;
            }

            at = 19;
        }

        int fraction = 0;
        if (at > 16 && text[at] is (byte)'.' or (byte)',')
        {
            int start = ++at;
            int scale = 100_000;
            for (; at < text.Length && char.IsAsciiDigit((char)text[at]); at++)
            {
                fraction += (text[at] - '0') * scale;
                scale /= 10;
            }

            if (at == start)
            {
                return false;
            }
        }

        if (at != text.Length - 1 || text[at] != 'Z' || year == 0 || month is 0 or > 12 || day == 0
            || day > DateTime.DaysInMonth(year, month) || hour > 23 || minute > 59 || second > 59)
        {
            return false;
        }

        micros = ((new DateTime(year, month, day, hour, minute, second, DateTimeKind.Utc).Ticks - TicksTo1970) / 10) + fraction;
        return true;
    }

    /// <inheritdoc cref="TryParse(ReadOnlySpan{byte}, out long)"/>
    public static bool TryParse(ReadOnlySpan<char> text, out long micros)
    {
        Span<byte> ascii = stackalloc byte[64];
        micros = 0;
        return text.Length <= ascii.Length && System.Text.Encoding.UTF8.TryGetBytes(text, ascii, out int written) && TryParse(ascii[..written], out micros);
    }

    /// <summary>Writes an instant in UTC with as many of six decimals as it has: none, three or six.</summary>
    /// <returns>The number of bytes written, at most <see cref="MaximumLength"/>.</returns>
    public static int Write(long micros, Span<byte> to)
    {
        var time = new DateTime((micros * 10) + TicksTo1970, DateTimeKind.Utc);
        time.Deconstruct(out DateOnly date, out TimeOnly clock);
        Two(to, date.Year / 100);
        Two(to[2..], date.Year % 100);
        to[4] = (byte)'-';
        Two(to[5..], date.Month);
        to[7] = (byte)'-';
        Two(to[8..], date.Day);
        to[10] = (byte)'T';
        Two(to[11..], clock.Hour);
        to[13] = (byte)':';
        Two(to[14..], clock.Minute);
        to[16] = (byte)':';
        Two(to[17..], clock.Second);
        int fraction = (int)(clock.Ticks % TimeSpan.TicksPerSecond / 10);
        int at = 19;
        if (fraction != 0)
        {
            to[at++] = (byte)'.';
            int digits = fraction % 1000 == 0 ? 3 : 6;
            int rest = digits == 3 ? fraction / 1000 : fraction;
            for (int i = digits - 1; i >= 0; i--)
            {
                to[at + i] = (byte)('0' + (rest % 10));
                rest /= 10;
            }

            at += digits;
        }

        to[at] = (byte)'Z';
        return at + 1;
    }

    /// <summary>An instant as text; see <see cref="Write"/>.</summary>
    public static string Format(long micros)
    {
        Span<byte> text = stackalloc byte[MaximumLength];
        return System.Text.Encoding.ASCII.GetString(text[..Write(micros, text)]);
    }

    private static bool Digits(ReadOnlySpan<byte> text, out int number)
    {
        number = 0;
        foreach (byte digit in text)
        {
            if (!char.IsAsciiDigit((char)digit))
            {
                return false;
            }

            number = (number * 10) + digit - '0';
        }

        return true;
    }

    private static void Two(Span<byte> to, int number)
    {
        to[1] = (byte)('0' + (number % 10));
        to[0] = (byte)('0' + (number / 10));
    }
}
