using Twin.Telemetry.Chunks;
using Twin.Telemetry.Points;
using Twin.Telemetry.Series;
using Twin.Telemetry.Storage;

namespace Twin.Telemetry.Keeping;

/// <summary>Makes chunks of one series anew without the points of a time.</summary>
internal static class SeriesErasing
{
    /// <summary>Prepares the chunks that come and go.</summary>
    /// <param name="store">Where the chunks are.</param>
    /// <param name="series">The series, all of whose points of that time are sealed.</param>
    /// <param name="from">The first time, in ticks UTC.</param>
    /// <param name="until">The time before which it ends.</param>
    /// <param name="writer">Scratch.</param>
    /// <param name="cancel">Ends the reading.</param>
    /// <returns>Null when there is no point in that time; else the chunks, and how many points go.</returns>
    public static async Task<(SealedSeries Sealed, long Points)?> PrepareAsync(
        TelemetryStore store, TimeSeries series, long from, long until, ByteWriter writer, CancellationToken cancel)
    {
        var removed = new List<long>();
        var chunks = new List<Chunk>();
        var (before, after) = (0L, 0L);
        foreach (var range in await store.ReadRangesAsync(series.Key, int.MaxValue, cancel))
        {
            if (range.Start >= until || range.End < from)
            {
                continue;
            }

            var left = range.Start >= from && range.End < until ? new PointColumns(1) : await RestAsync(store, series, range, from, until, cancel);
            if (left.Count == range.Count)
            {
                continue;
            }

            removed.Add(range.Start);
            before += range.Count;
            after += left.Count;
            chunks.AddRange(Chunk.SealAll(left, full: false, writer, range.Step));
        }

        return removed.Count == 0
            ? null
            : (new SealedSeries(series, removed, chunks, series.SealedCount - before + after, series.SealedStart, series.SealedEnd), before - after);
    }

    private static async Task<PointColumns> RestAsync(TelemetryStore store, TimeSeries series, ChunkRange range, long from, long until, CancellationToken cancel)
    {
        var rest = new PointColumns();
        await foreach (var chunk in store.ReadAsync(series.Key, range.Start, range.Start + 1, ChunkParts.Points, cancel: cancel))
        {
            var points = chunk.Points();
            var (first, last) = (points.LowerBound(from, points.Count), points.LowerBound(until, points.Count));
            rest.Append(points, 0, first);
            rest.Append(points, last, points.Count - last);
        }

        return rest;
    }
}
