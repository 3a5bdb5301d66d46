using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Twin.Hosting.Composition;

namespace Twin.Hosting;

/// <summary>
/// Traces, metrics and logs to an OpenTelemetry collector. Sources and meters of this project are named <c>Twin.*</c> and
/// are heard without being listed.
/// </summary>
internal static class Signals
{
    private const string EndpointKey = "Twin:Telemetry:OtlpEndpoint";
    private const string StandardKey = "OTEL_EXPORTER_OTLP_ENDPOINT";

    /// <summary>Nothing is loaded unless <c>Twin:Telemetry:OtlpEndpoint</c> or <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> is set.</summary>
    public static void AddTwinTelemetry(this IHostApplicationBuilder builder, TwinProcess process)
    {
        var endpoint = builder.Configuration[EndpointKey] ?? builder.Configuration[StandardKey];
        if (string.IsNullOrWhiteSpace(endpoint))
        {
            return;
        }

        if (!Uri.TryCreate(endpoint, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
        {
            throw SettingException.Of(EndpointKey, $"'{endpoint}' is no address of a collector; set one such as http://127.0.0.1:4317.");
        }

        // The exporter reads the rest of OTEL_* by itself: protocol, headers, intervals.
        builder.Configuration[StandardKey] = endpoint;
        Add(builder, process);
    }

    private static void Add(IHostApplicationBuilder builder, TwinProcess process)
    {
        builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService(
                process.Services.Count == 1 ? process.Services[0] : "twin",
                serviceNamespace: process.Name,
                serviceVersion: typeof(Signals).Assembly.GetName().Version?.ToString(3)))
            .WithTracing(static tracing => tracing
                .AddSource("Twin.*")
                .AddAspNetCoreInstrumentation(static options =>
                {
                    options.Filter = static context => !context.Request.Path.StartsWithSegments("/health");
                    // The client's software may tell who it is.
                    options.EnrichWithHttpRequest = static (activity, _) => activity.SetTag("user_agent.original", null);
                })
                .AddHttpClientInstrumentation())
            .WithMetrics(static metrics => metrics
                .AddMeter("Twin.*")
                .AddAspNetCoreInstrumentation()
                .AddHttpClientInstrumentation()
                .AddRuntimeInstrumentation())
            .WithLogging()
            .UseOtlpExporter();
    }
}
