using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Twin.Contracts;
using Twin.EntityRegistry.Contexts;
using Twin.EntityRegistry.Discovery;
using Twin.EntityRegistry.Entities;
using Twin.EntityRegistry.EntityMaps;
using Twin.EntityRegistry.Federation;
using Twin.EntityRegistry.Grpc;
using Twin.EntityRegistry.Http;
using Twin.EntityRegistry.OpenApi;
using Twin.EntityRegistry.Queries;
using Twin.EntityRegistry.Registrations;
using Twin.EntityRegistry.Tenants;
using Twin.Hosting;
using Twin.Hosting.Events;
using Twin.Hosting.Grpc;
using Twin.Hosting.Outbound;
using Twin.Hosting.Storage;

namespace Twin.EntityRegistry;

/// <summary>The current state of the city: entities, their @contexts, and the sources that hold more of them.</summary>
public sealed class EntityRegistryService : ITwinService
{
    /// <inheritdoc />
    public static string Name => "entity-registry";

    /// <inheritdoc />
    public static void Add(IHostApplicationBuilder builder)
    {
        builder.AddServiceDatabase(Name, typeof(EntityRegistryService).Assembly);
        builder.AddEventOutbox(Name, EntityTopics.Entities);
        builder.AddContexts(Name);
        builder.AddNgsiLdComponents();
        builder.Services.AddGuardedHttpClient(SourceClient.ClientName);
        IServiceCollection services = builder.Services;
        services.AddOptions<FederationOptions>().BindConfiguration("Twin:Federation").ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<EntityMapOptions>().BindConfiguration("Twin:EntityMaps").ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton(provider => EntityStore.Create(
            provider.GetRequiredKeyedService<ServiceDatabase>(Name),
            provider.GetRequiredKeyedService<EventOutbox>(Name),
            provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<TenantDirectory>();
        services.AddSingleton(provider => new RegistrationDirectory(provider.GetRequiredKeyedService<ServiceDatabase>(Name)));
        services.AddSingleton<EntityWriter>();
        services.AddHostedService<RegistryLoader>();
        services.AddHostedService(provider => provider.GetRequiredService<EntityWriter>());
        services.AddHostedService<ExpirySweeper>();
        services.AddSingleton<EntityAccess>();
        services.AddSingleton<EntityBodies>();
        services.AddSingleton<BatchBody>();
        services.AddSingleton<SourceClient>();
        services.AddSingleton<SourceIdentity>();
        services.AddSingleton<EntityEndpoints>();
        services.AddSingleton<AttributeEndpoints>();
        services.AddSingleton<BatchEndpoints>();
        services.AddSingleton<PurgeEndpoint>();
        services.AddSingleton<FederatedReader>();
        services.AddSingleton<EntityMapDirectory>();
        services.AddSingleton<EntityPages>();
        services.AddSingleton<QueryEndpoints>();
        services.AddSingleton<EntityMapEndpoints>();
        services.AddSingleton<LatestValues>();
        services.AddSingleton<SourceCalls>();
        services.AddSingleton<RegistrationEndpoints>();
        services.AddSingleton<DiscoveryEndpoints>();
    }

    /// <inheritdoc />
    public static void UseFirst(WebApplication app) => app.Use(EmptySegments.RefuseAsync);

    /// <inheritdoc />
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapTwinGrpcService<EntityRegistryGrpc>();
        RouteGroupBuilder api = routes.MapGroup("/ngsi-ld/v1");
        IServiceProvider services = routes.ServiceProvider;
        services.GetRequiredService<EntityEndpoints>().Map(api);
        services.GetRequiredService<AttributeEndpoints>().Map(api);
        services.GetRequiredService<BatchEndpoints>().Map(api);
        services.GetRequiredService<PurgeEndpoint>().Map(api);
        services.GetRequiredService<QueryEndpoints>().Map(api);
        services.GetRequiredService<EntityMapEndpoints>().Map(api);
        services.GetRequiredService<RegistrationEndpoints>().Map(api);
        services.GetRequiredService<DiscoveryEndpoints>().Map(api);
        services.GetRequiredService<SourceIdentity>().Map(api);
        LaterOperations.Map(api);
        ContextEndpoints.Map(api, services.GetRequiredService<ContextStore>(), handler => NgsiLdProblems.Guard(http => handler(http)));
    }
}
