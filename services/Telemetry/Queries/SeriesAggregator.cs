using Twin.Telemetry.Chunks;
using Twin.Telemetry.Points;
using Twin.Telemetry.Series;
using Twin.Telemetry.Storage;

namespace Twin.Telemetry.Queries;

/// <summary>
/// Aggregates over periods of any lengths. A long range of many series costs the reading of its hourly summaries; points
/// are read where a period cuts an hour, and where newer points lie over a chunk.
/// </summary>
internal sealed class SeriesAggregator(TelemetryStore store)
{
    /// <summary>Series that one reader passes over in one go.</summary>
    private const int SeriesPerScan = 512;

    /// <summary>How often it begins again when chunks were replaced under it (<see cref="TimeSeries.Rewrites"/>).</summary>
    private const int MostAttempts = 20;

    /// <summary>Aggregates one series.</summary>
    /// <param name="series">The series.</param>
    /// <param name="boundaries">Where periods begin, ascending, and where the last one ends; ticks UTC.</param>
    /// <param name="extremes">Whether least, greatest, squares and deviation are asked for, or count, sum and mean alone.</param>
    /// <param name="cancel">Ends the reading.</param>
    /// <returns>The summaries, to be disposed of.</returns>
    public async Task<PeriodSummaries> AggregateAsync(TimeSeries series, long[] boundaries, bool extremes, CancellationToken cancel)
    {
        for (var attempt = 1; ; attempt++)
        {
            var rewrites = Rewrites([series]);
            var summaries = await AggregateOnceAsync(series, boundaries, extremes, cancel);
            if ((rewrites is not null && rewrites == Rewrites([series])) || attempt == MostAttempts)
            {
                return summaries;
            }

            summaries.Dispose();
        }
    }

    private async Task<PeriodSummaries> AggregateOnceAsync(TimeSeries series, long[] boundaries, bool extremes, CancellationToken cancel)
    {
        var summaries = new PeriodSummaries(boundaries);
        var recent = SeriesReader.Recent(series);
        var walk = new Walk(summaries, recent, boundaries);
        await foreach (var chunk in store.ReadAsync(series.Key, summaries.From, summaries.Until, PartsFor(boundaries, extremes), cancel: cancel))
        {
            await walk.TakeAsync(store, chunk, cancel);
        }

        walk.End();
        return summaries;
    }

    /// <summary>Aggregates many series into groups, in parallel.</summary>
    /// <typeparam name="TGroup">What series are brought together by.</typeparam>
    /// <param name="series">The series.</param>
    /// <param name="group">The group of a series.</param>
    /// <param name="boundaries">Where periods begin, ascending, and where the last one ends; ticks UTC.</param>
    /// <param name="extremes">Whether least, greatest, squares and deviation are asked for, or count, sum and mean alone.</param>
    /// <param name="cancel">Ends the reading.</param>
    /// <returns>The summaries of each group, to be disposed of.</returns>
    public async Task<Dictionary<TGroup, PeriodSummaries>> AggregateAsync<TGroup>(
        IEnumerable<TimeSeries> series, Func<TimeSeries, TGroup> group, long[] boundaries, bool extremes, CancellationToken cancel)
        where TGroup : notnull
    {
        var scans = series.OrderBy(static one => one.Key).Chunk(SeriesPerScan);
        var total = new Dictionary<TGroup, PeriodSummaries>();
        await Parallel.ForEachAsync(scans, new ParallelOptions { CancellationToken = cancel, MaxDegreeOfParallelism = Environment.ProcessorCount }, async (scan, stop) =>
        {
            var groups = await ScanAsync(scan, group, boundaries, extremes, stop);
            lock (total)
            {
                foreach (var (name, summaries) in groups)
                {
                    if (!total.TryAdd(name, summaries))
                    {
                        total[name].Add(summaries);
                        summaries.Dispose();
                    }
                }
            }
        });
        return total;
    }

    private async Task<Dictionary<TGroup, PeriodSummaries>> ScanAsync<TGroup>(
        TimeSeries[] scan, Func<TimeSeries, TGroup> group, long[] boundaries, bool extremes, CancellationToken cancel)
        where TGroup : notnull
    {
        for (var attempt = 1; ; attempt++)
        {
            var rewrites = Rewrites(scan);
            var groups = await ScanOnceAsync(scan, group, boundaries, extremes, cancel);
            if ((rewrites is not null && rewrites == Rewrites(scan)) || attempt == MostAttempts)
            {
                return groups;
            }

            foreach (var summaries in groups.Values)
            {
                summaries.Dispose();
            }
        }
    }

