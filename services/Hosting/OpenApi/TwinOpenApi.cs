using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
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
    public static void AddTwinOpenApi(this IHostApplicationBuilder builder)
    {
        builder.AddOpenApiComponents(typeof(TwinOpenApi).Assembly, "components.json");
        builder.Services.AddSingleton<ComponentFiles>();
        builder.Services.AddOpenApi(DocumentName, static options =>
        {
            options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
            options.ShouldInclude = static _ => true;
            options.AddDocumentTransformer(DescribeNodeAsync);
            options.AddOperationTransformer(OperationCompletion.CompleteAsync);
        });
    }

    /// <summary>Adds the components of an embedded JSON file (an OpenAPI document without paths) to the document, when the process has one.</summary>
    /// <param name="builder">The process.</param>
    /// <param name="assembly">Where the file is embedded.</param>
    /// <param name="resource">The end of its name there, such as <c>components.json</c>.</param>
    public static void AddOpenApiComponents(this IHostApplicationBuilder builder, Assembly assembly, string resource) =>
        builder.Services.AddSingleton(new ComponentFile(assembly, resource));

    /// <summary>Answers <c>GET /api/openapi.json</c>. The document is made once: endpoints do not change while a process runs.</summary>
    public static void MapTwinOpenApi(this IEndpointRouteBuilder routes)
    {
        Task<byte[]>? made = null;
        routes.MapGet(Path, async http =>
            {
                var document = Volatile.Read(ref made);
                if (document is null or { IsFaulted: true })
                {
                    Volatile.Write(ref made, document = MakeAsync(routes.ServiceProvider));
                }

                var json = await document.WaitAsync(http.RequestAborted);
                http.Response.ContentType = "application/json";
                http.Response.ContentLength = json.Length;
                await http.Response.Body.WriteAsync(json, http.RequestAborted);
            })
            .RequireAuthorization(TwinPolicies.Anyone).WithTags("Node")
            .Operation("getOpenApi", "The OpenAPI document of the node").Gives(StatusCodes.Status200OK, "This document", "OpenApiDocument");
    }

    private static async Task<byte[]> MakeAsync(IServiceProvider services)
    {
        var document = await services.GetRequiredKeyedService<IOpenApiDocumentProvider>(DocumentName).GetOpenApiDocumentAsync();
        using var json = new MemoryStream();
        await document.SerializeAsJsonAsync(json, OpenApiSpecVersion.OpenApi3_1);
        return json.ToArray();
    }

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
        context.ApplicationServices.GetRequiredService<ComponentFiles>().AddTo(components);
        components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>(StringComparer.Ordinal);
        components.SecuritySchemes[OperationCompletion.Bearer] = new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.Http,
            Scheme = "bearer",
            BearerFormat = "JWT",
            Description = "An access token of the node's own issuer (/.well-known/openid-configuration), of an issuer that it trusts, or of `twin token`.",
        };

        // HEAD is GET without the body: said once (RFC 9110, 9.3.2).
        foreach (var path in document.Paths.Values)
        {
            path.Operations?.Remove(HttpMethod.Head);
        }

        return Task.CompletedTask;
    }
}
