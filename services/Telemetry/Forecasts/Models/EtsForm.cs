namespace Twin.Telemetry.Forecasts.Models;

/// <summary>How a model of exponential smoothing follows the trend.</summary>
internal enum EtsTrend
{
    /// <summary>There is none: simple exponential smoothing.</summary>
    None,

    /// <summary>A line (Holt).</summary>
    Additive,

    /// <summary>A line that flattens out (Gardner and McKenzie).</summary>
    Damped,
}

/// <summary>How a model of exponential smoothing follows the season.</summary>
internal enum EtsSeason
{
    /// <summary>There is none.</summary>
    None,

    /// <summary>The season is added (Holt and Winters).</summary>
    Additive,

    /// <summary>The season is a factor, and errors are relative.</summary>
    Multiplicative,
}

/// <summary>
/// A model of exponential smoothing in the taxonomy of Hyndman et al. (2008): ETS(A,N,N), (A,A,N), (A,Ad,N), (A,N,A),
/// (A,A,A), (A,Ad,A), (M,N,M), (M,A,M), (M,Ad,M).
/// </summary>
/// <param name="Trend">The trend.</param>
/// <param name="Season">The season.</param>
/// <param name="Period">Points in a season; 1 without one.</param>
internal readonly record struct EtsForm(EtsTrend Trend, EtsSeason Season, int Period)
{
    /// <summary>Whether errors are relative to the fit.</summary>
    public bool IsMultiplicative => Season == EtsSeason.Multiplicative;

    /// <summary>Smoothing parameters that are estimated.</summary>
    public int Parameters => 1 + (Trend == EtsTrend.None ? 0 : 1) + (Season == EtsSeason.None ? 0 : 1) + (Trend == EtsTrend.Damped ? 1 : 0);

    /// <summary>States with which the series begins: level, slope and one less than the seasons, which sum up to nothing.</summary>
    public int States => 1 + (Trend == EtsTrend.None ? 0 : 1) + Period - 1;

    /// <summary>Such as ETS(A,Ad,M).</summary>
    public override string ToString()
    {
        var trend = Trend switch { EtsTrend.None => "N", EtsTrend.Additive => "A", _ => "Ad" };
        var season = Season switch { EtsSeason.None => "N", EtsSeason.Additive => "A", _ => "M" };
        return $"ETS({(IsMultiplicative ? "M" : "A")},{trend},{season})";
    }
}

/// <summary>Smoothing parameters, in the error correction form (Hyndman et al. 2008, table 2.2).</summary>
/// <param name="Alpha">Of the level.</param>
/// <param name="Beta">Of the slope; 0 without one. It is alpha times Holt's beta*.</param>
/// <param name="Gamma">Of the season; 0 without one. It is 1 - alpha times the gamma of Winters' equations.</param>
/// <param name="Phi">How much of the slope is left after a step; 1 when it is not damped.</param>
internal readonly record struct EtsParameters(double Alpha, double Beta, double Gamma, double Phi);
