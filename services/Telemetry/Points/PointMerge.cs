namespace Twin.Telemetry.Points;

/// <summary>Puts lists of points together that are each ordered by time, without two of one time.</summary>
internal static class PointMerge
{
    /// <summary>The points of both; at one time, the newer. One that comes at the time of a step is one more point of it.</summary>
    /// <param name="older">May be null for none.</param>
    /// <param name="newer">Wins.</param>
    /// <param name="keepErased">Points that are taken back stay, to hide others; else they go.</param>
    public static PointColumns Merge(PointColumns? older, PointColumns newer, bool keepErased)
    {
        var olderCount = older?.Count ?? 0;
        var newerCount = newer.Count;
        var merged = new PointColumns(Math.Max(1, olderCount + newerCount));
        int i = 0, j = 0;
        while (i < olderCount || j < newerCount)
        {
            // Runs, since one list is mostly far longer than the other, or after it.
            if (j == newerCount || (i < olderCount && older!.Times[i] < newer.Times[j]))
            {
                var end = j == newerCount ? olderCount : older!.LowerBound(newer.Times[j], olderCount);
                Append(merged, older!, i, end, keepErased);
                i = end;
            }
            else
            {
                var end = i == olderCount ? newerCount : Math.Min(newerCount, newer.LowerBound(older!.Times[i] + 1, newerCount));
                var meets = i < olderCount && older!.Times[i] == newer.Times[end - 1];
                var joins = meets && older!.ExtraAt(i)?.Step is not null && newer.Forms[end - 1] < PointForm.Null && newer.ExtraAt(end - 1)?.Step is null;
                Append(merged, newer, j, joins ? end - 1 : end, keepErased);
                if (joins)
                {
                    StepPoints.Join(merged, older!, i, newer, end - 1);
                }

                (j, i) = (end, meets ? i + 1 : i);
            }
        }

        return merged;
    }

    /// <summary>What is in memory of a series, in order; null when there is nothing.</summary>
    public static PointColumns? Merge(PointColumns? frozen, PointColumns? tail) =>
        tail is null or { Count: 0 } ? frozen : frozen is null or { Count: 0 } || ReferenceEquals(frozen, tail) ? tail : Merge(frozen, tail, keepErased: true);

    private static void Append(PointColumns target, PointColumns source, int start, int end, bool keepErased)
    {
        if (keepErased || !source.Forms[start..end].Contains(PointForm.Erased))
        {
            target.Append(source, start, end - start);
            return;
        }

        for (var i = start; i < end; i++)
        {
            if (source.Forms[i] != PointForm.Erased)
            {
                target.Append(source.Times[i], source.Forms[i], source.Bits[i], source.ExtraAt(i));
            }
        }
    }
}
