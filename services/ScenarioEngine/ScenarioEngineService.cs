using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Twin.EntityRegistry;
using Twin.EntityRegistry.Contexts;
using Twin.EntityRegistry.Entities;
using Twin.EntityRegistry.Http;
using Twin.EntityRegistry.OpenApi;
using Twin.Hosting;
using Twin.Hosting.Grpc;
using Twin.Hosting.OpenApi;
using Twin.Hosting.Storage;
using Twin.ScenarioEngine.District;
using Twin.ScenarioEngine.Results;
using Twin.ScenarioEngine.Merging;
using Twin.ScenarioEngine.Models;
using Twin.ScenarioEngine.Scenarios;
using Twin.ScenarioEngine.State;
using Twin.ScenarioEngine.Storage;
using Twin.ScenarioEngine.Weather;

namespace Twin.ScenarioEngine;

/// <summary>What if: the twin changed on a branch, compared, computed.</summary>
public sealed class ScenarioEngineService : ITwinService
{
    /// <inheritdoc />
    public static string Name => "scenario-engine";

    /// <inheritdoc />
    public static void Add(IHostApplicationBuilder builder)
    {
        builder.AddServiceDatabase(Name, typeof(ScenarioEngineService).Assembly);
        builder.AddContexts(Name);
        builder.AddNgsiLdComponents();
        builder.AddOpenApiComponents(typeof(ScenarioEngineService).Assembly, "scenarios.json");
        builder.AddOpenApiComponents(typeof(ScenarioEngineService).Assembly, "interventions.json");
        builder.AddOpenApiComponents(typeof(ScenarioEngineService).Assembly, "merging.json");
        builder.AddOpenApiComponents(typeof(ScenarioEngineService).Assembly, "weather.json");
        builder.AddOpenApiComponents(typeof(ScenarioEngineService).Assembly, "results.json");
        builder.AddOpenApiComponents(typeof(ScenarioEngineService).Assembly, "models.json");
        builder.AddTwinGrpcClient<Contracts.Registry.V1.EntityRegistry.EntityRegistryClient>(EntityRegistryService.Name, Contracts.Registry.V1.EntityRegistry.Descriptor);
        // By its name: a node without a history has no such service, and scenarios on its present.
        builder.AddTwinGrpcClient<Contracts.Telemetry.V1.History.HistoryClient>("telemetry", Contracts.Telemetry.V1.History.Descriptor);
        IServiceCollection services = builder.Services;
        services.AddOptions<ScenarioOptions>().BindConfiguration(ScenarioOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton(provider => new ScenarioStore(provider.GetRequiredKeyedService<ServiceDatabase>(Name)));
        // Where the entity registry is in the process, these are its own.
        services.TryAddSingleton<EntityAccess>();
        services.TryAddSingleton<EntityBodies>();
        services.AddSingleton<PastTwin>();
        services.AddSingleton<ForecastTwin>();
        services.AddSingleton<BaseEntities>();
        services.AddSingleton<StateReader>();
        services.AddSingleton<ScenarioEndpoints>();
        services.AddSingleton<Ancestry>();
        services.AddSingleton<MergeEndpoints>();
        services.AddSingleton(provider => new WeatherStore(provider.GetRequiredKeyedService<ServiceDatabase>(Name), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<WeatherEndpoints>();
        services.AddSingleton<DistrictReader>();
        services.AddSingleton<ScenarioResults>();
        services.AddSingleton<ResultEndpoints>();
        services.AddSingleton<StateEndpoints>();
    }

    /// <inheritdoc />
    public static void UseFirst(WebApplication app) => app.Use(EmptySegments.RefuseAsync);

    /// <inheritdoc />
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.ServiceProvider.GetRequiredService<ScenarioEndpoints>().Map(routes);
        routes.ServiceProvider.GetRequiredService<MergeEndpoints>().Map(routes);
        routes.ServiceProvider.GetRequiredService<WeatherEndpoints>().Map(routes);
        ModelEndpoints.Map(routes);
        routes.ServiceProvider.GetRequiredService<ResultEndpoints>().Map(routes);
        routes.ServiceProvider.GetRequiredService<StateEndpoints>().Map(routes);
    }
}
