using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Twin.Hosting.Storage;

namespace Twin.Hosting.Events;

/// <summary>Registers the outboxes and consumers of the services in a process.</summary>
public static class EventRegistration
{
    /// <summary>
    /// Gives a service an <see cref="EventOutbox"/> (singleton keyed by <paramref name="service"/>) in its database, which
    /// <see cref="StorageRegistration.AddServiceDatabase"/> has added.
    /// </summary>
    /// <param name="builder">The host that the service is part of.</param>
    /// <param name="service">The service's name.</param>
    /// <param name="topics">All topics that it appends to: constants of the contracts.</param>
    public static void AddEventOutbox(this IHostApplicationBuilder builder, string service, params string[] topics)
    {
        ArgumentNullException.ThrowIfNull(builder);
        AddEvents(builder, service);
        builder.Services.AddKeyedSingleton(service, (provider, _) => new EventOutbox(
            provider.GetRequiredKeyedService<ServiceDatabase>(service), topics, provider.GetRequiredService<TimeProvider>()));
        builder.Services.AddSingleton(provider => new OutboxOfAService(provider.GetRequiredKeyedService<EventOutbox>(service)));
    }

    /// <summary>Lets a service consume events in its database.</summary>
    /// <typeparam name="T">The consumer; registered as a singleton of its own type.</typeparam>
    /// <param name="builder">The host that the service is part of.</param>
    /// <param name="service">The service's name.</param>
    public static void AddEventConsumer<T>(this IHostApplicationBuilder builder, string service)
        where T : class, IEventConsumer
    {
        ArgumentNullException.ThrowIfNull(builder);
        AddEvents(builder, service);
        builder.Services.TryAddSingleton<T>();
        builder.Services.AddSingleton(provider => new ConsumerRunner(
            provider.GetRequiredService<T>(),
            provider.GetRequiredKeyedService<ServiceDatabase>(service),
            provider.GetRequiredService<IOptions<EventOptions>>().Value,
            provider.GetRequiredService<EventLag>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<ConsumerRunner>>()));
    }

    private static void AddEvents(IHostApplicationBuilder builder, string service)
    {
        var services = builder.Services;
        services.TryAddKeyedSingleton(service, (provider, _) => new DeadLetters(
            provider.GetRequiredKeyedService<ServiceDatabase>(service),
            provider.GetServices<ConsumerRunner>(),
            provider.GetRequiredService<IEventRouter>(),
            provider.GetRequiredService<TimeProvider>()));
        if (services.Any(descriptor => descriptor.ServiceType == typeof(EventLag)))
        {
            return;
        }

        services.TryAddSingleton(TimeProvider.System);
        services.AddMetrics();
        services.AddSingleton<EventLag>();
        services.AddOptions<EventOptions>()
            .Configure<IConfiguration>((options, configuration) =>
                options.TopicPrefix = configuration[NodeNameKey] is { Length: > 0 } name ? TopicNames.PrefixFor(name) : options.TopicPrefix)
            .BindConfiguration(EventOptions.Section)
            .ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<EventOptions>, EventOptionsValidator>());
        services.AddHealthChecks().AddCheck<EventsHealthCheck>("events", tags: ["ready"]);
        services.AddHostedService<OutboxRelay>();
        switch (Transport(builder.Configuration))
        {
            // Each in a method of its own: what is not configured is not even loaded.
            case EventTransport.Kafka:
                Kafka.KafkaRegistration.Add(services);
                break;
            case EventTransport.Dapr:
                Dapr.DaprRegistration.Add(services);
                break;
            default:
                services.AddSingleton<IEventRouter, InProcessRouter>();
                break;
        }
    }

    /// <summary>What <c>Twin:Events:Transport</c> says, else what is configured.</summary>
    private static EventTransport Transport(IConfiguration configuration)
    {
        const string Key = EventOptions.Section + ":Transport";
        if (configuration[Key] is { Length: > 0 } said)
        {
            return Enum.TryParse<EventTransport>(said.Replace("-", "", StringComparison.Ordinal), ignoreCase: true, out var transport)
                ? transport
                : throw new OptionsValidationException(Key, typeof(EventOptions), [$"{Key} is '{said}'. Set it to in-process, kafka or dapr, or remove it."]);
        }

        if (configuration[Kafka.KafkaOptions.Section + ":BootstrapServers"] is { Length: > 0 })
        {
            return EventTransport.Kafka;
        }

        return configuration[Dapr.DaprOptions.Section + ":PubSub"] is { Length: > 0 } || configuration["DAPR_HTTP_PORT"] is { Length: > 0 }
            ? EventTransport.Dapr
            : EventTransport.InProcess;
    }

    private const string NodeNameKey = "Twin:Name";
}

/// <summary>Lists keyed outboxes without their keys.</summary>
internal sealed record OutboxOfAService(EventOutbox Outbox);
