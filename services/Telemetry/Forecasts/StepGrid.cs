using Twin.Telemetry.Queries;

namespace Twin.Telemetry.Forecasts;

/// <summary>
/// Cuts time into steps by the clocks of a time zone, and numbers them: a day has the same number of steps on every day of
/// the year, so that the season of a day stays in place when clocks are put forward or back. A step that the clocks leave
/// out has no length, one that they show twice is twice as long.
/// </summary>
/// <param name="Step">Months, days or time alone; time divides a day.</param>
/// <param name="Zone">The time zone.</param>
internal sealed record StepGrid(Period Step, TimeZoneInfo Zone)
{
    private const int DaysOfLeapCycle = 146_097;

    /// <summary>Whether time can be cut so.</summary>
    public static bool Fits(Period step) => step switch
    {
        { Months: > 0, Days: 0, Ticks: 0 } => step.Months <= 12 && 12 % step.Months == 0,
        { Months: 0, Days: > 0, Ticks: 0 } => step.Days <= 31,
        { Months: 0, Days: 0, Ticks: >= TimeSpan.TicksPerSecond } => step.Ticks <= TimeSpan.TicksPerDay / 2 && TimeSpan.TicksPerDay % step.Ticks == 0,
        _ => false,
    };

    /// <summary>How long a step is, as near as months have a length.</summary>
    public double NominalTicks => (Step.Months * (DaysOfLeapCycle / 4800.0) * TimeSpan.TicksPerDay) + (Step.Days * TimeSpan.TicksPerDay) + Step.Ticks;

    /// <summary>The step that holds a time.</summary>
    /// <param name="ticks">Ticks UTC.</param>
    public long Of(long ticks)
    {
        var local = TimeZoneInfo.ConvertTimeFromUtc(new DateTime(Math.Clamp(ticks, TimeSpan.TicksPerDay, DateTime.MaxValue.Ticks - TimeSpan.TicksPerDay), DateTimeKind.Utc), Zone);
        return Step switch
        {
            { Months: > 0 } => ((local.Year * 12) + local.Month - 1) / Step.Months,
            { Days: > 0 } => local.Ticks / TimeSpan.TicksPerDay / Step.Days,
            _ => local.Ticks / Step.Ticks,
        };
    }

    /// <summary>When a step begins, in ticks UTC.</summary>
    public long Start(long step)
    {
        const long Last = 3_155_378_975_999_999_999;
        var local = Step switch
        {
            { Months: > 0 } when step * Step.Months is var months => months >= 9999L * 12 ? new DateTime(Last) : new DateTime(Math.Max(1, (int)(months / 12)), (int)(months % 12) + 1, 1),
            { Days: > 0 } => new DateTime((long)Int128.Min((Int128)step * Step.Days * TimeSpan.TicksPerDay, Last)),
            _ => new DateTime((long)Int128.Min((Int128)step * Step.Ticks, Last)),
        };
        // The first moment that has the local time; the moment after the gap when none has.
        var offset = Zone.IsAmbiguousTime(local) ? Zone.GetAmbiguousTimeOffsets(local).Max() : Zone.GetUtcOffset(local);
        return Math.Max(0, local.Ticks - offset.Ticks);
    }

    /// <summary>How many steps a season has; 0 when it has no whole number of them.</summary>
    public int StepsIn(Period season)
    {
        if (Step.Months > 0)
        {
            return season is { Days: 0, Ticks: 0 } && season.Months % Step.Months == 0 ? season.Months / Step.Months : 0;
        }

        var (length, step) = ((season.Days * TimeSpan.TicksPerDay) + season.Ticks, (Step.Days * TimeSpan.TicksPerDay) + Step.Ticks);
        return season.Months == 0 && length % step == 0 ? (int)Math.Min(int.MaxValue, length / step) : 0;
    }

    /// <summary>The seasons that series of such steps usually have: the day and the week, or the year.</summary>
    public IEnumerable<int> UsualSeasons()
    {
        Period[] usual = [new(0, 1, 0), new(0, 7, 0), new(12, 0, 0)];
        foreach (var season in usual.Select(StepsIn).Where(static steps => steps > 1))
        {
            yield return season;
        }

        if (Step.Days == 7)
        {
            // A year has no whole number of weeks; 52 is the nearest.
            yield return 52;
        }
    }

    /// <summary>The step of a series whose points are so far apart: the next of those that people measure in.</summary>
    /// <param name="ticks">The usual distance of two points.</param>
    public static Period Nearest(long ticks)
    {
        const long Minute = TimeSpan.TicksPerMinute;
        Period[] usual =
        [
            .. new long[] { Minute / 60, Minute / 12, Minute / 6, Minute / 2, Minute, 5 * Minute, 10 * Minute, 15 * Minute, 30 * Minute, 60 * Minute, 120 * Minute, 180 * Minute, 360 * Minute, 720 * Minute }
                .Select(static time => new Period(0, 0, time)),
            new(0, 1, 0), new(0, 7, 0), new(1, 0, 0), new(3, 0, 0), new(12, 0, 0),
        ];
        // Sensors are a little late, and months up to 31 days long.
        return Array.Find(usual, step => ticks <= 1.03 * new StepGrid(step, TimeZoneInfo.Utc).NominalTicks) is { IsZero: false } found ? found : usual[^1];
    }

    /// <summary>The step as an ISO 8601 duration.</summary>
    public string StepText => Text(Step);

    /// <summary>A duration in ISO 8601.</summary>
    public static string Text(Period period) =>
        period.Months > 0 ? (period.Months % 12 == 0 ? $"P{period.Months / 12}Y" : $"P{period.Months}M")
        : period.Days > 0 ? $"P{period.Days}D"
        : System.Xml.XmlConvert.ToString(new TimeSpan(period.Ticks));
}
