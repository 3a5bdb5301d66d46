using System.Buffers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Twin.EntityRegistry;
using Twin.EntityRegistry.Contexts;
using Twin.EntityRegistry.Entities;
using Twin.EntityRegistry.Http;
using Twin.EntityRegistry.OpenApi;
using Twin.EntityRegistry.Queries;
using Twin.Hosting.Authentication;
using Twin.Hosting.OpenApi;
using Twin.NgsiLd;
using Twin.NgsiLd.Contexts;
using Twin.NgsiLd.Entities;
using Twin.NgsiLd.Queries;
using Twin.NgsiLd.Representations;
using Twin.Telemetry.Queries;
using Twin.Telemetry.Registry;
using Twin.Telemetry.Series;
using Twin.Telemetry.Temporal;

namespace Twin.Telemetry.History;

/// <summary>What the standard has no question for: entities as they were at a time, and points as rows of any number.</summary>
internal sealed class HistoryEndpoints(
    SeriesDirectory directory,
    TemporalReader temporal,
    SeriesReader reader,
    PastEntities past,
    ContextResolver contexts,
    EntityAccess access,
    Freshness freshness,
    TimeProvider clock)
{
    private const string EntitiesPath = "/history/entities";
    private const string Csv = "text/csv";
    private const string Ndjson = "application/x-ndjson";
    private const int FlushAt = 64 * 1024;

    private static readonly string[] Selection = ["type", "id", "idPattern", "attrs", "datasetId"];
    private static readonly string[] PointParameters = [.. Selection, "from", "until"];

    private static readonly string[] EntityParameters =
    [
        .. Selection, "at", "q", "scopeQ", "georel", "geometry", "coordinates", "geoproperty", "pick", "omit", "expandValues", "jsonKeys",
        "options", "format", "geometryProperty", "lang", "limit", "offset", "count",
    ];

    /// <summary>The route table.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/history");
        api.RequireAuthorization(TwinPolicies.ReadEntities).WithTags("History");
        api.MapGet("/entities", NgsiLdProblems.Guard(EntitiesAsync))
            .Operation("entitiesAsOf", "Entities as they were at a time")
            .WithMetadata(new DescribedParameters("Link", "NGSILD-Tenant")).Shares(504, "ContextNotAvailable").Reads(EntityParameters)
            .AnswersEntities("A page of entities", "EntityAnswers", "FeatureCollection", "NGSILD-Results-Count").FindsTenant();
        api.MapGet("/points", NgsiLdProblems.Guard(PointsAsync))
            .Operation("exportPoints", "Points as the rows that bulk ingestion takes")
            .WithMetadata(
                new DescribedParameters(["Link", "NGSILD-Tenant", .. PointParameters]),
                new DescribedAnswer(StatusCodes.Status200OK, "All points, entity by entity and in the order of their times", "NGSILD-Tenant") { Content = [(Csv, "PointRows"), (Ndjson, "PointRows")] })
            .Shares(403, "TooComplexQuery").Shares(406, "NotAcceptable").Shares(504, "ContextNotAvailable").FindsTenant();
    }

    private async Task EntitiesAsync(HttpContext http)
    {
        if (!NgsiLdRequest.Negotiate(http, geoJson: true, out var media))
        {
            return;
        }

        NgsiLdRequest.AllowParameters(http, EntityParameters);
        var representation = Representation.Of(http, media);
        var paging = Paging.Of(http);
        var at = HistoryQueries.Time(http, "at") ?? throw NgsiLdException.BadRequest("at says as of which time: a date-time in UTC such as 2026-01-01T00:00:00Z.", "at");
        var (query, context) = await QueryAsync(http, "at");
        await freshness.WaitAsync(http.RequestAborted);
        var evaluation = Evaluation(http);
        var judge = temporal.For(query, new TemporalQuery(), evaluation, 1);
        var page = new List<EntityDocument>();
        long matches = 0;
        var more = false;
        foreach (var entity in HistoryQueries.Candidates(HistoryQueries.Tenant(directory, http), query))
        {
            if (judge.SeriesOf(entity) is null
                || await past.AtAsync(entity, entity.Series, at, http.RequestAborted) is not { } document
                || !query.Matches(document, evaluation))
            {
                continue;
            }

            if (matches >= paging.Offset && page.Count < paging.Limit)
            {
                page.Add(document);
            }

            matches++;
            more = matches > paging.Offset + paging.Limit;
            if (more && !paging.Count)
            {
                break;
            }
        }

        paging.WriteHeaders(http, EntitiesPath, matches, more);
        await new EntityAnswer(http, representation, context, query, evaluation).WriteAllAsync(page);
    }

    private async Task PointsAsync(HttpContext http)
    {
        NgsiLdRequest.AllowParameters(http, PointParameters);
        var csv = MediaTypes.Weight(Csv, http.Request.Headers.Accept);
        var ndjson = MediaTypes.Weight(Ndjson, http.Request.Headers.Accept);
        if (http.Request.Headers.Accept.Count > 0 && csv <= 0 && ndjson <= 0)
        {
            http.Response.StatusCode = StatusCodes.Status406NotAcceptable;
            return;
        }

        var (from, until) = (HistoryQueries.Time(http, "from") ?? 0, HistoryQueries.Time(http, "until") ?? long.MaxValue);
        var (query, context) = await QueryAsync(http, "from", "until");
        await freshness.WaitAsync(http.RequestAborted);
        var judge = temporal.For(query, new TemporalQuery(), Evaluation(http), 1);
        var candidates = HistoryQueries.Candidates(HistoryQueries.Tenant(directory, http), query);
        var asCsv = http.Request.Headers.Accept.Count == 0 || csv >= ndjson;
        http.Response.ContentType = asCsv ? Csv : Ndjson;
        var body = http.Response.BodyWriter;
        var rows = new PointRowWriter(body, context, asCsv);
        rows.WriteHeader();
        foreach (var series in candidates.SelectMany(entity => judge.SeriesOf(entity) ?? []).Where(static series => series.Term != CoreTerms.Scope))
        {
            await foreach (var run in reader.ScanAsync(series, from, until, http.RequestAborted))
            {
                for (var i = run.Start; i < run.Start + run.Length; i++)
                {
                    rows.Write(new Instance(series, run.Points.Times[i], run.Points.Forms[i], run.Points.Bits[i], run.Points.ExtraAt(i)));
                    if (body.UnflushedBytes > FlushAt)
                    {
                        await body.FlushAsync(http.RequestAborted);
                    }
                }
            }
        }

        await body.FlushAsync(http.RequestAborted);
    }

    private async Task<(EntityQuery Query, JsonLdContext Context)> QueryAsync(HttpContext http, params string[] own)
    {
        var context = await contexts.FromLinkAsync(http.Request, http.RequestAborted);
        return (EntityQueryParser.FromParameters(HistoryQueries.Local(http), context, own), context);
    }

    private EvaluationContext Evaluation(HttpContext http) => new(Timestamps.FromInstant(clock.GetUtcNow()), access.Of(http));
}
