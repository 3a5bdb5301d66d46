using Twin.NgsiLd;
using Twin.Telemetry.Points;
using Twin.Telemetry.Queries;
using Twin.Telemetry.Series;

namespace Twin.Telemetry.Temporal;

/// <summary>Reads the instances of a series that a temporal query asks for.</summary>
internal sealed class WindowReader(SeriesReader reader)
{
    /// <summary>Instances that are read of one series at most to judge a filter.</summary>
    private const int MostJudged = 50_000;

    /// <summary>The instances in the order of their times; at most <paramref name="most"/>, from the end that the answer begins with.</summary>
    public async Task<List<Instance>> ReadAsync(TimeSeries series, TemporalQuery query, int most, CancellationToken cancel)
    {
        if (query.LastN is { } last)
        {
            most = Math.Min(most, last);
        }

        if (query.Property != TimeProperty.ObservedAt)
        {
            return Cut(await ScanAsync(series, query, 0, long.MaxValue, MostJudged + 1, cancel), query, most);
        }

        if (query.LastN is null)
        {
            return await ScanAsync(series, query, query.From, query.Until, most, cancel);
        }

        var points = await reader.LastAsync(series, most, query.From, query.Until, cancel);
        var instances = new List<Instance>(points.Count);
        Take(instances, query, series, new PointRun(points, 0, points.Count), most);
        // Instances without an observedAt lie among the others: then the last ones are looked for among all.
        return instances.Count == points.Count ? instances : Cut(await ScanAsync(series, query, query.From, query.Until, MostJudged + 1, cancel), query, most);
    }

    /// <summary>All instances, to judge a filter by.</summary>
    /// <exception cref="NgsiLdException">TooComplexQuery when there are too many.</exception>
    public async Task<List<Instance>> ReadAllAsync(TimeSeries series, TemporalQuery query, CancellationToken cancel)
    {
        var observed = query.Property == TimeProperty.ObservedAt;
        var all = await ScanAsync(series, query, observed ? query.From : 0, observed ? query.Until : long.MaxValue, MostJudged + 1, cancel);
        return all.Count <= MostJudged
            ? Ordered(all, query)
            : throw new NgsiLdException(
                NgsiLdErrorType.TooComplexQuery, $"A filter is judged by at most {MostJudged} instances of an attribute; narrow the time (timerel).", "timerel");
    }

    /// <summary>Whether there is any instance.</summary>
    public async Task<bool> AnyAsync(TimeSeries series, TemporalQuery query, CancellationToken cancel) =>
        (await ReadAsync(series, query with { LastN = null }, 1, cancel)).Count > 0;

    private async Task<List<Instance>> ScanAsync(TimeSeries series, TemporalQuery query, long from, long until, int most, CancellationToken cancel)
    {
        var instances = new List<Instance>();
        await foreach (var run in reader.ScanAsync(series, from, until, cancel))
        {
            Take(instances, query, series, run, most);
            if (instances.Count >= most)
            {
                break;
            }
        }

        return instances;
    }

    private static void Take(List<Instance> into, TemporalQuery query, TimeSeries series, PointRun run, int most)
    {
        into.EnsureCapacity(into.Count + Math.Min(run.Length, most - into.Count));
        for (var i = run.Start; i < run.Start + run.Length && into.Count < most; i++)
        {
            var instance = new Instance(series, run.Points.Times[i], run.Points.Forms[i], run.Points.Bits[i], run.Points.ExtraAt(i));
            if (instance.Form != PointForm.Erased && query.Takes(instance))
            {
                into.Add(instance);
            }
        }
    }

    private static List<Instance> Ordered(List<Instance> instances, TemporalQuery query)
    {
        if (query.Property != TimeProperty.ObservedAt)
        {
            instances.Sort((a, b) => (a.At(query.Property), a.Time).CompareTo((b.At(query.Property), b.Time)));
        }

        return instances;
    }

    private static List<Instance> Cut(List<Instance> instances, TemporalQuery query, int most)
    {
        Ordered(instances, query);
        return instances.Count <= most ? instances
            : query.LastN is null ? instances[..most]
            : instances[^most..];
    }
}
