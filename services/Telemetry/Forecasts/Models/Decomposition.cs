namespace Twin.Telemetry.Forecasts.Models;

/// <summary>
/// A series as the sum of its trend, its seasons and what remains: by STL for one season, by taking turns for several
/// (MSTL: Bandara, Hyndman and Bergmeir 2021, arXiv 2107.13462), by local regression alone without one.
/// </summary>
/// <param name="Trend">The slow part.</param>
/// <param name="Seasons">For each season its length and its component.</param>
internal sealed record Decomposition(double[] Trend, IReadOnlyList<(int Period, double[] Values)> Seasons)
{
    private const int Turns = 2;

    /// <summary>Decomposes a series.</summary>
    /// <param name="y">The values; of each season at least two.</param>
    /// <param name="periods">Points in each season, ascending; none is a series without seasons.</param>
    /// <param name="robust">Whether outliers lose their weight.</param>
    /// <param name="cancel">Ends the work.</param>
    public static Decomposition Of(double[] y, IReadOnlyList<int> periods, bool robust, CancellationToken cancel)
    {
        if (periods.Count == 0)
        {
            return new Decomposition(Smooth(y, robust), []);
        }

        var seasons = periods.Select(period => (Period: period, Values: new double[y.Length])).ToArray();
        var rest = (double[])[.. y];
        double[] trend = [];
        for (var turn = 0; turn < (periods.Count == 1 ? 1 : Turns); turn++)
        {
            for (var i = 0; i < seasons.Length; i++)
            {
                Add(rest, seasons[i].Values, 1);
                // Windows of 11, 15, 19 …: longer seasons change more slowly.
                var stl = StlDecomposition.Of(rest, StlOptions.For(seasons[i].Period, 11 + (4 * i), robust), cancel);
                seasons[i].Values = stl.Season;
                trend = stl.Trend;
                Add(rest, seasons[i].Values, -1);
            }
        }

        return new Decomposition(trend, seasons);
    }

    /// <summary>What trend and seasons say of a point.</summary>
    public double At(int index) => Trend[index] + SeasonAt(index);

    /// <summary>The sum of the seasons at a point; past the end each goes on as it last was.</summary>
    public double SeasonAt(int index)
    {
        var sum = 0.0;
        foreach (var (period, values) in Seasons)
        {
            sum += values[index < values.Length ? index : values.Length - period + ((index - values.Length) % period)];
        }

        return sum;
    }

    private static double[] Smooth(double[] y, bool robust)
    {
        var trend = new double[y.Length];
        var weights = new double[y.Length];
        var room = new double[y.Length];
        var none = new double[y.Length];
        var loess = new Loess(Math.Clamp((y.Length / 10) | 1, 7, 301), 1, Math.Max(1, y.Length / 200));
        loess.Smooth(y, [], trend, room);
        for (var i = 0; robust && i < 5; i++)
        {
            Robustness.Weigh(y, trend, none, weights);
            loess.Smooth(y, weights, trend, room);
        }

        return trend;
    }

    private static void Add(double[] sum, double[] values, int sign)
    {
        for (var i = 0; i < sum.Length; i++)
        {
            sum[i] += sign * values[i];
        }
    }
}
