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
using Twin.NgsiLd.Representations;
using Twin.Telemetry.Points;
using Twin.Telemetry.Queries;
using Twin.Telemetry.Series;
using Twin.Telemetry.Temporal;

namespace Twin.Telemetry.History;

/// <summary>How complete series are and how far they can be trusted: gaps, coverage, and counts by quality.</summary>
internal sealed class QualityEndpoint(HistorySelection selection, SeriesQualityReader reader)
{
    private const string Path = "/history/quality";

    private static readonly string[] Own = ["from", "until", "interval"];
    private static readonly string[] Parameters = [.. HistorySelection.Parameters, .. Own, "limit", "offset", "count"];

    /// <summary>The route.</summary>
    public void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet(Path, NgsiLdProblems.Guard(AnswerAsync))
            .RequireAuthorization(TwinPolicies.ReadEntities).WithTags("History")
            .Operation("qualityOfSeries", "Gaps, coverage and counts by quality of series")
            .WithMetadata(
                new DescribedParameters(["Link", "NGSILD-Tenant", .. Parameters]),
                new DescribedAnswer(StatusCodes.Status200OK, "A page of series with what can be said of each", "NGSILD-Tenant", "NGSILD-Results-Count") { Content = [(MediaTypes.Json, "SeriesQualities")] })
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
        var (from, until, interval) = (HistoryQueries.Time(http, "from"), HistoryQueries.Time(http, "until"), Interval(http));
        if (from >= until)
        {
            throw NgsiLdException.BadRequest("until is after from.", "until");
        }

        var (all, context) = await selection.OfAsync(http, Own);
        paging.WriteHeaders(http, Path, all.Count, all.Count > paging.Offset + (long)paging.Limit);
        http.Response.ContentType = MediaTypes.Json;
        await using var writer = new Utf8JsonWriter(http.Response.BodyWriter, NgsiLdResponse.JsonOptions);
        writer.WriteStartArray();
        foreach (var series in all.Skip(paging.Offset).Take(paging.Limit))
        {
            Write(writer, series, await reader.ReadAsync(series, from, until, interval, http.RequestAborted), interval is not null, context);
            await writer.FlushAsync(http.RequestAborted);
        }

        writer.WriteEndArray();
    }

    private static long? Interval(HttpContext http) => (string?)http.Request.Query["interval"] switch
    {
        null or "" => null,
        { } text when Period.TryParse(text, out var period) && period is { Months: 0, IsZero: false } => (period.Days * TimeSpan.TicksPerDay) + period.Ticks,
        _ => throw NgsiLdException.BadRequest("interval is the expected time between two points: an ISO 8601 duration without years and months, such as PT5M.", "interval"),
    };

    private static void Write(Utf8JsonWriter writer, TimeSeries series, SeriesQuality quality, bool given, JsonLdContext context)
    {
        writer.WriteStartObject();
        writer.WriteString("entity"u8, series.Entity.Id);
        writer.WriteString("attribute"u8, context.Compact(series.Term));
        if (series.Dataset.Length > 0)
        {
            writer.WriteString("dataset"u8, series.Dataset);
        }

        writer.WriteNumber("points"u8, quality.Points);
        if (quality.Points > 0)
        {
            Time(writer, "first", quality.First);
            Time(writer, "last", quality.Last);
        }

        if (quality.Interval > 0)
        {
            writer.WriteNumber("intervalSeconds"u8, Seconds(quality.Interval));
            writer.WriteString("intervalIs"u8, given ? "given" : "median");
        }

        if (quality.Coverage is { } coverage)
        {
            writer.WriteNumber("coverage"u8, Math.Round(coverage * 100, 3));
            writer.WriteNumber("gapCount"u8, quality.GapCount);
            if (quality.Longest is { } longest)
            {
                writer.WritePropertyName("longestGap"u8);
                Gap(writer, longest);
            }

            writer.WriteStartArray("gaps"u8);
            foreach (var gap in quality.Gaps)
            {
                Gap(writer, gap);
            }

            writer.WriteEndArray();
        }

        writer.WriteStartObject("qualities"u8);
        for (var i = 0; i < quality.Qualities.Length; i++)
        {
            if (quality.Qualities[i] > 0)
            {
                writer.WriteNumber(Qualities.Name((PointQuality)i), quality.Qualities[i]);
            }
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static void Gap(Utf8JsonWriter writer, SeriesGap gap)
    {
        writer.WriteStartObject();
        Time(writer, "from", gap.From);
        Time(writer, "until", gap.Until);
        writer.WriteNumber("seconds"u8, Seconds(gap.Length));
        writer.WriteEndObject();
    }

    private static void Time(Utf8JsonWriter writer, string name, long ticks) => writer.WriteString(name, Timestamps.Format(Instance.Micros(ticks)));

    private static decimal Seconds(long ticks) => ticks / (decimal)TimeSpan.TicksPerSecond;
}
