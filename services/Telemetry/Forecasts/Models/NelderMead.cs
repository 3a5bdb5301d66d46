namespace Twin.Telemetry.Forecasts.Models;

/// <summary>
/// The downhill simplex within a box (Nelder and Mead 1965, The Computer Journal 7): finds a least value without
/// derivatives, the same one for the same start. A corner that leaves the box is put onto its edge.
/// </summary>
internal static class NelderMead
{
    /// <summary>Minimises a function.</summary>
    /// <param name="objective">The function; a value that is not a number counts as infinitely great.</param>
    /// <param name="start">Where to begin; within the box.</param>
    /// <param name="least">The least of each coordinate.</param>
    /// <param name="greatest">The greatest of each coordinate.</param>
    /// <param name="mostEvaluations">How often the function may be asked.</param>
    /// <param name="cancel">Ends the search.</param>
    /// <returns>The best point that was found, and its value.</returns>
    public static (double[] Point, double Value) Minimise(
        Func<double[], double> objective, double[] start, double[] least, double[] greatest, int mostEvaluations, CancellationToken cancel)
    {
        var n = start.Length;
        var points = new double[n + 1][];
        var values = new double[n + 1];
        var evaluations = 0;
        for (var i = 0; i <= n; i++)
        {
            points[i] = [.. start];
            if (i > 0)
            {
                var side = 0.15 * (greatest[i - 1] - least[i - 1]);
                points[i][i - 1] += start[i - 1] + side <= greatest[i - 1] ? side : -side;
            }

            values[i] = Evaluate(points[i]);
        }

        while (evaluations < mostEvaluations)
        {
            Array.Sort(values, points);
            if (values[n] - values[0] <= 1e-9 * (Math.Abs(values[0]) + 1e-12) && IsSmall(points, least, greatest))
            {
                break;
            }

            Step();
        }

        Array.Sort(values, points);
        return (points[0], values[0]);

        void Step()
        {
            var centre = new double[n];
            for (var i = 0; i < n; i++)
            {
                for (var j = 0; j < n; j++)
                {
                    centre[j] += points[i][j] / n;
                }
            }

            var reflected = Along(centre, -1);
            var value = Evaluate(reflected);
            if (value < values[0])
            {
                var expanded = Along(centre, -2);
                var further = Evaluate(expanded);
                (points[n], values[n]) = further < value ? (expanded, further) : (reflected, value);
            }
            else if (value < values[n - 1])
            {
                (points[n], values[n]) = (reflected, value);
            }
            else
            {
                var contracted = Along(centre, value < values[n] ? -0.5 : 0.5);
                var nearer = Evaluate(contracted);
                if (nearer < Math.Min(value, values[n]))
                {
                    (points[n], values[n]) = (contracted, nearer);
                }
                else
                {
                    Shrink();
                }
            }
        }

        double[] Along(double[] centre, double factor)
        {
            var point = new double[n];
            for (var j = 0; j < n; j++)
            {
                point[j] = Math.Clamp(centre[j] + (factor * (points[n][j] - centre[j])), least[j], greatest[j]);
            }

            return point;
        }

        void Shrink()
        {
            for (var i = 1; i <= n; i++)
            {
                for (var j = 0; j < n; j++)
                {
                    points[i][j] = points[0][j] + (0.5 * (points[i][j] - points[0][j]));
                }

                values[i] = Evaluate(points[i]);
            }
        }

        double Evaluate(double[] point)
        {
            cancel.ThrowIfCancellationRequested();
            evaluations++;
            var value = objective(point);
            return double.IsNaN(value) ? double.PositiveInfinity : value;
        }
    }

    private static bool IsSmall(double[][] points, double[] least, double[] greatest)
    {
        for (var j = 0; j < least.Length; j++)
        {
            var room = 1e-4 * (greatest[j] - least[j]);
            for (var i = 1; i < points.Length; i++)
            {
                if (Math.Abs(points[i][j] - points[0][j]) > room)
                {
                    return false;
                }
            }
        }

        return true;
    }
}
