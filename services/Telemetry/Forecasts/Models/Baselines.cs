namespace Twin.Telemetry.Forecasts.Models;

/// <summary>Every step is as the last value, or goes on by the mean step (Hyndman and Athanasopoulos, Forecasting: Principles and Practice, 3rd ed., 5.2 and 5.5).</summary>
internal sealed class NaiveModel : FittedModel
{
    private readonly bool drifts;
    private readonly double drift;
    private readonly int count;
    private double last;

    private NaiveModel(bool drifts, double drift, double sigma, int count, double last)
    {
        (this.drifts, this.drift, Sigma, this.count, this.last) = (drifts, drift, sigma, count, last);
    }

    /// <inheritdoc />
    public override string Method => drifts ? "random walk with drift" : "naive";

    /// <inheritdoc />
    public override IReadOnlyList<(string Name, double Value)> Parameters => drifts ? [("drift", drift)] : [];

    /// <inheritdoc />
    public override double Sigma { get; }

    /// <summary>Fits to a series of at least three values.</summary>
    public static NaiveModel Fit(ReadOnlySpan<double> y, bool drifts)
    {
        var step = drifts ? (y[^1] - y[0]) / (y.Length - 1) : 0;
        var squares = 0.0;
        for (var i = 1; i < y.Length; i++)
        {
            var error = y[i] - y[i - 1] - step;
            squares += error * error;
        }

        return new NaiveModel(drifts, step, Math.Sqrt(squares / (y.Length - (drifts ? 2 : 1))), y.Length, y[^1]);
    }

    /// <inheritdoc />
    public override void Observe(ReadOnlySpan<double> values) => last = values.IsEmpty ? last : values[^1];

    /// <inheritdoc />
    public override Forecast Ahead(int horizon, IReadOnlyList<double> levels, Simulation simulation)
    {
        var (mean, deviations) = (new double[horizon], new double[horizon]);
        for (var h = 1; h <= horizon; h++)
        {
            mean[h - 1] = last + (h * drift);
            deviations[h - 1] = Sigma * Math.Sqrt(drifts ? h * (1 + (h / (count - 1.0))) : h);
        }

        return Forecast.Gaussian(mean, deviations, levels);
    }
}

/// <summary>Every step is as the last value of its place in the season (Forecasting: Principles and Practice, 3rd ed., 5.2 and 5.5).</summary>
internal sealed class SeasonalNaiveModel : FittedModel
{
    private readonly double[] season;

    private SeasonalNaiveModel(double[] season, double sigma) => (this.season, Sigma) = (season, sigma);

    /// <inheritdoc />
    public override string Method => "seasonal naive";

    /// <inheritdoc />
    public override IReadOnlyList<(string Name, double Value)> Parameters => [];

    /// <inheritdoc />
    public override double Sigma { get; }

    /// <summary>Fits to a series longer than a season.</summary>
    public static SeasonalNaiveModel Fit(ReadOnlySpan<double> y, int period)
    {
        var squares = 0.0;
        for (var i = period; i < y.Length; i++)
        {
            var error = y[i] - y[i - period];
            squares += error * error;
        }

        return new SeasonalNaiveModel(y[^period..].ToArray(), Math.Sqrt(squares / (y.Length - period)));
    }

    /// <inheritdoc />
    public override void Observe(ReadOnlySpan<double> values)
    {
        if (values.Length >= season.Length)
        {
            values[^season.Length..].CopyTo(season);
            return;
        }

        season.AsSpan(values.Length).CopyTo(season);
        values.CopyTo(season.AsSpan(season.Length - values.Length));
    }

    /// <inheritdoc />
    public override Forecast Ahead(int horizon, IReadOnlyList<double> levels, Simulation simulation)
    {
        var (mean, deviations) = (new double[horizon], new double[horizon]);
        for (var h = 0; h < horizon; h++)
        {
            mean[h] = season[h % season.Length];
            deviations[h] = Sigma * Math.Sqrt((h / season.Length) + 1);
        }

        return Forecast.Gaussian(mean, deviations, levels);
    }
}
