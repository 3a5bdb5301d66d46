namespace Twin.Telemetry.Points;

/// <summary>Times as ISO 8601 / RFC 3339 write them, with their zone: <c>2026-01-01T00:05:00Z</c>, <c>2026-01-01T01:05:00.25+01:00</c>.</summary>
internal static class TimeText
{
    private static readonly long[] FractionTicks = [1_000_000, 100_000, 10_000, 1_000, 100, 10, 1];

    /// <summary>Reads a time.</summary>
    /// <param name="text">The whole text.</param>
    /// <param name="ticks">Ticks of 100 ns since 0001-01-01 UTC; what is finer is cut off.</param>
    /// <returns>Null, or why it is not taken.</returns>
    public static string? Read(ReadOnlySpan<byte> text, out long ticks)
    {
        ticks = 0;
        if (text.Length < 19 || text[4] != '-' || text[7] != '-' || text[10] is not ((byte)'T' or (byte)'t') || text[13] != ':' || text[16] != ':')
        {
            return NoTime;
        }

        var (year, month, day) = (Four(text), Two(text[5..]), Two(text[8..]));
        var (hour, minute, second) = (Two(text[11..]), Two(text[14..]), Two(text[17..]));
        if ((year | month | day | hour | minute | second) < 0)
        {
            return NoTime;
        }

        if (year == 0 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month) || hour > 23 || minute > 59 || second > 59)
        {
            return "there is no such day or time of day";
        }

        var at = 19;
        long fraction = 0;
        if (at < text.Length && text[at] == '.')
        {
            var start = ++at;
            for (; at < text.Length && (uint)(text[at] - '0') <= 9; at++)
            {
                fraction += at - start < FractionTicks.Length ? (text[at] - '0') * FractionTicks[at - start] : 0;
            }

            if (at == start)
            {
                return NoTime;
            }
        }

        if (at == text.Length)
        {
            return "it has no time zone; end it with Z, or with an offset such as +01:00";
        }

        long offset = 0;
        if (text[at..] is not ([(byte)'Z'] or [(byte)'z']) && !TryOffset(text[at..], out offset))
        {
            return NoTime;
        }

        ticks = new DateTime(year, month, day, hour, minute, second, DateTimeKind.Utc).Ticks + fraction - offset;
        return ticks is < 0 or > 3_155_378_975_999_999_999 ? "it is outside the years 1 to 9999" : null;
    }

    private const string NoTime = "it is no date-time such as 2026-01-01T00:05:00Z";

    private static bool TryOffset(ReadOnlySpan<byte> text, out long offset)
    {
        offset = 0;
        if (text.Length != 6 || text[0] is not ((byte)'+' or (byte)'-') || text[3] != ':')
        {
            return false;
        }

        var (hours, minutes) = (Two(text[1..]), Two(text[4..]));
        if (hours is < 0 or > 14 || minutes is < 0 or > 59)
        {
            return false;
        }

        offset = ((hours * 60) + minutes) * TimeSpan.TicksPerMinute * (text[0] == '-' ? -1 : 1);
        return true;
    }

    private static int Two(ReadOnlySpan<byte> text)
    {
        var (tens, ones) = ((uint)(text[0] - '0'), (uint)(text[1] - '0'));
        return tens <= 9 && ones <= 9 ? (int)((tens * 10) + ones) : -1;
    }

    private static int Four(ReadOnlySpan<byte> text)
    {
        var (century, rest) = (Two(text), Two(text[2..]));
        return century < 0 || rest < 0 ? -1 : (century * 100) + rest;
    }
}
