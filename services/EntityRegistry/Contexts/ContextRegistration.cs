using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Twin.Hosting.Outbound;
using Twin.Hosting.Storage;

namespace Twin.EntityRegistry.Contexts;

/// <summary>Registers the keeping and finding of @contexts.</summary>
internal static class ContextRegistration
{
    /// <summary>
    /// Adds <see cref="ContextResolver"/> and what it needs, once in a process: its services share what the first of them
    /// keeps.
    /// </summary>
    /// <param name="builder">The process.</param>
    /// <param name="service">The service whose database has the table; it registers the database itself.</param>
    public static void AddContexts(this IHostApplicationBuilder builder, string service)
    {
        IServiceCollection services = builder.Services;
        if (services.Any(static known => known.ServiceType == typeof(ContextTable)))
        {
            return;
        }

        services.TryAddSingleton(TimeProvider.System);
        services.AddGuardedHttpClient(ContextFetcher.ClientName);
        services.AddSingleton(provider => new ContextTable(provider.GetRequiredKeyedService<ServiceDatabase>(service)));
        services.AddSingleton<ContextFetcher>();
        services.AddSingleton<ContextStore>();
        services.AddSingleton<ContextResolver>();
        services.AddHostedService(static provider => provider.GetRequiredService<ContextStore>());
        services.AddHostedService<ContextUsageWriter>();
    }
}
