using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Twin.Hosting.Outbound;

namespace Twin.EntityRegistry.Contexts;

/// <summary>Registers the keeping and finding of @contexts.</summary>
internal static class ContextRegistration
{
    /// <summary>
    /// Adds <see cref="ContextResolver"/> and what it needs. The database of the service (key
    /// <see cref="ContextTable.Service"/>) is registered by the service itself.
    /// </summary>
    public static void AddContexts(this IHostApplicationBuilder builder)
    {
        IServiceCollection services = builder.Services;
        services.TryAddSingleton(TimeProvider.System);
        services.AddGuardedHttpClient(ContextFetcher.ClientName);
        services.AddSingleton<ContextTable>();
        services.AddSingleton<ContextFetcher>();
        services.AddSingleton<ContextStore>();
        services.AddSingleton<ContextResolver>();
        services.AddHostedService(static provider => provider.GetRequiredService<ContextStore>());
        services.AddHostedService<ContextUsageWriter>();
    }
}
