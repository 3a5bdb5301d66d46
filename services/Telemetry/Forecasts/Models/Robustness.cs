namespace Twin.Telemetry.Forecasts.Models;

/// <summary>Statistics that outliers do not move.</summary>
internal static class Robustness
{
    /// <summary>Bisquare weights by what remains, in units of six times its median (Cleveland et al. 1990, 2.4).</summary>
    /// <param name="y">The values.</param>
    /// <param name="trend">Their trend.</param>
    /// <param name="season">Their season.</param>
    /// <param name="weights">Receives the weights.</param>
    public static void Weigh(ReadOnlySpan<double> y, ReadOnlySpan<double> trend, ReadOnlySpan<double> season, Span<double> weights)
    {
        var remainders = new double[y.Length];
        for (var i = 0; i < remainders.Length; i++)
        {
            remainders[i] = Math.Abs(y[i] - trend[i] - season[i]);
        }

        var scale = 6 * Median([.. remainders]);
        for (var i = 0; i < remainders.Length; i++)
        {
            var ratio = remainders[i] / scale;
            weights[i] = remainders[i] <= 0.001 * scale ? 1
                : remainders[i] <= 0.999 * scale ? (1 - (ratio * ratio)) * (1 - (ratio * ratio))
                : 0;
        }
    }

    /// <summary>The median; sorts the values.</summary>
    public static double Median(double[] values)
    {
        Array.Sort(values);
        return (values[values.Length / 2] + values[(values.Length - 1) / 2]) / 2;
    }

    /// <summary>
    /// The scale of modified z-scores (Iglewicz and Hoaglin 1993): the median of the distances from the median, over
    /// 0.6745, which for a normal distribution is its standard deviation; where more than half of them are 0, 1.2533 times their mean.
    /// </summary>
    /// <param name="values">The values; they are not changed.</param>
    /// <returns>The median and the scale.</returns>
    public static (double Median, double Scale) Spread(ReadOnlySpan<double> values)
    {
        var median = Median(values.ToArray());
        var distances = new double[values.Length];
        for (var i = 0; i < distances.Length; i++)
        {
            distances[i] = Math.Abs(values[i] - median);
        }

        var mean = distances.Average();
        var half = Median(distances);
        return (median, half > 1e-9 * mean ? half / 0.6745 : mean * 1.253314);
    }
}
