namespace Twin.Telemetry.Forecasts.Models;

/// <summary>A first guess of the states before the first value: moving averages over the first seasons, and a line through them.</summary>
internal static class EtsStart
{
    private const int MostSeasons = 3;
    private const int WithoutSeason = 10;

    /// <summary>Guesses.</summary>
    /// <param name="y">The values; two seasons or more.</param>
    /// <param name="form">The model.</param>
    public static EtsState Of(ReadOnlySpan<double> y, in EtsForm form)
    {
        if (form.Season == EtsSeason.None)
        {
            var (at, slope) = Line(y[..Math.Min(y.Length, WithoutSeason)]);
            return form.Trend == EtsTrend.None
                ? new EtsState { Level = Mean(y[..Math.Min(y.Length, WithoutSeason)]), Seasons = [0] }
                : new EtsState { Level = at, Slope = slope, Seasons = [0] };
        }

        var seasons = Math.Min(y.Length / form.Period, MostSeasons);
        var (trendAt, rise, figure) = Decompose(y[..(seasons * form.Period)], form.Period, form.IsMultiplicative);
        // The line begins half a season after the first value, where the first moving average stands.
        return form.Trend == EtsTrend.None
            ? new EtsState { Level = Mean(y[..form.Period]), Seasons = figure }
            : new EtsState { Level = trendAt - (rise * (form.Period / 2)), Slope = rise, Seasons = figure };
    }

    /// <summary>The classical decomposition of whole seasons: a line through their moving averages, and the mean of each place in the season around them.</summary>
    /// <returns>The line at the step before the first moving average, its rise, and the figure of the season, which sums up to 0, or on average is 1.</returns>
    public static (double At, double Slope, double[] Figure) Decompose(ReadOnlySpan<double> y, int period, bool multiplicative)
    {
        var half = period / 2;
        var averages = new double[y.Length - (2 * half)];
        for (var i = 0; i < averages.Length; i++)
        {
            var window = y.Slice(i, (2 * half) + 1);
            // Of an even season the ends count half.
            averages[i] = period % 2 == 1 ? Mean(window) : (Sum(window[1..^1]) + ((window[0] + window[^1]) / 2)) / period;
        }

        var figure = new double[period];
        var counts = new int[period];
        for (var i = 0; i < averages.Length; i++)
        {
            var value = y[i + half];
            figure[(i + half) % period] += multiplicative ? value / averages[i] : value - averages[i];
            counts[(i + half) % period]++;
        }

        for (var i = 0; i < period; i++)
        {
            figure[i] /= counts[i];
        }

        var mean = Mean(figure);
        for (var i = 0; i < period; i++)
        {
            figure[i] = multiplicative ? figure[i] / mean : figure[i] - mean;
        }

        var (at, slope) = Line(averages);
        return (at, slope, figure);
    }

    /// <summary>The line of least squares: its value one step before the first, and its slope.</summary>
    private static (double At, double Slope) Line(ReadOnlySpan<double> y)
    {
        if (y.Length == 1)
        {
            return (y[0], 0);
        }

        var middle = (y.Length + 1) / 2.0;
        var mean = Mean(y);
        var (up, across) = (0.0, 0.0);
        for (var i = 0; i < y.Length; i++)
        {
            up += (i + 1 - middle) * (y[i] - mean);
            across += (i + 1 - middle) * (i + 1 - middle);
        }

        return (mean - (up / across * middle), up / across);
    }

    private static double Mean(ReadOnlySpan<double> y) => Sum(y) / y.Length;

    private static double Sum(ReadOnlySpan<double> y)
    {
        var sum = 0.0;
        foreach (var value in y)
        {
            sum += value;
        }

        return sum;
    }
}
