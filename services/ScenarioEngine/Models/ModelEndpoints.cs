using System.Net.Mime;
using System.Text;
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

namespace Twin.ScenarioEngine.Models;

/// <summary>
/// <c>/scenarios/models</c> and <c>/scenarios/validation</c>: what the models are and how far they hold, for everybody: who
/// is shown a result may ask what stands behind it.
/// </summary>
internal static class ModelEndpoints
{
    /// <summary>The route table.</summary>
    public static void Map(IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/scenarios");
        api.RequireAuthorization(TwinPolicies.Anyone).WithTags("Models");
        api.MapGet("/models", ModelProblems.Guard(ListAsync)).Operation("listScenarioModels", "The cards of all models, and how many of their checks are passed")
            .Gives(StatusCodes.Status200OK, "By id", "ScenarioModels", MediaTypes.Json);
        api.MapGet("/models/{scenarioModelId}", ModelProblems.Guard(GetAsync)).Operation("getScenarioModel", "A model's card with its checks against references")
            .Gives(StatusCodes.Status200OK, "The card", "CheckedScenarioModel", MediaTypes.Json).Finds();
        api.MapGet("/validation", ModelProblems.Guard(ValidationAsync)).Operation("getValidation", "Every check of every model: value, reference, verdict")
            .Gives(StatusCodes.Status200OK, "With Accept: text/html a page for people", "Validation", MediaTypes.Json);
    }

    private static Task ListAsync(HttpContext http)
    {
        NgsiLdRequest.AllowParameters(http, []);
        return AnswerAsync(http, static json =>
        {
            json.WriteStartArray();
            foreach (var card in ModelCatalogue.All)
            {
                ModelJson.Write(json, card, ValidationRows.Of(card.Id), withRows: false);
            }

            json.WriteEndArray();
        });
    }

    private static Task GetAsync(HttpContext http)
    {
        NgsiLdRequest.AllowParameters(http, []);
        var id = NgsiLdRequest.Segment(http, "scenarioModelId");
        var card = ModelCatalogue.Find(id) ?? throw NgsiLdException.NotFound($"There is no model '{id}'; /scenarios/models lists them.");
        return AnswerAsync(http, json => ModelJson.Write(json, card, ValidationRows.Of(card.Id), withRows: true));
    }

    private static async Task ValidationAsync(HttpContext http)
    {
        NgsiLdRequest.AllowParameters(http, []);
        http.Response.Headers.Vary = "Accept";
        if (PrefersHtml(http))
        {
            http.Response.ContentType = "text/html; charset=utf-8";
            http.Response.Headers.ContentSecurityPolicy = ValidationPage.ContentSecurityPolicy;
            await http.Response.WriteAsync(ValidationPage.Html(), Encoding.UTF8, http.RequestAborted);
            return;
        }

        await AnswerAsync(http, static json =>
        {
            var (passed, count) = ValidationRows.Total;
            json.WriteStartObject();
            json.WriteNumber("checks"u8, count);
            json.WriteNumber("passed"u8, passed);
            json.WriteStartObject("models"u8);
            foreach (var (model, rows) in ValidationRows.All)
            {
                json.WritePropertyName(model);
                ModelJson.Write(json, rows);
            }

            json.WriteEndObject();
            json.WriteEndObject();
        });
    }

    /// <summary>A browser names text/html first; whoever names nothing gets JSON.</summary>
    private static bool PrefersHtml(HttpContext http) =>
        http.Request.GetTypedHeaders().Accept.OrderByDescending(static range => range.Quality ?? 1).FirstOrDefault(static range => range.MediaType.Value is MediaTypeNames.Text.Html or MediaTypes.Json)?.MediaType.Value == MediaTypeNames.Text.Html;

    private static async Task AnswerAsync(HttpContext http, Action<Utf8JsonWriter> write)
    {
        http.Response.ContentType = MediaTypes.Json;
        await using var json = new Utf8JsonWriter(http.Response.BodyWriter, NgsiLdResponse.JsonOptions);
        write(json);
        await json.FlushAsync(http.RequestAborted);
    }
}
