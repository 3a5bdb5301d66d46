using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Twin.EntityRegistry.Http;
using Twin.Hosting.OpenApi;

namespace Twin.Telemetry.OpenApi;

/// <summary>Says of operations on temporal evolutions what the OpenAPI document needs.</summary>
internal static class TemporalDescription
{
    /// <summary>Declares an answer with evolutions, whole or in part (GS CIM 009 6.3.10).</summary>
    public static IEndpointConventionBuilder AnswersEvolutions(this IEndpointConventionBuilder endpoint, string schema) =>
        endpoint.WithMetadata(
                new DescribedParameters("NGSILD-EntityMap"),
                Answer(StatusCodes.Status200OK, "What was found", schema, "NGSILD-EntityMap"),
                Answer(StatusCodes.Status201Created, "The same, and an entity map was made of what was found", schema, "NGSILD-EntityMap"),
                Answer(StatusCodes.Status206PartialContent, "A part of it: Content-Range says which time it covers", schema, "Content-Range"))
            .Shares(403, "TooComplexQuery").Shares(406, "NotAcceptable");

    private static DescribedAnswer Answer(int status, string description, string schema, params string[] headers) =>
        new(status, description, [.. headers, "NGSILD-Results-Count", "NGSILD-Warning", "Link", "NGSILD-Tenant"]) { Content = [(MediaTypes.Json, schema), (MediaTypes.JsonLd, schema)] };
}
