namespace Twin.Telemetry.Forecasts.Models;

/// <summary>
/// Exponential smoothing as a state space model (Hyndman, Koehler, Ord and Snyder 2008): simple, Holt's and Holt-Winters'
/// methods, with intervals by formula where errors are additive and by simulation where they are relative.
/// </summary>
internal sealed class EtsModel : FittedModel
{
    private readonly EtsForm form;
    private readonly EtsParameters parameters;
    private readonly EtsState state;

    /// <summary>Takes a model that stands at the end of its series.</summary>
    public EtsModel(in EtsForm form, in EtsParameters parameters, EtsState state, double sigma)
    {
        (this.form, this.parameters, this.state, Sigma) = (form, parameters, state, sigma);
    }

    /// <inheritdoc />
    public override string Method => form.ToString();

    /// <inheritdoc />
    public override IReadOnlyList<(string Name, double Value)> Parameters
    {
        get
        {
            var all = new List<(string, double)> { ("alpha", parameters.Alpha) };
            if (form.Trend != EtsTrend.None)
            {
                all.Add(("beta", parameters.Beta));
            }

            if (form.Season != EtsSeason.None)
            {
                all.Add(("gamma", parameters.Gamma));
            }

            if (form.Trend == EtsTrend.Damped)
            {
                all.Add(("phi", parameters.Phi));
            }

            return all;
        }
    }

    /// <inheritdoc />
    public override double Sigma { get; }

    /// <summary>Minus twice the logarithm of its likelihood on what it was fitted to, without what is constant; 0 when it was not fitted here.</summary>
    public double Deviance { get; init; }

    /// <summary>Where it stands.</summary>
    public EtsState State => state;

    /// <inheritdoc />
    public override void Observe(ReadOnlySpan<double> values)
    {
        if (form.IsMultiplicative)
        {
            state.MoveMultiplicative(values, parameters, []);
        }
        else
        {
            state.MoveAdditive(values, parameters, []);
        }
    }

    /// <inheritdoc />
    public override Forecast Ahead(int horizon, IReadOnlyList<double> levels, Simulation simulation)
    {
        var mean = new double[horizon];
        var (damping, power) = (0.0, 1.0);
        for (var h = 1; h <= horizon; h++)
        {
            power *= parameters.Phi;
            damping += power;
            var trend = state.Level + (damping * state.Slope);
            mean[h - 1] = form.IsMultiplicative ? trend * state.SeasonAhead(h) : trend + state.SeasonAhead(h);
        }

        return form.IsMultiplicative
            ? new Forecast(mean, Simulated(horizon, levels, simulation))
            : Forecast.Gaussian(mean, Deviations(horizon), levels);
    }

    /// <summary>The standard deviation of each step (Hyndman et al. 2008, table 6.1; Forecasting: Principles and Practice, 3rd ed., 8.7).</summary>
    private double[] Deviations(int horizon)
    {
        var deviations = new double[horizon];
        var (sum, damping, power) = (1.0, 0.0, 1.0);
        for (var h = 1; h <= horizon; h++)
        {
            deviations[h - 1] = Sigma * Math.Sqrt(sum);
            power *= parameters.Phi;
            damping += power;
            var weight = parameters.Alpha + (parameters.Beta * damping) + (h % form.Period == 0 ? parameters.Gamma : 0);
            sum += weight * weight;
        }

        return deviations;
    }

    /// <summary>Quantiles of futures that are drawn with normal relative errors.</summary>
    private ForecastInterval[] Simulated(int horizon, IReadOnlyList<double> levels, Simulation simulation)
    {
        var random = new Random(simulation.Seed);
        var drawn = new double[horizon][];
        for (var h = 0; h < horizon; h++)
        {
            drawn[h] = new double[simulation.Paths];
        }

        var seasons = new double[state.Seasons.Length];
        for (var path = 0; path < simulation.Paths; path++)
        {
            var (level, slope, next) = (state.Level, state.Slope, state.Next);
            state.Seasons.CopyTo(seasons, 0);
            for (var h = 0; h < horizon; h++)
            {
                var error = Sigma * Gaussian(random);
                var damped = parameters.Phi * slope;
                var ahead = level + damped;
                drawn[h][path] = ahead * seasons[next] * (1 + error);
                level = ahead * (1 + (parameters.Alpha * error));
                slope = damped + (parameters.Beta * ahead * error);
                seasons[next] *= 1 + (parameters.Gamma * error);
                next = next + 1 == seasons.Length ? 0 : next + 1;
            }
        }

        var intervals = new ForecastInterval[levels.Count];
        for (var i = 0; i < intervals.Length; i++)
        {
            intervals[i] = new ForecastInterval(levels[i], new double[horizon], new double[horizon]);
        }

        for (var h = 0; h < horizon; h++)
        {
            Array.Sort(drawn[h]);
            foreach (var interval in intervals)
            {
                interval.Lower[h] = Quantile(drawn[h], (1 - (interval.Level / 100)) / 2);
                interval.Upper[h] = Quantile(drawn[h], (1 + (interval.Level / 100)) / 2);
            }
        }

        return intervals;
    }

    private static double Quantile(double[] sorted, double probability)
    {
        var at = probability * (sorted.Length - 1);
        var below = (int)at;
        return below + 1 < sorted.Length ? sorted[below] + ((at - below) * (sorted[below + 1] - sorted[below])) : sorted[^1];
    }

    /// <summary>Box and Muller 1958.</summary>
    private static double Gaussian(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
