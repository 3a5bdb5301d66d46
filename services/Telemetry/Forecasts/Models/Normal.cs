namespace Twin.Telemetry.Forecasts.Models;

/// <summary>The standard normal distribution.</summary>
internal static class Normal
{
    /// <summary>The quantile of a probability, by Acklam's rational approximation (2003): relative error below 1.15e-9.</summary>
    /// <param name="probability">Between 0 and 1, both excluded.</param>
    public static double Quantile(double probability)
    {
        ReadOnlySpan<double> a = [-3.969683028665376e+01, 2.209460984245205e+02, -2.759285104469687e+02, 1.383577518672690e+02, -3.066479806614716e+01, 2.506628277459239e+00];
        ReadOnlySpan<double> b = [-5.447609879822406e+01, 1.615858368580409e+02, -1.556989798598866e+02, 6.680131188771972e+01, -1.328068155288572e+01];
        ReadOnlySpan<double> c = [-7.784894002430293e-03, -3.223964580411365e-01, -2.400758277161838e+00, -2.549732539343734e+00, 4.374664141464968e+00, 2.938163982698783e+00];
        ReadOnlySpan<double> d = [7.784695709041462e-03, 3.224671290700398e-01, 2.445134137142996e+00, 3.754408661907416e+00];
        var tail = Math.Min(probability, 1 - probability);
        double x;
        if (tail < 0.02425)
        {
            var q = Math.Sqrt(-2 * Math.Log(tail));
            x = (((((((((c[0] * q) + c[1]) * q) + c[2]) * q) + c[3]) * q) + c[4]) * q) + c[5];
            x /= (((((((d[0] * q) + d[1]) * q) + d[2]) * q) + d[3]) * q) + 1;
            x = probability < 0.5 ? x : -x;
        }
        else
        {
            var q = probability - 0.5;
            var r = q * q;
            x = ((((((((((a[0] * r) + a[1]) * r) + a[2]) * r) + a[3]) * r) + a[4]) * r) + a[5]) * q;
            x /= (((((((((b[0] * r) + b[1]) * r) + b[2]) * r) + b[3]) * r) + b[4]) * r) + 1;
        }

        return x;
    }

    /// <summary>The half width, in standard deviations, of the interval that holds a share of the distribution.</summary>
    /// <param name="level">The share in percent, such as 95.</param>
    public static double HalfWidth(double level) => Quantile(0.5 + (level / 200));
}
