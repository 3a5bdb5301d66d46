using System.Text.Json;
using Twin.Telemetry.Forecasts.Models;

namespace Twin.Telemetry.Forecasts;

/// <summary>A model tried on values that it had not seen, beside the method that it has to beat.</summary>
/// <param name="Chosen">The model.</param>
/// <param name="Test">Its errors.</param>
/// <param name="Baseline">Those of the seasonal naive method, or without a season of the naive one.</param>
internal sealed record ModelTrial(ChosenModel Chosen, BackTest Test, BackTest Baseline)
{
    /// <summary>Tries a model on the last third of a series, or as much as origins and horizon need.</summary>
    /// <exception cref="NgsiLd.NgsiLdException">BadRequestData when too little is left to learn from.</exception>
    public static ModelTrial Run(ForecastParameters parameters, SeriesSamples samples, int horizon, double[] levels, int origins, CancellationToken cancel)
    {
        var count = samples.Values.Length;
        var held = (int)Math.Max(horizon, Math.Min(count / 3, (long)horizon * origins));
        var training = count - held;
        var past = samples with { Values = samples.Values[..Math.Max(1, training)], Measured = samples.Measured[..Math.Max(1, training)] };
        // Chosen by what comes before the first origin, as if the rest were not known.
        var chosen = ModelFitting.Choose(parameters, past, Math.Max(0, training), horizon, cancel);
        var periods = parameters.Seasons(past);
        var plan = BackTestPlan.Of(count, training, horizon, origins, periods.Length > 0 ? periods[0] : 1);
        var naive = periods.Length > 0 && periods[0] + 2 <= training
            ? new ModelSpecification(ModelKind.SeasonalNaive, EtsTrend.None, [periods[0]])
            : new ModelSpecification(ModelKind.Naive, EtsTrend.None, []);
        return new ModelTrial(
            chosen,
            BackTest.Run(chosen.Specification, samples.Values, samples.Measured, plan, levels, cancel),
            BackTest.Run(naive, samples.Values, samples.Measured, plan, levels, cancel));
    }

    /// <summary>Writes the errors.</summary>
    public void Write(Utf8JsonWriter json, bool withSteps)
    {
        json.WriteNumber("trainingPoints"u8, Test.Training);
        json.WriteNumber("origins"u8, Test.Origins);
        json.WriteStartObject("errors"u8);
        ForecastWriter.WriteAccuracy(json, Test.Total);
        json.WriteEndObject();
        json.WriteStartObject("baseline"u8);
        json.WriteString("method"u8, Baseline.Model.Method);
        ForecastWriter.WriteAccuracy(json, Baseline.Total);
        json.WriteEndObject();
        if (!withSteps)
        {
            return;
        }

        json.WriteStartArray("steps"u8);
        for (var h = 0; h < Test.Steps.Length; h++)
        {
            json.WriteStartObject();
            json.WriteNumber("step"u8, h + 1);
            ForecastWriter.WriteAccuracy(json, Test.Steps[h]);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
