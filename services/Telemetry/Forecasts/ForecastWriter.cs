using System.Globalization;
using System.Text;
using System.Text.Json;
using Twin.NgsiLd.Representations;
using Twin.Telemetry.Forecasts.Models;
using Twin.Telemetry.Temporal;

namespace Twin.Telemetry.Forecasts;

/// <summary>Writes what models say, as JSON and as CSV.</summary>
internal static class ForecastWriter
{
    /// <summary>Writes the members that name a series in steps.</summary>
    public static void WriteSeries(Utf8JsonWriter json, AskedSeries asked, SeriesSamples samples)
    {
        json.WriteString("entity"u8, asked.Series.Entity.Id);
        json.WriteString("attribute"u8, asked.Attribute);
        if (asked.Series.Dataset.Length > 0)
        {
            json.WriteString("dataset"u8, asked.Series.Dataset);
        }

        if (asked.Unit is not null)
        {
            json.WriteString("unitCode"u8, asked.Unit);
        }

        json.WriteString("step"u8, samples.Grid.StepText);
        json.WriteString("timeZone"u8, samples.Grid.Zone.Id);
        json.WriteString("trainedFrom"u8, Time(samples.Grid.Start(samples.First)));
        json.WriteString("trainedUntil"u8, Time(samples.Grid.Start(samples.End)));
        json.WriteNumber("points"u8, samples.Values.Length);
        json.WriteNumber("filled"u8, samples.Filled);
    }

    /// <summary>Writes what a fitted model is.</summary>
    public static void WriteModel(Utf8JsonWriter json, ModelSpecification specification, FittedModel model)
    {
        json.WriteString("name"u8, ForecastParameters.NameOf(specification.Kind));
        json.WriteString("method"u8, model.Method);
        if (specification.Smooths)
        {
            json.WriteString("trend"u8, ForecastParameters.NameOf(specification.Trend));
        }

        json.WriteStartArray("seasons"u8);
        foreach (var period in specification.IsSeasonal ? specification.Periods : [])
        {
            json.WriteNumberValue(period);
        }

        json.WriteEndArray();
        json.WriteStartObject("parameters"u8);
        foreach (var (name, value) in model.Parameters)
        {
            Number(json, name, value);
        }

        json.WriteEndObject();
        Number(json, "sigma", model.Sigma);
    }

    /// <summary>Writes how the methods did that were tried.</summary>
    public static void WriteRanking(Utf8JsonWriter json, ChosenModel chosen)
    {
        if (chosen.Ranking.Count == 0)
        {
            return;
        }

        json.WriteStartArray("tried"u8);
        foreach (var (model, mae) in chosen.Ranking)
        {
            json.WriteStartObject();
            json.WriteString("name"u8, ForecastParameters.NameOf(model.Kind));
            if (model.Smooths)
            {
                json.WriteString("trend"u8, ForecastParameters.NameOf(model.Trend));
            }

            json.WriteStartArray("seasons"u8);
            foreach (var period in model.IsSeasonal ? model.Periods : [])
            {
                json.WriteNumberValue(period);
            }

            json.WriteEndArray();
            Number(json, "mae", mae);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    /// <summary>Writes the steps of a forecast.</summary>
    public static void WriteForecast(Utf8JsonWriter json, SeriesSamples samples, Forecast forecast)
    {
        json.WriteStartArray("forecast"u8);
        foreach (var (step, start, end) in Steps(samples, forecast))
        {
            json.WriteStartObject();
            json.WriteString("from"u8, Time(start));
            json.WriteString("until"u8, Time(end));
            Number(json, "value", forecast.Mean[step]);
            json.WriteStartArray("intervals"u8);
            foreach (var interval in forecast.Intervals)
            {
                json.WriteStartObject();
                json.WriteNumber("level"u8, interval.Level);
                Number(json, "lower", interval.Lower[step]);
                Number(json, "upper", interval.Upper[step]);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    /// <summary>A forecast as CSV: from, until, value, and lower and upper of each level.</summary>
    public static byte[] Csv(SeriesSamples samples, Forecast forecast)
    {
        var text = new StringBuilder("from,until,value");
        foreach (var interval in forecast.Intervals)
        {
            text.Append(CultureInfo.InvariantCulture, $",lower{interval.Level},upper{interval.Level}");
        }

        text.Append('\n');
        foreach (var (step, start, end) in Steps(samples, forecast))
        {
            text.Append(CultureInfo.InvariantCulture, $"{Time(start)},{Time(end)},{forecast.Mean[step]}");
            foreach (var interval in forecast.Intervals)
            {
                text.Append(CultureInfo.InvariantCulture, $",{interval.Lower[step]},{interval.Upper[step]}");
            }

            text.Append('\n');
        }

        return Encoding.UTF8.GetBytes(text.ToString());
    }

    /// <summary>Writes errors.</summary>
    public static void WriteAccuracy(Utf8JsonWriter json, Accuracy errors)
    {
        json.WriteNumber("count"u8, errors.Count);
        Number(json, "rmse", errors.Rmse);
        Number(json, "mae", errors.Mae);
        Number(json, "mape", errors.Mape);
        Number(json, "smape", errors.Smape);
        Number(json, "mase", errors.Mase);
        json.WriteStartArray("intervals"u8);
        for (var i = 0; i < errors.Levels.Count; i++)
        {
            json.WriteStartObject();
            json.WriteNumber("level"u8, errors.Levels[i]);
            Number(json, "coverage", errors.Coverage(i));
            Number(json, "winkler", errors.Winkler(i));
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    /// <summary>Writes a number; null when it is none.</summary>
    public static void Number(Utf8JsonWriter json, string name, double value)
    {
        if (double.IsFinite(value))
        {
            json.WriteNumber(name, value);
        }
        else
        {
            json.WriteNull(name);
        }
    }

    /// <summary>Ticks as a date-time.</summary>
    public static string Time(long ticks) => Timestamps.Format(Instance.Micros(ticks));

    /// <summary>The steps that the clocks show, with their times.</summary>
    private static IEnumerable<(int Step, long Start, long End)> Steps(SeriesSamples samples, Forecast forecast)
    {
        for (var i = 0; i < forecast.Mean.Length; i++)
        {
            var (start, end) = (samples.Grid.Start(samples.End + i), samples.Grid.Start(samples.End + i + 1));
            if (start < end)
            {
                yield return (i, start, end);
            }
        }
    }
}
