namespace Twin.Telemetry.Forecasts.Models;

/// <summary>
/// The seasonal-trend decomposition by local regression, robust against outliers (Cleveland et al. 1990): a series is the
/// sum of its trend, its season and what remains.
/// </summary>
internal sealed class StlDecomposition
{
    private readonly StlOptions options;
    private readonly double[] y;
    private readonly CancellationToken cancel;

    // Work of one pass, used again by the next.
    private readonly double[] first;
    private readonly double[] second;
    private readonly double[] third;
    private readonly double[] fits;
    private readonly double[] subseries;
    private readonly double[] subweights;
    private readonly double[] subfits;

    private StlDecomposition(double[] y, StlOptions options, CancellationToken cancel)
    {
        (this.y, this.options, this.cancel) = (y, options, cancel);
        var longer = y.Length + (2 * options.Period);
        (first, second, third, fits) = (new double[longer], new double[longer], new double[longer], new double[longer]);
        var seasons = ((y.Length - 1) / options.Period) + 1;
        (subseries, subweights, subfits) = (new double[seasons], new double[seasons], new double[seasons + 2]);
        (Trend, Season, Weights) = (new double[y.Length], new double[y.Length], new double[y.Length]);
        Array.Fill(Weights, 1);
    }

    /// <summary>The slow part.</summary>
    public double[] Trend { get; }

    /// <summary>What comes back with each season.</summary>
    public double[] Season { get; }

    /// <summary>How much each value counts, 0 to 1; outliers little.</summary>
    public double[] Weights { get; }

    /// <summary>Decomposes a series of at least two seasons.</summary>
    public static StlDecomposition Of(double[] y, StlOptions options, CancellationToken cancel)
    {
        var result = new StlDecomposition(y, options, cancel);
        for (var outer = 0; ; outer++)
        {
            for (var inner = 0; inner < options.Inner; inner++)
            {
                result.Pass(outer > 0 ? result.Weights : []);
            }

            if (outer == options.Outer)
            {
                return result;
            }

            Robustness.Weigh(y, result.Trend, result.Season, result.Weights);
        }
    }

    private void Pass(ReadOnlySpan<double> weights)
    {
        cancel.ThrowIfCancellationRequested();
        var (n, period) = (y.Length, options.Period);
        for (var i = 0; i < n; i++)
        {
            first[i] = y[i] - Trend[i];
        }

        SmoothSeasons(weights);
        // Twice over a season and once over three: what is left has no season in it.
        MovingMean(second, first, n + (2 * period), period);
        MovingMean(first, third, n + period + 1, period);
        MovingMean(third, first, n + 2, 3);
        options.LowPass.Smooth(first.AsSpan(0, n), [], third.AsSpan(0, n), fits);
        for (var i = 0; i < n; i++)
        {
            Season[i] = second[period + i] - third[i];
            first[i] = y[i] - Season[i];
        }

        options.Trend.Smooth(first.AsSpan(0, n), weights, Trend, fits);
    }

    /// <summary>Smooths the values of each place in the season over the seasons, one season further on both sides.</summary>
    private void SmoothSeasons(ReadOnlySpan<double> weights)
    {
        var (n, period, loess) = (y.Length, options.Period, options.Seasonal);
        for (var place = 0; place < period; place++)
        {
            var count = ((n - 1 - place) / period) + 1;
            var values = subseries.AsSpan(0, count);
            Span<double> robust = weights.IsEmpty ? [] : subweights.AsSpan(0, count);
            for (var i = 0; i < count; i++)
            {
                values[i] = first[(i * period) + place];
                if (!weights.IsEmpty)
                {
                    robust[i] = weights[(i * period) + place];
                }
            }

            var smooth = subfits.AsSpan(1, count);
            loess.Smooth(values, robust, smooth, fits);
            subfits[0] = loess.TryFit(values, robust, 0, 1, Math.Min(loess.Length, count), fits, out var before) ? before : smooth[0];
            subfits[count + 1] = loess.TryFit(values, robust, count + 1, Math.Max(1, count - loess.Length + 1), count, fits, out var after) ? after : smooth[count - 1];
            for (var i = 0; i < count + 2; i++)
            {
                second[(i * period) + place] = subfits[i];
            }
        }
    }

    private static void MovingMean(double[] from, double[] to, int n, int length)
    {
        var sum = 0.0;
        for (var i = 0; i < length; i++)
        {
            sum += from[i];
        }

        to[0] = sum / length;
        for (var i = length; i < n; i++)
        {
            sum += from[i] - from[i - length];
            to[i - length + 1] = sum / length;
        }
    }
}
