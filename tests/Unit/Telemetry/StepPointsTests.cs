using CsCheck;
using Twin.Telemetry.Chunks;
using Twin.Telemetry.Points;
using Xunit;

namespace Twin.Tests.Unit.Telemetry;

/// <summary>Down-sampling as a function of points.</summary>
public sealed class StepPointsTests
{
    private static readonly Gen<long> Lengths = Gen.OneOf(Gen.Const(TimeSpan.TicksPerMinute), Gen.Const(7 * TimeSpan.TicksPerMinute), Gen.Const(TimeSpan.TicksPerHour), Gen.Const(TimeSpan.TicksPerDay));

    [Fact]
    public void Steps_sum_up_to_what_their_points_sum_up_to_over_any_whole_steps() => Gen.Select(Gen.OneOf(Points.Mixed, Points.Numbers, Points.Readings), Lengths).Sample((points, step) =>
    {
        var steps = Steps(points, step);
        var numbers = true;
        for (int start = 0, at = 0; start < points.Count;)
        {
            var until = StepPoints.Floor(points.Times[start], step) + step;
            int end = points.LowerBound(until, points.Count), stop = steps.LowerBound(until, steps.Count);
            PointSummary expected = new(), found = new();
            expected.Add(points, start, end);
            found.Add(steps, at, stop);
            SummaryTests.Same(expected, found);
            numbers &= stop - at <= 2;
            (start, at) = (end, stop);
        }

        Assert.True(numbers, "A step is one point, and perhaps the deletion after it.");
    });

    [Fact]
    public void Doing_it_again_changes_nothing_and_short_steps_become_long_ones() => Gen.Select(Gen.OneOf(Points.Mixed, Points.Numbers, Points.Readings), Lengths).Sample((points, step) =>
    {
        var steps = Steps(points, step);
        Same(steps, Steps(steps, step));
        var (direct, by) = (Steps(points, 4 * step), Steps(steps, 4 * step));
        PointSummary one = new(), two = new();
        one.Add(direct, 0, direct.Count);
        two.Add(by, 0, by.Count);
        SummaryTests.Same(one, two);
        Assert.Equal(direct.Count, by.Count);
    });

    [Fact]
    public void A_chunk_keeps_what_its_steps_say() => Gen.Select(Gen.OneOf(Points.Mixed, Points.Numbers, Points.Readings), Lengths).Sample((points, step) =>
    {
        var steps = Steps(points, step);
        var chunk = Chunk.Of(steps, 0, steps.Count, new ByteWriter(), step);
        Assert.Equal(step, ChunkHead.Read(chunk.Head).Step);
        var back = chunk.Points();
        Same(steps, back);
        PointSummary expected = new();
        expected.Add(points, 0, points.Count);
        SummaryTests.Same(expected, ChunkHead.Read(chunk.Head).Summary);
    });

    [Fact]
    public void A_point_that_comes_late_is_one_more_of_its_step_also_at_its_first_moment()
    {
        var hour = Points.Year2025;
        var points = new PointColumns();
        points.Append(hour, 1, 10, null);
        points.Append(hour + 1, 1, 20, null);
        var steps = Steps(points, TimeSpan.TicksPerHour);
        Assert.Equal((hour, (byte)4, 15_000L), (steps.Times[0], steps.Forms[0], steps.Bits[0]));

        var late = new PointColumns();
        late.Append(hour, 1, 60, null);
        var joined = PointMerge.Merge(steps, late, keepErased: false);
        var summary = joined.ExtraAt(0)!.Step!.Summary;
        Assert.Equal((1, 3L, 9.0, 6.0, 3.0), (joined.Count, summary.Count, summary.Sum, summary.Max, PointValue.ToDouble(joined.Forms[0], joined.Bits[0])));

        var erased = new PointColumns();
        erased.Append(hour, PointForm.Erased, 0, null);
        Assert.Equal(0, PointMerge.Merge(steps, erased, keepErased: false).Count);
    }

    [Fact]
    public void Of_values_that_are_no_numbers_the_last_one_stays_and_a_deletion_stays_where_nothing_comes_after_it()
    {
        var hour = Points.Year2025;
        var points = new PointColumns();
        points.Append(hour + 1, PointForm.String, 0, new PointExtra("open"u8.ToArray(), null, PointQuality.Good, null));
        points.Append(hour + 2, PointForm.Null, 0, null);
        points.Append(hour + 3, PointForm.String, 0, new PointExtra("shut"u8.ToArray(), null, PointQuality.Good, null));
        points.Append(hour + TimeSpan.TicksPerHour, 0, 5, null);
        points.Append(hour + TimeSpan.TicksPerHour + 1, PointForm.Null, 0, null);
        var steps = Steps(points, TimeSpan.TicksPerHour);
        Assert.Equal([hour + 3, hour + TimeSpan.TicksPerHour, hour + TimeSpan.TicksPerHour + 1], steps.Times.ToArray());
        Assert.Equal("shut"u8.ToArray(), steps.ExtraAt(0)!.Text.ToArray());
        Assert.Equal(2, steps.ExtraAt(0)!.Step!.Summary.Count);
        Assert.Equal(PointForm.Null, steps.Forms[2]);
    }

    private static PointColumns Steps(PointColumns points, long step)
    {
        var steps = new PointColumns();
        StepPoints.Append(steps, points, 0, points.Count, step);
        return steps;
    }

    private static void Same(PointColumns expected, PointColumns found)
    {
        Assert.Equal(expected.Times.ToArray(), found.Times.ToArray());
        for (var i = 0; i < expected.Count; i++)
        {
            Assert.True(PointValue.Same(expected.Forms[i], expected.Bits[i], expected.ExtraAt(i), found.Forms[i], found.Bits[i], found.ExtraAt(i)), $"Point {i} is another one.");
        }
    }
}
