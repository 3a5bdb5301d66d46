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
using Twin.Telemetry.Formats;
using Twin.Telemetry.Points;
using Twin.Telemetry.Queries;
using Twin.Telemetry.Series;
using Twin.Telemetry.Temporal;

namespace Twin.Telemetry.History;

/// <summary>
/// Aggregates over many entities at once, which the standard has for each entity alone: the daily mean of all temperatures
/// of a type costs the reading of summaries, not of points.
/// </summary>
internal sealed class AggregateEndpoints(HistorySelection selection, SeriesAggregator aggregator)
{
    /// <summary>Periods of all groups in one answer.</summary>
    private const int MostPeriods = 100_000;

    private static readonly string[] Own = ["from", "until", "aggrMethods", "aggrPeriodDuration", "timeZone", "groupBy", TableFormats.Parameter];
    private static readonly string[] Parameters = [.. HistorySelection.Parameters, .. Own];

    /// <summary>What series are brought together by: an attribute, and the types or the one entity that has it.</summary>
    /// <param name="Attribute">The attribute's number in <see cref="Terms"/>.</param>
    /// <param name="Types">The types of the entities, sorted and with a space between; empty when entities are apart.</param>
    /// <param name="Entity">The entity's id; empty when entities are brought together.</param>
    private readonly record struct Group(int Attribute, string Types, string Entity);

    /// <summary>The route.</summary>
    public void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/history/aggregates", NgsiLdProblems.Guard(AggregatesAsync))
            .RequireAuthorization(TwinPolicies.ReadEntities).WithTags("History")
            .Operation("aggregateSeries", "Aggregates over periods, of all entities of a type together or of each")
            .WithMetadata(
                new DescribedParameters(["Link", "NGSILD-Tenant", .. TableFormats.Described(Parameters)]),
                new DescribedAnswer(StatusCodes.Status200OK, "The groups with their periods; a period without values is left out", "NGSILD-Tenant")
                {
                    Content = [(MediaTypes.Json, "SeriesAggregates"), .. TableFormats.Tables],
                })
            .Shares(403, "TooComplexQuery").Shares(406, "NotAcceptable").Shares(504, "ContextNotAvailable").FindsTenant();

    private async Task AggregatesAsync(HttpContext http)
    {
        NgsiLdRequest.AllowParameters(http, Parameters);
        if (TableFormats.Choose(http, TableFormat.Json, json: true) is not { } format)
        {
            return;
        }

        var how = How(http);
        var group = Grouping(http);
        var (series, context) = await selection.OfAsync(http, Own);
        var (from, until) = HistorySelection.Range(http, series);
        var groups = series.GroupBy(group).ToDictionary(static one => one.Key, static one => one.Count());
        var boundaries = Boundaries(from, until, how, groups.Count);
        var extremes = how.AggregationMethods.Any(static method => method is "min" or "max" or "stddev" or "sumsq");
        var found = await aggregator.AggregateAsync(series, group, boundaries, extremes, http.RequestAborted);

        try
        {
            var ordered = groups.Keys.OrderBy(static key => (key.Types, key.Entity, Terms.Iri(key.Attribute)));
            await (format == TableFormat.Json
                ? WriteJsonAsync(http, ordered, groups, found, boundaries, how.AggregationMethods, context)
                : WriteTableAsync(http, format, ordered, groups, found, boundaries, how.AggregationMethods, context));
        }
        finally
        {
            foreach (var summaries in found.Values)
            {
                summaries.Dispose();
            }
        }
    }

    private static async Task WriteJsonAsync(
        HttpContext http, IEnumerable<Group> ordered, Dictionary<Group, int> groups, Dictionary<Group, PeriodSummaries> found, long[] boundaries, string[] methods, JsonLdContext context)
    {
        http.Response.ContentType = MediaTypes.Json;
        await using var writer = new Utf8JsonWriter(http.Response.BodyWriter, NgsiLdResponse.JsonOptions);
        writer.WriteStartArray();
        foreach (var one in ordered)
        {
            Write(writer, one, groups[one], found[one].Periods, boundaries, methods, context);
            await writer.FlushAsync(http.RequestAborted);
        }

        writer.WriteEndArray();
    }

    private static TemporalQuery How(HttpContext http)
    {
        var how = TemporalQuery.Parse(name => name.StartsWith("aggr", StringComparison.Ordinal) || name == "timeZone" ? http.Request.Query[name] : default(string));
        return how.AggregationMethods switch
        {
            [] => how with { AggregationMethods = ["avg"] },
            var methods when methods.Contains("distinctCount", StringComparer.Ordinal) =>
                throw NgsiLdException.BadRequest("distinctCount is not kept in summaries; the temporal API has it for each entity (format=aggregatedValues).", "aggrMethods"),
            _ => how,
        };
    }

