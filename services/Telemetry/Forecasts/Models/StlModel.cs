namespace Twin.Telemetry.Forecasts.Models;

/// <summary>
/// Forecasts by decomposition: what is left without its seasons goes on by exponential smoothing, the seasons as they last
/// were (Forecasting: Principles and Practice, 3rd ed., 5.7). The intervals are those of the first part.
/// </summary>
internal sealed class StlModel : FittedModel
{
    /// <summary>Of the longest season; the smoothing of seasons does not look further back.</summary>
    private const int MostSeasons = 12;

    private readonly int[] periods;
    private readonly EtsForm form;
    private readonly EtsParameters? given;
    private readonly CancellationToken cancel;
    private double[] window;
    private double[] seasons = [];
    private EtsModel adjusted;

    private StlModel(double[] y, int[] periods, EtsTrend trend, EtsParameters? given, CancellationToken cancel)
    {
        (this.periods, this.given, this.cancel) = (periods, given, cancel);
        form = new EtsForm(trend, EtsSeason.None, 1);
        window = y[^Math.Min(y.Length, MostSeasons * periods[^1])..];
        adjusted = Fit(given);
    }

    /// <inheritdoc />
    public override string Method => $"STL({string.Join(",", periods)}) + {form}";

    /// <inheritdoc />
    public override IReadOnlyList<(string Name, double Value)> Parameters => adjusted.Parameters;

    /// <inheritdoc />
    public override double Sigma => adjusted.Sigma;

    /// <summary>Fits to a series of at least two of its longest season.</summary>
    /// <param name="y">The values.</param>
    /// <param name="periods">Points in each season, ascending; one or more.</param>
    /// <param name="trend">How the rest follows its trend.</param>
    /// <param name="given">Its smoothing parameters, when they are known already.</param>
    /// <param name="cancel">Ends the work.</param>
    public static StlModel Fit(double[] y, int[] periods, EtsTrend trend, EtsParameters? given, CancellationToken cancel) =>
        new(y, periods, trend, given, cancel);

    /// <inheritdoc />
    public override void Observe(ReadOnlySpan<double> values)
    {
        window = values.Length >= window.Length ? values[^window.Length..].ToArray() : [.. window.AsSpan(values.Length), .. values];
        adjusted = Fit(given ?? Known(adjusted));
    }

    /// <inheritdoc />
    public override Forecast Ahead(int horizon, IReadOnlyList<double> levels, Simulation simulation)
    {
        var forecast = adjusted.Ahead(horizon, levels, simulation);
        for (var h = 0; h < horizon; h++)
        {
            var season = 0.0;
            var from = 0;
            foreach (var period in periods)
            {
                season += seasons[from + (h % period)];
                from += period;
            }

            forecast.Mean[h] += season;
            foreach (var interval in forecast.Intervals)
            {
                interval.Lower[h] += season;
                interval.Upper[h] += season;
            }
        }

        return forecast;
    }

    private EtsModel Fit(EtsParameters? with)
    {
        var decomposition = Decomposition.Of(window, periods, robust: true, cancel);
        var rest = new double[window.Length];
        for (var i = 0; i < rest.Length; i++)
        {
            rest[i] = window[i] - decomposition.SeasonAt(i);
        }

        seasons = [.. decomposition.Seasons.SelectMany(static season => season.Values[^season.Period..])];
        return with is { } parameters ? EtsEstimator.Fit(rest, form, parameters, cancel) : EtsEstimator.Fit(rest, form, cancel);
    }

    private static EtsParameters Known(EtsModel model) => EtsSpecification.Read(model.Parameters);
}
