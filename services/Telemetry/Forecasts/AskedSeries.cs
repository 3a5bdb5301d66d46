using Microsoft.AspNetCore.Http;
using Twin.EntityRegistry;
using Twin.EntityRegistry.Contexts;
using Twin.EntityRegistry.Http;
using Twin.NgsiLd;
using Twin.NgsiLd.Contexts;
using Twin.NgsiLd.Queries;
using Twin.NgsiLd.Representations;
using Twin.Telemetry.Queries;
using Twin.Telemetry.Registry;
using Twin.Telemetry.Series;
using Twin.Telemetry.Temporal;

namespace Twin.Telemetry.Forecasts;

/// <summary>A series that was asked for and that the caller may see.</summary>
/// <param name="Series">The series.</param>
/// <param name="Attribute">Its attribute as the request's @context names it.</param>
/// <param name="Unit">The unit of its newest point (UN/CEFACT); null without one.</param>
internal sealed record AskedSeries(TimeSeries Series, string Attribute, string? Unit);

/// <summary>Finds series as requests name them.</summary>
internal sealed class AskedSeriesFinder(
    SeriesDirectory directory, TemporalReader temporal, SeriesReader reader, ContextResolver contexts, EntityAccess access, Freshness freshness, TimeProvider clock)
{
    /// <summary>What the caller sees.</summary>
    public EvaluationContext Evaluation(HttpContext http) => new(Timestamps.FromInstant(clock.GetUtcNow()), access.Of(http));

    /// <summary>Finds a series by names of the request's @context.</summary>
    /// <exception cref="NgsiLdException">ResourceNotFound when there is none, or none that the caller may see.</exception>
    public async Task<AskedSeries> FindAsync(HttpContext http, ForecastParameters parameters)
    {
        var (entity, attribute, dataset) = parameters.Series;
        var context = await contexts.FromLinkAsync(http.Request, http.RequestAborted);
        return await FindAsync(http, entity, context.ExpandTerm(attribute), dataset, context);
    }

    /// <summary>Finds a series by its full name.</summary>
    public async Task<AskedSeries> FindAsync(HttpContext http, string entity, string attribute, string dataset, JsonLdContext? context = null)
    {
        await freshness.WaitAsync(http.RequestAborted);
        var name = NgsiLdRequest.TenantName(http);
        var tenant = directory.FindTenant(name)
            ?? throw new NgsiLdException(NgsiLdErrorType.NonexistentTenant, $"There is no tenant '{name}' here. A tenant comes into being with the first write that names it.", NgsiLdRequest.TenantHeader);
        var judge = temporal.For(new EntityQuery(), new TemporalQuery(), Evaluation(http), 1);
        var series = tenant.FindEntity(entity) is { } owner
            ? judge.SeriesOf(owner)?.FirstOrDefault(one => one.Attribute == attribute && one.Dataset == dataset)
            : null;
        if (series is null)
        {
            throw NgsiLdException.NotFound($"There is no history of {attribute} of {entity}{(dataset.Length > 0 ? $" for {dataset}" : "")}.");
        }

        var latest = await reader.LatestAsync(series, http.RequestAborted);
        return new AskedSeries(series, (context ?? JsonLdContext.Core).CompactIri(attribute), latest.Count > 0 ? latest.ExtraAt(0)?.Unit : null);
    }
}
