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
using Twin.NgsiLd.Representations;
using Twin.Telemetry.Forecasts.Models;
using Twin.Telemetry.Queries;
using Twin.Telemetry.Temporal;

namespace Twin.Telemetry.Forecasts;

/// <summary>Models that are trained once, kept as entities, and used by their ids.</summary>
internal sealed class ModelEndpoints(AskedSeriesFinder finder, SampleReader reader, ForecastGate gate, ModelStore store, TimeProvider clock)
{
    private const string Path = "/forecasts/models";
    private const int HoldOutOrigins = 20;

    private static readonly string[] Members =
        ["entity", "attribute", "dataset", "step", "timeZone", "from", "until", "maxGap", "season", "model", "trend", "horizon", "name", "validFor"];

    /// <summary>The route table.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup(Path);
        api.WithTags("Forecasts");
        api.MapPost("", ForecastProblems.Guard(TrainAsync)).RequireAuthorization(TwinPolicies.WriteHistory)
            .Operation("trainModel", "Trains a model on a series and keeps it as an entity with its card")
            .WithMetadata(new DescribedParameters("Link", "NGSILD-Tenant"))
            .Takes("ModelTraining")
            .Gives(StatusCodes.Status201Created, "The card of the model", "ModelCard", MediaTypes.Json, "Location", "NGSILD-Tenant")
            .Shares(403, "TooComplexQuery").Shares(404, "NotFound").Shares(504, "ContextNotAvailable");
        Describe(api.MapGet("", ForecastProblems.Guard(ListAsync)).RequireAuthorization(TwinPolicies.ReadEntities).Operation("listModels", "The models that were trained"), "limit.models", "offset")
            .Gives(StatusCodes.Status200OK, "Their cards, in the order of training", "ModelCards", MediaTypes.Json, "NGSILD-Tenant");
        Describe(api.MapGet("/{modelId}", ForecastProblems.Guard(GetAsync)).RequireAuthorization(TwinPolicies.ReadEntities).Operation("getModel", "The card of a model"))
            .Gives(StatusCodes.Status200OK, "The card", "ModelCard", MediaTypes.Json, "NGSILD-Tenant").Shares(404, "NotFound");
        api.MapDelete("/{modelId}", ForecastProblems.Guard(DeleteAsync)).RequireAuthorization(TwinPolicies.WriteHistory).Operation("deleteModel", "Deletes a model and its entity")
            .WithMetadata(new DescribedParameters("NGSILD-Tenant"))
            .Gives(StatusCodes.Status204NoContent, "Deleted", null, MediaTypes.Json, "NGSILD-Tenant").Shares(404, "NotFound");
        Describe(api.MapGet("/{modelId}/forecast", ForecastProblems.Guard(UseAsync)).RequireAuthorization(TwinPolicies.ReadEntities).Operation("forecastByModel", "What a series will be by a trained model"), "horizon", "levels", "allowExpired")
            .WithMetadata(new DescribedAnswer(StatusCodes.Status200OK, "The steps to come, from the end of the series on", "NGSILD-Tenant") { Content = [(MediaTypes.Json, "Forecast"), ("text/csv", "ForecastRows")] })
            .Gives(StatusCodes.Status409Conflict, "The validity of the model has passed", "ProblemDetails", "application/problem+json")
            .Shares(403, "TooComplexQuery").Shares(404, "NotFound");
    }

    private static IEndpointConventionBuilder Describe(IEndpointConventionBuilder endpoint, params string[] parameters) =>
        endpoint.WithMetadata(new DescribedParameters(["NGSILD-Tenant", .. parameters])).Shares(406, "NotAcceptable");

    private async Task TrainAsync(HttpContext http)
    {
        if (!NgsiLdRequest.AcceptsBody(http))
        {
            return;
        }

        NgsiLdRequest.AllowParameters(http, []);
        using var body = await RequestBody.ReadAsync(http);
        var parameters = TrainingBody.Read(body.Memory, Members);
        var horizon = parameters.Horizon;
        _ = (parameters.Kind, parameters.Trend);
        var validFor = parameters.Duration("validFor") ?? new Period(0, 30, 0);
        var window = parameters.Window;
        var asked = await finder.FindAsync(http, parameters);
        var samples = await reader.ReadAsync(asked.Series, window, http.RequestAborted);
        var (trial, model) = await gate.ComputeAsync(
            cancel =>
            {
                var trial = ModelTrial.Run(parameters, samples, horizon, [80, 95], HoldOutOrigins, cancel);
                return (trial, trial.Chosen.Specification.Fit(samples.Values, cancel));
            },
            http.RequestAborted);
        var until = samples.Grid.Start(samples.End);
        var card = new ModelCard
        {
            Id = $"urn:ngsi-ld:MLModel:{Guid.CreateVersion7(clock.GetUtcNow())}",
            Name = parameters.Text("name") ?? $"{asked.Attribute} of {asked.Series.Entity.Id}",
            Entity = asked.Series.Entity.Id,
            Attribute = asked.Series.Attribute,
            Dataset = asked.Series.Dataset,
            Specification = trial.Chosen.Specification,
            Method = model.Method,
            Parameters = model.Parameters,
            Step = samples.Grid.Step,
            Zone = samples.Grid.Zone,
            MostGap = window.MostGap,
            TrainedFrom = ForecastWriter.Time(samples.Grid.Start(samples.First)),
            TrainedUntil = ForecastWriter.Time(until),
            Points = samples.Values.Length,
            Filled = samples.Filled,
            ValidUntil = ForecastWriter.Time(Periods.Later(until, validFor, 1)),
            RetrainAfter = ForecastWriter.Time(until + ((Periods.Later(until, validFor, 1) - until) / 2)),
            HoldOut = Json(writer =>
            {
                writer.WriteStartObject();
                writer.WriteNumber("horizon"u8, horizon);
                trial.Write(writer, withSteps: false);
                writer.WriteEndObject();
            }),
        };
        await store.AddAsync(NgsiLdRequest.TenantName(http), card, http.RequestAborted);
        http.Response.StatusCode = StatusCodes.Status201Created;
        http.Response.Headers.Location = NgsiLdResponse.Location(Path, card.Id);
        await AnswerAsync(http, card.Write);
    }

    private async Task ListAsync(HttpContext http)
    {
        if (!ForecastProblems.Negotiate(http, null, out _))
        {
            return;
        }

        var parameters = ForecastProblems.Parameters(http, "limit", "offset");
        var (limit, offset) = (parameters.Number("limit", 20, 1, 1000), parameters.Number("offset", 0, 0, int.MaxValue - 1000));
        var cards = await store.ListAsync(NgsiLdRequest.TenantName(http), offset, limit, finder.Evaluation(http), http.RequestAborted);
        await AnswerAsync(http, json =>
        {
            json.WriteStartArray();
            cards.ForEach(card => card.Write(json));
            json.WriteEndArray();
        });
    }

    private async Task GetAsync(HttpContext http)
    {
        if (!ForecastProblems.Negotiate(http, null, out _))
        {
            return;
        }

        NgsiLdRequest.AllowParameters(http, []);
        await AnswerAsync(http, (await FindAsync(http)).Write);
    }

    private async Task DeleteAsync(HttpContext http)
    {
        NgsiLdRequest.AllowParameters(http, []);
        var card = await FindAsync(http);
        await store.DeleteAsync(NgsiLdRequest.TenantName(http), card.Id, http.RequestAborted);
        http.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private async Task UseAsync(HttpContext http)
    {
        if (!ForecastProblems.Negotiate(http, "text/csv", out var asCsv))
        {
            return;
        }

        var parameters = ForecastProblems.Parameters(http, "horizon", "levels", "allowExpired");
        var (horizon, levels, allowExpired) = (parameters.Horizon, parameters.Levels, parameters.Flag("allowExpired"));
        var card = await FindAsync(http);
        if (!allowExpired && Timestamps.TryParse(card.ValidUntil.AsSpan(), out var until) && Instance.Ticks(until) <= clock.GetUtcNow().UtcTicks)
        {
            throw new NgsiLdException(NgsiLdErrorType.Conflict, $"The validity of the model ended at {card.ValidUntil}. Train it again, or ask with allowExpired=true.", "allowExpired");
        }

        var asked = await finder.FindAsync(http, card.Entity, card.Attribute, card.Dataset);
        var samples = await reader.ReadAsync(asked.Series, new SampleWindow(card.Step, card.Zone, null, null, card.MostGap, card.Points), http.RequestAborted);
        var (model, forecast) = await gate.ComputeAsync(
            cancel =>
            {
                ModelFitting.CheckUse(card.Specification, samples, horizon);
                var model = card.Specification.Fit(samples.Values, cancel);
                return (model, model.Ahead(horizon, levels, new Simulation(1, 2000)));
            },
            http.RequestAborted);
        if (asCsv)
        {
            http.Response.ContentType = "text/csv";
            await http.Response.Body.WriteAsync(ForecastWriter.Csv(samples, forecast), http.RequestAborted);
            return;
        }

        await AnswerAsync(http, json =>
        {
            json.WriteStartObject();
            ForecastWriter.WriteSeries(json, asked, samples);
            json.WriteStartObject("model"u8);
            json.WriteString("id"u8, card.Id);
            ForecastWriter.WriteModel(json, card.Specification, model);
            json.WriteString("validUntil"u8, card.ValidUntil);
            json.WriteEndObject();
            ForecastWriter.WriteForecast(json, samples, forecast);
            json.WriteEndObject();
        });
    }

    private async Task<ModelCard> FindAsync(HttpContext http)
    {
        var id = NgsiLdRequest.Segment(http, "modelId");
        return NgsiLdRequest.IsUri(id)
            ? await store.FindAsync(NgsiLdRequest.TenantName(http), id, finder.Evaluation(http), http.RequestAborted) ?? throw NgsiLdException.NotFound($"There is no model {id}.")
            : throw NgsiLdException.BadRequest("A model id is a URI, such as urn:ngsi-ld:MLModel:1.", "modelId");
    }

    private static async Task AnswerAsync(HttpContext http, Action<Utf8JsonWriter> write)
    {
        http.Response.ContentType = MediaTypes.Json;
        await http.Response.Body.WriteAsync(Json(write), http.RequestAborted);
    }

    private static ReadOnlyMemory<byte> Json(Action<Utf8JsonWriter> write)
    {
        var body = new ArrayBufferWriter<byte>(4096);
        using (var json = new Utf8JsonWriter(body, NgsiLdResponse.JsonOptions))
        {
            write(json);
        }

        return body.WrittenMemory;
    }
}
