using System.Globalization;
using Twin.NgsiLd;
using Twin.NgsiLd.Representations;
using Twin.Telemetry.Points;
using Twin.Telemetry.Queries;
using Twin.Telemetry.Series;
using Twin.Telemetry.Temporal;

namespace Twin.Telemetry.Forecasts;

/// <summary>Reads a series in equal steps, as models take it.</summary>
internal sealed class SampleReader(SeriesReader reader, SeriesAggregator aggregator, TimeProvider clock)
{
    /// <summary>Steps of one series at most: a year of five minutes, and some.</summary>
    public const int MostSteps = 131_072;

    private const int MostUnasked = 400;
    private const int Recent = 500;

    /// <summary>Reads.</summary>
    /// <param name="series">The series.</param>
    /// <param name="wanted">Step, time and gaps.</param>
    /// <param name="cancel">Ends the reading.</param>
    /// <exception cref="NgsiLdException">BadRequestData when the series has nothing that a model could learn from, with the parameter that would help.</exception>
    public async Task<SeriesSamples> ReadAsync(TimeSeries series, SampleWindow wanted, CancellationToken cancel)
    {
        var until = wanted.Until ?? long.MaxValue;
        var recent = await reader.LastAsync(series, Recent, 0, until, cancel);
        if (recent.Count == 0)
        {
            throw NgsiLdException.BadRequest("The series has no points before the end of that time.", wanted.Until is null ? "attribute" : "until");
        }

        var grid = new StepGrid(wanted.Step ?? StepGrid.Nearest(UsualDistance(recent)), wanted.Zone);
        var (first, end) = Steps(series, grid, wanted, recent.Times[^1]);
        if (first >= end)
        {
            throw NgsiLdException.BadRequest($"There is no whole step of {grid.StepText} in that time.", "from");
        }

        if (end - first > MostSteps)
        {
            throw NgsiLdException.BadRequest($"That are {end - first} steps of {grid.StepText}; at most {MostSteps} are looked at. Take a longer step, or a shorter time.", "step");
        }

        var (values, measured) = await MeansAsync(series, grid, first, (int)(end - first), cancel);
        return Fill(grid, first, values, measured, wanted);
    }

    private static long UsualDistance(PointColumns recent)
    {
        if (recent.Count < 2)
        {
            throw NgsiLdException.BadRequest("The series has one point only.", "attribute");
        }

        var times = recent.Times;
        var distances = new long[recent.Count - 1];
        for (var i = 0; i < distances.Length; i++)
        {
            distances[i] = times[i + 1] - times[i];
        }

        Array.Sort(distances);
        return distances[distances.Length / 2];
    }

    /// <summary>The whole steps: until the end that is asked for, else until the newest point or as far as time has passed.</summary>
    private (long First, long End) Steps(TimeSeries series, StepGrid grid, SampleWindow wanted, long newest)
    {
        var end = grid.Of(newest) + 1;
        var limit = wanted.Until ?? clock.GetUtcNow().UtcTicks;
        while (end > 0 && grid.Start(end) > limit)
        {
            end--;
        }

        var oldest = Oldest(series);
        long first;
        if (wanted.From is { } from)
        {
            first = grid.Of(Math.Max(from, oldest));
            first += from > grid.Start(first) && from > oldest ? 1 : 0;
        }
        else
        {
            first = Math.Max(grid.Of(oldest), end - wanted.Steps(grid));
        }

        return (first, end);
    }

    private static long Oldest(TimeSeries series)
    {
        var (tail, frozen) = (series.Tail, series.Frozen);
        var oldest = series.SealedStart;
        oldest = tail is { Count: > 0 } ? Math.Min(oldest, tail.Times[0]) : oldest;
        return frozen is { Count: > 0 } ? Math.Min(oldest, frozen.Times[0]) : oldest;
    }

