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
using Twin.Telemetry.Queries;
using Twin.Telemetry.Series;
using Twin.Telemetry.Temporal;

namespace Twin.Telemetry.History;

/// <summary>Series on a regular step: what statistics and models want to have, with gaps shown or filled.</summary>
internal sealed class SeriesEndpoint(HistorySelection selection, Resampler resampler)
{
    /// <summary>Steps of one series.</summary>
    private const int MostSteps = 50_000;

    /// <summary>Values in one answer.</summary>
    private const int MostValues = 1_000_000;

    private const string Path = "/history/series";

    private static readonly string[] Own = ["from", "until", "step", "timeZone", "method", "fill", "fillWithin", TableFormats.Parameter];
    private static readonly string[] Parameters = [.. HistorySelection.Parameters, .. Own, "limit", "offset", "count"];

    private static readonly TableColumn[] Columns =
    [
        new("entity", TableKind.Text),
        new("attribute", TableKind.Text),
        new("dataset", TableKind.Text, Nullable: true),
        new("time", TableKind.Time),
        new("value", TableKind.Number, Nullable: true),
        new("filled", TableKind.Flag),
    ];

    /// <summary>The route.</summary>
    public void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet(Path, NgsiLdProblems.Guard(AnswerAsync))
            .RequireAuthorization(TwinPolicies.ReadEntities).WithTags("History")
            .Operation("resampleSeries", "Series on a regular step, with gaps shown or filled")
            .WithMetadata(
                new DescribedParameters(["Link", "NGSILD-Tenant", .. TableFormats.Described(Parameters)]),
                new DescribedAnswer(StatusCodes.Status200OK, "A page of series, each with one value for each step", "NGSILD-Tenant", "NGSILD-Results-Count")
                {
                    Content = [(MediaTypes.Json, "RegularSeries"), .. TableFormats.Tables],
                })
            .Shares(403, "TooComplexQuery").Shares(406, "NotAcceptable").Shares(504, "ContextNotAvailable").FindsTenant();

    private async Task AnswerAsync(HttpContext http)
    {
        NgsiLdRequest.AllowParameters(http, Parameters);
        if (TableFormats.Choose(http, TableFormat.Json, json: true) is not { } format)
        {
            return;
        }

        var paging = Paging.Of(http);
        var (step, zone) = Step(http);
        var how = new Resampling([], Method(http), Fill(http), Within(http));
        var (all, context) = await selection.OfAsync(http, Own);
        how = how with { Boundaries = Boundaries(HistorySelection.Range(http, all), step, zone) };
        if ((long)Math.Min(paging.Limit, Math.Max(0, all.Count - paging.Offset)) * (how.Boundaries.Length - 1) > MostValues)
        {
            throw new NgsiLdException(
                NgsiLdErrorType.TooManyResults, $"The page has more than {MostValues} values; make the limit smaller, the step longer, or the time shorter.", "limit");
        }

        paging.WriteHeaders(http, Path, all.Count, all.Count > paging.Offset + (long)paging.Limit);
        var page = all.Skip(paging.Offset).Take(paging.Limit);
        await (format == TableFormat.Json ? WriteAsync(http, page, how, context) : WriteTableAsync(http, format, page, how, context));
    }

    private static (Period Period, TimeZoneInfo? Zone) Step(HttpContext http)
    {
        var how = TemporalQuery.Parse(name => name switch
        {
            "aggrPeriodDuration" => http.Request.Query["step"],
            "timeZone" => http.Request.Query["timeZone"],
            _ => default(string),
        }, "step");
        return how.Period.IsZero
            ? throw NgsiLdException.BadRequest("step says how long a step is: an ISO 8601 duration such as PT1H or P1D.", "step")
            : (how.Period, how.Zone);
    }

    private static long[] Boundaries((long From, long Until) range, Period step, TimeZoneInfo? zone) =>
        (zone is null ? Periods.FromStart(range.From, range.Until, step, MostSteps) : Periods.Calendar(range.From, range.Until, step, zone, MostSteps))
        ?? throw new NgsiLdException(NgsiLdErrorType.TooManyResults, $"There are more than {MostSteps} steps; make them longer, or the time shorter.", "step");

    private static StepMethod Method(HttpContext http) => (string?)http.Request.Query["method"] switch
    {
        null or "" or "avg" => StepMethod.Avg,
        "min" => StepMethod.Min,
        "max" => StepMethod.Max,
        "sum" => StepMethod.Sum,
        "first" => StepMethod.First,
        "last" => StepMethod.Last,
        var other => throw NgsiLdException.BadRequest($"'{other}' is none of avg, min, max, sum, first and last.", "method"),
    };

