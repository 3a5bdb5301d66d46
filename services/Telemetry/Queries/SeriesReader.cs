using System.Runtime.CompilerServices;
using Twin.Telemetry.Points;
using Twin.Telemetry.Series;
using Twin.Telemetry.Storage;

namespace Twin.Telemetry.Queries;

/// <summary>A run of points in the order of time.</summary>
/// <param name="Points">Their columns.</param>
/// <param name="Start">The index of the first.</param>
/// <param name="Length">How many.</param>
internal readonly record struct PointRun(PointColumns Points, int Start, int Length);

/// <summary>Reads the points of one series: what is sealed and what is not, as one list without two points of one time.</summary>
internal sealed class SeriesReader(TelemetryStore store)
{
    /// <summary>
    /// Streams the points from a time to before another, in ascending order. Runs come chunk by chunk, so that a reader may
    /// stop early and never holds more than one.
    /// </summary>
    /// <param name="series">The series.</param>
    /// <param name="from">The first time, in ticks UTC.</param>
    /// <param name="until">The time before which it ends.</param>
    /// <param name="cancel">Ends the reading.</param>
    public async IAsyncEnumerable<PointRun> ScanAsync(TimeSeries series, long from, long until, [EnumeratorCancellation] CancellationToken cancel)
    {
        var recent = Recent(series);
        await foreach (var chunk in store.ReadAsync(series.Key, from, until, ChunkParts.Points, cancel: cancel))
        {
            if (from < chunk.Start && Run(recent, null, from, chunk.Start) is { Length: > 0 } before)
            {
                yield return before;
            }

            var start = Math.Max(from, chunk.Start);
            var end = Math.Min(until, chunk.End + 1);
            if (Run(recent, chunk.Points(), start, end) is { Length: > 0 } run)
            {
                yield return run;
            }

            from = Math.Max(from, end);
        }

        if (from < until && Run(recent, null, from, until) is { Length: > 0 } rest)
        {
            yield return rest;
        }
    }

    /// <summary>The last points from a time to before another, in ascending order.</summary>
    /// <param name="series">The series.</param>
    /// <param name="most">How many at most.</param>
    /// <param name="from">The first time, in ticks UTC.</param>
    /// <param name="until">The time before which it ends.</param>
    /// <param name="cancel">Ends the reading.</param>
    public async Task<PointColumns> LastAsync(TimeSeries series, int most, long from, long until, CancellationToken cancel)
    {
        var recent = Recent(series);
        var runs = new List<PointRun>();
        var found = 0;
        void Take(PointRun run)
        {
            var length = Math.Min(run.Length, most - found);
            if (length == 0)
            {
                return;
            }

            runs.Add(new PointRun(run.Points, run.Start + run.Length - length, length));
            found += length;
        }

        await foreach (var chunk in store.ReadAsync(series.Key, from, until, ChunkParts.Points, descending: true, cancel))
        {
            if (chunk.End + 1 < until)
            {
                Take(Run(recent, null, chunk.End + 1, until));
            }

            if (found < most)
            {
                Take(Run(recent, chunk.Points(), Math.Max(from, chunk.Start), Math.Min(until, chunk.End + 1)));
            }

            until = Math.Min(until, chunk.Start);
            if (found >= most)
            {
                break;
            }
        }

        if (found < most && from < until)
        {
            Take(Run(recent, null, from, until));
        }

        var last = new PointColumns(Math.Max(1, found));
        for (var i = runs.Count - 1; i >= 0; i--)
        {
            last.Append(runs[i].Points, runs[i].Start, runs[i].Length);
        }

        return last;
    }

    /// <summary>The newest point; no points when there is none.</summary>
    public async ValueTask<PointColumns> LatestAsync(TimeSeries series, CancellationToken cancel)
    {
        if (Recent(series) is { Count: > 0 } recent && recent.Forms[^1] != PointForm.Erased && recent.Times[^1] >= series.SealedEnd)
        {
            var latest = new PointColumns(1);
            latest.Append(recent, recent.Count - 1, 1);
            return latest;
        }

        return await LastAsync(series, 1, 0, long.MaxValue, cancel);
    }

    /// <summary>What is committed and not sealed. Taken before the store is read: points move from here to there.</summary>
    internal static PointColumns? Recent(TimeSeries series)
    {
        var tail = series.Tail;
        var frozen = series.Frozen;
        return PointMerge.Merge(frozen, tail);
    }

    /// <summary>The points of a chunk with the newer ones over them, from a time to before another.</summary>
    internal static PointRun Run(PointColumns? recent, PointColumns? chunk, long from, long until)
    {
        var newer = Slice(recent, from, until);
        if (newer.Length == 0)
        {
            return Slice(chunk, from, until);
        }

        var some = new PointColumns(newer.Length);
        some.Append(newer.Points, newer.Start, newer.Length);
        var older = Slice(chunk, from, until);
        PointColumns? there = null;
        if (older.Length > 0)
        {
            there = new PointColumns(older.Length);
            there.Append(older.Points, older.Start, older.Length);
        }

        var merged = PointMerge.Merge(there, some, keepErased: false);
        return new PointRun(merged, 0, merged.Count);
    }

    private static PointRun Slice(PointColumns? points, long from, long until)
    {
        if (points is null)
        {
            return default;
        }

        var count = points.Count;
        var start = points.LowerBound(from, count);
        var end = points.LowerBound(until, count);
        return new PointRun(points, start, Math.Max(0, end - start));
    }
}
