using Twin.Telemetry.Chunks;
using Twin.Telemetry.Points;
using Twin.Telemetry.Series;
using Twin.Telemetry.Storage;

namespace Twin.Telemetry.Tail;

/// <summary>
/// Decides how the frozen points of one series go into chunks. Points after all chunks take along the last chunks that are
/// not larger than twice what they come with, so that chunks grow by doubling and each point is written a few times at
/// most. Points among chunks go into the chunk before them.
/// </summary>
internal static class SeriesSealing
{
    private const int TrailingChunks = 16;

    public static async Task<SealedSeries> PrepareAsync(TelemetryStore store, TimeSeries series, ByteWriter writer, CancellationToken cancel)
    {
        var points = series.Frozen!;
        if (points.Times[0] < series.KeptUntil)
        {
            // What comes among the steps waits for the next pass of the keeping.
            series.KeptUntil = TimeSeries.Never;
        }

        if (series.SealedCount == 0)
        {
            return Sealed(series, [], Chunk.SealAll(PointMerge.Merge(null, points, keepErased: false), full: true, writer), 0);
        }

        return points.Times[0] > series.SealedEnd
            ? await AppendAsync(store, series, points, writer, cancel)
            : await InsertAsync(store, series, points, writer, cancel);
    }

    private static async Task<SealedSeries> AppendAsync(TelemetryStore store, TimeSeries series, PointColumns points, ByteWriter writer, CancellationToken cancel)
    {
        var total = points.Count;
        var taken = new List<ChunkRange>();
        foreach (var range in await store.ReadRangesAsync(series.Key, TrailingChunks, cancel))
        {
            if (range.Count >= Chunk.MostPoints || range.Count > 2L * total || range.Step > 0)
            {
                break;
            }

            taken.Add(range);
            total += range.Count;
        }

        var merged = taken.Count == 0 ? null : await PointsAsync(store, series, taken[^1].Start, taken[0].End, cancel);
        var all = PointMerge.Merge(merged, points, keepErased: false);
        return Sealed(series, [.. taken.Select(static range => range.Start)], Chunk.SealAll(all, full: true, writer), merged?.Count ?? 0);
    }

    private static async Task<SealedSeries> InsertAsync(TelemetryStore store, TimeSeries series, PointColumns points, ByteWriter writer, CancellationToken cancel)
    {
        var ranges = await store.ReadRangesAsync(series.Key, int.MaxValue, cancel);
        ranges.Reverse();
        var removed = new List<long>();
        var chunks = new List<Chunk>();
        var before = 0;
        for (int start = 0, end, at = -1; start < points.Count; start = end, at++)
        {
            // The points from the start of one chunk to the start of the next; those before all chunks go to the first.
            end = at + 1 < ranges.Count ? points.LowerBound(ranges[at + 1].Start, points.Count) : points.Count;
            if (at < 0 && ranges.Count > 0)
            {
                end = ranges.Count > 1 ? points.LowerBound(ranges[1].Start, points.Count) : points.Count;
                at = 0;
            }

            if (end == start)
            {
                continue;
            }

            var some = new PointColumns(end - start);
            some.Append(points, start, end - start);
            PointColumns? there = null;
            if (at >= 0)
            {
                there = await PointsAsync(store, series, ranges[at].Start, ranges[at].End, cancel);
                removed.Add(ranges[at].Start);
                before += there.Count;
            }

            chunks.AddRange(Chunk.SealAll(PointMerge.Merge(there, some, keepErased: false), full: false, writer));
        }

        return Sealed(series, removed, chunks, before);
    }

    private static async Task<PointColumns> PointsAsync(TelemetryStore store, TimeSeries series, long from, long to, CancellationToken cancel)
    {
        var points = new PointColumns();
        await foreach (var chunk in store.ReadAsync(series.Key, from, to + 1, ChunkParts.Points, cancel: cancel))
        {
            var some = chunk.Points();
            points.Append(some, 0, some.Count);
        }

        return points;
    }

    private static SealedSeries Sealed(TimeSeries series, List<long> removed, List<Chunk> chunks, int before)
    {
        var (start, end) = (series.SealedStart, series.SealedEnd);
        foreach (var chunk in chunks)
        {
            start = Math.Min(start, chunk.Start);
            end = Math.Max(end, chunk.End);
        }

        return new SealedSeries(series, removed, chunks, series.SealedCount - before + chunks.Sum(static chunk => (long)chunk.Count), start, end);
    }
}
