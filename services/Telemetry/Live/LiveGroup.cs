using System.Buffers;
using Twin.NgsiLd.Contexts;
using Twin.NgsiLd.Entities;
using Twin.NgsiLd.Queries;
using Twin.NgsiLd.Representations;
using Twin.Telemetry.Series;
using Twin.Telemetry.Temporal;

namespace Twin.Telemetry.Live;

/// <summary>What a group of viewers has in common: the same filters, the same names, and the same part of the twin that they may see.</summary>
/// <param name="Scope">What they may see.</param>
/// <param name="Filters">The filters and the @context as text, in one order.</param>
internal sealed record LiveKey(AccessScope Scope, string Filters);

/// <summary>
/// Viewers who see the same: a point is judged and written once for all of them. The last rounds are kept, as many as
/// <see cref="MostBytes"/> hold; who is further behind gets the newest of each series instead.
/// </summary>
internal sealed class LiveGroup(LiveKey key, EntityQuery query, JsonLdContext context, TemporalReader reader, TimeProvider clock)
{
    private const int MostBytes = 256 * 1024;
    private const int MostRemembered = 4096;

    private readonly Lock gate = new();
    private readonly List<Round> rounds = [];
    private readonly TemporalReader.Judge judge = reader.For(query, new TemporalQuery(), new EvaluationContext(0, key.Scope), 1);
    private readonly EntityQuery? filter = query.Q is null ? null : new EntityQuery { Q = query.Q };
    private readonly Dictionary<SeriesEntity, Selected> selected = [];
    private LiveEvents? events;
    private LiveViewer[] viewers = [];
    private int count;
    private long firstRound;
    private long total;
    private int bytes;

    private readonly record struct Round(byte[] Bytes, long LastPoint, long EventsBefore);

    private sealed record Selected(string[] Types, string[] Scopes, TimeSeries[] All, HashSet<TimeSeries> Series);

    /// <summary>What it has in common.</summary>
    public LiveKey Key { get; } = key;

    /// <summary>Entities that its filters name; null when any can match.</summary>
    public IReadOnlyCollection<string>? Ids { get; } = query.CandidateIds is { } ids ? [.. ids] : null;

    /// <summary>Shortens the names of attributes.</summary>
    public JsonLdContext Context => context;

    /// <summary>The viewers. Whoever calls holds the publisher's turn.</summary>
    public ReadOnlySpan<LiveViewer> Viewers => viewers.AsSpan(0, count);

    /// <summary>Takes a viewer in, who gets what is published from now on. Whoever calls holds the publisher's turn.</summary>
    public void Add(LiveViewer viewer, long point)
    {
        if (count == viewers.Length)
        {
            Array.Resize(ref viewers, Math.Max(1, count * 2));
        }

        viewers[count++] = viewer;
        (viewer.Next, viewer.Point, viewer.Events) = (firstRound + rounds.Count, point, total);
    }

    /// <summary>Lets a viewer go. Whoever calls holds the publisher's turn.</summary>
    public void Remove(LiveViewer viewer)
    {
        var at = Array.IndexOf(viewers, viewer, 0, count);
        if (at >= 0)
        {
            viewers[at] = viewers[--count];
            viewers[count] = null!;
        }
    }

    /// <summary>Whether its viewers are told of a point. Whoever calls holds the publisher's turn.</summary>
    public bool Matches(in Instance instance)
    {
        var series = instance.Series;
        return series.Term != CoreTerms.Scope
            && Select(series.Entity).Contains(series)
            && (filter is null || (!instance.IsDeletion && filter.Matches(Document(instance), new EvaluationContext(Timestamps.FromInstant(clock.GetUtcNow()), Key.Scope))));
    }

    /// <summary>Writes a point into the round. Whoever calls holds the publisher's turn.</summary>
    public void Write(in LivePoint point, in LiveId id)
    {
        events ??= new LiveEvents(new ArrayBufferWriter<byte>(512), context);
        if (point.Skipped > 0)
        {
            events.WriteCoalesced(point.Skipped);
        }

        events.Write(point.Instance, id);
    }

    /// <summary>Ends a round and wakes the viewers.</summary>
    public void EndRound(long lastPoint)
    {
        if (events is not { Count: > 0 })
        {
            return;
        }

        var round = new Round(events.Written.ToArray(), lastPoint, total);
        lock (gate)
        {
            total += events.Count;
            bytes += round.Bytes.Length;
            rounds.Add(round);
            var gone = 0;
            // The newest one stays, however large it is.
            while (bytes > MostBytes && gone < rounds.Count - 1)
            {
                bytes -= rounds[gone++].Bytes.Length;
            }

            rounds.RemoveRange(0, gone);
            firstRound += gone;
        }

        events.Clear();
        Ring(long.MinValue);
    }

    /// <summary>Wakes the viewers, but drops those who have taken nothing of what is sent to them since an early heartbeat.</summary>
    /// <param name="early">That heartbeat.</param>
    /// <returns>Those who were dropped.</returns>
    public int Ring(long early)
    {
        var dropped = 0;
        foreach (var viewer in Viewers)
        {
            if (viewer.SendingSince <= early)
            {
                viewer.Drop();
                dropped++;
            }

            viewer.Ring();
        }

        return dropped;
    }

    /// <summary>The next events of a viewer; empty when there are none.</summary>
    /// <param name="viewer">The viewer.</param>
    /// <param name="behind">Whether it is too far behind: then it catches up first.</param>
    public ReadOnlyMemory<byte> Take(LiveViewer viewer, out bool behind)
    {
        lock (gate)
        {
            behind = viewer.Next < firstRound;
            var at = (int)(viewer.Next - firstRound);
            if (behind || at >= rounds.Count)
            {
                return default;
            }

            var round = rounds[at];
            (viewer.Next, viewer.Point) = (viewer.Next + 1, round.LastPoint);
            viewer.Events = at + 1 < rounds.Count ? rounds[at + 1].EventsBefore : total;
            return round.Bytes;
        }
    }

    /// <summary>Puts a viewer behind all rounds, and says how many events that skips. Whoever calls holds the publisher's turn.</summary>
    public long Skip(LiveViewer viewer, long point)
    {
        var skipped = total - viewer.Events;
        (viewer.Next, viewer.Point, viewer.Events) = (firstRound + rounds.Count, point, total);
        return skipped;
    }

    /// <summary>The series of an entity that its viewers see, judged anew when the entity has become another.</summary>
    public IReadOnlySet<TimeSeries> Select(SeriesEntity entity)
    {
        var (types, scopes, all) = (entity.Types, entity.Scopes, entity.Series);
        if (selected.TryGetValue(entity, out var known) && ReferenceEquals(known.Types, types) && ReferenceEquals(known.Scopes, scopes) && ReferenceEquals(known.All, all))
        {
            return known.Series;
        }

        if (selected.Count >= MostRemembered)
        {
            selected.Clear();
        }

        HashSet<TimeSeries> series = [.. judge.SeriesOf(entity) ?? []];
        selected[entity] = new Selected(types, scopes, all, series);
        return series;
    }

    private static EntityDocument Document(in Instance instance)
    {
        var entity = instance.Series.Entity;
        var node = new EntityNode { Id = entity.Id, Types = [.. entity.Types.Select(Terms.Intern)] };
        node.Attributes.Add(InstanceCodec.ToNode(instance));
        return EntityDocument.Pack(node);
    }
}
