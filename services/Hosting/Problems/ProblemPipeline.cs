using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Twin.Hosting.Problems;

/// <summary>Every error of a process leaves it as a problem (RFC 9457).</summary>
public static class ProblemPipeline
{
    /// <summary>
    /// Registers the writer of problems and the handler of what endpoints throw. A service that throws exceptions of its
    /// own adds an <see cref="IExceptionHandler"/>.
    /// </summary>
    public static void AddTwinProblems(this IHostApplicationBuilder builder)
    {
        // Before AddProblemDetails, whose own writer writes nothing for callers that do not ask for JSON by name.
        builder.Services.AddSingleton<IProblemDetailsWriter, ProblemWriter>();
        builder.Services.AddProblemDetails(static options => options.CustomizeProblemDetails = Complete);
        builder.Services.AddExceptionHandler<ExceptionProblems>();
    }

    /// <summary>Adds the middleware; first of all.</summary>
    public static void UseTwinProblems(this WebApplication app)
    {
        app.UseExceptionHandler(new ExceptionHandlerOptions { AllowStatusCode404Response = true });
        app.UseStatusCodePages(static pages =>
        {
            // A gRPC caller reads the status, and could not read a problem.
            if (pages.HttpContext.Request.ContentType?.StartsWith("application/grpc", StringComparison.Ordinal) is true)
            {
                return Task.CompletedTask;
            }

            return pages.HttpContext.RequestServices.GetRequiredService<IProblemDetailsService>().WriteAsync(new ProblemDetailsContext
            {
                HttpContext = pages.HttpContext,
                ProblemDetails = new ProblemDetails { Status = pages.HttpContext.Response.StatusCode },
            }).AsTask();
        });
    }

    private static void Complete(ProblemDetailsContext context)
    {
        var problem = context.ProblemDetails;
        var general = ProblemTypes.OfStatus(problem.Status ?? context.HttpContext.Response.StatusCode);
        // The framework gives the section of RFC 9110; a caller that tells problems apart by type needs ours.
        if (problem.Type is null || problem.Type.StartsWith("https://tools.ietf.org/", StringComparison.Ordinal))
        {
            problem.Type = ProblemTypes.Of(general.Name);
            problem.Title = general.Title;
            problem.Detail ??= general.Detail;
        }

        problem.Extensions.TryAdd("traceId", Activity.Current?.TraceId.ToString() ?? context.HttpContext.TraceIdentifier);
    }
}
