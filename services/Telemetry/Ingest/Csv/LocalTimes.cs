using System.Globalization;
using System.Text;
using Twin.Telemetry.Points;

namespace Twin.Telemetry.Ingest.Csv;

/// <summary>What a local time means that a day has twice, where clocks go back.</summary>
internal enum RepeatedHour : byte
{
    /// <summary>The first of the two (RFC 5545 3.3.5).</summary>
    First,

    /// <summary>The second.</summary>
    Second,

    /// <summary>The first, until the times of an entity step back: rows come in the order in which they were measured.</summary>
    InOrder,

    /// <summary>The row is refused.</summary>
    Refuse,
}

/// <summary>How a time is written.</summary>
/// <param name="Format"><c>iso</c>, <c>unix</c>, <c>unixMilliseconds</c>, or a pattern such as <c>dd.MM.yyyy HH:mm</c>.</param>
/// <param name="Zone">Of times that say none; null when they say it.</param>
/// <param name="Repeated">What a time means that comes twice.</param>
internal sealed record TimeStyle(string Format, TimeZoneInfo? Zone, RepeatedHour Repeated)
{
    /// <summary>Whether the text of a time says its zone.</summary>
    public bool SaysZone => Format is "unix" or "unixMilliseconds" || (Format != "iso" && Format.Contains('z', StringComparison.Ordinal));
}

/// <summary>
/// Reads times of a body in the style of its mapping. A local time that no clock shows, where clocks go forward, is refused:
/// its file is not in that zone, or in no zone with summer time.
/// </summary>
internal sealed class LocalTimes(TimeStyle style)
{
    private const string NoTime = "it is no time of the form";
    private static readonly TimeSpan Piece = TimeSpan.FromMinutes(15);
    private const int MostFollowed = 1 << 16;

    private readonly Dictionary<ulong, (long Local, bool Second)> followed = [];
    private readonly byte[] last = new byte[48];
    private int lastLength;
    private long lastLocal;
    private long pieceStart = -1;
    private long pieceOffset;

    /// <summary>Reads a time.</summary>
    /// <param name="text">The whole text.</param>
    /// <param name="who">Whose time it is: within a repeated hour each goes its own way.</param>
    /// <param name="ticks">Ticks UTC.</param>
    /// <returns>Null, or why it is not taken.</returns>
    public string? Read(ReadOnlySpan<byte> text, ulong who, out long ticks)
    {
        ticks = 0;
        if (style.Format is "unix" or "unixMilliseconds")
        {
            return ReadUnix(text, style.Format == "unix" ? TimeSpan.TicksPerSecond : TimeSpan.TicksPerMillisecond, out ticks);
        }

        if (lastLength > 0 && text.SequenceEqual(last.AsSpan(0, lastLength)))
        {
            return Place(lastLocal, who, out ticks);
        }

        var fault = style.Format == "iso" ? ReadIso(text, out var local, out var isLocal) : ReadPattern(text, out local, out isLocal);
        if (fault is not null)
        {
            return fault;
        }

        if (!isLocal)
        {
            ticks = local;
            return null;
        }

        if (text.Length <= last.Length)
        {
            text.CopyTo(last);
            (lastLength, lastLocal) = (text.Length, local);
        }

        return Place(local, who, out ticks);
    }

