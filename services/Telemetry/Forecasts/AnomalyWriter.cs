using System.Globalization;
using System.Text.Json;
using Twin.Telemetry.Forecasts.Models;

namespace Twin.Telemetry.Forecasts;

/// <summary>Writes what lies off, and why.</summary>
internal static class AnomalyWriter
{
    /// <summary>Writes a page.</summary>
    /// <param name="json">Where to.</param>
    /// <param name="samples">The series.</param>
    /// <param name="found">Its scores.</param>
    /// <param name="seasons">The seasons that were looked at.</param>
    /// <param name="threshold">The score from which on a step lies off.</param>
    /// <param name="off">The steps that do.</param>
    /// <param name="offset">Steps before the page.</param>
    /// <param name="limit">Steps on the page.</param>
    public static void Write(Utf8JsonWriter json, SeriesSamples samples, Anomalies found, int[] seasons, double threshold, int[] off, int offset, int limit)
    {
        json.WriteStartArray("seasons"u8);
        foreach (var season in seasons)
        {
            json.WriteNumberValue(season);
        }

        json.WriteEndArray();
        json.WriteNumber("threshold"u8, threshold);
        ForecastWriter.Number(json, "usualDeviation", found.Scale);
        json.WriteNumber("total"u8, off.Length);
        json.WriteStartArray("anomalies"u8);
        foreach (var i in off.Skip(offset).Take(limit))
        {
            json.WriteStartObject();
            json.WriteString("from"u8, ForecastWriter.Time(samples.Grid.Start(samples.First + i)));
            json.WriteString("until"u8, ForecastWriter.Time(samples.Grid.Start(samples.First + i + 1)));
            ForecastWriter.Number(json, "value", samples.Values[i]);
            ForecastWriter.Number(json, "expected", found.Expected[i]);
            ForecastWriter.Number(json, "lower", found.Expected[i] - (threshold * found.Scale));
            ForecastWriter.Number(json, "upper", found.Expected[i] + (threshold * found.Scale));
            ForecastWriter.Number(json, "score", found.Scores[i]);
            json.WriteString("reason"u8, Reason(samples.Values[i] - found.Expected[i], found.Scores[i], seasons.Length > 0));
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static string Reason(double distance, double score, bool seasonal) => string.Create(
        CultureInfo.InvariantCulture,
        $"{Math.Abs(distance):G4} {(distance > 0 ? "above" : "below")} what its trend{(seasonal ? " and season" : "")} say: {Math.Abs(score):F1} times the usual deviation");
}
