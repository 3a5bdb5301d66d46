using System.Globalization;
using System.Text.Json;
using Twin.Telemetry.Forecasts.Models;
using Twin.Telemetry.Queries;

namespace Twin.Telemetry.Forecasts;

/// <summary>What a trained model is, what it was trained on, how good it was and how long it holds.</summary>
internal sealed record ModelCard
{
    /// <summary>The id of its entity.</summary>
    public required string Id { get; init; }

    /// <summary>The name that people gave it.</summary>
    public required string Name { get; init; }

    /// <summary>The entity whose attribute it forecasts.</summary>
    public required string Entity { get; init; }

    /// <summary>The attribute's full IRI.</summary>
    public required string Attribute { get; init; }

    /// <summary>The dataset; empty for the default instance.</summary>
    public required string Dataset { get; init; }

    /// <summary>The method with its seasons and the smoothing parameters that were estimated.</summary>
    public required ModelSpecification Specification { get; init; }

    /// <summary>The method's name in the field.</summary>
    public required string Method { get; init; }

    /// <summary>The parameters by their names.</summary>
    public required IReadOnlyList<(string Name, double Value)> Parameters { get; init; }

    /// <summary>The step.</summary>
    public required Period Step { get; init; }

    /// <summary>By whose clocks the steps are cut.</summary>
    public required TimeZoneInfo Zone { get; init; }

    /// <summary>Steps of the longest gap that is filled; null is the usual.</summary>
    public int? MostGap { get; init; }

    /// <summary>The first time of what it was trained on, as text.</summary>
    public required string TrainedFrom { get; init; }

    /// <summary>The time before which that ends; from then on it holds.</summary>
    public required string TrainedUntil { get; init; }

    /// <summary>Steps that it was trained on.</summary>
    public required int Points { get; init; }

    /// <summary>Those of them that were filled.</summary>
    public required int Filled { get; init; }

    /// <summary>From when on it should be trained again.</summary>
    public required string RetrainAfter { get; init; }

    /// <summary>Until when it holds.</summary>
    public required string ValidUntil { get; init; }

    /// <summary>The errors on a hold-out beside those of the seasonal naive method, as JSON.</summary>
    public required ReadOnlyMemory<byte> HoldOut { get; init; }

    /// <summary>The publication that describes the method.</summary>
    public string Reference => Specification.Kind switch
    {
        ModelKind.Naive or ModelKind.Drift or ModelKind.SeasonalNaive => "Hyndman, R.J. and Athanasopoulos, G. (2021) Forecasting: Principles and Practice, 3rd ed., 5.2",
        ModelKind.Stl => "Cleveland, R.B. et al. (1990) STL: A Seasonal-Trend Decomposition Procedure Based on Loess, Journal of Official Statistics 6",
        _ => "Hyndman, R.J. et al. (2008) Forecasting with Exponential Smoothing: The State Space Approach",
    };

    /// <summary>Writes it as an object.</summary>
    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("id"u8, Id);
        json.WriteString("name"u8, Name);
        json.WriteString("entity"u8, Entity);
        json.WriteString("attribute"u8, Attribute);
        if (Dataset.Length > 0)
        {
            json.WriteString("dataset"u8, Dataset);
        }

        json.WriteString("model"u8, ForecastParameters.NameOf(Specification.Kind));
        json.WriteString("method"u8, Method);
        json.WriteString("reference"u8, Reference);
        json.WriteString("trend"u8, ForecastParameters.NameOf(Specification.Trend));
        json.WriteStartArray("seasons"u8);
        foreach (var period in Specification.Periods)
        {
            json.WriteNumberValue(period);
        }

        json.WriteEndArray();
        json.WriteStartObject("parameters"u8);
        foreach (var (name, value) in Parameters)
        {
            ForecastWriter.Number(json, name, value);
        }

        json.WriteEndObject();
        json.WriteString("step"u8, StepGrid.Text(Step));
        json.WriteString("timeZone"u8, Zone.Id);
        if (MostGap is { } gap)
        {
            json.WriteNumber("maxGap"u8, gap);
        }

        json.WriteString("trainedFrom"u8, TrainedFrom);
        json.WriteString("trainedUntil"u8, TrainedUntil);
        json.WriteNumber("points"u8, Points);
        json.WriteNumber("filled"u8, Filled);
        json.WriteString("validFrom"u8, TrainedUntil);
        json.WriteString("retrainAfter"u8, RetrainAfter);
        json.WriteString("validUntil"u8, ValidUntil);
        json.WritePropertyName("holdOut"u8);
        json.WriteRawValue(HoldOut.Span);
        json.WriteEndObject();
    }

    /// <summary>Reads what <see cref="Write"/> wrote; null when it is something else.</summary>
    public static ModelCard? Read(ReadOnlyMemory<byte> utf8)
    {
        try
        {
            using var document = JsonDocument.Parse(utf8);
            return Read(document.RootElement);
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException or KeyNotFoundException or FormatException or NgsiLd.NgsiLdException)
        {
            // The entity can be changed by whoever may change entities; then it is a model no longer.
            return null;
        }
    }

    private static ModelCard? Read(JsonElement card)
    {
        var named = new Dictionary<string, string>(StringComparer.Ordinal) { ["model"] = Text("model"), ["trend"] = Text("trend") };
        var asked = new ForecastParameters(named);
        int[] periods = [.. card.GetProperty("seasons").EnumerateArray().Select(static one => one.GetInt32())];
        var parameters = card.GetProperty("parameters").EnumerateObject().Select(static one => (one.Name, one.Value.GetDouble())).ToList();
        if (asked.Kind is not { } kind || !Period.TryParse(Text("step"), out var step) || !StepGrid.Fits(step)
            || !TimeZoneInfo.TryFindSystemTimeZoneById(Text("timeZone"), out var zone)
            || periods.Length > 3 || periods.Any(static period => period is < 2 or > SampleReader.MostSteps) || !HasSeasons(kind, periods)
            || card.GetProperty("points").GetInt32() is not (> 0 and <= SampleReader.MostSteps and var points))
        {
            return null;
        }

        var specification = new ModelSpecification(kind, asked.Trend, periods);
        return new ModelCard
        {
            Id = Text("id"),
            Name = Text("name"),
            Entity = Text("entity"),
            Attribute = Text("attribute"),
            Dataset = card.TryGetProperty("dataset", out var dataset) ? dataset.GetString()! : "",
            Specification = specification.Smooths ? specification with { Given = EtsSpecification.Read(parameters) } : specification,
            Method = Text("method"),
            Parameters = parameters,
            Step = step,
            Zone = zone,
            MostGap = card.TryGetProperty("maxGap", out var gap) ? gap.GetInt32() : null,
            TrainedFrom = Text("trainedFrom"),
            TrainedUntil = Text("trainedUntil"),
            Points = points,
            Filled = card.GetProperty("filled").GetInt32(),
            RetrainAfter = Text("retrainAfter"),
            ValidUntil = Text("validUntil"),
            HoldOut = System.Text.Encoding.UTF8.GetBytes(card.GetProperty("holdOut").GetRawText()),
        };

        string Text(string name) => card.GetProperty(name).GetString() ?? throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"{name} is null."));
    }

    private static bool HasSeasons(ModelKind kind, int[] periods) =>
        !new ModelSpecification(kind, EtsTrend.None, periods).IsSeasonal || periods.Length > 0;
}
