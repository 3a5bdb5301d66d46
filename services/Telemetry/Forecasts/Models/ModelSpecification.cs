namespace Twin.Telemetry.Forecasts.Models;

/// <summary>The methods that forecast.</summary>
internal enum ModelKind
{
    /// <summary>The last value.</summary>
    Naive,

    /// <summary>The last value and the mean step.</summary>
    Drift,

    /// <summary>The last value of the same place in the season.</summary>
    SeasonalNaive,

    /// <summary>Exponential smoothing without a season: simple, Holt's, or damped.</summary>
    ExponentialSmoothing,

    /// <summary>Holt-Winters with a season that is added.</summary>
    HoltWinters,

    /// <summary>Holt-Winters with a season that is a factor.</summary>
    HoltWintersMultiplicative,

    /// <summary>Seasonal robust decomposition with exponential smoothing of the rest.</summary>
    Stl,
}

/// <summary>What is to be fitted.</summary>
/// <param name="Kind">The method.</param>
/// <param name="Trend">How it follows the trend, where it smooths exponentially.</param>
/// <param name="Periods">Points in each season, ascending. All but STL look at the first alone.</param>
/// <param name="Given">Smoothing parameters that are known already.</param>
internal sealed record ModelSpecification(ModelKind Kind, EtsTrend Trend, int[] Periods, EtsParameters? Given = null)
{
    /// <summary>Whether the method has a season.</summary>
    public bool IsSeasonal => Kind is ModelKind.SeasonalNaive or ModelKind.HoltWinters or ModelKind.HoltWintersMultiplicative or ModelKind.Stl;

    /// <summary>Whether the method smooths exponentially.</summary>
    public bool Smooths => Kind is ModelKind.ExponentialSmoothing or ModelKind.HoltWinters or ModelKind.HoltWintersMultiplicative or ModelKind.Stl;

    /// <summary>Values without which it cannot be fitted: of a season two, and something to go on from.</summary>
    public int LeastValues => Kind switch
    {
        ModelKind.Naive => 3,
        ModelKind.Drift => 4,
        ModelKind.SeasonalNaive => Periods[0] + 2,
        ModelKind.ExponentialSmoothing => 10,
        ModelKind.Stl => (2 * Periods[^1]) + 4,
        _ => (2 * Periods[0]) + 4,
    };

    /// <summary>Fits it.</summary>
    /// <param name="y">At least <see cref="LeastValues"/> values; positive ones for a season that is a factor.</param>
    /// <param name="cancel">Ends the work.</param>
    public FittedModel Fit(double[] y, CancellationToken cancel) => Kind switch
    {
        ModelKind.Naive => NaiveModel.Fit(y, drifts: false),
        ModelKind.Drift => NaiveModel.Fit(y, drifts: true),
        ModelKind.SeasonalNaive => SeasonalNaiveModel.Fit(y, Periods[0]),
        ModelKind.Stl => StlModel.Fit(y, Periods, Trend, Given, cancel),
        _ when Given is { } parameters => EtsEstimator.Fit(y, Form, parameters, cancel),
        _ => EtsEstimator.Fit(y, Form, cancel),
    };

    private EtsForm Form => Kind switch
    {
        ModelKind.ExponentialSmoothing => new EtsForm(Trend, EtsSeason.None, 1),
        ModelKind.HoltWinters => new EtsForm(Trend, EtsSeason.Additive, Periods[0]),
        _ => new EtsForm(Trend, EtsSeason.Multiplicative, Periods[0]),
    };
}

/// <summary>Smoothing parameters as they are written down.</summary>
internal static class EtsSpecification
{
    /// <summary>Reads them by their names; what is not named is not there.</summary>
    public static EtsParameters Read(IReadOnlyList<(string Name, double Value)> named)
    {
        return new EtsParameters(Of("alpha", 0.5), Of("beta", 0), Of("gamma", 0), Of("phi", 1));

        double Of(string name, double otherwise)
        {
            foreach (var (known, value) in named)
            {
                if (known == name)
                {
                    return value;
                }
            }

            return otherwise;
        }
    }
}
