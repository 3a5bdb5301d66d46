using System.Runtime.InteropServices;
using Twin.Telemetry.Series;
using Twin.Telemetry.Temporal;

namespace Twin.Telemetry.Live;

/// <summary>
/// The viewers of one tenant, in groups, and their one publisher. It keeps the last points, for those who come back with a
/// Last-Event-ID, and the newest of each series, for those who cannot follow.
/// </summary>
internal sealed class LiveTenant(Tenant tenant, long run, TimeProvider clock)
{
    /// <summary>Points that are kept for those who come back.</summary>
    private const int Kept = LiveFeed.MostWaiting;

    /// <summary>Series of which the newest point is kept; past it those who are behind are told of a gap.</summary>
    private const int MostSeries = 100_000;

    private readonly Lock turn = new();
    private readonly LiveFeed feed = new();
    private readonly LivePoint[] kept = new LivePoint[Kept];
    private readonly Dictionary<TimeSeries, (long Number, LivePoint Point)> newest = [];
    private readonly Dictionary<LiveKey, LiveGroup> groups = [];
    private readonly Dictionary<string, List<LiveGroup>> byId = new(StringComparer.Ordinal);
    private readonly List<LiveGroup> ofAny = [];
    private readonly HashSet<LiveGroup> touched = [];
    private long newestFrom;
    private long last;
    private long beat;
    private DateTimeOffset emptySince;

    /// <summary>Its tenant.</summary>
    public Tenant Tenant { get; } = tenant;

    /// <summary>The heartbeat that all viewers answer.</summary>
    public long Beat => Volatile.Read(ref beat);

    /// <summary>Since when nobody looks on; null when somebody does.</summary>
    public DateTimeOffset? EmptySince
    {
        get
        {
            lock (turn)
            {
                return groups.Count == 0 ? emptySince : null;
            }
        }
    }

    /// <summary>Publishes what is committed from now on, until <see cref="Close"/>.</summary>
    public async Task RunAsync()
    {
        emptySince = clock.GetUtcNow();
        Tenant.Live = feed;
        while (await feed.WaitAsync())
        {
            lock (turn)
            {
                Publish(feed.Drain());
            }
        }
    }

    /// <summary>Ends the publishing, and wakes everybody.</summary>
    public void Close()
    {
        Tenant.Live = null;
        feed.End();
        Ring(long.MaxValue);
    }

    /// <summary>Wakes everybody to show that the stream is alive.</summary>
    /// <param name="patience">Heartbeats for which one may take nothing of what is sent to it.</param>
    /// <returns>Those who were dropped since they do not read.</returns>
    public int Ring(long patience)
    {
        lock (turn)
        {
            beat++;
            return groups.Values.Sum(group => group.Ring(beat - patience));
        }
    }

    /// <summary>Takes a viewer in.</summary>
    /// <param name="key">What it sees.</param>
    /// <param name="make">Makes its group when there is none.</param>
    /// <param name="since">The id of the last event that it has got before; null for a new one.</param>
    /// <param name="drop">Breaks its connection.</param>
    /// <param name="missed">What it has missed since then.</param>
    public LiveViewer Add(LiveKey key, Func<LiveGroup> make, LiveId? since, Action drop, out Missed missed)
    {
        lock (turn)
        {
            // What was committed before it came is not new to it, and what comes back is in the list.
            Publish(feed.Drain());
            if (!groups.TryGetValue(key, out var group))
            {
                groups.Add(key, group = make());
                foreach (var list in Lists(group))
                {
                    list.Add(group);
                }
            }

            missed = Since(since, group);
            var viewer = new LiveViewer(group, drop) { Beat = beat };
            group.Add(viewer, last);
            return viewer;
        }
    }

    /// <summary>Lets a viewer go, and its group with the last one.</summary>
    public void Remove(LiveViewer viewer)
    {
        lock (turn)
        {
            var group = viewer.Group;
            group.Remove(viewer);
            if (group.Viewers.Length > 0 || !groups.Remove(group.Key))
            {
                return;
            }

            ofAny.Remove(group);
            foreach (var id in group.Ids ?? [])
            {
                if (byId.TryGetValue(id, out var list) && list.Remove(group) && list.Count == 0)
                {
                    byId.Remove(id);
                }
            }

            emptySince = clock.GetUtcNow();
        }
    }

