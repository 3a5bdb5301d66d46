using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.OpenApi;
using Twin.Hosting.Authentication;

namespace Twin.Hosting.OpenApi;

/// <summary>
/// The OpenAPI 3.1 document of a node, made from the endpoints of its process when it is asked for. An endpoint says what
/// it takes and answers (<see cref="OperationDescription"/>); what every endpoint shares is said here.
/// </summary>
public static class TwinOpenApi
{
    /// <summary>Where the document is.</summary>
    public const string Path = "/api/openapi.json";

    /// <summary>The name under which its options are registered, for schema transformers of services.</summary>
    public const string DocumentName = "v1";

    /// <summary>Registers the document; nothing of it is made before it is asked for.</summary>
    public static void AddTwinOpenApi(this IHostApplicationBuilder builder) => builder.Services.AddOpenApi(DocumentName, static options =>
    {
        options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
        options.ShouldInclude = static _ => true;
        options.AddDocumentTransformer(DescribeNodeAsync);
        options.AddOperationTransformer(OperationCompletion.CompleteAsync);
    });

    /// <summary>Answers <c>GET /api/openapi.json</c>.</summary>
    public static void MapTwinOpenApi(this IEndpointRouteBuilder routes) => routes.MapOpenApi(Path)
        .RequireAuthorization(TwinPolicies.Anyone);

    private static Task DescribeNodeAsync(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellation)
    {
        document.Info = new OpenApiInfo
        {
            Title = "Twin.Federation node",
            Version = typeof(TwinOpenApi).Assembly.GetName().Version!.ToString(3),
            Description = "One city's local digital twin. Errors are problems (RFC 9457) with a stable type.",
            License = new OpenApiLicense { Name = "EUPL-1.2", Identifier = "EUPL-1.2" },
        };

        // Relative to where the document was found: the node does not know by which names it is called.
        document.Servers = [new OpenApiServer { Url = "/" }];
        var components = document.Components ??= new OpenApiComponents();
        components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>(StringComparer.Ordinal);
        components.SecuritySchemes[OperationCompletion.Bearer] = new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.Http,
            Scheme = "bearer",
            BearerFormat = "JWT",
            Description = "An access token of the node's own issuer (/.well-known/openid-configuration), of an issuer that it trusts, or of `twin token`.",
        };
        return Task.CompletedTask;
    }
}
