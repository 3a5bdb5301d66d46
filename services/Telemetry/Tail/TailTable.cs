using Twin.Telemetry.Points;
using Twin.Telemetry.Series;
using Twin.Telemetry.Storage;

namespace Twin.Telemetry.Tail;

/// <summary>
/// The points that are committed and not sealed, in the tails of their series. Whoever calls holds the committer's turn.
/// </summary>
internal sealed class TailTable(TelemetryStore store)
{
    private List<TimeSeries> dirty = [];

    /// <summary>Series whose newest value has changed and waits to be told; whoever tells it empties the list.</summary>
    public List<TimeSeries> Announced { get; private set; } = [];

    /// <summary>Points in all tails.</summary>
    public long Points { get; private set; }

    /// <summary>Makes committed points visible, and says what became of each.</summary>
    public async ValueTask<BatchCounts> ApplyAsync(PointBatch batch)
    {
        var late = AppendInOrder(batch);
        batch.Tenant.Live?.Take(batch, late);
        var counts = new BatchCounts(batch.Points.Count - (late?.Count ?? 0), 0, 0);
        if (late is null)
        {
            return counts;
        }

        // Stable within a time, so that of two points of one time the later row wins.
        late.Sort((a, b) => (batch.Series[a].Key, batch.Points.Times[a], a).CompareTo((batch.Series[b].Key, batch.Points.Times[b], b)));
        for (int start = 0, end; start < late.Count; start = end)
        {
            end = start + 1;
            while (end < late.Count && ReferenceEquals(batch.Series[late[end]], batch.Series[late[start]]))
            {
                end++;
            }

            counts += await ApplyLateAsync(batch.Series[late[start]], batch, late[start..end]);
        }

        return counts;
    }

    /// <summary>Hands the tails over for sealing; new points begin new ones.</summary>
    public List<TimeSeries> Freeze()
    {
        var taken = dirty;
        foreach (var series in taken)
        {
            series.Frozen = series.Tail;
            series.Tail = null;
        }

        dirty = [];
        Points = 0;
        return taken;
    }

    /// <summary>Forgets the points of a series that is deleted.</summary>
    public void Drop(TimeSeries series)
    {
        if (series.Tail is { } tail)
        {
            Points -= tail.Count;
            series.Tail = null;
            dirty.Remove(series);
        }
    }

    /// <summary>Appends the points that are newer than all of their series; the others are late, or there already.</summary>
    private List<int>? AppendInOrder(PointBatch batch)
    {
        List<int>? late = null;
        var times = batch.Points.Times;
        var forms = batch.Points.Forms;
        var bits = batch.Points.Bits;
        var series = batch.Series;
        var announces = batch.Announces;
        for (var i = 0; i < times.Length; i++)
        {
            var one = series[i];
            if (times[i] > one.Newest && forms[i] != PointForm.Erased)
            {
                TailOf(one).Append(times[i], forms[i], bits[i], batch.Points.ExtraAt(i));
                one.Newest = times[i];
                if (announces && !one.Announced)
                {
                    Announce(one);
                }
            }
            else
            {
                (late ??= []).Add(i);
            }
        }

        Points += times.Length - (late?.Count ?? 0);
        return late;
    }

    /// <summary>Takes the series whose newest value waits to be told.</summary>
    public List<TimeSeries> TakeAnnounced()
    {
        var taken = Announced;
        Announced = [];
        return taken;
    }

    private void Announce(TimeSeries series)
    {
        series.Announced = true;
        Announced.Add(series);
    }

    private async ValueTask<BatchCounts> ApplyLateAsync(TimeSeries series, PointBatch batch, List<int> late)
    {
        var points = batch.Points;
        await using var known = new KnownPoints(store, series, points.Times[late[0]], points.Times[late[^1]]);
        var changed = new PointColumns();
        var counts = default(BatchCounts);
        for (int start = 0, end; start < late.Count; start = end)
        {
            var time = points.Times[late[start]];
            var current = await known.AtAsync(time);
            end = start;
            for (; end < late.Count && points.Times[late[end]] == time; end++)
            {
                var (form, bits, extra) = (points.Forms[late[end]], points.Bits[late[end]], points.ExtraAt(late[end]));
                // A point at the time of a step is one more of it; only who takes it back means the step.
                var there = current is { } one && one.Form != PointForm.Erased && (one.Extra?.Step is null || form == PointForm.Erased);
                if (there ? PointValue.Doubles(form, bits, extra, current!.Value.Form, current.Value.Bits, current.Value.Extra) : form == PointForm.Erased)
                {
                    counts += new BatchCounts(0, 1, 0);
                    continue;
                }

                counts += there ? new BatchCounts(0, 0, 1) : new BatchCounts(1, 0, 0);
                current = new KnownPoint(form, bits, extra, New: true);
            }

            if (current is { New: true } made)
            {
                changed.Append(time, made.Form, made.Bits, made.Extra);
            }
        }

        if (changed.Count > 0)
        {
            var tail = TailOf(series);
            var merged = PointMerge.Merge(tail, changed, keepErased: true);
            Points += merged.Count - tail.Count;
            series.Tail = merged;
            if (batch.Announces && !series.Announced && changed.Times[^1] >= series.Newest)
            {
                Announce(series);
            }

            series.Newest = Math.Max(series.Newest, merged.Times[^1]);
            batch.Tenant.Live?.Take(series, changed);
        }

        return counts;
    }

    private PointColumns TailOf(TimeSeries series)
    {
        if (series.Tail is { } tail)
        {
            return tail;
        }

        dirty.Add(series);
        return series.Tail = new PointColumns(4);
    }
}
