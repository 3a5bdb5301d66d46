using Twin.Telemetry.Chunks;
using Twin.Telemetry.Points;
using Twin.Telemetry.Series;
using Twin.Telemetry.Storage;

namespace Twin.Telemetry.Keeping;

/// <summary>What a turn at one series came to.</summary>
/// <param name="Sealed">The chunks that come and go; null when there is nothing to do.</param>
/// <param name="Forgotten">Points that go for good.</param>
/// <param name="Sampled">For each rule of down-sampling the points before and after.</param>
/// <param name="Read">Points that were read.</param>
internal sealed record KeepingTurn(SealedSeries? Sealed, long Forgotten, List<(int Rule, long Before, long After)> Sampled, long Read)
{
    public static KeepingTurn Nothing { get; } = new(null, 0, [], 0);
}

/// <summary>
/// Decides what becomes of the chunks of one series by its plan: chunks that are older than the rule go, one that is in
/// part is cut, and points of an age become steps. A turn takes a few neighbouring chunks; what is left is another turn's.
/// It only looks at what is there: however often and wherever it is interrupted, the next turn goes on.
/// </summary>
internal sealed class SeriesKeeping(TelemetryStore store)
{
    private const int ChunksPerTurn = 8;

    /// <summary>Points that are cut off a chunk of which more will be cut: a quarter of the rest, again and again, down to these.</summary>
    private const int LeastPiece = 256;

    /// <summary>Prepares the next turn.</summary>
    public async Task<KeepingTurn> PrepareAsync(SeriesPlan plan, ByteWriter writer, CancellationToken cancel)
    {
        var series = plan.Series;
        if (series.Removed || series.SealedCount == 0 || plan.Until <= Math.Max(series.KeptUntil, series.SealedStart))
        {
            return KeepingTurn.Nothing;
        }

        var ranges = await store.ReadRangesAsync(series.Key, int.MaxValue, cancel);
        ranges.Reverse();
        var first = ranges.FindIndex(range => IsDue(plan, range));
        if (first < 0)
        {
            series.KeptUntil = plan.Until;
            return KeepingTurn.Nothing;
        }

        return ranges[first].End < plan.Before ? Drop(plan, ranges, first) : await RewriteAsync(plan, ranges, first, writer, cancel);
    }

    private static bool IsDue(SeriesPlan plan, in ChunkRange range)
    {
        if (range.Start < plan.Before)
        {
            return true;
        }

        // Steps become longer with age: the oldest point of a chunk has the longest.
        return plan.At(range.Start) is { } step && step.Step > range.Step;
    }

    private static KeepingTurn Drop(SeriesPlan plan, List<ChunkRange> ranges, int first)
    {
        var end = first;
        while (end < ranges.Count && ranges[end].End < plan.Before)
        {
            end++;
        }

        var forgotten = ranges[first..end].Sum(static range => (long)range.Count);
        return new KeepingTurn(Result(plan.Series, ranges, first, end, []), forgotten, [], 0);
    }

    private async Task<KeepingTurn> RewriteAsync(SeriesPlan plan, List<ChunkRange> ranges, int first, ByteWriter writer, CancellationToken cancel)
    {
        var (start, end, limit) = Run(plan, ranges, first);
        var points = new PointColumns();
        await foreach (var chunk in store.ReadAsync(plan.Series.Key, ranges[start].Start, ranges[end - 1].End + 1, ChunkParts.Points, cancel: cancel))
        {
            var some = chunk.Points();
            points.Append(some, 0, some.Count);
        }

        var at = points.LowerBound(plan.Before, points.Count);
        var forgotten = at;
        var sampled = new List<(int, long, long)>();
        var chunks = new List<Chunk>();
        while (at < points.Count && plan.At(points.Times[at]) is { } step && points.Times[at] < limit)
        {
            var region = Math.Min(limit, plan.Next(points.Times[at]));
            var stop = points.LowerBound(region, points.Count);
            var steps = new PointColumns();
            StepPoints.Append(steps, points, at, stop, step.Step, Math.Max(From(plan, points.Times[at]), chunks.Count > 0 ? chunks[^1].End + 1 : 0));
            chunks.AddRange(Chunk.SealAll(steps, full: true, writer, step.Step));
            sampled.Add((step.Rule, stop - at, steps.Count));
            at = stop;
        }

        SealRest(points, at, chunks, writer);
        return new KeepingTurn(Result(plan.Series, ranges, start, end, chunks), forgotten, sampled, points.Count);
    }

