namespace Twin.Telemetry.Points;

/// <summary>
/// Down-sampling: one point for all points of a step. Of numbers it is their mean, at the start of the step; of anything
/// else the last point of the step, as it is and at its own time. What sums, extremes and deviations need goes along
/// (<see cref="StepSummary"/>). A point that is alone in its step stays as it is; a deletion stays where nothing
/// of its step comes after it. Doing it again changes nothing, and what is done with a short step can be done with a longer one.
/// </summary>
internal static class StepPoints
{
    /// <summary>Digits that a mean has more than the readings.</summary>
    private const int MeanDigits = 3;

    /// <summary>The start of the step that holds a time; steps are counted from 0001-01-01, a Monday, in UTC.</summary>
    public static long Floor(long time, long step) => time - (time % step);

    /// <summary>Appends a run of points, ordered by time, as steps.</summary>
    /// <param name="into">Where to.</param>
    /// <param name="points">The points.</param>
    /// <param name="start">The first of the run.</param>
    /// <param name="end">The one after the last.</param>
    /// <param name="step">The length of a step, in ticks.</param>
    /// <param name="from">No step begins before.</param>
    public static void Append(PointColumns into, PointColumns points, int start, int end, long step, long from = 0)
    {
        for (int next; start < end; start = next)
        {
            var floor = Floor(points.Times[start], step);
            next = start + 1;
            while (next < end && points.Times[next] < floor + step)
            {
                next++;
            }

            AppendStep(into, points, start, next, Math.Max(floor, from));
        }
    }

    /// <summary>A step with one more point of its own first moment.</summary>
    public static void Join(PointColumns into, PointColumns older, int step, PointColumns newer, int point)
    {
        var both = new PointColumns(2);
        both.Append(older, step, 1);
        both.Append(newer, point, 1);
        AppendStep(into, both, 0, 2, older.Times[step]);
    }

    private static void AppendStep(PointColumns into, PointColumns points, int start, int end, long floor)
    {
        // What is after a deletion takes it back.
        var ending = points.Forms[end - 1] == PointForm.Null ? end - 1 : -1;
        int count = 0, last = -1;
        for (var i = start; i < end; i++)
        {
            if (points.Forms[i] != PointForm.Null)
            {
                (count, last) = (count + 1, i);
            }
        }

        if (count == 1)
        {
            into.Append(points, last, 1);
        }
        else if (count > 1)
        {
            AppendSummary(into, points, start, end, last, floor);
        }

        if (ending >= 0)
        {
            into.Append(points, ending, 1);
        }
    }

    private static void AppendSummary(PointColumns into, PointColumns points, int start, int end, int last, long floor)
    {
        var summary = new PointSummary();
        summary.Add(points, start, end);
        bool numbers = true, observed = false;
        var quality = PointQuality.Good;
        for (var i = start; i < end; i++)
        {
            if (points.Forms[i] == PointForm.Null)
            {
                continue;
            }

            numbers &= points.Forms[i] <= PointForm.Double;
            observed |= points.ExtraAt(i)?.Facts is not { Observed: false };
            quality = points.ExtraAt(i) is { Quality: not PointQuality.Good } extra ? extra.Quality : quality;
        }

        var of = points.ExtraAt(last);
        var step = new StepSummary(summary);
        if (numbers)
        {
            var (form, bits) = Mean(summary);
            var facts = observed ? null : new PointFacts(0, 0, 0, null, default, Observed: false);
            into.Append(floor, form, bits, new PointExtra(default, of?.Unit, quality, facts) { Step = step });
        }
        else
        {
            into.Append(points.Times[last], points.Forms[last], points.Bits[last], new PointExtra(of?.Text ?? default, of?.Unit, quality, of?.Facts) { Step = step });
        }
    }

    /// <summary>The mean as a decimal with a few digits more than the readings, where they are decimals.</summary>
    private static (byte Form, long Bits) Mean(in PointSummary summary)
    {
        if (summary is { OtherSum: 0, OtherSquares: 0 })
        {
            var scale = Math.Min(PointSummary.MostExactScale, summary.Scale + MeanDigits);
            Int128 factor = PointValue.PowerOfTen(scale - summary.Scale);
            if (Int128.Abs(summary.ExactSum) < long.MaxValue / factor)
            {
                var scaled = summary.ExactSum * factor;
                var half = (Int128)summary.Numbers / 2;
                return ((byte)scale, (long)((scaled + (scaled < 0 ? -half : half)) / summary.Numbers));
            }
        }

        return (PointForm.Double, BitConverter.DoubleToInt64Bits(summary.Mean));
    }
}
