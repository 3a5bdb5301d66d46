using Twin.NgsiLd.Representations;

namespace Twin.Telemetry.Temporal;

/// <summary>
/// Cuts an answer with too many instances to a part that covers one stretch of time for all its attributes (GS CIM 009
/// 6.3.10), so that whoever reads on from its end misses nothing.
/// </summary>
internal static class TemporalPage
{
    /// <summary>Cuts the windows where needed.</summary>
    /// <param name="windows">What is answered; an attribute whose instances all lie beyond the cut keeps its name.</param>
    /// <param name="query">The times that are looked at.</param>
    /// <param name="most">Instances in one answer.</param>
    /// <param name="known">The time up to which (backwards: from which on) everything is known, when sources told only a part; null is all.</param>
    /// <returns>The value of Content-Range; null when nothing was cut.</returns>
    public static string? Cut(List<EntityWindow> windows, TemporalQuery query, int most, long? known = null)
    {
        var backwards = query.LastN is not null;
        if (known is { } end)
        {
            Keep(windows, query, backwards, end);
        }

        var whole = windows.Sum(static window => (long)window.Count) <= most;
        if (whole && known is null)
        {
            return null;
        }

        if (!whole)
        {
            var times = windows.SelectMany(static window => window.Attributes).SelectMany(static one => one.Instances).Select(instance => instance.Placed(query.Property)).ToArray();
            Array.Sort(times);
            known = backwards ? times[^most] : times[most - 1];
        }

        var (least, greatest) = Keep(windows, query, backwards, known!.Value);
        if (whole)
        {
            // Sources know of nothing more up to there, whether or not anything is left.
            (least, greatest) = backwards ? (known.Value, Math.Max(greatest, known.Value)) : (Math.Min(least, known.Value), known.Value);
        }

        var start = backwards
            ? query.Relation is TimeRelation.Before or TimeRelation.Between ? query.Until : greatest
            : query.Relation is TimeRelation.After or TimeRelation.Between ? query.From : least;
        return $"date-time {Text(start)}-{Text(backwards ? least : greatest)}/{(query.LastN is { } last ? last.ToString(System.Globalization.CultureInfo.InvariantCulture) : "*")}";
    }

    /// <summary>Leaves what lies up to the cut, and gives the first and the last time of it.</summary>
    private static (long Least, long Greatest) Keep(List<EntityWindow> windows, TemporalQuery query, bool backwards, long cut)
    {
        long least = long.MaxValue, greatest = 0;
        foreach (var one in windows.SelectMany(static window => window.Attributes))
        {
            one.Instances.RemoveAll(instance => backwards ? instance.Placed(query.Property) < cut : instance.Placed(query.Property) > cut);
            foreach (var instance in one.Instances)
            {
                var at = instance.Placed(query.Property);
                (least, greatest) = (Math.Min(least, at), Math.Max(greatest, at));
            }
        }

        return (least, greatest);
    }

    private static string Text(long ticks) => Timestamps.Format(Instance.Micros(ticks));
}