    private static string? ReadUnix(ReadOnlySpan<byte> text, long unit, out long ticks)
    {
        ticks = 0;
        if (!decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
        {
            return "it is no number of seconds or milliseconds since 1970";
        }

        var all = Math.Floor(number * unit) + DateTime.UnixEpoch.Ticks;
        if (all < 0 || all > DateTime.MaxValue.Ticks)
        {
            return "it is outside the years 1 to 9999";
        }

        ticks = (long)all;
        return null;
    }

    private string? ReadIso(ReadOnlySpan<byte> text, out long ticks, out bool isLocal)
    {
        isLocal = false;
        if (TimeText.Read(text, out ticks) is not { } fault)
        {
            return null;
        }

        if (style.Zone is null || text.Length > 40)
        {
            return fault;
        }

        Span<byte> zoned = stackalloc byte[text.Length + 1];
        text.CopyTo(zoned);
        zoned[^1] = (byte)'Z';
        isLocal = TimeText.Read(zoned, out ticks) is null;
        return isLocal ? null : fault;
    }

    private string? ReadPattern(ReadOnlySpan<byte> text, out long ticks, out bool isLocal)
    {
        (ticks, isLocal) = (0, !style.SaysZone);
        Span<char> characters = stackalloc char[64];
        if (text.Length > characters.Length || !Encoding.UTF8.TryGetChars(text, characters, out var length))
        {
            return $"{NoTime} {style.Format}";
        }

        if (!isLocal)
        {
            var known = DateTimeOffset.TryParseExact(characters[..length], style.Format, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var instant);
            ticks = instant.UtcTicks;
            return known ? null : $"{NoTime} {style.Format}";
        }

        var found = DateTime.TryParseExact(characters[..length], style.Format, CultureInfo.InvariantCulture, DateTimeStyles.None, out var local);
        ticks = local.Ticks;
        return found ? null : $"{NoTime} {style.Format}";
    }

    /// <summary>A local time as an instant.</summary>
    private string? Place(long local, ulong who, out long ticks)
    {
        var zone = style.Zone!;
        if (local - pieceStart is >= 0 and var into && into < Piece.Ticks && pieceStart >= 0)
        {
            ticks = local - pieceOffset;
            return null;
        }

        ticks = 0;
        var time = new DateTime(local, DateTimeKind.Unspecified);
        if (zone.IsInvalidTime(time))
        {
            return string.Create(CultureInfo.InvariantCulture, $"no clock in {zone.Id} shows it: clocks go forward then; if the file is in one time the whole year, its timeZone is such as Etc/GMT-1");
        }

        if (zone.IsAmbiguousTime(time))
        {
            return Choose(time, who, out ticks);
        }

        var offset = zone.GetUtcOffset(time).Ticks;
        if (local - offset is < 0 or > 3_155_378_975_999_999_999)
        {
            return "it is outside the years 1 to 9999";
        }

        ticks = local - offset;
        Remember(local, offset);
        return null;
    }

    /// <summary>Of a quarter of an hour with one offset no zone is asked again.</summary>
    private void Remember(long local, long offset)
    {
        var start = local - (local % Piece.Ticks);
        pieceStart = -1;
        if (IsPlain(start) && IsPlain(start + Piece.Ticks - 1))
        {
            (pieceStart, pieceOffset) = (start, offset);
        }

        bool IsPlain(long at)
        {
            var time = new DateTime(Math.Min(at, DateTime.MaxValue.Ticks), DateTimeKind.Unspecified);
            return !style.Zone!.IsInvalidTime(time) && !style.Zone.IsAmbiguousTime(time) && style.Zone.GetUtcOffset(time).Ticks == offset;
        }
    }

    private string? Choose(DateTime time, ulong who, out long ticks)
    {
        ticks = 0;
        var offsets = style.Zone!.GetAmbiguousTimeOffsets(time);
        var (first, second) = (offsets.Max(), offsets.Min());
        var isSecond = style.Repeated == RepeatedHour.Second;
        if (style.Repeated == RepeatedHour.Refuse)
        {
            return $"clocks in {style.Zone.Id} show it twice, and the mapping takes neither (repeatedHour)";
        }

        if (style.Repeated == RepeatedHour.InOrder)
        {
            if (followed.Count == MostFollowed)
            {
                followed.Clear();
            }

            // Of another year it is another hour.
            isSecond = followed.TryGetValue(who, out var before) && Math.Abs(time.Ticks - before.Local) < TimeSpan.TicksPerDay && (before.Second || time.Ticks < before.Local);
            followed[who] = (time.Ticks, isSecond);
        }

        ticks = time.Ticks - (isSecond ? second : first).Ticks;
        return null;
    }
}