    /// <summary>The newest of each series for a viewer who is too far behind.</summary>
    public void CatchUp(LiveViewer viewer, LiveEvents events)
    {
        lock (turn)
        {
            var group = viewer.Group;
            var after = viewer.Point;
            var skipped = group.Skip(viewer, last);
            if (after < newestFrom)
            {
                events.WriteGap(0, clock.GetUtcNow().UtcTicks, Id(last));
                return;
            }

            List<(long Number, LivePoint Point)> seen = [.. newest.Values.Where(one => one.Number > after && group.Matches(one.Point.Instance)).OrderBy(static one => one.Number)];
            events.WriteCoalesced(Math.Max(0, skipped - seen.Count));
            foreach (var (number, point) in seen)
            {
                events.Write(point.Instance, Id(number));
            }
        }
    }

    /// <summary>The series that a group sees.</summary>
    public List<TimeSeries> SeriesOf(LiveGroup group)
    {
        var entities = group.Ids is { } ids ? ids.Select(Tenant.FindEntity).OfType<SeriesEntity>() : Tenant.Entities;
        lock (turn)
        {
            return [.. entities.SelectMany(group.Select)];
        }
    }

    /// <summary>Those of some instances that a group is told of.</summary>
    public List<Instance> Told(LiveGroup group, List<Instance> instances)
    {
        lock (turn)
        {
            return instances.FindAll(instance => group.Matches(instance));
        }
    }

    /// <summary>The id of a point.</summary>
    public LiveId Id(long number) => new(run, number, clock.GetUtcNow().ToUnixTimeMilliseconds());

    private void Publish(List<LivePoint> points)
    {
        foreach (var point in points)
        {
            kept[++last % Kept] = point;
            if (newest.Count >= MostSeries && !newest.ContainsKey(point.Series))
            {
                newest.Clear();
                newestFrom = last - 1;
            }

            // One that comes late hides none that is newer.
            ref var known = ref CollectionsMarshal.GetValueRefOrAddDefault(newest, point.Series, out var there);
            known = !there || point.Time >= known.Point.Time ? (last, point) : known;
            if (groups.Count == 0)
            {
                continue;
            }

            foreach (var group in ofAny)
            {
                Tell(group, point);
            }

            if (byId.TryGetValue(point.Series.Entity.Id, out var named))
            {
                foreach (var group in named)
                {
                    Tell(group, point);
                }
            }
        }

        foreach (var group in touched)
        {
            group.EndRound(last);
        }

        touched.Clear();
    }

    private void Tell(LiveGroup group, in LivePoint point)
    {
        if (group.Matches(point.Instance))
        {
            group.Write(point, Id(last));
            touched.Add(group);
        }
    }

    private Missed Since(LiveId? since, LiveGroup group)
    {
        if (since is not { } id)
        {
            return default;
        }

        if (id.Run != run || last - id.Point > Kept || id.Point > last)
        {
            return new Missed([], id.At);
        }

        var points = new List<(LivePoint, LiveId)>();
        for (var number = id.Point + 1; number <= last; number++)
        {
            if (group.Matches(At(number).Instance))
            {
                points.Add((At(number), Id(number)));
            }
        }

        return new Missed(points, null);
    }

    private LivePoint At(long number) => kept[number % Kept];

    private IEnumerable<List<LiveGroup>> Lists(LiveGroup group)
    {
        if (group.Ids is not { } ids)
        {
            yield return ofAny;
            yield break;
        }

        foreach (var id in ids)
        {
            if (!byId.TryGetValue(id, out var list))
            {
                byId.Add(id, list = []);
            }

            yield return list;
        }
    }
}

/// <summary>What a viewer has missed who was away.</summary>
/// <param name="Points">The points that are still here, in their order.</param>
/// <param name="HistorySince">When they are not here any more: since when, in milliseconds since 1970, the history is asked.</param>
internal readonly record struct Missed(List<(LivePoint Point, LiveId Id)> Points, long? HistorySince);