    /// <summary>How often chunks of the series were replaced; null while some are.</summary>
    private static long? Rewrites(ReadOnlySpan<TimeSeries> some)
    {
        long sum = 0;
        foreach (var series in some)
        {
            var rewrites = series.Rewrites;
            if (rewrites % 2 != 0)
            {
                return null;
            }

            sum += rewrites;
        }

        return sum;
    }

    private async Task<Dictionary<TGroup, PeriodSummaries>> ScanOnceAsync<TGroup>(
        TimeSeries[] scan, Func<TimeSeries, TGroup> group, long[] boundaries, bool extremes, CancellationToken cancel)
        where TGroup : notnull
    {
        var groups = new Dictionary<TGroup, PeriodSummaries>();
        var walks = new Dictionary<int, Walk>(scan.Length);
        foreach (var one in scan)
        {
            var name = group(one);
            if (!groups.TryGetValue(name, out var summaries))
            {
                groups.Add(name, summaries = new PeriodSummaries(boundaries));
            }

            walks.Add(one.Key, new Walk(summaries, SeriesReader.Recent(one), boundaries));
        }

        var unanswered = new List<StoredChunk>();
        HourColumns? scratch = null;
        await store.ReadManyAsync(
            scan[0].Key,
            scan[^1].Key,
            boundaries[0],
            boundaries[^1],
            PartsFor(boundaries, extremes),
            chunk =>
            {
                if (walks.TryGetValue(chunk.Series, out var walk) && !walk.TryTake(chunk, ref scratch))
                {
                    unanswered.Add(chunk with { Sums = [], Extremes = [] });
                }
            },
            cancel);
        foreach (var chunk in unanswered)
        {
            await walks[chunk.Series].TakePointsAsync(store, chunk, cancel);
        }

        foreach (var walk in walks.Values)
        {
            walk.End();
        }

        return groups;
    }

    /// <summary>Periods shorter than an hour are answered from points alone.</summary>
    private static ChunkParts PartsFor(long[] boundaries, bool extremes) =>
        boundaries.Length > 2 && boundaries[2] - boundaries[1] < TimeSpan.TicksPerHour ? ChunkParts.Points
        : extremes ? ChunkParts.Extremes
        : ChunkParts.Sums;

    /// <summary>Goes over the chunks of one series, whatever their order, and then over what is newer than they.</summary>
    private sealed class Walk(PeriodSummaries summaries, PointColumns? recent, long[] boundaries)
    {
        private readonly List<(long Start, long End)> covered = [];
        private HourColumns? own;

        public async ValueTask TakeAsync(TelemetryStore store, StoredChunk chunk, CancellationToken cancel)
        {
            if (!TryTake(chunk, ref own))
            {
                await TakePointsAsync(store, chunk, cancel);
            }
        }

        /// <summary>Adds a chunk by its summaries or the points that came with it; false when its points must be read.</summary>
        public bool TryTake(in StoredChunk chunk, ref HourColumns? scratch)
        {
            if (chunk.Data.Length > 0)
            {
                AddPoints(chunk.Points(), chunk.Start, chunk.End);
                return true;
            }

            return !IsOverlaid(chunk) && summaries.TryAdd(chunk, ref scratch);
        }

        /// <summary>
        /// Adds the points of a chunk's time. It may have been replaced since its summaries were read: then by chunks with
        /// the same points, of which some lie outside.
        /// </summary>
        public async ValueTask TakePointsAsync(TelemetryStore store, StoredChunk wanted, CancellationToken cancel)
        {
            await foreach (var chunk in store.ReadAsync(wanted.Series, wanted.Start, wanted.End + 1, ChunkParts.Points, cancel: cancel))
            {
                AddPoints(chunk.Points(), Math.Max(wanted.Start, chunk.Start), Math.Min(wanted.End, chunk.End));
            }
        }

        /// <summary>Adds the newer points that lie in no chunk.</summary>
        public void End()
        {
            if (recent is null)
            {
                return;
            }

            var from = summaries.From;
            foreach (var (start, end) in covered.OrderBy(static one => one.Start))
            {
                Add(from, start);
                from = Math.Max(from, end + 1);
            }

            Add(from, summaries.Until);

            void Add(long start, long until)
            {
                if (start < until)
                {
                    summaries.Add(SeriesReader.Run(recent, null, start, until));
                }
            }
        }

        private bool IsOverlaid(in StoredChunk chunk)
        {
            if (recent is null)
            {
                return false;
            }

            var count = recent.Count;
            return recent.LowerBound(chunk.Start, count) < recent.LowerBound(chunk.End + 1, count);
        }

        private void AddPoints(PointColumns points, long start, long end)
        {
            if (recent is not null)
            {
                covered.Add((start, end));
            }

            summaries.Add(SeriesReader.Run(recent, points, Math.Max(start, boundaries[0]), Math.Min(end + 1, boundaries[^1])));
        }
    }
}
