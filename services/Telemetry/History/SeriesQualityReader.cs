using Twin.Telemetry.Points;
using Twin.Telemetry.Queries;
using Twin.Telemetry.Series;

namespace Twin.Telemetry.History;

/// <summary>Goes over the points of a series to say how complete they are and how far they can be trusted.</summary>
internal sealed class SeriesQualityReader(SeriesReader reader)
{
    /// <summary>Gaps that are named.</summary>
    private const int MostGaps = 100;

    /// <summary>What is known after one pass over the points.</summary>
    private sealed class Seen
    {
        public long Points { get; set; }

        public long First { get; set; }

        public long Last { get; set; }

        public long[] Qualities { get; } = new long[Enum.GetValues<PointQuality>().Length];

        public DistanceMedian Distances { get; } = new();
    }

    /// <summary>Reads a series.</summary>
    /// <param name="series">The series.</param>
    /// <param name="from">The start of the range in ticks UTC; null begins with the first point.</param>
    /// <param name="until">The end of the range; null ends one interval after the last point.</param>
    /// <param name="interval">The expected time between two points in ticks; null takes the median.</param>
    /// <param name="cancel">Ends the reading.</param>
    public async Task<SeriesQuality> ReadAsync(TimeSeries series, long? from, long? until, long? interval, CancellationToken cancel)
    {
        var seen = new Seen();
        await foreach (var run in reader.ScanAsync(series, from ?? 0, until ?? long.MaxValue, cancel))
        {
            Take(run, seen);
        }

        var expected = interval ?? seen.Distances.Median();
        if (expected == 0)
        {
            return new SeriesQuality(seen.Points, seen.First, seen.Last, 0, null, 0, null, [], seen.Qualities);
        }

        if (seen.Points == 0)
        {
            SeriesGap? whole = from is { } start && until is { } end ? new SeriesGap(start, end) : null;
            return new SeriesQuality(0, 0, 0, expected, whole is null ? null : 0, whole is null ? 0 : 1, whole, whole is { } one ? [one] : [], seen.Qualities);
        }

        var gaps = new Gaps(expected);
        gaps.Begin(from ?? seen.First, seen.First);
        var before = seen.First;
        await foreach (var run in reader.ScanAsync(series, seen.First, seen.Last + 1, cancel))
        {
            before = gaps.Take(run, before);
        }

        var to = until ?? seen.Last + expected;
        gaps.End(seen.Last, to);
        var range = to - (from ?? seen.First);
        return new SeriesQuality(
            seen.Points, seen.First, seen.Last, expected, Math.Clamp(1 - ((double)gaps.Uncovered / range), 0, 1), gaps.Count, gaps.Longest, gaps.Named(), seen.Qualities);
    }

    private static void Take(PointRun run, Seen seen)
    {
        for (var i = run.Start; i < run.Start + run.Length; i++)
        {
            if (run.Points.Forms[i] == PointForm.Null)
            {
                continue;
            }

            var time = run.Points.Times[i];
            seen.Qualities[(int)(run.Points.ExtraAt(i)?.Quality ?? PointQuality.Good)]++;
            if (seen.Points++ == 0)
            {
                seen.First = time;
            }
            else
            {
                seen.Distances.Add(time - seen.Last);
            }

            seen.Last = time;
        }
    }

    /// <summary>Gaps while they are found. A point that comes up to half an interval late makes none.</summary>
    private sealed class Gaps(long interval)
    {
        private readonly PriorityQueue<SeriesGap, long> longest = new();

        public long Count { get; private set; }

        public long Uncovered { get; private set; }

        public SeriesGap? Longest { get; private set; }

        public void Begin(long from, long first)
        {
            // No point before the range is known to cover its start.
            if (first - from > interval / 2)
            {
                Add(new SeriesGap(from, first), first - from);
            }
        }

        public long Take(PointRun run, long before)
        {
            for (var i = run.Start; i < run.Start + run.Length; i++)
            {
                if (run.Points.Forms[i] != PointForm.Null)
                {
                    Between(before, run.Points.Times[i]);
                    before = run.Points.Times[i];
                }
            }

            return before;
        }

        public void End(long last, long until) => Between(last, until);

        /// <summary>The longest ones, in the order of time.</summary>
        public List<SeriesGap> Named() => [.. longest.UnorderedItems.Select(static one => one.Element).OrderBy(static gap => gap.From)];

        private void Between(long before, long after)
        {
            var length = after - before;
            if (length > interval && length - interval > interval / 2)
            {
                Add(new SeriesGap(before, after), length - interval);
            }
        }

        private void Add(SeriesGap gap, long uncovered)
        {
            Count++;
            Uncovered += uncovered;
            Longest = Longest is { } known && known.Length >= gap.Length ? known : gap;
            longest.Enqueue(gap, gap.Length);
            if (longest.Count > MostGaps)
            {
                longest.Dequeue();
            }
        }
    }
}
