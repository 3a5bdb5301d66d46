using Microsoft.AspNetCore.Http;
using Twin.EntityRegistry;
using Twin.EntityRegistry.Contexts;
using Twin.EntityRegistry.Entities;
using Twin.NgsiLd;
using Twin.NgsiLd.Contexts;
using Twin.NgsiLd.Queries;
using Twin.NgsiLd.Representations;
using Twin.Telemetry.Queries;
using Twin.Telemetry.Registry;
using Twin.Telemetry.Series;
using Twin.Telemetry.Temporal;

namespace Twin.Telemetry.History;

/// <summary>The series that a question about many of them means: those that are asked for and may be seen.</summary>
internal sealed class HistorySelection(
    SeriesDirectory directory, TemporalReader temporal, ContextResolver contexts, EntityAccess access, Freshness freshness, TimeProvider clock)
{
    /// <summary>The parameters that select series.</summary>
    public static readonly string[] Parameters = ["type", "id", "idPattern", "attrs", "datasetId"];

    /// <summary>The entities that can match, and who judges them.</summary>
    /// <param name="http">The request.</param>
    /// <param name="own">Parameters of the question that select nothing.</param>
    public async Task<AskedEntities> EntitiesAsync(HttpContext http, params string[] own)
    {
        var context = await contexts.FromLinkAsync(http.Request, http.RequestAborted);
        var query = EntityQueryParser.FromParameters(HistoryQueries.Local(http), context, own);
        var tenant = HistoryQueries.Tenant(directory, http);
        await freshness.WaitAsync(http.RequestAborted);
        var evaluation = new EvaluationContext(Timestamps.FromInstant(clock.GetUtcNow()), access.Of(http));
        return new AskedEntities(query, context, evaluation, temporal.For(query, new TemporalQuery(), evaluation, 1), HistoryQueries.Candidates(tenant, query));
    }

    /// <summary>The series, in the order in which they came into being.</summary>
    /// <param name="http">The request.</param>
    /// <param name="own">Parameters of the question that select nothing.</param>
    public async Task<(List<TimeSeries> Series, JsonLdContext Context)> OfAsync(HttpContext http, params string[] own)
    {
        var asked = await EntitiesAsync(http, own);
        var series = asked.Candidates.SelectMany(entity => asked.Judge.SeriesOf(entity) ?? []).Where(static one => one.Term != CoreTerms.Scope);
        return ([.. series.OrderBy(static one => one.Key)], asked.Context);
    }

    /// <summary>The time that is asked for (from, until); what is left open is as long as there are points.</summary>
    /// <exception cref="NgsiLdException">BadRequestData naming the parameter.</exception>
    public static (long From, long Until) Range(HttpContext http, List<TimeSeries> series)
    {
        var from = HistoryQueries.Time(http, "from") ?? series.Select(First).DefaultIfEmpty(0).Min();
        var until = HistoryQueries.Time(http, "until") ?? Math.Max(from, series.Select(static one => one.Newest).DefaultIfEmpty(0).Max()) + 1;
        return from < until ? (from, until) : throw NgsiLdException.BadRequest("until is after from.", "until");

        static long First(TimeSeries one) => Math.Min(one.SealedStart, SeriesReader.Recent(one) is { Count: > 0 } recent ? recent.Times[0] : one.SealedStart);
    }
}

/// <summary>The entities that a question can mean.</summary>
/// <param name="Query">The question.</param>
/// <param name="Context">Shortens names.</param>
/// <param name="Evaluation">When it is asked, and what the caller may see.</param>
/// <param name="Judge">Says which series of an entity are asked for and may be seen.</param>
/// <param name="Candidates">Entities that can match, in the order in which they came into being.</param>
internal sealed record AskedEntities(
    EntityQuery Query, JsonLdContext Context, EvaluationContext Evaluation, TemporalReader.Judge Judge, IEnumerable<SeriesEntity> Candidates);
