using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Twin.Hosting.Outbound;

/// <summary>Registers clients for URLs that somebody else chose.</summary>
public static class OutboundRegistration
{
    /// <summary>
    /// Adds a named <see cref="HttpClient"/> (<see cref="IHttpClientFactory"/>) whose connections the <see cref="OutboundGuard"/>
    /// checks. A refused call throws <see cref="OutboundRefusedException"/>.
    /// </summary>
    public static IHttpClientBuilder AddGuardedHttpClient(this IServiceCollection services, string name, Action<HttpClient>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IConfigureOptions<OutboundOptions>, OutboundDefaults>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<OutboundOptions>, OutboundOptionsValidator>());
        services.TryAddSingleton<OutboundGuard>();
        if (!services.Any(static service => service.ServiceType == typeof(Registered)))
        {
            // Bound once, and after the defaults of an open node, so that an explicit setting has the last word.
            services.AddSingleton<Registered>();
            services.AddOptions<OutboundOptions>().BindConfiguration(OutboundOptions.Section).ValidateOnStart();
        }

        return services.AddHttpClient(name, configure ?? (static _ => { }))
            .ConfigurePrimaryHttpMessageHandler(static provider => provider.GetRequiredService<OutboundGuard>().CreateHandler());
    }

    private sealed class Registered;
}
