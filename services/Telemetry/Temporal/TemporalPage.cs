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
    /// <returns>The value of Content-Range; null when nothing was cut.</returns>
    public static string? Cut(List<EntityWindow> windows, TemporalQuery query, int most)
    {
        if (windows.Sum(static window => (long)window.Count) <= most)
        {
            return null;
        }

        var backwards = query.LastN is not null;
        var times = windows.SelectMany(static window => window.Attributes).SelectMany(static one => one.Instances).Select(instance => instance.Placed(query.Property)).ToArray();
        Array.Sort(times);
        var cut = backwards ? times[^most] : times[most - 1];
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

        var start = backwards
            ? query.Relation is TimeRelation.Before or TimeRelation.Between ? query.Until : greatest
            : query.Relation is TimeRelation.After or TimeRelation.Between ? query.From : least;
        return $"date-time {Text(start)}-{Text(backwards ? least : greatest)}/{(query.LastN is { } last ? last.ToString(System.Globalization.CultureInfo.InvariantCulture) : "*")}";
    }

    private static string Text(long ticks) => Timestamps.Format(Instance.Micros(ticks));
}
