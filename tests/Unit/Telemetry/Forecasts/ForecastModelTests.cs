using Twin.Telemetry.Forecasts.Models;
using Xunit;

namespace Twin.Tests.Unit.Telemetry.Forecasts;

/// <summary>Models against what textbooks and R publish of the same series.</summary>
public sealed class ForecastModelTests
{
    private static readonly double[] Levels = [80, 95];

    /// <summary>
    /// Hyndman and Athanasopoulos, Forecasting: Principles and Practice, 3rd ed., 5.8: beer of 1992 to 2007, forecast from 2008 on.
    /// </summary>
    [Theory]
    [InlineData(ModelKind.Drift, 64.9, 58.9, 14.6, 4.12)]
    [InlineData(ModelKind.Naive, 62.7, 57.4, 14.2, 4.01)]
    [InlineData(ModelKind.SeasonalNaive, 14.3, 13.4, 3.17, 0.937)]
    public void Errors_of_the_simple_methods_on_beer_are_those_of_the_textbook(object kind, double rmse, double mae, double mape, double mase)
    {
        var y = PublishedSeries.Beer;
        var plan = BackTestPlan.Of(y.Length, 64, 10, 1, 4);

        var test = BackTest.Run(new ModelSpecification((ModelKind)kind, EtsTrend.None, [4]), y, Measured(y), plan, Levels, TestContext.Current.CancellationToken);

        Assert.Equal((64, 1, 10), (test.Training, test.Origins, test.Total.Count));
        Near(rmse, test.Total.Rmse, 0.05);
        Near(mae, test.Total.Mae, 0.05);
        Near(mape, test.Total.Mape, mape < 10 ? 0.005 : 0.05);
        Near(mase, test.Total.Mase, mase < 1 ? 0.0005 : 0.005);
    }

    /// <summary>ets(austourists, "AAA", damped = TRUE) of the R package forecast, as the tests of statsmodels keep it (fit_ets_results_seasonal.json).</summary>
    [Fact]
    public void With_the_parameters_and_the_states_of_R_the_additive_model_ends_and_forecasts_as_in_R()
    {
        var y = PublishedSeries.Tourists;
        var form = new EtsForm(EtsTrend.Damped, EtsSeason.Additive, 4);
        var parameters = new EtsParameters(0.35445427, 0.03200749, 0.39993387, 0.97999997);
        // R's states run backwards: the last season is the first to come.
        var state = new EtsState { Level = 24.01278357, Slope = 0.97770147, Seasons = [5.34956637, -6.61171798, -0.50735902, 1.76951063] };
        var errors = new double[y.Length];

        var squares = state.MoveAdditive(y, parameters, errors);

        // The file keeps eight decimals of the parameters, and five of the series.
        Near(-0.26798435, errors[0], 1e-5);
        Near(1.89116018, errors[^1], 1e-5);
        Near(62.00340579, state.Level, 1e-5);
        Near(0.70652496, state.Slope, 1e-6);
        Near(13.38188051, state.SeasonAhead(1), 1e-5);
        Near(6.0830734, squares / (68 - 9), 1e-4);
        var forecast = new EtsModel(form, parameters, state, 1).Ahead(4, [], default);
        double[] expected = [76.07768073, 51.61741109, 63.96457729, 68.27886241];
        for (var h = 0; h < 4; h++)
        {
            Near(expected[h], forecast.Mean[h], 1e-4);
        }
    }

    /// <summary>ets(austourists, "MAM", damped = FALSE) of the R package forecast, from the same file.</summary>
    [Fact]
    public void With_the_parameters_and_the_states_of_R_the_multiplicative_model_ends_and_forecasts_as_in_R()
    {
        var y = PublishedSeries.Tourists;
        var form = new EtsForm(EtsTrend.Additive, EtsSeason.Multiplicative, 4);
        var parameters = new EtsParameters(0.31562139, 0.00010001, 0.00010005, 1);
        var state = new EtsState { Level = 24.74993982, Slope = 0.51242558, Seasons = [1.23309134, 0.77017133, 0.95960345, 1.03713388] };
        var errors = new double[y.Length];

        var (squares, _) = state.MoveMultiplicative(y, parameters, errors);

        Near(-0.03525723, errors[0], 1e-7);
        Near(0.03031837, errors[^1], 1e-6);
        Near(62.40820042, state.Level, 1e-5);
        Near(0.00346044, squares / (68 - 8), 1e-6);
        var model = new EtsModel(form, parameters, state, Math.Sqrt(0.00346044));
        var forecast = model.Ahead(4, Levels, new Simulation(7, 5000));
        double[] expected = [77.58807372, 48.8558019, 61.36513172, 66.85524201];
        for (var h = 0; h < 4; h++)
        {
            Near(expected[h], forecast.Mean[h], 1e-4);
        }

        // One step ahead the error is normal: mean * (1 ± 1.96 sigma). More steps ahead the intervals are wider.
        Near(expected[0] * (1 - (1.959964 * Math.Sqrt(0.00346044))), forecast.Intervals[1].Lower[0], 0.4);
        Near(expected[0] * (1 + (1.959964 * Math.Sqrt(0.00346044))), forecast.Intervals[1].Upper[0], 0.4);
        Assert.True(Width(forecast, 3) / expected[3] > Width(forecast, 0) / expected[0]);
        Assert.Equal(forecast.Intervals[0].Upper, model.Ahead(4, Levels, new Simulation(7, 5000)).Intervals[0].Upper);

        static double Width(Forecast forecast, int step) => forecast.Intervals[1].Upper[step] - forecast.Intervals[1].Lower[step];
    }

