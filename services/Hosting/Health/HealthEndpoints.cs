using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Twin.Hosting.Authentication;
using Twin.Hosting.OpenApi;

namespace Twin.Hosting;

/// <summary><c>/health/live</c>: the process answers. <c>/health/ready</c>: it can do its work.</summary>
public static class HealthEndpoints
{
    /// <summary>The tag of the checks that decide about <c>ready</c>: <c>AddHealthChecks().AddCheck(..., tags: [HealthEndpoints.Ready])</c>.</summary>
    public const string Ready = "ready";

    internal static void AddTwinHealth(this IHostApplicationBuilder builder) =>
        builder.Services.AddHealthChecks().AddCheck<DrainCheck>("drain", tags: [Ready]);

    internal static void MapTwinHealth(this IEndpointRouteBuilder routes)
    {
        Map("/health/live", "getLive", "Whether the process answers", static _ => false);
        Map("/health/ready", "getReady", "Whether the process can do its work", static check => check.Tags.Contains(Ready));

        void Map(string path, string name, string summary, Func<HealthCheckRegistration, bool> checks) =>
            routes.MapHealthChecks(path, new HealthCheckOptions { Predicate = checks, ResponseWriter = WriteAsync })
                .WithMetadata(new HttpMethodMetadata([HttpMethods.Get, HttpMethods.Head]))
                .RequireAuthorization(TwinPolicies.Anyone)
                .WithTags("Node")
                .Operation(name, summary)
                .Gives(StatusCodes.Status200OK, "Yes", "Health")
                .Gives(StatusCodes.Status503ServiceUnavailable, "No; the checks say why", "Health");
    }

    /// <summary>State, description and duration of each check; no exception and no data, which could hold addresses or secrets.</summary>
    private static async Task WriteAsync(HttpContext context, HealthReport report)
    {
        context.Response.ContentType = "application/json";
        await using var json = new Utf8JsonWriter(context.Response.BodyWriter);
        json.WriteStartObject();
        json.WriteString("status", report.Status.ToString());
        json.WriteNumber("durationMs", Math.Round(report.TotalDuration.TotalMilliseconds, 1));
        json.WriteStartObject("checks");
        foreach (var (name, entry) in report.Entries)
        {
            json.WriteStartObject(name);
            json.WriteString("status", entry.Status.ToString());
            json.WriteNumber("durationMs", Math.Round(entry.Duration.TotalMilliseconds, 1));
            if (entry is { Exception: null, Description: { } description })
            {
                json.WriteString("description", description);
            }

            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private sealed class DrainCheck(IHostApplicationLifetime lifetime) : IHealthCheck
    {
        public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
            Task.FromResult(lifetime.ApplicationStopping.IsCancellationRequested
                ? HealthCheckResult.Unhealthy("The process is about to end.")
                : HealthCheckResult.Healthy());
    }
}
