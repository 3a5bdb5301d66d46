using Microsoft.Extensions.DependencyInjection;
using Twin.Hosting.Outbound;

namespace Twin.ScenarioEngine.Remote;

/// <summary>Registers models at other servers.</summary>
public static class RemoteRegistration
{
    /// <summary>Adds <see cref="RemoteModels"/> with its guarded client, which follows no redirect and has no timeout but the deadline.</summary>
    public static IServiceCollection AddRemoteModels(this IServiceCollection services)
    {
        services.AddGuardedHttpClient(RemoteModels.ClientName, static client => client.Timeout = Timeout.InfiniteTimeSpan)
            .ConfigurePrimaryHttpMessageHandler(static provider => provider.GetRequiredService<OutboundGuard>().CreateHandler(followRedirects: false));
        return services.AddSingleton<RemoteModels>();
    }
}
