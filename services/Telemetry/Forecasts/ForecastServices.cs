using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Twin.Hosting.OpenApi;

namespace Twin.Telemetry.Forecasts;

/// <summary>Adds and maps forecasts.</summary>
internal static class ForecastServices
{
    /// <summary>Adds what forecasts need besides the history.</summary>
    public static void AddForecasts(this IHostApplicationBuilder builder)
    {
        builder.AddOpenApiComponents(typeof(ForecastServices).Assembly, "forecasts.json");
        builder.Services.AddSingleton<AskedSeriesFinder>();
        builder.Services.AddSingleton<SampleReader>();
        builder.Services.AddSingleton<ForecastGate>();
        builder.Services.AddSingleton<ModelStore>();
        builder.Services.AddSingleton<ForecastsAhead>();
        builder.Services.AddSingleton<ForecastEndpoints>();
        builder.Services.AddSingleton<ModelEndpoints>();
    }

    /// <summary>Maps their endpoints.</summary>
    public static void MapForecasts(this IEndpointRouteBuilder routes)
    {
        routes.ServiceProvider.GetRequiredService<ForecastEndpoints>().Map(routes);
        routes.ServiceProvider.GetRequiredService<ModelEndpoints>().Map(routes);
    }
}
