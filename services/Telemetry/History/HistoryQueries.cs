using Microsoft.AspNetCore.Http;
using Twin.EntityRegistry.Http;
using Twin.NgsiLd;
using Twin.NgsiLd.Queries;
using Twin.NgsiLd.Representations;
using Twin.Telemetry.Series;
using Twin.Telemetry.Temporal;

namespace Twin.Telemetry.History;

/// <summary>What all questions about the history have in common.</summary>
internal static class HistoryQueries
{
    /// <summary>The parameters of a query that asks nobody else: all of it is here.</summary>
    public static IEnumerable<KeyValuePair<string, string>> Local(HttpContext http) =>
        http.Request.Query.SelectMany(p => p.Value.Select(v => KeyValuePair.Create(p.Key, v ?? ""))).Append(KeyValuePair.Create("local", "true"));

    /// <summary>A parameter that is a time, in ticks UTC; null when it is not given.</summary>
    /// <exception cref="NgsiLdException">BadRequestData naming the parameter.</exception>
    public static long? Time(HttpContext http, string name) => (string?)http.Request.Query[name] switch
    {
        null or "" => null,
        { } text when Timestamps.TryParse(text.AsSpan(), out var micros) => Instance.Ticks(micros),
        _ => throw NgsiLdException.BadRequest($"{name} is a date-time in UTC such as 2026-01-01T00:00:00Z.", name),
    };

    /// <summary>Entities that can match, in the order in which they came into being.</summary>
    public static IEnumerable<SeriesEntity> Candidates(Tenant tenant, EntityQuery query) =>
        (query.CandidateIds is { } ids ? ids.Select(tenant.FindEntity).OfType<SeriesEntity>() : tenant.Entities).OrderBy(static entity => entity.Key);

    /// <summary>The tenant that the request names.</summary>
    /// <exception cref="NgsiLdException">NonexistentTenant.</exception>
    public static Tenant Tenant(SeriesDirectory directory, HttpContext http)
    {
        var name = NgsiLdRequest.TenantName(http);
        return directory.FindTenant(name)
            ?? throw new NgsiLdException(NgsiLdErrorType.NonexistentTenant, $"There is no tenant '{name}' here. A tenant comes into being with the first write that names it.", "NGSILD-Tenant");
    }
}
