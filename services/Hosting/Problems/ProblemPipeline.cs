using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Twin.Hosting.Problems;

/// <summary>Every error of a process leaves it as a problem (RFC 9457).</summary>
internal static class ProblemPipeline
{
    public static void AddTwinProblems(this IHostApplicationBuilder builder)
    {
        builder.Services.AddProblemDetails(static options => options.CustomizeProblemDetails = Complete);
    }

    public static void UseTwinProblems(this WebApplication app)
    {
        app.UseExceptionHandler();
        app.UseStatusCodePages();
    }

    private static void Complete(ProblemDetailsContext context)
    {
        var problem = context.ProblemDetails;
        problem.Extensions["traceId"] = Activity.Current?.TraceId.ToString() ?? context.HttpContext.TraceIdentifier;
    }
}
