using CsCheck;
using Twin.Telemetry.Chunks;
using Twin.Telemetry.Points;
using Xunit;

namespace Twin.Tests.Unit.Telemetry;

public sealed class SummaryTests
{
    [Fact]
    public void The_summary_of_a_chunk_is_that_of_its_points() => Gen.OneOf(Points.Mixed, Points.Numbers, Points.Readings).Sample(points =>
    {
        var chunk = Chunk.Of(points, 0, points.Count, new ByteWriter());
        var head = ChunkHead.Read(chunk.Head);
        Same(ByPoint(points, 0, points.Count), head.Summary);
        Assert.Equal((points.Times[0], points.Times[^1], points.Count), (chunk.Start, chunk.End, chunk.Count));
        Assert.True(PointValue.Same(points.Forms[^1], points.Bits[^1], null, head.LastForm, head.LastBits, null));
    });

    [Fact]
    public void The_summary_of_each_hour_is_that_of_its_points() => Gen.OneOf(Points.Numbers, Points.Readings).Sample(points =>
    {
        var chunk = Chunk.Of(points, 0, points.Count, new ByteWriter());
        if (chunk.Sums.Length == 0)
        {
            return;
        }

        var hours = HourColumns.ReadSums(chunk.Sums);
        var sums = new PointSummary();
        hours.AddTo(ref sums, 0);
        hours.ReadExtremes(chunk.Extremes);
        var at = 0;
        for (var i = 0; i < hours.Length; i++)
        {
            var start = at;
            while (at < points.Count && points.Times[at] / TimeSpan.TicksPerHour == hours.Hours[i])
            {
                at++;
            }

            var summary = new PointSummary();
            hours.AddTo(ref summary, i);
            Same(ByPoint(points, start, at), summary);
            if (i == 0)
            {
                Assert.Equal((summary.Count, summary.ExactSum), (sums.Count, sums.ExactSum));
            }
        }

        Assert.Equal(points.Count, at);
    });

    [Fact]
    public void Sums_of_decimals_are_exact()
    {
        // 0.1 a million times is 100000.00000133288 in doubles.
        var summary = new PointSummary();
        for (var i = 0; i < 1_000_000; i++)
        {
            summary.Add(1, 1);
        }

        Assert.Equal(100_000, summary.Sum);
        Assert.Equal(0, summary.StandardDeviation);
    }

    [Theory]
    [InlineData(new[] { 2d, 4, 4, 4, 5, 5, 7, 9 }, 5, 2)]
    [InlineData(new[] { 1_000_000_004d, 1_000_000_007, 1_000_000_013, 1_000_000_016 }, 1_000_000_010, 4.743416490252569)]
    public void Mean_and_deviation_are_those_of_the_population(double[] values, double mean, double deviation)
    {
        var summary = new PointSummary();
        foreach (var value in values)
        {
            summary.Add(0, (long)value);
        }

        Assert.Equal(mean, summary.Mean);
        Assert.Equal(deviation, summary.StandardDeviation, 12);
    }

    [Fact]
    public void Summaries_of_parts_add_up_to_that_of_the_whole() => Points.Numbers.Sample(points =>
    {
        var half = points.Count / 2;
        var whole = ByPoint(points, 0, half);
        whole.Add(ByPoint(points, half, points.Count));
        Same(ByPoint(points, 0, points.Count), whole);
    });

    private static PointSummary ByPoint(PointColumns points, int start, int end)
    {
        var summary = new PointSummary();
        for (var i = start; i < end; i++)
        {
            summary.Add(points.Forms[i], points.Bits[i]);
        }

        return summary;
    }

    internal static void Same(PointSummary expected, PointSummary actual)
    {
        Assert.Equal((expected.Count, expected.Numbers), (actual.Count, actual.Numbers));
        Assert.Equal((expected.Min, expected.Max), (actual.Min, actual.Max));
        // One of them may have decimals where the other has doubles.
        Close(expected.Sum, actual.Sum, Math.Sqrt(Math.Max(expected.SumOfSquares, actual.SumOfSquares) * expected.Numbers));
        Close(expected.SumOfSquares, actual.SumOfSquares, expected.OtherSquares);
        if (expected is { OtherSum: 0, OtherSquares: 0 } && actual is { OtherSum: 0, OtherSquares: 0 })
        {
            // Exact, whatever the scales.
            var factor = (Int128)PointValue.PowerOfTen(Math.Abs(expected.Scale - actual.Scale));
            var (fine, coarse) = expected.Scale >= actual.Scale ? (expected, actual) : (actual, expected);
            Assert.Equal(fine.ExactSum, coarse.ExactSum * factor);
            Assert.Equal(fine.ExactSquares, coarse.ExactSquares * factor * factor);
        }
    }

    // Doubles are added in another order: some last digits of the largest of them may differ.
    private static void Close(double expected, double actual, double size)
    {
        if (double.IsNaN(expected) || double.IsInfinity(expected))
        {
            return;
        }

        Assert.InRange(actual, expected - (1e-9 * Math.Max(Math.Abs(expected), size)), expected + (1e-9 * Math.Max(Math.Abs(expected), size)));
    }
}