    private static FillMethod Fill(HttpContext http) => (string?)http.Request.Query["fill"] switch
    {
        null or "" or "none" => FillMethod.None,
        "previous" => FillMethod.Previous,
        "linear" => FillMethod.Linear,
        "next" => FillMethod.Next,
        var other => throw NgsiLdException.BadRequest($"'{other}' is none of none, previous, linear and next.", "fill"),
    };

    private static long Within(HttpContext http) => (string?)http.Request.Query["fillWithin"] switch
    {
        null or "" => long.MaxValue,
        { } text when Period.TryParse(text, out var period) && period.Months == 0 => (period.Days * TimeSpan.TicksPerDay) + period.Ticks,
        _ => throw NgsiLdException.BadRequest("fillWithin is an ISO 8601 duration without years and months, such as PT6H.", "fillWithin"),
    };

    private async Task WriteAsync(HttpContext http, IEnumerable<TimeSeries> page, Resampling how, JsonLdContext context)
    {
        http.Response.ContentType = MediaTypes.Json;
        await using var writer = new Utf8JsonWriter(http.Response.BodyWriter, NgsiLdResponse.JsonOptions);
        writer.WriteStartObject();
        writer.WriteString("step"u8, (string?)http.Request.Query["step"]);
        writer.WriteString("until"u8, Timestamps.Format(Instance.Micros(how.Boundaries[^1])));
        writer.WriteStartArray("times"u8);
        foreach (var time in how.Boundaries.AsSpan()[..^1])
        {
            writer.WriteStringValue(Timestamps.Format(Instance.Micros(time)));
        }

        writer.WriteEndArray();
        writer.WriteStartArray("series"u8);
        foreach (var series in page)
        {
            Write(writer, series, await resampler.ResampleAsync(series, how, http.RequestAborted), context);
            await writer.FlushAsync(http.RequestAborted);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private async Task WriteTableAsync(HttpContext http, TableFormat format, IEnumerable<TimeSeries> page, Resampling how, JsonLdContext context)
    {
        // Values that are no numbers have a column of their own, where there can be any.
        TableColumn[] columns = how.Method is StepMethod.First or StepMethod.Last ? [.. Columns, new TableColumn("text", TableKind.Text, Nullable: true)] : Columns;
        using var answer = await TableAnswer.BeginAsync(http, format, columns);
        foreach (var series in page)
        {
            var attribute = context.Compact(series.Term);
            var values = await resampler.ResampleAsync(series, how, http.RequestAborted);
            for (var i = 0; i < values.Length; i++)
            {
                answer.Batch.Text(0, series.Entity.Id, repeated: true);
                answer.Batch.Text(1, attribute, repeated: true);
                answer.Batch.Text(2, series.Dataset.Length == 0 ? null : series.Dataset, repeated: true);
                answer.Batch.Time(3, how.Boundaries[i]);
                answer.Batch.Number(4, values[i].Number);
                answer.Batch.Flag(5, values[i].Filled);
                if (columns.Length > Columns.Length)
                {
                    answer.Batch.Text(6, values[i].Json.IsEmpty ? null : TableText.Of(values[i].Json.Span));
                }

                await answer.EndRowAsync();
            }
        }

        await answer.EndAsync();
    }

    private static void Write(Utf8JsonWriter writer, TimeSeries series, StepValue[] values, JsonLdContext context)
    {
        writer.WriteStartObject();
        writer.WriteString("entity"u8, series.Entity.Id);
        writer.WriteString("attribute"u8, context.Compact(series.Term));
        if (series.Dataset.Length > 0)
        {
            writer.WriteString("dataset"u8, series.Dataset);
        }

        writer.WriteStartArray("values"u8);
        foreach (var value in values)
        {
            if (value.IsEmpty)
            {
                writer.WriteNullValue();
            }
            else if (value.Json.IsEmpty)
            {
                writer.WriteNumberValue(value.Number);
            }
            else
            {
                writer.WriteRawValue(value.Json.Span, skipInputValidation: true);
            }
        }

        writer.WriteEndArray();
        if (Array.Exists(values, static value => value.Filled))
        {
            writer.WriteStartArray("filled"u8);
            for (var i = 0; i < values.Length; i++)
            {
                if (values[i].Filled)
                {
                    writer.WriteNumberValue(i);
                }
            }

            writer.WriteEndArray();
        }

        writer.WriteEndObject();
    }
}
