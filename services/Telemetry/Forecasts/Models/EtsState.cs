namespace Twin.Telemetry.Forecasts.Models;

/// <summary>Where a model of exponential smoothing stands: level, slope and the seasons to come. It moves with each value.</summary>
internal sealed class EtsState
{
    /// <summary>Where the series is, without its season.</summary>
    public double Level { get; set; }

    /// <summary>By how much it rises with a step.</summary>
    public double Slope { get; set; }

    /// <summary>The seasons; the next one is at <see cref="Next"/>. Without a season one that says nothing.</summary>
    public required double[] Seasons { get; init; }

    /// <summary>The place of the next season.</summary>
    public int Next { get; private set; }

    /// <summary>A copy that moves by itself.</summary>
    public EtsState Copy() => new() { Level = Level, Slope = Slope, Seasons = [.. Seasons], Next = Next };

    /// <summary>The season so many steps ahead, 1 or more.</summary>
    public double SeasonAhead(int steps) => Seasons[(Next + steps - 1) % Seasons.Length];

    /// <summary>Moves over values by the equations with additive errors (Hyndman et al. 2008, table 2.2).</summary>
    /// <param name="y">The values.</param>
    /// <param name="with">The smoothing parameters.</param>
    /// <param name="errors">Receives the one-step errors; empty, nobody wants them.</param>
    /// <returns>The sum of the squared one-step errors.</returns>
    public double MoveAdditive(ReadOnlySpan<double> y, in EtsParameters with, Span<double> errors)
    {
        var (alpha, beta, gamma, phi) = with;
        var (level, slope, seasons, next) = (Level, Slope, Seasons, Next);
        var squares = 0.0;
        for (var t = 0; t < y.Length; t++)
        {
            var damped = phi * slope;
            var error = y[t] - level - damped - seasons[next];
            squares += error * error;
            level += damped + (alpha * error);
            slope = damped + (beta * error);
            seasons[next] += gamma * error;
            if (++next == seasons.Length)
            {
                next = 0;
            }

            if (!errors.IsEmpty)
            {
                errors[t] = error;
            }
        }

        (Level, Slope, Next) = (level, slope, next);
        return squares;
    }

    /// <summary>Moves over values by the equations with multiplicative errors and season (Hyndman et al. 2008, table 2.3).</summary>
    /// <param name="y">The values.</param>
    /// <param name="with">The smoothing parameters.</param>
    /// <param name="errors">Receives the relative one-step errors; empty, nobody wants them.</param>
    /// <returns>The sum of the squared relative errors, and that of the logarithms of the fits; not numbers where a fit is not positive.</returns>
    public (double Squares, double Logarithms) MoveMultiplicative(ReadOnlySpan<double> y, in EtsParameters with, Span<double> errors)
    {
        var (alpha, beta, gamma, phi) = with;
        var (level, slope, seasons, next) = (Level, Slope, Seasons, Next);
        var (squares, logarithms, product) = (0.0, 0.0, 1.0);
        for (var t = 0; t < y.Length; t++)
        {
            var damped = phi * slope;
            var ahead = level + damped;
            var fit = ahead * seasons[next];
            if (!(fit > 0))
            {
                return (double.NaN, double.NaN);
            }

            var error = (y[t] - fit) / fit;
            squares += error * error;
            product *= fit;
            if (product is > 1e200 or < 1e-200)
            {
                logarithms += Math.Log(product);
                product = 1;
            }

            level = ahead * (1 + (alpha * error));
            slope = damped + (beta * ahead * error);
            seasons[next] *= 1 + (gamma * error);
            if (++next == seasons.Length)
            {
                next = 0;
            }

            if (!errors.IsEmpty)
            {
                errors[t] = error;
            }
        }

        (Level, Slope, Next) = (level, slope, next);
        return (squares, logarithms + Math.Log(product));
    }
}
