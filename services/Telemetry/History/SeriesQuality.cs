using System.Runtime.InteropServices;

namespace Twin.Telemetry.History;

/// <summary>A time in which points are missing.</summary>
/// <param name="From">The last point before it, or the start of the range; ticks UTC.</param>
/// <param name="Until">The first point after it, or the end of the range.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct SeriesGap(long From, long Until)
{
    /// <summary>Its length in ticks.</summary>
    public long Length => Until - From;
}

/// <summary>What can be said of the points of a series in a range of time.</summary>
/// <param name="Points">How many there are.</param>
/// <param name="First">The time of the first.</param>
/// <param name="Last">The time of the last.</param>
/// <param name="Interval">The time between two points that was expected, in ticks; 0 when it is neither given nor to be seen.</param>
/// <param name="Coverage">The share of the range that points cover, each for one interval; null without an interval.</param>
/// <param name="GapCount">How many gaps there are.</param>
/// <param name="Longest">The longest of them.</param>
/// <param name="Gaps">The longest ones, in the order of time.</param>
/// <param name="Qualities">Points of each quality, by its number.</param>
internal sealed record SeriesQuality(
    long Points, long First, long Last, long Interval, double? Coverage, long GapCount, SeriesGap? Longest, IReadOnlyList<SeriesGap> Gaps, long[] Qualities);

/// <summary>
/// The median of distances, in bounded memory: exact for up to 65,536 different ones, as regular sensors have; of more,
/// to one part in a thousand.
/// </summary>
internal sealed class DistanceMedian
{
    private const int MostDistinct = 65_536;
    private const int Digits = 10;

    private Dictionary<long, long> counts = [];
    private long total;
    private bool rounds;

    /// <summary>Adds a distance.</summary>
    public void Add(long distance)
    {
        Add(counts, rounds ? Rounded(distance) : distance, 1);
        total++;
        if (counts.Count > MostDistinct && !rounds)
        {
            rounds = true;
            var rounded = new Dictionary<long, long>();
            foreach (var (one, count) in counts)
            {
                Add(rounded, Rounded(one), count);
            }

            counts = rounded;
        }
    }

    /// <summary>The median, of two in the middle the lesser; 0 when there is none.</summary>
    public long Median()
    {
        long below = 0;
        foreach (var (distance, count) in counts.OrderBy(static one => one.Key))
        {
            below += count;
            if (below * 2 >= total)
            {
                return distance;
            }
        }

        return 0;
    }

    private static void Add(Dictionary<long, long> counts, long distance, long count) =>
        CollectionsMarshal.GetValueRefOrAddDefault(counts, distance, out _) += count;

    /// <summary>With so many binary digits as are left, the others cut to their middle.</summary>
    private static long Rounded(long distance)
    {
        var shift = Math.Max(0, 64 - System.Numerics.BitOperations.LeadingZeroCount((ulong)distance) - Digits);
        return shift == 0 ? distance : (distance >> shift << shift) | (1L << (shift - 1));
    }
}
