using System.Threading.Channels;
using Twin.Telemetry.Points;
using Twin.Telemetry.Series;
using Twin.Telemetry.Tail;

namespace Twin.Telemetry.Live;

/// <summary>
/// What is committed in one tenant, on its way to those who look on. The committer leaves points here and goes on; one
/// publisher takes them. Whatever comes faster than it publishes is coalesced: the newest point of a series, and how many
/// it stands for.
/// </summary>
internal sealed class LiveFeed
{
    /// <summary>Points that wait singly.</summary>
    public const int MostWaiting = 16_384;

    private readonly Lock gate = new();
    private readonly Channel<bool> arrived = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });
    private readonly Dictionary<TimeSeries, LivePoint> coalesced = [];
    private List<LivePoint> waiting = [];
    private List<LivePoint> spare = [];

    /// <summary>Takes the points of a batch that are newer than all before them of their series.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="late">The indices of the others, ascending; null for none.</param>
    public void Take(PointBatch batch, List<int>? late)
    {
        lock (gate)
        {
            var next = 0;
            for (var i = 0; i < batch.Points.Count; i++)
            {
                if (late is not null && next < late.Count && late[next] == i)
                {
                    next++;
                    continue;
                }

                Add(batch.Series[i], batch.Points, i);
            }
        }

        arrived.Writer.TryWrite(true);
    }

    /// <summary>Takes points that came late or in the place of others.</summary>
    public void Take(TimeSeries series, PointColumns points)
    {
        lock (gate)
        {
            for (var i = 0; i < points.Count; i++)
            {
                Add(series, points, i);
            }
        }

        arrived.Writer.TryWrite(true);
    }

    /// <summary>Ends when points wait; false when there will be none any more.</summary>
    public async ValueTask<bool> WaitAsync() => await arrived.Reader.WaitToReadAsync() && arrived.Reader.TryRead(out _);

    /// <summary>No more points.</summary>
    public void End() => arrived.Writer.TryComplete();

    /// <summary>What waits, in the order in which it came. The list is good until the next call.</summary>
    public List<LivePoint> Drain()
    {
        lock (gate)
        {
            var taken = waiting;
            taken.AddRange(coalesced.Values);
            coalesced.Clear();
            spare.Clear();
            (waiting, spare) = (spare, taken);
            return taken;
        }
    }

    private void Add(TimeSeries series, PointColumns points, int at)
    {
        if (points.Forms[at] == PointForm.Erased)
        {
            return;
        }

        var point = new LivePoint(series, points.Times[at], points.Forms[at], points.Bits[at], points.ExtraAt(at), 0);
        if (waiting.Count < MostWaiting)
        {
            waiting.Add(point);
            return;
        }

        if (!coalesced.TryAdd(series, point))
        {
            var before = coalesced[series];
            coalesced[series] = (point.Time >= before.Time ? point : before) with { Skipped = before.Skipped + 1 };
        }
    }
}
