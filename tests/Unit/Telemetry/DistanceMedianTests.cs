using Twin.Telemetry.History;
using Xunit;

namespace Twin.Tests.Unit.Telemetry;

/// <summary>The median of the distances of points.</summary>
public sealed class DistanceMedianTests
{
    [Theory]
    [InlineData(new long[0], 0)]
    [InlineData(new long[] { 7 }, 7)]
    [InlineData(new long[] { 300, 300, 300, 5, 100_000 }, 300)]
    [InlineData(new long[] { 4, 1, 3, 2 }, 2)]
    public void Is_the_one_in_the_middle(long[] distances, long expected) => Assert.Equal(expected, Of(distances));

    [Fact]
    public void Of_more_different_ones_than_are_kept_is_right_to_a_thousandth()
    {
        var random = new Random(3);
        long[] distances = [.. Enumerable.Range(0, 400_000).Select(_ => 3_000_000_000L + (long)(random.NextDouble() * 1_000_000_000))];
        long[] sorted = [.. distances.Order()];
        Assert.InRange(Of(distances) / (double)sorted[sorted.Length / 2], 0.999, 1.001);
    }

    private static long Of(IEnumerable<long> distances)
    {
        var median = new DistanceMedian();
        foreach (var one in distances)
        {
            median.Add(one);
        }

        return median.Median();
    }
}
