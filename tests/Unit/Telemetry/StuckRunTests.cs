using Twin.Telemetry.Ingest;
using Xunit;

namespace Twin.Tests.Unit.Telemetry;

/// <summary>When a sensor counts as stuck.</summary>
public sealed class StuckRunTests
{
    [Fact]
    public void A_number_that_stays_for_longer_than_the_time_is_stuck_until_another_one_comes()
    {
        var run = new StuckRun();
        var limit = new StuckLimit(For: 10, Points: 0);

        Assert.Equal([false, false, false, true, true, false, false, true], Take(run, limit, (0, 1), (5, 1), (10, 1), (11, 1), (20, 1), (21, 2), (31, 2), (32, 2)));
    }

    [Fact]
    public void More_equal_points_than_the_rule_allows_are_stuck_and_with_both_limits_both_are_exceeded()
    {
        Assert.Equal([false, false, true, true], Take(new StuckRun(), new StuckLimit(0, 2), (0, 1), (1, 1), (2, 1), (3, 1)));
        Assert.Equal([false, false, false, true], Take(new StuckRun(), new StuckLimit(2, 2), (0, 1), (1, 1), (2, 1), (3, 1)));
        Assert.Equal([false, false, true], Take(new StuckRun(), new StuckLimit(10, 2), (0, 1), (11, 1), (12, 1)));
    }

    [Fact]
    public void The_same_number_with_another_count_of_zeros_is_the_same()
    {
        var run = new StuckRun();
        var limit = new StuckLimit(1, 0);
        Assert.False(run.Take(0, 1, 215, limit));
        Assert.True(run.Take(2, 2, 2150, limit));
        Assert.False(run.Take(3, 2, 2151, limit));
    }

    [Fact]
    public void Late_points_are_judged_by_where_they_lie_and_change_nothing()
    {
        var run = new StuckRun();
        var limit = new StuckLimit(10, 0);
        Take(run, limit, (0, 1), (5, 1), (20, 1));

        Assert.Equal([false, true, false, false, true], Take(run, limit, (19, 1), (20, 1), (19, 7), (-5, 1), (30, 1)));
    }

    [Fact]
    public void Another_number_at_the_time_of_the_newest_begins_anew()
    {
        var run = new StuckRun();
        var limit = new StuckLimit(10, 0);

        Assert.Equal([false, true, false, false, true], Take(run, limit, (0, 1), (20, 1), (20, 2), (30, 2), (31, 2)));
    }

    [Fact]
    public void A_run_that_is_read_back_goes_on_as_if_it_had_not_been_interrupted()
    {
        var limit = new StuckLimit(10, 3);
        (long Time, long Value)[] points = [(0, 2), (1, 1), (4, 1), (8, 1), (11, 1), (12, 1), (13, 1)];
        for (var cut = 1; cut < points.Length; cut++)
        {
            var whole = new StuckRun();
            var expected = Take(whole, limit, points)[cut..];
            var again = new StuckRun();
            for (var i = cut - 1; i >= 0 && again.TakeOlder(points[i].Time, 0, points[i].Value, limit); i--)
            {
                // As far as it matters.
            }

            Assert.Equal(expected, Take(again, limit, points[cut..]));
        }
    }

    private static bool[] Take(StuckRun run, StuckLimit limit, params (long Time, long Value)[] points) =>
        [.. points.Select(point => run.Take(point.Time, 0, point.Value, limit))];
}
