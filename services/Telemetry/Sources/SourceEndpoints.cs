using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Twin.EntityRegistry.Http;
using Twin.Hosting.Authentication;
using Twin.Hosting.OpenApi;
using Twin.Hosting.Problems;

namespace Twin.Telemetry.Sources;

/// <summary><c>/ingest/sources</c>: how the sources are, and what they brought that could not be taken.</summary>
internal sealed class SourceEndpoints(SourceTable sources)
{
    /// <summary>The route table.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/ingest/sources").RequireAuthorization(TwinPolicies.Operate).WithTags("Ingestion");
        api.MapGet("", (RequestDelegate)ListAsync)
            .Operation("listSources", "Where points come from by themselves: brokers, webhooks, topics")
            .Gives(StatusCodes.Status200OK, "Every source", "PointSources");
        api.MapGet("/{sourceName}", (RequestDelegate)GetAsync)
            .Operation("getSource", "One source, with the last of what could not be taken from it")
            .Gives(StatusCodes.Status200OK, "The source", "PointSource")
            .Gives(StatusCodes.Status404NotFound, "There is no source of that name", "ProblemDetails", "application/problem+json");
    }

    private Task ListAsync(HttpContext http) => AnswerAsync(http, writer =>
    {
        writer.WriteStartArray();
        foreach (var one in sources.All)
        {
            one.Write(writer, whole: false);
        }

        writer.WriteEndArray();
    });

    private Task GetAsync(HttpContext http)
    {
        var name = NgsiLdRequest.Segment(http, "sourceName");
        var source = sources.Find(name)
            ?? throw new ProblemException(StatusCodes.Status404NotFound, "not-found", "Not found", $"There is no source '{name}'. /ingest/sources lists them.") { Member = "sourceName" };
        return AnswerAsync(http, writer => source.Write(writer, whole: true));
    }

    private static async Task AnswerAsync(HttpContext http, Action<Utf8JsonWriter> write)
    {
        http.Response.ContentType = MediaTypes.Json;
        await using var writer = new Utf8JsonWriter(http.Response.BodyWriter, NgsiLdResponse.JsonOptions);
        write(writer);
        await writer.FlushAsync(http.RequestAborted);
    }
}
