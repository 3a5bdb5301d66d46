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

/// <summary>What the standard has no question for: entities as they were at a time.</summary>
internal sealed class HistoryEndpoints(HistorySelection selection, PastEntities past)
{
    private const string EntitiesPath = "/history/entities";


    private static readonly string[] EntityParameters =
    [
        .. HistorySelection.Parameters, "at", "q", "scopeQ", "georel", "geometry", "coordinates", "geoproperty", "pick", "omit", "expandValues", "jsonKeys",
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
        var (query, context, evaluation, judge, candidates) = await selection.EntitiesAsync(http, "at");
        var page = new List<EntityDocument>();
        long matches = 0;
        var more = false;
        foreach (var entity in candidates)
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
}
