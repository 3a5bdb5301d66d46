using System.Reflection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Twin.Hosting.Storage;

/// <summary>Registers the databases of the services in a process.</summary>
public static class StorageRegistration
{
    /// <summary>
    /// Gives a service its own database: a <see cref="ServiceDatabase"/> singleton keyed by <paramref name="service"/>
    /// (<c>[FromKeyedServices("name")]</c>), migrated before any hosted service starts.
    /// </summary>
    /// <param name="builder">The host that the service is part of.</param>
    /// <param name="service">The service's name, in kebab case.</param>
    /// <param name="migrations">The assembly that embeds its migrations.</param>
    public static void AddServiceDatabase(this IHostApplicationBuilder builder, string service, Assembly migrations)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var services = builder.Services;
        services.TryAddSingleton(TimeProvider.System);
        services.AddOptions<StorageOptions>()
            .BindConfiguration(StorageOptions.Section)
            .Configure<IConfiguration>((options, configuration) =>
                options.DataDirectory = configuration[StorageOptions.DataDirectoryKey] ?? options.DataDirectory)
            .ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<StorageOptions>, StorageOptionsValidator>());
        services.AddKeyedSingleton(service, (provider, _) => ServiceDatabase.Create(
            service,
            provider.GetRequiredService<IOptions<StorageOptions>>().Value,
            migrations,
            provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider => new DatabaseOfAService(provider.GetRequiredKeyedService<ServiceDatabase>(service)));
        if (services.Any(static descriptor => descriptor.ImplementationType == typeof(StorePreparation)))
        {
            return;
        }

        services.AddSingleton<IHostedService, StorePreparation>();
        services.AddHostedService<StoreRecovery>();
        services.AddHealthChecks().AddCheck<StoresHealthCheck>("stores", tags: [HealthEndpoints.Ready]);
    }
}

/// <summary>Lists keyed databases without their keys.</summary>
internal sealed record DatabaseOfAService(ServiceDatabase Database);

/// <summary>Prepares every database before the first hosted service starts, whatever the order of registration.</summary>
internal sealed class StorePreparation(IEnumerable<DatabaseOfAService> databases) : IHostedLifecycleService
{
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        foreach (var registered in databases)
        {
            await registered.Database.PrepareAsync(cancellationToken);
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
