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
using Twin.Hosting.Events;
using Twin.Hosting.Grpc;
using Twin.Hosting.OpenApi;
using Twin.Hosting.Storage;
using Twin.Telemetry.Federation;
using Twin.Telemetry.Forecasts;
using Twin.Telemetry.Grpc;
using Twin.Telemetry.History;
using Twin.Telemetry.Ingest;
using Twin.Telemetry.Ingest.Mappings;
using Twin.Telemetry.Keeping;
using Twin.Telemetry.Live;
using Twin.Telemetry.Queries;
using Twin.Telemetry.Registry;
using Twin.Telemetry.Series;
using Twin.Telemetry.Sources;
using Twin.Telemetry.Storage;
using Twin.Telemetry.Tail;
using Twin.Telemetry.Temporal;

namespace Twin.Telemetry;

/// <summary>The history of the city: what was measured and when, taken in bulk, kept compressed, answered at once.</summary>
public sealed class TelemetryService : ITwinService
{
    /// <inheritdoc />
    public static string Name => ServiceName;

    /// <summary>The name as a constant, for attributes.</summary>
    internal const string ServiceName = "telemetry";

    /// <inheritdoc />
    public static void Add(IHostApplicationBuilder builder)
    {
        builder.AddServiceDatabase(Name, typeof(TelemetryService).Assembly);
        builder.AddContexts(Name);
        builder.AddNgsiLdComponents();
        builder.AddOpenApiComponents(typeof(TelemetryService).Assembly, "ingest.json");
        builder.AddOpenApiComponents(typeof(TelemetryService).Assembly, "keeping.json");
        builder.AddOpenApiComponents(typeof(TelemetryService).Assembly, "sources.json");
        builder.AddOpenApiComponents(typeof(TelemetryService).Assembly, "temporal.json");
        IServiceCollection services = builder.Services;
        services.AddOptions<TelemetryOptions>().BindConfiguration(TelemetryOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton(provider => TelemetryStore.Create(provider.GetRequiredKeyedService<ServiceDatabase>(Name), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<SeriesDirectory>();
        services.AddSingleton<SeriesReader>();
        services.AddSingleton<SeriesAggregator>();
        services.AddSingleton<TailWriter>();
        services.AddSingleton<Sealer>();
        // The sealer is told by the writer, and stops after it.
        services.AddHostedService(static provider => provider.GetRequiredService<Sealer>());
        services.AddHostedService(static provider => provider.GetRequiredService<TailWriter>());
        services.AddSingleton<KeepingRules>();
        services.AddSingleton<KeepingService>();
        services.AddHostedService(static provider => provider.GetRequiredService<KeepingService>());
        services.AddSingleton<KeepingEndpoints>();
        services.AddSingleton<ErasureStore>();
        services.AddSingleton<Deletions>();
        services.AddSingleton<ChangeGate>();
        services.AddSingleton<ErasureService>();
        // Before the changes of the registry, which ask what was deleted.
        services.AddHostedService(static provider => provider.GetRequiredService<ErasureService>());
        services.AddSingleton<ErasureEndpoints>();
        services.AddSingleton<BatchPool>();
        services.AddSingleton<PointRules>();
        services.AddHostedService<StuckMemory>();
        services.AddSingleton(provider => new MappingStore(provider.GetRequiredKeyedService<ServiceDatabase>(Name), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<MappingEndpoints>();
        services.AddSingleton<RowReaders>();
        services.AddSingleton<IngestEndpoint>();
        AddTemporal(services);
        services.AddSingleton<ArrivalSignal>();
        services.AddSingleton<ChangePoints>();
        services.AddSingleton<Freshness>();
        services.AddHostedService<ArrivalDrain>();
        builder.AddTwinGrpcClient<Contracts.Registry.V1.EntityRegistry.EntityRegistryClient>(EntityRegistryService.Name, Contracts.Registry.V1.EntityRegistry.Descriptor);
        services.AddSingleton<LatestTeller>();
        services.AddHostedService(static provider => provider.GetRequiredService<LatestTeller>());
        builder.AddEventConsumer<RegistryChanges>(Name);
        builder.AddSources();
        builder.AddForecasts();
    }

    /// <inheritdoc />
    public static void UseFirst(WebApplication app) => app.Use(EmptySegments.RefuseAsync);

    /// <inheritdoc />
    public static void Map(IEndpointRouteBuilder routes)
    {
        IServiceProvider services = routes.ServiceProvider;
        routes.MapTwinGrpcService<HistoryGrpc>();
        services.GetRequiredService<IngestEndpoint>().Map(routes);
        routes.MapSources();
        services.GetRequiredService<MappingEndpoints>().Map(routes);
        services.GetRequiredService<HistoryEndpoints>().Map(routes);
        services.GetRequiredService<PointsEndpoint>().Map(routes);
        services.GetRequiredService<LiveEndpoint>().Map(routes);
        services.GetRequiredService<AggregateEndpoints>().Map(routes);
        services.GetRequiredService<SeriesEndpoint>().Map(routes);
        services.GetRequiredService<DifferenceEndpoint>().Map(routes);
        services.GetRequiredService<QualityEndpoint>().Map(routes);
        services.GetRequiredService<KeepingEndpoints>().Map(routes);
        routes.MapForecasts();
        services.GetRequiredService<ErasureEndpoints>().Map(routes);
        RouteGroupBuilder api = routes.MapGroup("/ngsi-ld/v1");
        services.GetRequiredService<TemporalEndpoints>().Map(api);
        services.GetRequiredService<TemporalQueryEndpoints>().Map(api);
    }

    private static void AddTemporal(IServiceCollection services)
    {
        // Where the entity registry is in the process, these are its own.
        services.TryAddSingleton<EntityAccess>();
        services.TryAddSingleton<EntityBodies>();
        services.AddSingleton<MonotonicStamps>();
        services.AddSingleton<WindowReader>();
        services.AddSingleton<ScopeHistory>();
        services.AddSingleton<TemporalReader>();
        services.AddSingleton<TemporalWriter>();
        services.AddSingleton<TemporalMaps>();
        services.AddSingleton<ContextSources>();
        services.AddSingleton<FederatedEvolutions>();
        services.AddSingleton<TemporalEndpoints>();
        services.AddSingleton<TemporalQueryEndpoints>();
        services.AddSingleton<PastEntities>();
        services.AddSingleton<HistoryEndpoints>();
        services.AddSingleton<LiveHub>();
        services.AddHostedService(static provider => provider.GetRequiredService<LiveHub>());
        services.AddSingleton<LiveEndpoint>();
        services.AddSingleton<HistorySelection>();
        services.AddSingleton<PointsEndpoint>();
        services.AddSingleton<AggregateEndpoints>();
        services.AddSingleton<Resampler>();
        services.AddSingleton<SeriesEndpoint>();
        services.AddSingleton<DifferenceEndpoint>();
        services.AddSingleton<SeriesQualityReader>();
        services.AddSingleton<QualityEndpoint>();
    }
}
