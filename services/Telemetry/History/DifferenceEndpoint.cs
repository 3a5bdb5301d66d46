using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Twin.EntityRegistry.Http;
using Twin.EntityRegistry.OpenApi;
using Twin.Hosting.Authentication;
using Twin.Hosting.OpenApi;
using Twin.NgsiLd;
using Twin.NgsiLd.Contexts;
using Twin.NgsiLd.Entities;
using Twin.NgsiLd.Representations;
using Twin.Telemetry.Series;

namespace Twin.Telemetry.History;

/// <summary>
/// What is different between two times. An entity is there at a time when the question as of that time
/// (<c>GET /history/entities</c>) finds it: one that has left the area that is asked for has vanished from the answer.
/// </summary>
internal sealed class DifferenceEndpoint(HistorySelection selection, PastEntities past)
{
    private const string Path = "/history/difference";

    private static readonly string[] Own = ["from", "to"];

    private static readonly string[] Parameters =
        [.. HistorySelection.Parameters, .. Own, "q", "scopeQ", "georel", "geometry", "coordinates", "geoproperty", "limit", "offset", "count"];

    /// <summary>The route.</summary>
    public void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet(Path, NgsiLdProblems.Guard(AnswerAsync))
            .RequireAuthorization(TwinPolicies.ReadEntities).WithTags("History")
            .Operation("differenceOfEntities", "What appeared, vanished and changed between two times")
            .WithMetadata(
                new DescribedParameters(["Link", "NGSILD-Tenant", .. Parameters.Select(static name => name == "from" ? "from.difference" : name)]),
                new DescribedAnswer(StatusCodes.Status200OK, "A page of the entities that are different", "NGSILD-Tenant", "NGSILD-Results-Count") { Content = [(MediaTypes.Json, "EntityDifferences")] })
            .Shares(403, "TooComplexQuery").Shares(406, "NotAcceptable").Shares(504, "ContextNotAvailable").FindsTenant();

    private async Task AnswerAsync(HttpContext http)
    {
        if (http.Request.Headers.Accept.Count > 0 && MediaTypes.Weight(MediaTypes.Json, http.Request.Headers.Accept) <= 0)
        {
            http.Response.StatusCode = StatusCodes.Status406NotAcceptable;
            return;
        }

        NgsiLdRequest.AllowParameters(http, Parameters);
        var paging = Paging.Of(http);
        var from = HistoryQueries.Time(http, "from") ?? throw NgsiLdException.BadRequest("from is the first of the two times: a date-time in UTC such as 2026-01-01T00:00:00Z.", "from");
        var to = HistoryQueries.Time(http, "to") ?? throw NgsiLdException.BadRequest("to is the second of the two times: a date-time in UTC such as 2026-02-01T00:00:00Z.", "to");
        if (to <= from)
        {
            throw NgsiLdException.BadRequest("to is after from.", "to");
        }

        var asked = await selection.EntitiesAsync(http, Own);
        var page = new List<EntityDifference>();
        long found = 0;
        foreach (var entity in asked.Candidates)
        {
            if (await DifferenceAsync(entity, asked, from, to, http.RequestAborted) is not { } difference)
            {
                continue;
            }

            if (found >= paging.Offset && page.Count < paging.Limit)
            {
                page.Add(difference);
            }

            found++;
            if (found > paging.Offset + (long)paging.Limit && !paging.Count)
            {
                break;
            }
        }

        paging.WriteHeaders(http, Path, found, found > paging.Offset + (long)paging.Limit);
        await WriteAsync(http, page, asked.Context);
    }

    /// <summary>The difference of an entity; null when there is none, or it is neither time one of those that are asked for.</summary>
    private async Task<EntityDifference?> DifferenceAsync(SeriesEntity entity, AskedEntities asked, long from, long to, CancellationToken cancel)
    {
        if (asked.Judge.SeriesOf(entity) is not { } seen)
        {
            return null;
        }

        var (before, after) = (await AtAsync(from), await AtAsync(to));
        return EntityDifference.Between(entity, [.. seen.Select(static series => series.Term)], before, after);

        async Task<EntityDocument?> AtAsync(long time) =>
            await past.AtAsync(entity, entity.Series, time, cancel) is { } document && asked.Query.Matches(document, asked.Evaluation) ? document : null;
    }

    private static async Task WriteAsync(HttpContext http, List<EntityDifference> page, JsonLdContext context)
    {
        http.Response.ContentType = MediaTypes.Json;
        await using var writer = new Utf8JsonWriter(http.Response.BodyWriter, NgsiLdResponse.JsonOptions);
        writer.WriteStartArray();
        foreach (var one in page)
        {
            one.Write(writer, context);
            await writer.FlushAsync(http.RequestAborted);
        }

        writer.WriteEndArray();
    }
}