    private async Task<(double[] Values, bool[] Measured)> MeansAsync(TimeSeries series, StepGrid grid, long first, int count, CancellationToken cancel)
    {
        var starts = new long[count + 1];
        var boundaries = new List<long>(count + 1);
        for (var i = 0; i <= count; i++)
        {
            starts[i] = grid.Start(first + i);
            if (i == 0 || starts[i] > starts[i - 1])
            {
                boundaries.Add(starts[i]);
            }
        }

        if (boundaries.Count < 2)
        {
            return (new double[count], new bool[count]);
        }

        using var summaries = await aggregator.AggregateAsync(series, [.. boundaries], extremes: false, cancel);
        var (values, measured) = (new double[count], new bool[count]);
        for (int i = 0, at = 0; i < count; i++)
        {
            if (starts[i + 1] == starts[i])
            {
                // The clocks leave it out.
                continue;
            }

            var summary = summaries.Periods[at++];
            (values[i], measured[i]) = (summary.Mean, summary.Numbers > 0);
            if (measured[i] && !(Math.Abs(values[i]) < 1e100))
            {
                throw NgsiLdException.BadRequest("The series has values beyond 1e100, with which nothing can be computed.", "attribute");
            }
        }

        return (values, measured);
    }

    private static SeriesSamples Fill(StepGrid grid, long first, double[] values, bool[] measured, SampleWindow wanted)
    {
        var start = Array.IndexOf(measured, true);
        var end = Array.LastIndexOf(measured, true) + 1;
        if (start < 0)
        {
            throw NgsiLdException.BadRequest("The series has no numbers in that time.", "from");
        }

        (values, measured, first) = (values[start..end], measured[start..end], first + start);
        var most = wanted.MostGap ?? DefaultGap(grid);
        for (var i = 1; i < values.Length; i++)
        {
            if (measured[i])
            {
                continue;
            }

            var after = Array.IndexOf(measured, true, i);
            // What the clocks leave out is no gap.
            var missing = Enumerable.Range(i, after - i).Count(index => grid.Start(first + index + 1) > grid.Start(first + index));
            if (missing > most)
            {
                throw NgsiLdException.BadRequest(
                    $"The series has a gap of {missing.ToString(CultureInfo.InvariantCulture)} steps of {grid.StepText}, from {Text(grid.Start(first + i))} to {Text(grid.Start(first + after))}; at most {most} are filled. Begin after it (from), take a longer step, or allow it (maxGap).",
                    "maxGap");
            }

            var step = (values[after] - values[i - 1]) / (after - i + 1);
            for (; i < after; i++)
            {
                values[i] = values[i - 1] + step;
            }
        }

        return new SeriesSamples(grid, first, values, measured);
    }

    /// <summary>A quarter of a day, or a step.</summary>
    private static int DefaultGap(StepGrid grid) => (int)Math.Clamp(TimeSpan.TicksPerDay / 4 / grid.NominalTicks, 1, MostUnasked);

    private static string Text(long ticks) => Timestamps.Format(Instance.Micros(ticks));
}

/// <summary>Which part of a series is read, and how.</summary>
/// <param name="Step">The step; null takes the usual distance of its points.</param>
/// <param name="Zone">By whose clocks.</param>
/// <param name="From">The first time, ticks UTC; null takes as much as models usually need.</param>
/// <param name="Until">The time before which it ends; null is its newest point.</param>
/// <param name="MostGap">Steps of the longest gap that is filled; null is a quarter of a day.</param>
/// <param name="Count">Steps when no time is given; null is what models usually need.</param>
internal sealed record SampleWindow(Period? Step, TimeZoneInfo Zone, long? From, long? Until, int? MostGap, int? Count = null)
{
    /// <summary>Steps that are read without a first time: eight weeks, a year of hours, five years of days, all of longer ones.</summary>
    public int Steps(StepGrid grid)
    {
        if (Count is { } count)
        {
            return count;
        }

        var days = grid.NominalTicks / TimeSpan.TicksPerDay;
        var span = days < 1.0 / 24 ? 56 : days < 1 ? 365 : days < 28 ? 1827 : 36_525;
        return (int)Math.Min(SampleReader.MostSteps, span / days);
    }
}
