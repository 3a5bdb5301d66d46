using System.Buffers;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Twin.EntityRegistry.Http;
using Twin.EntityRegistry.OpenApi;
using Twin.Hosting.Authentication;
using Twin.Hosting.OpenApi;
using Twin.NgsiLd;
using Twin.Telemetry.Forecasts.Models;

namespace Twin.Telemetry.Forecasts;

/// <summary>Forecasts, anomalies and back-tests of series.</summary>
internal sealed class ForecastEndpoints(AskedSeriesFinder finder, SampleReader reader, ForecastGate gate)
{
    private const string Csv = "text/csv";
    private const int MostOrigins = 500;

    private static readonly string[] OfSeries = ["entity", "attribute", "dataset", "step", "timeZone", "from", "until", "maxGap", "season"];
    private static readonly string[] OfModels = [.. OfSeries, "model", "trend", "horizon", "levels"];

    /// <summary>The route table.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/forecasts");
        api.RequireAuthorization(TwinPolicies.ReadEntities).WithTags("Forecasts");
        Describe(api.MapGet("", ForecastProblems.Guard(ForecastAsync)).Operation("forecast", "What a series will be, with prediction intervals"), OfModels)
            .WithMetadata(new DescribedAnswer(StatusCodes.Status200OK, "The steps to come, from the end of the series on", "NGSILD-Tenant") { Content = [(MediaTypes.Json, "Forecast"), (Csv, "ForecastRows")] });
        Describe(api.MapGet("/anomalies", ForecastProblems.Guard(AnomaliesAsync)).Operation("findAnomalies", "What is not as the trend and the seasons of a series say"), [.. OfSeries, "threshold", "limit.anomalies", "offset"])
            .Gives(StatusCodes.Status200OK, "The steps that lie off, in the order of time", "AnomalyPage", MediaTypes.Json, "NGSILD-Tenant");
        Describe(api.MapGet("/back-test", ForecastProblems.Guard(BackTestAsync)).Operation("backTest", "What forecasts of a series would have been worth"), [.. OfModels, "origins"])
            .Gives(StatusCodes.Status200OK, "The errors on values that the model had not seen, beside the seasonal naive method", "BackTest", MediaTypes.Json, "NGSILD-Tenant");
    }

    private static IEndpointConventionBuilder Describe(IEndpointConventionBuilder endpoint, string[] parameters) =>
        endpoint.WithMetadata(new DescribedParameters(["Link", "NGSILD-Tenant", .. parameters]))
            .Shares(403, "TooComplexQuery").Shares(404, "NotFound").Shares(406, "NotAcceptable").Shares(504, "ContextNotAvailable");

    private async Task ForecastAsync(HttpContext http)
    {
        if (!ForecastProblems.Negotiate(http, Csv, out var asCsv))
        {
            return;
        }

        var parameters = ForecastProblems.Parameters(http, OfModels);
        var (horizon, levels) = (parameters.Horizon, parameters.Levels);
        _ = (parameters.Kind, parameters.Trend);
        var window = parameters.Window;
        var asked = await finder.FindAsync(http, parameters);
        var samples = await reader.ReadAsync(asked.Series, window, http.RequestAborted);
        var (chosen, model, forecast) = await gate.ComputeAsync(
            cancel =>
            {
                var chosen = ModelFitting.Choose(parameters, samples, samples.Values.Length, horizon, cancel);
                var model = chosen.Specification.Fit(samples.Values, cancel);
                return (chosen, model, model.Ahead(horizon, levels, new Simulation(1, 2000)));
            },
            http.RequestAborted);
        if (asCsv)
        {
            http.Response.ContentType = Csv;
            await http.Response.Body.WriteAsync(ForecastWriter.Csv(samples, forecast), http.RequestAborted);
            return;
        }

        await WriteAsync(http, json =>
        {
            ForecastWriter.WriteSeries(json, asked, samples);
            json.WriteStartObject("model"u8);
            ForecastWriter.WriteModel(json, chosen.Specification, model);
            ForecastWriter.WriteRanking(json, chosen);
            json.WriteEndObject();
            ForecastWriter.WriteForecast(json, samples, forecast);
        });
    }

    private async Task AnomaliesAsync(HttpContext http)
    {
        if (!ForecastProblems.Negotiate(http, null, out _))
        {
            return;
        }

        var parameters = ForecastProblems.Parameters(http, [.. OfSeries, "threshold", "limit", "offset"]);
        var (threshold, limit, offset) = (parameters.Decimal("threshold", 3.5, 0.5, 1000), parameters.Number("limit", 100, 1, 1000), parameters.Number("offset", 0, 0, SampleReader.MostSteps));
        var window = parameters.Window;
        var asked = await finder.FindAsync(http, parameters);
        var samples = await reader.ReadAsync(asked.Series, window, http.RequestAborted);
        if (samples.Values.Length < 20)
        {
            throw ForecastParameters.Bad("from", $"There are {samples.Values.Length} steps of {samples.Grid.StepText}; what is usual is told from 20 on. Take more time (from), or a shorter step.");
        }

        var seasons = parameters.Seasons(samples, 3);
        var found = await gate.ComputeAsync(cancel => Anomalies.Of(samples.Values, samples.Measured, seasons, cancel), http.RequestAborted);
        int[] off = [.. Enumerable.Range(0, samples.Values.Length).Where(i => samples.Measured[i] && Math.Abs(found.Scores[i]) >= threshold)];
        await WriteAsync(http, json =>
        {
            ForecastWriter.WriteSeries(json, asked, samples);
            AnomalyWriter.Write(json, samples, found, seasons, threshold, off, offset, limit);
        });
    }

    private async Task BackTestAsync(HttpContext http)
    {
        if (!ForecastProblems.Negotiate(http, null, out _))
        {
            return;
        }

        var parameters = ForecastProblems.Parameters(http, [.. OfModels, "origins"]);
        var (horizon, levels, origins) = (parameters.Horizon, parameters.Levels, parameters.Number("origins", 20, 1, MostOrigins));
        _ = (parameters.Kind, parameters.Trend);
        var window = parameters.Window;
        var asked = await finder.FindAsync(http, parameters);
        var samples = await reader.ReadAsync(asked.Series, window, http.RequestAborted);
        var tested = await gate.ComputeAsync(cancel => ModelTrial.Run(parameters, samples, horizon, levels, origins, cancel), http.RequestAborted);
        await WriteAsync(http, json =>
        {
            ForecastWriter.WriteSeries(json, asked, samples);
            json.WriteStartObject("model"u8);
            ForecastWriter.WriteModel(json, tested.Chosen.Specification, tested.Test.Model);
            ForecastWriter.WriteRanking(json, tested.Chosen);
            json.WriteEndObject();
            tested.Write(json, withSteps: true);
        });
    }

    private static async Task WriteAsync(HttpContext http, Action<Utf8JsonWriter> members)
    {
        var body = new ArrayBufferWriter<byte>(16 * 1024);
        using (var json = new Utf8JsonWriter(body, NgsiLdResponse.JsonOptions))
        {
            json.WriteStartObject();
            members(json);
            json.WriteEndObject();
        }

        http.Response.ContentType = MediaTypes.Json;
        await http.Response.Body.WriteAsync(body.WrittenMemory, http.RequestAborted);
    }
}
