using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Twin.Hosting.Events.Dapr;

/// <summary>Registers what is loaded only where a sidecar is.</summary>
internal static class DaprRegistration
{
    public static void Add(IServiceCollection services)
    {
        services.AddOptions<DaprOptions>()
            .Configure<IConfiguration>((options, configuration) =>
            {
                options.Endpoint = configuration["DAPR_HTTP_ENDPOINT"]
                    ?? (configuration["DAPR_HTTP_PORT"] is { Length: > 0 } port ? $"http://127.0.0.1:{port}" : "");
                options.ApiToken = configuration["DAPR_API_TOKEN"] ?? "";
                options.AppToken = configuration["APP_API_TOKEN"] ?? "";
            })
            .BindConfiguration(DaprOptions.Section)
            .ValidateOnStart();
        services.AddSingleton<IValidateOptions<DaprOptions>, DaprOptionsValidator>();
        services.AddHttpClient(DaprPublisher.ClientName);
        services.AddSingleton<DaprPublisher>();
        services.AddSingleton<DaprSubscriptions>();
        services.AddSingleton<IEventRouter, DaprRouter>();
        services.AddSingleton(provider => new EventEndpoints.Routes(routes => provider.GetRequiredService<DaprSubscriptions>().Map(routes)));
    }
}

/// <summary>Every outbox has one reader, which publishes through the sidecar.</summary>
internal sealed class DaprRouter(DaprPublisher publisher, IOptions<EventOptions> options) : IEventRouter
{
    public string Transport => DaprSink.Name;

    public IReadOnlyList<IEventSink> SinksOf(EventOutbox outbox) => [new DaprSink(publisher, options.Value)];

    public Task RepublishAsync(DeadLetter letter, CancellationToken cancellationToken) =>
        publisher.PublishAsync(TopicNames.AtBroker(options.Value, letter.Topic), [letter.Event], cancellationToken);
}