    /// <summary>
    /// The chunks of one turn, and the time before which steps are whole: a step goes on in the next chunk where that begins
    /// before the step ends.
    /// </summary>
    private static (int Start, int End, long Limit) Run(SeriesPlan plan, List<ChunkRange> ranges, int first)
    {
        var start = first;
        if (plan.At(Math.Max(ranges[first].Start, plan.Before)) is { } step)
        {
            // A step that began in the chunk before, and a chunk of steps that grows by this turn.
            var coming = Math.Max(1, (ranges[first].End - ranges[first].Start) / step.Step);
            while (start > 0 && (ranges[start - 1].End >= StepPoints.Floor(ranges[start].Start, step.Step)
                || (ranges[start - 1].Step == step.Step && ranges[start - 1].Count <= 2 * coming && ranges[start - 1].Count < Chunk.MostPoints / 2)))
            {
                start--;
                coming += ranges[start].Count;
            }
        }

        var end = first + 1;
        while (end < ranges.Count && end - first < ChunksPerTurn && IsDue(plan, ranges[end]))
        {
            end++;
        }

        var limit = Limit();
        while (limit <= Math.Max(ranges[first].Start, plan.Before) && end < ranges.Count)
        {
            end++;
            limit = Limit();
        }

        return (start, end, limit);

        long Limit() => end < ranges.Count && plan.At(ranges[end - 1].End) is { } last ? StepPoints.Floor(ranges[end].Start, last.Step) : long.MaxValue;
    }

    /// <summary>Where the steps of a time begin at the earliest: those before are others'.</summary>
    private static long From(SeriesPlan plan, long time)
    {
        long from = plan.Before;
        foreach (var step in plan.Steps)
        {
            from = step.Boundary <= time ? Math.Max(from, step.Boundary) : from;
        }

        return from;
    }

    /// <summary>
    /// Seals the points that stay as they are. The next pass will cut there again: what it meets is small, so that each
    /// point is written a few times at most and not once in every pass.
    /// </summary>
    private static void SealRest(PointColumns points, int at, List<Chunk> chunks, ByteWriter writer)
    {
        var left = points.Count - at;
        if (left == 0)
        {
            return;
        }

        var sizes = new Stack<int>();
        while (left > 2 * LeastPiece)
        {
            sizes.Push(Math.Min(Chunk.MostPoints, left - (left / 4)));
            left -= sizes.Peek();
        }

        sizes.Push(left);
        foreach (var size in sizes)
        {
            for (var rest = size; rest > 0; rest -= Chunk.MostPoints)
            {
                var length = Math.Min(rest, Chunk.MostPoints);
                chunks.Add(Chunk.Of(points, at, length, writer));
                at += length;
            }
        }
    }

    private static SealedSeries Result(TimeSeries series, List<ChunkRange> ranges, int start, int end, List<Chunk> chunks)
    {
        var left = ranges.Sum(static range => (long)range.Count) - ranges[start..end].Sum(static range => (long)range.Count) + chunks.Sum(static chunk => (long)chunk.Count);
        var oldest = start > 0 ? ranges[0].Start : chunks.Count > 0 ? chunks[0].Start : end < ranges.Count ? ranges[end].Start : series.SealedStart;
        return new SealedSeries(series, [.. ranges[start..end].Select(static range => range.Start)], chunks, left, oldest, series.SealedEnd);
    }
}
