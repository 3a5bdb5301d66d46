namespace Twin.Telemetry.Forecasts.Models;

/// <summary>
/// Estimates models of exponential smoothing: the smoothing parameters by the downhill simplex on the likelihood, which for
/// additive errors is the sum of their squares. The states before the first value of a short series are estimated along:
/// by least squares where errors are additive, since those are linear in them, else by the simplex. Those of a long series
/// are taken from its first seasons: they have no weight at its end.
/// </summary>
internal sealed class EtsEstimator
{
    /// <summary>Values times squared states up to which the states are estimated by least squares in every step.</summary>
    private const int MostWork = 150_000;

    private const int MostStatesOfSimplex = 14;
    private const double Edge = 1e-4;

    private readonly double[] y;
    private readonly EtsForm form;
    private readonly EtsState guess;
    private readonly CancellationToken cancel;
    private readonly EtsLeastSquares? leastSquares;
    private readonly bool searchesStates;

    private EtsEstimator(double[] y, in EtsForm form, CancellationToken cancel)
    {
        (this.y, this.form, this.cancel) = (y, form, cancel);
        guess = EtsStart.Of(y, form);
        var work = (long)y.Length * form.States * form.States;
        leastSquares = !form.IsMultiplicative && work <= MostWork && y.Length > form.States + form.Parameters ? new EtsLeastSquares(y, form) : null;
        searchesStates = form.IsMultiplicative && form.States <= MostStatesOfSimplex && work <= MostWork;
    }

    /// <summary>Fits a model.</summary>
    /// <param name="y">The values; positive ones where errors are multiplicative, and of a season at least two.</param>
    /// <param name="form">The model.</param>
    /// <param name="cancel">Ends the search.</param>
    public static EtsModel Fit(double[] y, in EtsForm form, CancellationToken cancel)
    {
        var estimator = new EtsEstimator(y, form, cancel);
        return estimator.Model(estimator.Search());
    }

    /// <summary>Fits a model whose smoothing parameters are known already: only its states are estimated.</summary>
    public static EtsModel Fit(double[] y, in EtsForm form, in EtsParameters parameters, CancellationToken cancel)
    {
        var estimator = new EtsEstimator(y, form, cancel);
        return estimator.Model(estimator.Coordinates(parameters));
    }

    private double[] Search()
    {
        double[][] starts = [[0.3, 0.1, 0.1, 0.9], [0.1, 0.01, 0.01, 0.97], [0.8, 0.1, 0.3, 0.9]];
        var ranked = starts.Select(start => Coordinates(new EtsParameters(start[0], start[0] * start[1], (1 - start[0]) * start[2], start[3]))).OrderBy(Objective).ToArray();
        var (least, greatest) = Box();
        var most = 120 * ranked[0].Length;
        var best = NelderMead.Minimise(Objective, ranked[0], least, greatest, most, cancel);
        if (searchesStates || leastSquares is not null)
        {
            // Short series are cheap, and their likelihood has several valleys.
            foreach (var start in (double[][])[ranked[1], best.Point])
            {
                var other = NelderMead.Minimise(Objective, start, least, greatest, most, cancel);
                best = other.Value < best.Value ? other : best;
            }
        }

        return best.Point;
    }

    /// <summary>What is searched: alpha, beta / alpha, gamma / (1 - alpha) and phi as far as the model has them, and maybe the states.</summary>
    private double[] Coordinates(in EtsParameters with)
    {
        var all = new List<double> { with.Alpha };
        if (form.Trend != EtsTrend.None)
        {
            all.Add(with.Beta / with.Alpha);
        }

        if (form.Season != EtsSeason.None)
        {
            all.Add(with.Gamma / Math.Max(Edge, 1 - with.Alpha));
        }

        if (form.Trend == EtsTrend.Damped)
        {
            all.Add(with.Phi);
        }

        if (searchesStates)
        {
            all.Add(guess.Level);
            if (form.Trend != EtsTrend.None)
            {
                all.Add(guess.Slope);
            }

            all.AddRange(guess.Seasons[..^1]);
        }

        return [.. all];
    }

    private (double[] Least, double[] Greatest) Box()
    {
        var (least, greatest) = (new List<double>(), new List<double>());
        for (var i = 0; i < form.Parameters; i++)
        {
            var isPhi = form.Trend == EtsTrend.Damped && i == form.Parameters - 1;
            least.Add(isPhi ? 0.8 : Edge);
            greatest.Add(isPhi ? 0.98 : 1 - Edge);
        }

        if (searchesStates)
        {
            var (low, high) = (y.Min(), y.Max());
            Add(0.5 * Math.Min(low, guess.Level), 1.5 * Math.Max(high, guess.Level));
            if (form.Trend != EtsTrend.None)
            {
                var steep = Math.Max(Math.Abs(guess.Slope) * 3, (high - low) / y.Length * 3);
                Add(-steep, steep);
            }

            for (var i = 0; i < form.Period - 1; i++)
            {
                Add(0.7 * guess.Seasons[i], 1.3 * guess.Seasons[i]);
            }
        }

        return ([.. least], [.. greatest]);

        void Add(double from, double to)
        {
            least.Add(from);
            greatest.Add(to);
        }
    }

    private EtsParameters Parameters(double[] at)
    {
        var next = 1;
        var beta = form.Trend == EtsTrend.None ? 0 : at[next++] * at[0];
        var gamma = form.Season == EtsSeason.None ? 0 : at[next++] * (1 - at[0]);
        var phi = form.Trend == EtsTrend.Damped ? at[next] : 1;
        return new EtsParameters(at[0], beta, gamma, phi);
    }

    private EtsState Start(double[] at, in EtsParameters parameters)
    {
        if (leastSquares is not null)
        {
            return leastSquares.Start(parameters);
        }

        if (!searchesStates)
        {
            return guess.Copy();
        }

        var next = form.Parameters;
        var level = at[next++];
        var slope = form.Trend == EtsTrend.None ? 0 : at[next++];
        var seasons = new double[form.Period];
        at.AsSpan(next).CopyTo(seasons);
        seasons[^1] = form.Period - at.AsSpan(next).ToArray().Sum();
        return new EtsState { Level = level, Slope = slope, Seasons = seasons };
    }

    /// <summary>Minus twice the logarithm of the likelihood, without what is constant (Hyndman et al. 2008, 5.1); of additive errors their squares.</summary>
    private double Objective(double[] at)
    {
        var parameters = Parameters(at);
        var state = Start(at, parameters);
        if (!form.IsMultiplicative)
        {
            return state.MoveAdditive(y, parameters, []);
        }

        var (squares, logarithms) = state.MoveMultiplicative(y, parameters, []);
        return (y.Length * Math.Log(squares)) + (2 * logarithms);
    }

    private EtsModel Model(double[] at)
    {
        var parameters = Parameters(at);
        var state = Start(at, parameters);
        var (squares, logarithms) = form.IsMultiplicative ? state.MoveMultiplicative(y, parameters, []) : (state.MoveAdditive(y, parameters, []), 0);
        var free = y.Length - form.Parameters - (leastSquares is not null || searchesStates ? form.States : 0);
        return new EtsModel(form, parameters, state, Math.Sqrt(squares / Math.Max(1, free)))
        {
            Deviance = (y.Length * Math.Log(squares)) + (2 * logarithms),
        };
    }
}
