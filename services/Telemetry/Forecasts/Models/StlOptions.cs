namespace Twin.Telemetry.Forecasts.Models;

/// <summary>How a series is decomposed (Cleveland, Cleveland, McRae and Terpenning 1990, Journal of Official Statistics 6).</summary>
/// <param name="Period">Points in a season (n_p).</param>
/// <param name="Seasonal">How the values of one place in the season are smoothed over the seasons (n_s).</param>
/// <param name="Trend">How the trend is smoothed (n_t).</param>
/// <param name="LowPass">How what is left of the trend is taken out of the season (n_l).</param>
/// <param name="Inner">Passes between two looks at the outliers (n_i).</param>
/// <param name="Outer">Looks at the outliers (n_o); 0 is not robust.</param>
internal sealed record StlOptions(int Period, Loess Seasonal, Loess Trend, Loess LowPass, int Inner, int Outer)
{
    /// <summary>The choices of the paper for a season: trend and low pass follow from it, and every tenth place is fitted.</summary>
    /// <param name="period">Points in a season.</param>
    /// <param name="seasonal">Seasons that the seasonal component looks at, odd; greater is steadier.</param>
    /// <param name="robust">Whether outliers lose their weight.</param>
    /// <param name="outer">Looks at the outliers, when robust.</param>
    public static StlOptions For(int period, int seasonal, bool robust, int outer = 5)
    {
        var trend = Odd((int)Math.Ceiling(1.5 * period / (1 - (1.5 / seasonal))));
        var low = Odd(period);
        return new StlOptions(
            period,
            new Loess(seasonal, 1, Math.Max(1, (int)Math.Ceiling(seasonal / 10.0))),
            new Loess(trend, 1, Math.Max(1, (int)Math.Ceiling(trend / 10.0))),
            new Loess(low, 1, Math.Max(1, (int)Math.Ceiling(low / 10.0))),
            robust ? 1 : 2,
            robust ? outer : 0);

        static int Odd(int value) => value | 1;
    }
}
