using System.Globalization;
using Twin.Telemetry.Queries;
using Xunit;

namespace Twin.Tests.Unit.Telemetry;

public sealed class PeriodsTests
{
    private static readonly TimeZoneInfo Paris = TimeZoneInfo.FindSystemTimeZoneById("Europe/Paris");

    [Theory]
    // Days of 24, 23 and 25 hours.
    [InlineData("P1D", "2026-03-27T23:00", "2026-03-30T22:00", "2026-03-27T23:00 2026-03-28T23:00 2026-03-29T22:00 2026-03-30T22:00")]
    [InlineData("P1D", "2026-10-24T22:00", "2026-10-26T23:00", "2026-10-24T22:00 2026-10-25T23:00 2026-10-26T23:00")]
    // The first and last are cut.
    [InlineData("P1M", "2026-02-10T12:00", "2026-04-10T12:00", "2026-02-10T12:00 2026-02-28T23:00 2026-03-31T22:00 2026-04-10T12:00")]
    // Mondays.
    [InlineData("P1W", "2026-01-01T00:00", "2026-01-13T00:00", "2026-01-01T00:00 2026-01-04T23:00 2026-01-11T23:00 2026-01-13T00:00")]
    // From midnight on, and anew the next day.
    [InlineData("PT7H", "2026-01-01T23:00", "2026-01-02T23:00", "2026-01-01T23:00 2026-01-02T06:00 2026-01-02T13:00 2026-01-02T20:00 2026-01-02T23:00")]
    [InlineData("P1Y", "2024-06-01T00:00", "2026-06-01T00:00", "2024-06-01T00:00 2024-12-31T23:00 2025-12-31T23:00 2026-06-01T00:00")]
    public void A_calendar_cuts_where_its_zone_does(string period, string from, string until, string expected) =>
        Assert.Equal(expected, Text(Periods.Calendar(Ticks(from), Ticks(until), Parse(period), Paris, 100)));

    [Theory]
    [InlineData("P1M", "2024-01-31T00:00", "2024-04-15T00:00", "2024-01-31T00:00 2024-02-29T00:00 2024-03-31T00:00 2024-04-15T00:00")]
    [InlineData("PT1H", "2026-01-01T00:30", "2026-01-01T02:00", "2026-01-01T00:30 2026-01-01T01:30 2026-01-01T02:00")]
    [InlineData("PT0S", "2026-01-01T00:30", "2026-01-01T02:00", "2026-01-01T00:30 2026-01-01T02:00")]
    [InlineData("P9999Y", "2026-01-01T00:00", "9999-12-31T00:00", "2026-01-01T00:00 9999-12-31T00:00")]
    [InlineData("P99999W", "9998-01-01T00:00", "9999-12-31T00:00", "9998-01-01T00:00 9999-12-31T00:00")]
    public void Without_a_calendar_periods_begin_with_the_range(string period, string from, string until, string expected) =>
        Assert.Equal(expected, Text(Periods.FromStart(Ticks(from), Ticks(until), Parse(period), 100)));

    [Theory]
    [InlineData("PT0.0000001S")]
    [InlineData("PT1S")]
    public void Too_many_periods_are_none_and_cost_nothing(string period)
    {
        Assert.Null(Periods.FromStart(Ticks("2026-01-01T23:59"), Ticks("2026-02-01T00:00"), Parse(period), 10_000));
        Assert.Null(Periods.Calendar(Ticks("2026-01-01T22:59"), Ticks("2026-02-01T00:00"), Parse(period), Paris, 10_000));
    }

    [Theory]
    [InlineData("P1D", true)]
    [InlineData("PT24H", true)]
    [InlineData("P1Y6M", true)]
    [InlineData("PT25H", false)]
    [InlineData("P1DT1H", false)]
    [InlineData("P1M1D", false)]
    public void A_calendar_has_months_days_and_times_of_a_day(string period, bool fits) => Assert.Equal(fits, Parse(period).FitsCalendar);

    private static Period Parse(string text)
    {
        Assert.True(Period.TryParse(text, out var period));
        return period;
    }

    private static long Ticks(string text) => DateTime.Parse(text, CultureInfo.InvariantCulture).Ticks;

    private static string Text(long[]? boundaries) =>
        string.Join(' ', Assert.IsType<long[]>(boundaries).Select(static ticks => new DateTime(ticks).ToString("yyyy-MM-dd'T'HH:mm", CultureInfo.InvariantCulture)));
}
