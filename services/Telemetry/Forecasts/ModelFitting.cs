using Twin.Telemetry.Forecasts.Models;

namespace Twin.Telemetry.Forecasts;

/// <summary>A method that was chosen, and how the others did when the best was asked for.</summary>
/// <param name="Specification">The method.</param>
/// <param name="Ranking">Each method that was tried with its mean absolute error, the best first; none when it was named.</param>
internal sealed record ChosenModel(ModelSpecification Specification, IReadOnlyList<(ModelSpecification Model, double Mae)> Ranking);

/// <summary>Decides what can be fitted to a series, and refuses what cannot with the parameter that would help.</summary>
internal static class ModelFitting
{
    /// <summary>Chooses the method that is asked for, or the best.</summary>
    /// <param name="parameters">What is asked for.</param>
    /// <param name="samples">The series.</param>
    /// <param name="count">Values that the method is fitted to.</param>
    /// <param name="horizon">Steps ahead.</param>
    /// <param name="cancel">Ends the work.</param>
    /// <exception cref="NgsiLd.NgsiLdException">BadRequestData when the series is not for that method.</exception>
    public static ChosenModel Choose(ForecastParameters parameters, SeriesSamples samples, int count, int horizon, CancellationToken cancel)
    {
        var kind = parameters.Kind;
        var trend = parameters.Trend;
        var periods = parameters.Seasons(samples);
        if (horizon > samples.Values.Length)
        {
            throw ForecastParameters.Bad("horizon", $"The series has {samples.Values.Length} steps of {samples.Grid.StepText}; they say nothing of the next {horizon}. Look less far ahead, or take more time (from).");
        }

        if (samples.IsConstant && kind is not ModelKind.Naive)
        {
            throw ForecastParameters.Bad("attribute", $"All {samples.Values.Length} values are the same: there is nothing to learn. model=naive repeats it; or take more time (from).");
        }

        if (kind is null)
        {
            var (best, ranking) = ModelChoice.Best(samples.Values, samples.Measured, periods, horizon, cancel);
            Check(best, samples, count);
            return new ChosenModel(best, ranking);
        }

        var specification = new ModelSpecification(kind.Value, trend, periods);
        if (specification.IsSeasonal && periods.Length == 0)
        {
            throw ForecastParameters.Bad("season", $"model={ForecastParameters.NameOf(kind.Value)} needs a season, and {samples.Values.Length} steps of {samples.Grid.StepText} are less than two of those that are usual. Name one (season), or take more time (from).");
        }

        specification = specification.Kind == ModelKind.Stl ? specification : specification with { Periods = periods.Length > 0 ? [periods[0]] : [] };
        Check(specification, samples, count);
        return new ChosenModel(specification, []);
    }

    /// <summary>Checks that a trained model can be used on what its series has now.</summary>
    public static void CheckUse(ModelSpecification specification, SeriesSamples samples, int horizon)
    {
        if (horizon > samples.Values.Length)
        {
            throw ForecastParameters.Bad("horizon", $"The series has {samples.Values.Length} steps of {samples.Grid.StepText}; they say nothing of the next {horizon}. Look less far ahead.");
        }

        Check(specification, samples, samples.Values.Length);
    }

    private static void Check(ModelSpecification specification, SeriesSamples samples, int count)
    {
        if (specification.LeastValues > count)
        {
            throw ForecastParameters.Bad(
                specification.IsSeasonal ? "season" : "from",
                $"model={ForecastParameters.NameOf(specification.Kind)} needs {specification.LeastValues} steps to learn from{(specification.IsSeasonal ? ", two seasons and some more" : "")}; there are {count} of {samples.Grid.StepText}. Take more time (from), a shorter step or season, or another model.");
        }

        if (specification.Kind == ModelKind.HoltWintersMultiplicative && samples.Values.Min() is <= 0 and var least)
        {
            throw ForecastParameters.Bad("model", $"A season that is a factor needs values above 0; the least is {least}. Take holtWinters.");
        }
    }
}
