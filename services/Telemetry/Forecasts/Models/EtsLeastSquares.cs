namespace Twin.Telemetry.Forecasts.Models;

/// <summary>
/// The states before the first value that make the squares of additive errors least: the errors are linear in them, so that
/// those of the series without any state, and the answer to each state alone, are all that is needed.
/// </summary>
internal sealed class EtsLeastSquares(double[] y, EtsForm form)
{
    private readonly double[] nothing = new double[y.Length];
    private readonly double[][] columns = [.. Enumerable.Range(0, form.States + 1).Select(_ => new double[y.Length])];

    /// <summary>The best states for smoothing parameters.</summary>
    public EtsState Start(in EtsParameters parameters)
    {
        var states = form.States;
        Unit(-1).MoveAdditive(y, parameters, columns[states]);
        for (var i = 0; i < states; i++)
        {
            Unit(i).MoveAdditive(nothing, parameters, columns[i]);
        }

        var matrix = new double[states, states];
        var right = new double[states];
        for (var i = 0; i < states; i++)
        {
            for (var j = 0; j <= i; j++)
            {
                matrix[i, j] = Product(columns[i], columns[j]);
            }

            right[i] = -Product(columns[i], columns[states]);
        }

        return Of(Solve(matrix, right));
    }

    private EtsState Unit(int index)
    {
        var values = new double[form.States];
        if (index >= 0)
        {
            values[index] = 1;
        }

        return Of(values);
    }

    private EtsState Of(double[] values)
    {
        var next = 1;
        var slope = form.Trend == EtsTrend.None ? 0 : values[next++];
        var seasons = new double[form.Period];
        values.AsSpan(next).CopyTo(seasons);
        var sum = 0.0;
        for (var i = 0; i < form.Period - 1; i++)
        {
            sum += seasons[i];
        }

        seasons[^1] = -sum;
        return new EtsState { Level = values[0], Slope = slope, Seasons = seasons };
    }

    /// <summary>Cholesky's method; a state that nothing is known of is left at 0.</summary>
    private static double[] Solve(double[,] a, double[] b)
    {
        var n = b.Length;
        var floor = 1e-12 * Enumerable.Range(0, n).Max(i => a[i, i]);
        for (var i = 0; i < n; i++)
        {
            for (var j = 0; j <= i; j++)
            {
                var sum = a[i, j];
                for (var k = 0; k < j; k++)
                {
                    sum -= a[i, k] * a[j, k];
                }

                a[i, j] = i == j ? (sum > floor ? Math.Sqrt(sum) : double.PositiveInfinity) : sum / a[j, j];
            }
        }

        for (var i = 0; i < n; i++)
        {
            for (var k = 0; k < i; k++)
            {
                b[i] -= a[i, k] * b[k];
            }

            b[i] /= a[i, i];
        }

        for (var i = n - 1; i >= 0; i--)
        {
            for (var k = i + 1; k < n; k++)
            {
                b[i] -= a[k, i] * b[k];
            }

            b[i] /= a[i, i];
        }

        return b;
    }

    private static double Product(double[] a, double[] b)
    {
        var sum = 0.0;
        for (var i = 0; i < a.Length; i++)
        {
            sum += a[i] * b[i];
        }

        return sum;
    }
}