    private static Func<TimeSeries, Group> Grouping(HttpContext http) => (string?)http.Request.Query["groupBy"] switch
    {
        null or "" or "type" => static series => new Group(series.Term, string.Join(' ', series.Entity.Types.Order(StringComparer.Ordinal)), ""),
        "entity" => static series => new Group(series.Term, "", series.Entity.Id),
        "attribute" => static series => new Group(series.Term, "", ""),
        var other => throw NgsiLdException.BadRequest($"'{other}' is none of type, entity and attribute.", "groupBy"),
    };

    private static long[] Boundaries(long from, long until, TemporalQuery how, int groups)
    {
        var most = MostPeriods / Math.Max(1, groups);
        var boundaries = how.Zone is { } zone ? Periods.Calendar(from, until, how.Period, zone, most) : Periods.FromStart(from, until, how.Period, most);
        return boundaries is not null && boundaries.Length - 1 <= most
            ? boundaries
            : throw new NgsiLdException(
                NgsiLdErrorType.TooManyResults, $"The {groups} groups have more than {MostPeriods} periods together; make the periods longer, the time shorter, or ask for fewer groups.", "aggrPeriodDuration");
    }

    /// <summary>A row for each group and period; types are several with a space between.</summary>
    private static async Task WriteTableAsync(
        HttpContext http, TableFormat format, IEnumerable<Group> ordered, Dictionary<Group, int> groups, Dictionary<Group, PeriodSummaries> found, long[] boundaries, string[] methods, JsonLdContext context)
    {
        TableColumn[] columns =
        [
            new("types", TableKind.Text, Nullable: true),
            new("entity", TableKind.Text, Nullable: true),
            new("attribute", TableKind.Text),
            new("series", TableKind.Whole),
            new("from", TableKind.Time),
            new("until", TableKind.Time),
            .. methods.Select(static method => new TableColumn(method, method == "totalCount" ? TableKind.Whole : TableKind.Number, Nullable: true)),
        ];
        using var answer = await TableAnswer.BeginAsync(http, format, columns);
        var batch = answer.Batch;
        foreach (var group in ordered)
        {
            var types = group.Types.Length == 0 ? null : string.Join(' ', group.Types.Split(' ').Select(context.CompactIri));
            var attribute = context.Compact(group.Attribute);
            for (var i = 0; i < found[group].Length; i++)
            {
                var summary = found[group].Periods[i];
                if (summary.Count == 0)
                {
                    continue;
                }

                batch.Text(0, types, repeated: true);
                batch.Text(1, group.Entity.Length == 0 ? null : group.Entity, repeated: true);
                batch.Text(2, attribute, repeated: true);
                batch.Whole(3, groups[group]);
                batch.Time(4, boundaries[i]);
                batch.Time(5, boundaries[i + 1]);
                for (var method = 0; method < methods.Length; method++)
                {
                    if (methods[method] == "totalCount")
                    {
                        batch.Whole(6 + method, summary.Count);
                    }
                    else
                    {
                        batch.Number(6 + method, summary.Numbers > 0 ? Value(summary, methods[method]) : null);
                    }
                }

                await answer.EndRowAsync();
            }
        }

        await answer.EndAsync();
    }

    private static void Write(Utf8JsonWriter writer, Group group, int series, ReadOnlySpan<PointSummary> summaries, long[] boundaries, string[] methods, JsonLdContext context)
    {
        writer.WriteStartObject();
        if (group.Types.Length > 0)
        {
            writer.WriteStartArray("types"u8);
            foreach (var type in group.Types.Split(' '))
            {
                writer.WriteStringValue(context.CompactIri(type));
            }

            writer.WriteEndArray();
        }

        if (group.Entity.Length > 0)
        {
            writer.WriteString("entity"u8, group.Entity);
        }

        writer.WriteString("attribute"u8, context.Compact(group.Attribute));
        writer.WriteNumber("series"u8, series);
        writer.WriteStartArray("periods"u8);
        for (var i = 0; i < summaries.Length; i++)
        {
            if (summaries[i].Count > 0)
            {
                Write(writer, summaries[i], boundaries[i], boundaries[i + 1], methods);
            }
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, in PointSummary summary, long start, long end, string[] methods)
    {
        writer.WriteStartObject();
        writer.WriteString("from"u8, Timestamps.Format(Instance.Micros(start)));
        writer.WriteString("until"u8, Timestamps.Format(Instance.Micros(end)));
        foreach (var method in methods)
        {
            if (method == "totalCount")
            {
                writer.WriteNumber(method, summary.Count);
            }
            else if (summary.Numbers > 0 && Value(summary, method) is var value && double.IsFinite(value))
            {
                // A sum beyond the numbers is none that JSON could say.
                writer.WriteNumber(method, value);
            }
        }

        writer.WriteEndObject();
    }

    private static double Value(in PointSummary summary, string method) => method switch
    {
        "sum" => summary.Sum,
        "avg" => summary.Mean,
        "min" => summary.Min,
        "max" => summary.Max,
        "stddev" => summary.StandardDeviation,
        "sumsq" => summary.SumOfSquares,
        _ => throw new System.Diagnostics.UnreachableException(),
    };
}
