namespace Twin.Telemetry.Forecasts.Models;

/// <summary>
/// Errors of forecasts while they are added up (Forecasting: Principles and Practice, 3rd ed., 5.8 and 5.9; Hyndman and Koehler 2006).
/// </summary>
/// <param name="scale">The mean absolute error of the seasonal naive method within the training values, by which MASE scales.</param>
/// <param name="levels">The levels of the intervals.</param>
internal sealed class Accuracy(double scale, IReadOnlyList<double> levels)
{
    private readonly int[] covered = new int[levels.Count];
    private readonly double[] winkler = new double[levels.Count];
    private double squares;
    private double absolutes;
    private double percents;
    private double symmetric;
    private bool divides = true;

    /// <summary>Forecasts that were compared with what came.</summary>
    public int Count { get; private set; }

    /// <summary>The root of the mean squared error.</summary>
    public double Rmse => Math.Sqrt(squares / Count);

    /// <summary>The mean absolute error.</summary>
    public double Mae => absolutes / Count;

    /// <summary>The mean absolute error in percent of what came; not a number where a 0 came.</summary>
    public double Mape => divides ? 100 * percents / Count : double.NaN;

    /// <summary>The mean of 200 |e| / (|y| + |f|).</summary>
    public double Smape => 100 * symmetric / Count;

    /// <summary>The mean absolute error over that of the seasonal naive method within the training values.</summary>
    public double Mase => scale > 0 ? Mae / scale : double.NaN;

    /// <summary>The levels of the intervals.</summary>
    public IReadOnlyList<double> Levels => levels;

    /// <summary>How many of a hundred values lay in the interval.</summary>
    public double Coverage(int level) => 100.0 * covered[level] / Count;

    /// <summary>The mean Winkler score: the width of the interval, and 2/alpha times the distance of what lay outside (Winkler 1972).</summary>
    public double Winkler(int level) => winkler[level] / Count;

    /// <summary>Adds a forecast.</summary>
    /// <param name="actual">What came.</param>
    /// <param name="forecast">The forecast.</param>
    /// <param name="step">Which step of it, from 0.</param>
    public void Add(double actual, Forecast forecast, int step)
    {
        var error = actual - forecast.Mean[step];
        Count++;
        squares += error * error;
        absolutes += Math.Abs(error);
        divides &= actual != 0;
        percents += actual == 0 ? 0 : Math.Abs(error / actual);
        var both = Math.Abs(actual) + Math.Abs(forecast.Mean[step]);
        symmetric += both == 0 ? 0 : 2 * Math.Abs(error) / both;
        for (var i = 0; i < levels.Count; i++)
        {
            var (lower, upper) = (forecast.Intervals[i].Lower[step], forecast.Intervals[i].Upper[step]);
            var outside = Math.Max(0, Math.Max(lower - actual, actual - upper));
            covered[i] += outside == 0 ? 1 : 0;
            winkler[i] += upper - lower + (2 / (1 - (levels[i] / 100)) * outside);
        }
    }

    /// <summary>The mean absolute difference of values that are a season apart.</summary>
    public static double ScaleOf(ReadOnlySpan<double> y, int period)
    {
        var sum = 0.0;
        for (var i = period; i < y.Length; i++)
        {
            sum += Math.Abs(y[i] - y[i - period]);
        }

        return y.Length > period ? sum / (y.Length - period) : double.NaN;
    }
}
