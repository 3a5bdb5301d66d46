namespace Twin.Telemetry.Forecasts.Models;

/// <summary>What a model says of the steps to come.</summary>
/// <param name="Mean">The point forecast of each step.</param>
/// <param name="Intervals">Prediction intervals, one for each level that was asked for.</param>
internal sealed record Forecast(double[] Mean, ForecastInterval[] Intervals)
{
    /// <summary>A forecast whose errors are normal.</summary>
    /// <param name="mean">The point forecast of each step.</param>
    /// <param name="deviations">The standard deviation of each step.</param>
    /// <param name="levels">The levels, in percent.</param>
    public static Forecast Gaussian(double[] mean, double[] deviations, IReadOnlyList<double> levels)
    {
        var intervals = new ForecastInterval[levels.Count];
        for (var i = 0; i < intervals.Length; i++)
        {
            var half = Normal.HalfWidth(levels[i]);
            var (lower, upper) = (new double[mean.Length], new double[mean.Length]);
            for (var h = 0; h < mean.Length; h++)
            {
                lower[h] = mean[h] - (half * deviations[h]);
                upper[h] = mean[h] + (half * deviations[h]);
            }

            intervals[i] = new ForecastInterval(levels[i], lower, upper);
        }

        return new Forecast(mean, intervals);
    }
}

/// <summary>A prediction interval of each step.</summary>
/// <param name="Level">How many of a hundred values lie in it.</param>
/// <param name="Lower">Its lower end.</param>
/// <param name="Upper">Its upper end.</param>
internal sealed record ForecastInterval(double Level, double[] Lower, double[] Upper);

/// <summary>How intervals are simulated where no formula gives them.</summary>
/// <param name="Seed">The same seed gives the same intervals.</param>
/// <param name="Paths">Futures that are drawn.</param>
internal readonly record struct Simulation(int Seed, int Paths);

/// <summary>A model that was fitted to a series and stands at its end.</summary>
internal abstract class FittedModel
{
    /// <summary>Its name in the field, such as ETS(A,Ad,A).</summary>
    public abstract string Method { get; }

    /// <summary>Its parameters by their names.</summary>
    public abstract IReadOnlyList<(string Name, double Value)> Parameters { get; }

    /// <summary>The standard deviation of its one-step errors on what it was fitted to; of a multiplicative model of the relative ones.</summary>
    public abstract double Sigma { get; }

    /// <summary>Moves on over values that have come since; parameters stay.</summary>
    public abstract void Observe(ReadOnlySpan<double> values);

    /// <summary>Looks ahead.</summary>
    /// <param name="horizon">Steps, 1 or more.</param>
    /// <param name="levels">The levels of the intervals, in percent.</param>
    /// <param name="simulation">How intervals are simulated where they must be.</param>
    public abstract Forecast Ahead(int horizon, IReadOnlyList<double> levels, Simulation simulation);
}
