namespace Twin.Telemetry.Forecasts.Models;

/// <summary>
/// Local regression over points that stand one step apart, as Cleveland et al. (1990) use it: at each place a line, or a
/// constant, by tricube weights over the nearest points, times weights of robustness.
/// </summary>
/// <param name="Length">Points that a place looks at (the window q); odd.</param>
/// <param name="Degree">0 fits constants, 1 lines.</param>
/// <param name="Jump">Places between two that are fitted; those between are interpolated.</param>
internal readonly record struct Loess(int Length, int Degree, int Jump)
{
    /// <summary>Smooths a series.</summary>
    /// <param name="y">The values.</param>
    /// <param name="robustness">A weight for each; empty, each counts the same.</param>
    /// <param name="smooth">Room for as many smoothed values.</param>
    /// <param name="weights">Room for as many weights.</param>
    public void Smooth(ReadOnlySpan<double> y, ReadOnlySpan<double> robustness, Span<double> smooth, Span<double> weights)
    {
        var n = y.Length;
        if (n < 2)
        {
            y.CopyTo(smooth);
            return;
        }

        var jump = Math.Min(Jump, n - 1);
        var half = (Length + 1) / 2;
        var left = 1;
        for (var at = 1; at <= n; at += jump)
        {
            left = Length >= n ? 1
                : jump == 1 ? (at > half && left + Length - 1 < n ? left + 1 : left)
                : at < half ? 1
                : at >= n - half + 1 ? n - Length + 1
                : at - half + 1;
            var right = Length >= n ? n : left + Length - 1;
            smooth[at - 1] = TryFit(y, robustness, at, left, right, weights, out var value) ? value : y[at - 1];
        }

        if (jump > 1)
        {
            Interpolate(y, robustness, smooth, weights, jump, left);
        }
    }

    /// <summary>The fit at one place, which may lie outside the series.</summary>
    /// <param name="y">The values; the first stands at 1.</param>
    /// <param name="robustness">A weight for each; empty, each counts the same.</param>
    /// <param name="at">The place.</param>
    /// <param name="left">The first value that is looked at, from 1.</param>
    /// <param name="right">The last one.</param>
    /// <param name="weights">Room for a weight of each value.</param>
    /// <param name="fit">The fitted value.</param>
    /// <returns>False when all that is near has no weight.</returns>
    public bool TryFit(ReadOnlySpan<double> y, ReadOnlySpan<double> robustness, double at, int left, int right, Span<double> weights, out double fit)
    {
        var n = y.Length;
        var width = Math.Max(at - left, right - at) + (Length > n ? (Length - n) / 2 : 0);
        var (near, far) = (0.001 * width, 0.999 * width);
        var total = 0.0;
        for (var j = left; j <= right; j++)
        {
            var distance = Math.Abs(j - at);
            var weight = 0.0;
            if (distance <= far)
            {
                weight = distance <= near ? 1 : Cube(1 - Cube(distance / width));
                weight *= robustness.IsEmpty ? 1 : robustness[j - 1];
                total += weight;
            }

            weights[j - 1] = weight;
        }

        fit = 0;
        if (total <= 0)
        {
            return false;
        }

        var (mean, slope) = Degree > 0 && width > 0 ? Line(weights, at, left, right, total, n) : (0, 0);
        for (var j = left; j <= right; j++)
        {
            fit += weights[j - 1] / total * ((slope * (j - mean)) + 1) * y[j - 1];
        }

        return true;
    }

    /// <summary>The weighted mean of the places, and how much the fit leans towards the wanted one.</summary>
    private static (double Mean, double Slope) Line(ReadOnlySpan<double> weights, double at, int left, int right, double total, int n)
    {
        var mean = 0.0;
        for (var j = left; j <= right; j++)
        {
            mean += weights[j - 1] / total * j;
        }

        var spread = 0.0;
        for (var j = left; j <= right; j++)
        {
            spread += weights[j - 1] / total * (j - mean) * (j - mean);
        }

        return Math.Sqrt(spread) > 0.001 * (n - 1) ? (mean, (at - mean) / spread) : (0, 0);
    }

    private void Interpolate(ReadOnlySpan<double> y, ReadOnlySpan<double> robustness, Span<double> smooth, Span<double> weights, int jump, int left)
    {
        var n = y.Length;
        for (var at = 1; at <= n - jump; at += jump)
        {
            Between(smooth, at, at + jump);
        }

        var last = ((n - 1) / jump * jump) + 1;
        if (last != n)
        {
            var right = Length >= n ? n : left + Length - 1;
            smooth[n - 1] = TryFit(y, robustness, n, left, right, weights, out var value) ? value : y[n - 1];
            Between(smooth, last, n);
        }
    }

    private static void Between(Span<double> smooth, int from, int to)
    {
        var step = (smooth[to - 1] - smooth[from - 1]) / (to - from);
        for (var j = from + 1; j < to; j++)
        {
            smooth[j - 1] = smooth[from - 1] + (step * (j - from));
        }
    }

    private static double Cube(double value) => value * value * value;
}