    [Fact]
    public void The_estimate_is_at_least_as_likely_as_that_of_R()
    {
        var y = PublishedSeries.Tourists;
        var additive = EtsEstimator.Fit(y, new EtsForm(EtsTrend.Damped, EtsSeason.Additive, 4), TestContext.Current.CancellationToken);
        Assert.True(additive.Sigma * additive.Sigma <= 6.0830734 * 1.0001, $"sigma {additive.Sigma}");

        var form = new EtsForm(EtsTrend.Additive, EtsSeason.Multiplicative, 4);
        var multiplicative = EtsEstimator.Fit(y, form, TestContext.Current.CancellationToken);
        var (squares, logarithms) = new EtsState { Level = 24.74993982, Slope = 0.51242558, Seasons = [1.23309134, 0.77017133, 0.95960345, 1.03713388] }
            .MoveMultiplicative(y, new EtsParameters(0.31562139, 0.00010001, 0.00010005, 1), []);
        var deviance = (68 * Math.Log(squares)) + (2 * logarithms);
        Assert.True(multiplicative.Deviance <= deviance + 0.1, $"{multiplicative.Deviance} against {deviance}");
        Near(77.588, multiplicative.Ahead(1, [], default).Mean[0], 1.5);
    }

    /// <summary>
    /// The example of R's documentation, HoltWinters(co2): alpha 0.5126484, beta 0.0094, gamma 0.4729 in Winters' form; it
    /// ends at a = 364.76, b = 0.1247. R guesses the states from the first two seasons and begins at the third.
    /// </summary>
    [Fact]
    public void Holt_Winters_on_CO2_ends_where_the_documentation_of_R_says()
    {
        var y = PublishedSeries.MaunaLoaTo1997;
        var (at, slope, figure) = EtsStart.Decompose(y.AsSpan(0, 24), 12, multiplicative: false);
        var state = new EtsState { Level = at, Slope = slope, Seasons = figure };

        state.MoveAdditive(y.AsSpan(12), new EtsParameters(0.5126484, 0.5126484 * 0.0094977, 0.4728868 * (1 - 0.5126484), 1), []);

        Near(364.7616, state.Level, 0.0005);
        Near(0.1247, state.Slope, 0.0001);
    }

    [Fact]
    public void What_is_estimated_for_CO2_errs_no_more_than_R_and_forecasts_about_the_same()
    {
        var y = PublishedSeries.MaunaLoaTo1997;
        var model = EtsEstimator.Fit(y, new EtsForm(EtsTrend.Additive, EtsSeason.Additive, 12), TestContext.Current.CancellationToken);
        var (at, slope, figure) = EtsStart.Decompose(y.AsSpan(0, 24), 12, multiplicative: false);
        var squares = new EtsState { Level = at, Slope = slope, Seasons = figure }
            .MoveAdditive(y.AsSpan(12), new EtsParameters(0.5126484, 0.5126484 * 0.0094977, 0.4728868 * (1 - 0.5126484), 1), []);

        // R's squares are of 456 values, ours of all 468.
        Assert.True(model.Sigma * model.Sigma * (468 - 16) / 468 < squares / 456 * 1.001, $"sigma {model.Sigma}");
        // Its forecast of January 1998 is close to that of R, a + b + s1.
        Near(364.7616 + 0.1247 + 0.2215, model.Ahead(1, [], default).Mean[0], 0.2);
    }

    [Theory]
    [InlineData(80, 1.281551565545)]
    [InlineData(95, 1.959963984540)]
    [InlineData(99.9, 3.290526731492)]
    public void Half_widths_are_quantiles_of_the_normal_distribution(double level, double expected) => Near(expected, Normal.HalfWidth(level), 1e-7);

    /// <summary>Forecasting: Principles and Practice, 3rd ed., table 5.2 and 8.7.</summary>
    [Fact]
    public void Intervals_widen_as_the_formulas_say()
    {
        double[] y = [1, 2, 4, 3, 5, 4, 6, 8, 7, 9, 8, 10];
        var naive = NaiveModel.Fit(y, drifts: false).Ahead(4, [95], default);
        Near(2 * Half(naive, 0), Half(naive, 3), 1e-9);
        var drift = NaiveModel.Fit(y, drifts: true);
        Near(Half(drift.Ahead(3, [95], default), 2), 1.959964 * drift.Sigma * Math.Sqrt(3 * (1 + (3 / 11.0))), 1e-5);
        Near(10 + (3 * 9 / 11.0), drift.Ahead(3, [], default).Mean[2], 1e-12);
        var seasonal = SeasonalNaiveModel.Fit(y, 4).Ahead(9, [95], default);
        Assert.Equal(seasonal.Mean[..4], seasonal.Mean[4..8]);
        Near(Half(seasonal, 0), Half(seasonal, 3), 1e-12);
        Near(Math.Sqrt(3) * Half(seasonal, 0), Half(seasonal, 8), 1e-9);

        var holt = new EtsModel(new EtsForm(EtsTrend.Additive, EtsSeason.None, 1), new EtsParameters(0.4, 0.1, 0, 1), new EtsState { Level = 10, Slope = 1, Seasons = [0] }, 2);
        const int H = 5;
        var variance = 4 * (1 + ((H - 1) * ((0.4 * 0.4) + (0.4 * 0.1 * H) + (0.1 * 0.1 * H * ((2 * H) - 1) / 6.0))));
        Near(1.959964 * Math.Sqrt(variance), Half(holt.Ahead(H, [95], default), H - 1), 1e-5);

        static double Half(Forecast forecast, int step) => forecast.Intervals[0].Upper[step] - forecast.Mean[step];
    }

    private static bool[] Measured(double[] y) => [.. y.Select(static _ => true)];

    private static void Near(double expected, double actual, double within) =>
        Assert.True(Math.Abs(expected - actual) <= within, $"{actual} is not {expected} ± {within}");
}
