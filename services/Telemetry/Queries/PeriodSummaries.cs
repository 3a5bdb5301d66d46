using System.Buffers;
using Twin.Telemetry.Chunks;
using Twin.Telemetry.Points;
using Twin.Telemetry.Series;
using Twin.Telemetry.Storage;

namespace Twin.Telemetry.Queries;

/// <summary>
/// Summaries of consecutive periods while they are being filled: from the summary of a chunk where it lies within a
/// period, from those of its hours where they do, and from points only where a period cuts an hour.
/// </summary>
/// <remarks>There may be very many periods: their room is lent, and given back by <see cref="Dispose"/>.</remarks>
internal sealed class PeriodSummaries : IDisposable
{
    private readonly long[] boundaries;
    private PointSummary[] room;

    /// <summary>Begins without points.</summary>
    /// <param name="boundaries">Where periods begin, ascending, and where the last one ends; ticks UTC.</param>
    public PeriodSummaries(long[] boundaries)
    {
        this.boundaries = boundaries;
        room = ArrayPool<PointSummary>.Shared.Rent(boundaries.Length - 1);
        room.AsSpan(0, boundaries.Length - 1).Fill(new PointSummary());
    }

    /// <summary>The number of periods.</summary>
    public int Length => boundaries.Length - 1;

    /// <summary>The summaries so far.</summary>
    public ReadOnlySpan<PointSummary> Periods => Own;

    private Span<PointSummary> Own => room.AsSpan(0, Length);

    /// <summary>The start of the first period.</summary>
    public long From => boundaries[0];

    /// <summary>The end of the last period.</summary>
    public long Until => boundaries[^1];

    /// <summary>Gives the room back; there are no summaries any more then.</summary>
    public void Dispose()
    {
        var lent = Interlocked.Exchange(ref room, []);
        if (lent.Length > 0)
        {
            ArrayPool<PointSummary>.Shared.Return(lent);
        }
    }

    /// <summary>Adds points.</summary>
    public void Add(PointRun run)
    {
        if (run.Length == 0)
        {
            return;
        }

        var (points, at, end) = (run.Points, run.Start, run.Start + run.Length);
        for (var period = PeriodOf(points.Times[at]); at < end && period < Length; period++)
        {
            var stop = points.Times[end - 1] < boundaries[period + 1] ? end : points.LowerBound(boundaries[period + 1], end);
            room[period].Add(points, at, stop);
            at = stop;
        }
    }

    /// <summary>Adds a chunk by its summaries.</summary>
    /// <param name="chunk">With sums; with extremes when least, greatest or deviation are asked for.</param>
    /// <param name="scratch">Room for the hours, used again from chunk to chunk.</param>
    /// <returns>False when points are needed; nothing has been added then.</returns>
    public bool TryAdd(in StoredChunk chunk, ref HourColumns? scratch)
    {
        if (chunk.Start >= From && chunk.End < Until && PeriodOf(chunk.Start) is var period && chunk.End < boundaries[period + 1])
        {
            room[period].Add(ChunkHead.Read(chunk.Head).Summary);
            return true;
        }

        if (chunk.Sums.Length == 0 || !CutsNoHour(chunk.Start, chunk.End))
        {
            return false;
        }

        var hours = scratch = HourColumns.ReadSums(chunk.Sums, scratch);
        if (chunk.Extremes.Length > 0)
        {
            hours.ReadExtremes(chunk.Extremes);
        }

        Add(hours);
        return true;
    }

    /// <summary>Adds the summaries of others with the same boundaries.</summary>
    public void Add(PeriodSummaries other)
    {
        for (var i = 0; i < Length; i++)
        {
            room[i].Add(other.room[i]);
        }
    }

    private void Add(HourColumns hours)
    {
        var fromHour = From / TimeSpan.TicksPerHour;
        var at = 0;
        while (at < hours.Length && hours.Hours[at] < fromHour)
        {
            at++;
        }

        if (at == hours.Length)
        {
            return;
        }

        for (var period = PeriodOf(hours.Hours[at] * TimeSpan.TicksPerHour); at < hours.Length && period < Length; period++)
        {
            // A boundary within an hour lies after all points of the chunk: then the hour is whole.
            var limit = (boundaries[period + 1] + TimeSpan.TicksPerHour - 1) / TimeSpan.TicksPerHour;
            var start = at;
            while (at < hours.Length && hours.Hours[at] < limit)
            {
                at++;
            }

            hours.AddTo(ref room[period], start, at);
        }
    }

    private int PeriodOf(long time)
    {
        var found = boundaries.AsSpan().BinarySearch(time);
        return Math.Max(0, found < 0 ? ~found - 1 : found);
    }

    private bool CutsNoHour(long start, long end)
    {
        for (var i = PeriodOf(start); i < boundaries.Length && boundaries[i] <= end; i++)
        {
            if (boundaries[i] > start && boundaries[i] % TimeSpan.TicksPerHour != 0)
            {
                return false;
            }
        }

        return true;
    }
}
