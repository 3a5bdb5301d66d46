using System.Globalization;
using System.Text.RegularExpressions;

namespace Twin.Telemetry.Queries;

/// <summary>An ISO 8601 duration by which a time range is cut: months, days and time apart, since they have no common measure.</summary>
/// <param name="Months">Years and months.</param>
/// <param name="Days">Weeks and days.</param>
/// <param name="Ticks">Hours, minutes and seconds.</param>
internal readonly partial record struct Period(int Months, int Days, long Ticks)
{
    /// <summary>Whether it is no duration at all: the whole range is one period then (GS CIM 009 4.5.19.1).</summary>
    public bool IsZero => this is { Months: 0, Days: 0, Ticks: 0 };

    /// <summary>Whether a calendar has such periods: of months, of days, or of the time of a day.</summary>
    public bool FitsCalendar => this is { Months: 0, Days: 0, Ticks: <= TimeSpan.TicksPerDay } or { Months: 0, Ticks: 0 } or { Days: 0, Ticks: 0 };

    /// <summary>Reads a duration such as P1D, P1M, PT15M or P1Y6M.</summary>
    public static bool TryParse(string text, out Period period)
    {
        period = default;
        if (text.Length > 64 || Duration.Match(text) is not { Success: true } match)
        {
            return false;
        }

        var seconds = match.Groups["s"] is { Success: true } part ? decimal.Parse(part.ValueSpan, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture) : 0;
        if (seconds > 1_000_000_000)
        {
            return false;
        }

        period = new Period(
            (Number("y") * 12) + Number("mo"),
            (Number("w") * 7) + Number("d"),
            (Number("h") * TimeSpan.TicksPerHour) + (Number("mi") * TimeSpan.TicksPerMinute) + (long)(seconds * TimeSpan.TicksPerSecond));
        return true;

        int Number(string group) => match.Groups[group] is { Success: true } found ? int.Parse(found.ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture) : 0;
    }

    [GeneratedRegex(
        @"^P(?=.)((?<y>\d{1,5})Y)?((?<mo>\d{1,5})M)?((?<w>\d{1,5})W)?((?<d>\d{1,5})D)?(T(?=.)((?<h>\d{1,6})H)?((?<mi>\d{1,7})M)?((?<s>\d{1,9}(\.\d{1,7})?)S)?)?$",
        RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant,
        1000)]
    private static partial Regex Duration { get; }
}

/// <summary>Cuts time ranges into periods.</summary>
internal static class Periods
{
    /// <summary>
    /// Periods of a calendar: years, months, Mondays, midnights and hours of a time zone. The first and last are as short as
    /// the range makes them; a day is 23, 24 or 25 hours long, as the zone has it.
    /// </summary>
    /// <param name="from">The first time, in ticks UTC.</param>
    /// <param name="until">The time before which the range ends.</param>
    /// <param name="period">The length.</param>
    /// <param name="zone">The time zone.</param>
    /// <param name="most">The most periods.</param>
    /// <returns>Where periods begin, and where the last one ends; null when there are too many.</returns>
    public static long[]? Calendar(long from, long until, Period period, TimeZoneInfo zone, int most)
    {
        var boundaries = new List<long> { from };
        if (!period.IsZero)
        {
            foreach (var boundary in Starts(from, period, zone))
            {
                if (boundary >= until)
                {
                    break;
                }

                if (boundary > from)
                {
                    boundaries.Add(boundary);
                }

                if (boundaries.Count > most)
                {
                    return null;
                }
            }
        }

        boundaries.Add(until);
        return [.. boundaries];
    }

    /// <summary>Periods of equal length from the start of the range on, in UTC (GS CIM 009 4.5.19.1).</summary>
    /// <returns>Where periods begin, and where the last one ends; null when there are too many.</returns>
    public static long[]? FromStart(long from, long until, Period period, int most)
    {
        if (period is { Months: 0, IsZero: false } && from < until)
        {
            return OfOneLength(from, until, (period.Days * TimeSpan.TicksPerDay) + period.Ticks, most);
        }

        var boundaries = new List<long>();
        for (var i = 0; ; i++)
        {
            var boundary = Later(from, period, i);
            if (boundary >= until || (period.IsZero && i > 0))
            {
                break;
            }

            boundaries.Add(boundary);
            if (boundaries.Count > most)
            {
                return null;
            }
        }

        boundaries.Add(until);
        return [.. boundaries];
    }

    private static long[]? OfOneLength(long from, long until, long length, int most)
    {
        var count = ((until - from - 1) / length) + 1;
        if (count > most)
        {
            return null;
        }

        var boundaries = new long[count + 1];
        for (var i = 0; i < count; i++)
        {
            boundaries[i] = from + (i * length);
        }

        boundaries[^1] = until;
        return boundaries;
    }

    /// <summary>A time some periods later, or the last time that there is.</summary>
    public static long Later(long from, Period period, int times)
    {
        const int MostMonths = 9998 * 12;
        var start = new DateTime(from, DateTimeKind.Utc);
        var months = (long)period.Months * times;
        if (months > MostMonths || (start.Year * 12) + start.Month + months > (9999 * 12) + 12)
        {
            return DateTime.MaxValue.Ticks;
        }

        var later = start.AddMonths((int)months).Ticks + ((Int128)times * ((period.Days * TimeSpan.TicksPerDay) + period.Ticks));
        return later < DateTime.MaxValue.Ticks ? (long)later : DateTime.MaxValue.Ticks;
    }

    private static DateTime Local(long ticks, TimeZoneInfo zone) =>
        DateTime.SpecifyKind(TimeZoneInfo.ConvertTimeFromUtc(new DateTime(ticks, DateTimeKind.Utc), zone), DateTimeKind.Unspecified);

    /// <summary>The starts of periods in ticks UTC, from that of the period that holds a time on.</summary>
    private static IEnumerable<long> Starts(long from, Period period, TimeZoneInfo zone)
    {
        var local = Local(from, zone);
        if (period.Months > 0)
        {
            var month = (((local.Year * 12) + local.Month - 1) / period.Months * period.Months);
            for (; month < 9999 * 12; month += period.Months)
            {
                yield return Utc(new DateTime(Math.Max(1, month / 12), (month % 12) + 1, 1).AddDays(period.Days).AddTicks(period.Ticks), zone);
            }
        }
        else if (period.Days > 0)
        {
            // Day 0 is 0001-01-01, which was a Monday.
            for (var day = local.Date.Ticks / TimeSpan.TicksPerDay / period.Days * period.Days; day < 3_652_058; day += period.Days)
            {
                yield return Utc(new DateTime((day * TimeSpan.TicksPerDay) + period.Ticks), zone);
            }
        }
        else
        {
            for (var day = local.Date; day.Year < 9999; day = day.AddDays(1))
            {
                // From midnight to midnight in steps of time that passes: 23 hours on the day on which one is left out.
                var next = Utc(day.AddDays(1), zone);
                var midnight = Utc(day, zone);
                for (var time = midnight + (Math.Max(0, from - midnight) / period.Ticks * period.Ticks); time < next; time += period.Ticks)
                {
                    yield return time;
                }
            }
        }
    }

    /// <summary>The first moment that has a local time; the moment after the gap when none has.</summary>
    private static long Utc(DateTime local, TimeZoneInfo zone)
    {
        var offset = zone.IsAmbiguousTime(local) ? zone.GetAmbiguousTimeOffsets(local).Max() : zone.GetUtcOffset(local);
        return local.Ticks - offset.Ticks;
    }
}
