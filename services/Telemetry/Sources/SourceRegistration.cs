using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Twin.Hosting;
using Twin.Telemetry.Sources.Kafka;
using Twin.Telemetry.Sources.Mqtt;
using Twin.Telemetry.Sources.Posted;

namespace Twin.Telemetry.Sources;

/// <summary>Registers the sources that are configured; what is not, is not even loaded.</summary>
internal static class SourceRegistration
{
    /// <summary>Adds them. After the writer of the tail: they stop before it.</summary>
    public static void AddSources(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddOptions<SourcesOptions>().BindConfiguration(TelemetryOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<SourcesOptions>, SourcesOptionsValidator>();
        services.AddOptions<SourcesOptions>().PostConfigure<IConfiguration>(static (options, configuration) =>
        {
            foreach (var binding in options.Bindings.Where(static one => one.Token is null && one.TokenFile is null))
            {
                binding.Token = configuration[BindingOptions.SharedToken];
            }
        });
        services.AddSingleton<SourceTable>();
        services.AddSingleton<SourceEndpoints>();
        services.AddSingleton<MessageIntake>();
        services.AddSingleton<PostedMessages>();
        services.AddSingleton<WebhookEndpoint>();
        services.AddSingleton<BindingEndpoint>();
        if (Has(builder.Configuration, nameof(SourcesOptions.Mqtt)))
        {
            MqttRegistration.Add(services);
        }

        if (Has(builder.Configuration, nameof(SourcesOptions.Kafka)))
        {
            KafkaSources.Add(services);
        }

        if (Has(builder.Configuration, nameof(SourcesOptions.Mqtt)) || Has(builder.Configuration, nameof(SourcesOptions.Kafka)))
        {
            services.AddHealthChecks().AddCheck<SourcesHealthCheck>("sources", tags: [HealthEndpoints.Ready]);
        }
    }

    /// <summary>The routes.</summary>
    public static void MapSources(this IEndpointRouteBuilder routes)
    {
        var services = routes.ServiceProvider;
        services.GetRequiredService<SourceEndpoints>().Map(routes);
        services.GetRequiredService<WebhookEndpoint>().Map(routes);
        services.GetRequiredService<BindingEndpoint>().Map(routes);
    }

    private static bool Has(IConfiguration configuration, string kind) => configuration.GetSection($"{TelemetryOptions.Section}:{kind}").GetChildren().Any();
}
