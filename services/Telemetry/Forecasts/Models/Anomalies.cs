namespace Twin.Telemetry.Forecasts.Models;

/// <summary>What is not as the trend and the seasons of a series say.</summary>
/// <param name="Expected">What was expected of each point.</param>
/// <param name="Scores">How many standard deviations of the usual remainder each point lies off, as the modified z-score (Iglewicz and Hoaglin 1993); 0 where nothing varies.</param>
/// <param name="Scale">The usual remainder, as a standard deviation.</param>
internal sealed record Anomalies(double[] Expected, double[] Scores, double Scale)
{
    /// <summary>Scores the points of a series by what its robust decomposition leaves of them.</summary>
    /// <param name="y">The values.</param>
    /// <param name="measured">Which of them were measured: filled gaps are no part of the usual remainder.</param>
    /// <param name="periods">Points in each season, ascending.</param>
    /// <param name="cancel">Ends the work.</param>
    public static Anomalies Of(double[] y, IReadOnlyList<bool> measured, int[] periods, CancellationToken cancel)
    {
        var decomposition = Decomposition.Of(y, periods, robust: true, cancel);
        var expected = new double[y.Length];
        var scores = new double[y.Length];
        var remainders = new List<double>(y.Length);
        for (var i = 0; i < y.Length; i++)
        {
            expected[i] = decomposition.At(i);
            if (measured[i])
            {
                remainders.Add(y[i] - expected[i]);
            }
        }

        var (median, scale) = Robustness.Spread([.. remainders]);
        // Below the rounding of the values themselves nothing is unusual.
        scale = scale > 1e-12 * y.Max(Math.Abs) ? scale : 0;
        for (var i = 0; i < y.Length; i++)
        {
            expected[i] += median;
            scores[i] = scale > 0 ? (y[i] - expected[i]) / scale : 0;
        }

        return new Anomalies(expected, scores, scale);
    }
}
