namespace Twin.Telemetry.Forecasts.Models;

/// <summary>Chooses the method that would have been best: the one with the least mean absolute error in a short back-test.</summary>
internal static class ModelChoice
{
    /// <summary>Origins from which each method is tried.</summary>
    private const int Origins = 8;

    /// <summary>Values beyond which only the newest are looked at.</summary>
    private const int MostValues = 20_000;

    /// <summary>Chooses.</summary>
    /// <param name="y">The values.</param>
    /// <param name="measured">Which of them were measured.</param>
    /// <param name="periods">Points in each season, ascending; may be none.</param>
    /// <param name="horizon">How far ahead it is to look.</param>
    /// <param name="cancel">Ends the work.</param>
    /// <returns>The best, and its error and those of the others, the best first.</returns>
    public static (ModelSpecification Best, IReadOnlyList<(ModelSpecification Model, double Mae)> Ranking) Best(
        double[] y, bool[] measured, int[] periods, int horizon, CancellationToken cancel)
    {
        if (y.Length > MostValues)
        {
            (y, measured) = (y[^MostValues..], measured[^MostValues..]);
        }

        var ahead = Math.Clamp(horizon, 1, Math.Max(1, y.Length / 5));
        var training = y.Length - Math.Max(ahead, Math.Min(y.Length / 4, ahead * Origins));
        var plan = BackTestPlan.Of(y.Length, training, ahead, Origins, periods.Length > 0 ? periods[0] : 1);
        var isPositive = y.Min() > 0;
        var ranking = new List<(ModelSpecification Model, double Mae)>();
        foreach (var candidate in Candidates(periods, isPositive).Where(candidate => candidate.LeastValues <= training))
        {
            var error = BackTest.Run(candidate, y, measured, plan, [], cancel).Total.Mae;
            ranking.Add((candidate, double.IsFinite(error) ? error : double.PositiveInfinity));
        }

        // Of equal ones the simpler, which comes first.
        ranking = [.. ranking.OrderBy(static one => one.Mae)];
        return (ranking.Count > 0 ? ranking[0].Model : new ModelSpecification(ModelKind.Naive, EtsTrend.None, periods), ranking);
    }

    private static IEnumerable<ModelSpecification> Candidates(int[] periods, bool isPositive)
    {
        yield return new(ModelKind.Naive, EtsTrend.None, periods);
        yield return new(ModelKind.Drift, EtsTrend.None, periods);
        yield return new(ModelKind.ExponentialSmoothing, EtsTrend.Damped, periods);
        if (periods.Length == 0)
        {
            yield break;
        }

        foreach (var period in periods)
        {
            yield return new(ModelKind.SeasonalNaive, EtsTrend.None, [period]);
        }

        yield return new(ModelKind.HoltWinters, EtsTrend.None, [periods[0]]);
        yield return new(ModelKind.HoltWinters, EtsTrend.Damped, [periods[0]]);
        if (isPositive)
        {
            yield return new(ModelKind.HoltWintersMultiplicative, EtsTrend.Damped, [periods[0]]);
        }

        yield return new(ModelKind.Stl, EtsTrend.None, periods);
        if (periods.Length > 1)
        {
            yield return new(ModelKind.HoltWinters, EtsTrend.None, [periods[^1]]);
        }
    }
}
