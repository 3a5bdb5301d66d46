using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Twin.EntityRegistry.Http;
using Twin.EntityRegistry.OpenApi;
using Twin.Hosting.Authentication;
using Twin.Hosting.OpenApi;
using Twin.NgsiLd.Contexts;
using Twin.NgsiLd.Representations;
using Twin.Telemetry.Formats;
using Twin.Telemetry.Points;
using Twin.Telemetry.Queries;
using Twin.Telemetry.Series;
using Twin.Telemetry.Temporal;

namespace Twin.Telemetry.History;

/// <summary>Points as rows of any number: as CSV or NDJSON those that bulk ingestion takes, and as Parquet or Arrow for programs that reckon.</summary>
internal sealed class PointsEndpoint(HistorySelection selection, SeriesReader reader)
{
    private const int FlushAt = 64 * 1024;

    private static readonly string[] Own = ["from", "until", TableFormats.Parameter];
    private static readonly string[] Parameters = [.. HistorySelection.Parameters, .. Own];

    private static readonly TableColumn[] Columns =
    [
        new("entity", TableKind.Text),
        new("attribute", TableKind.Text),
        new("observedAt", TableKind.Time),
        new("value", TableKind.Number, Nullable: true),
        new("text", TableKind.Text, Nullable: true),
        new("dataset", TableKind.Text, Nullable: true),
        new("unit", TableKind.Text, Nullable: true),
        new("quality", TableKind.Text, Nullable: true),
    ];

    /// <summary>The route.</summary>
    public void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/history/points", NgsiLdProblems.Guard(AnswerAsync))
            .RequireAuthorization(TwinPolicies.ReadEntities).WithTags("History")
            .Operation("exportPoints", "Points as the rows that bulk ingestion takes, or as tables")
            .WithMetadata(
                new DescribedParameters(["Link", "NGSILD-Tenant", .. TableFormats.Described(Parameters)]),
                new DescribedAnswer(StatusCodes.Status200OK, "All points, entity by entity and in the order of their times", "NGSILD-Tenant")
                {
                    Content = [(TableFormats.Csv, "PointRows"), (TableFormats.Ndjson, "PointRows"), (TableFormats.Parquet, "Table"), (TableFormats.Arrow, "Table")],
                })
            .Shares(403, "TooComplexQuery").Shares(406, "NotAcceptable").Shares(504, "ContextNotAvailable").FindsTenant();

    private async Task AnswerAsync(HttpContext http)
    {
        NgsiLdRequest.AllowParameters(http, Parameters);
        if (TableFormats.Choose(http, TableFormat.Csv, json: false) is not { } format)
        {
            return;
        }

        var (from, until) = (HistoryQueries.Time(http, "from") ?? 0, HistoryQueries.Time(http, "until") ?? long.MaxValue);
        var asked = await selection.EntitiesAsync(http, Own);
        var series = asked.Candidates.SelectMany(entity => asked.Judge.SeriesOf(entity) ?? []).Where(static one => one.Term != CoreTerms.Scope);
        if (format is TableFormat.Csv or TableFormat.Ndjson)
        {
            await WriteRowsAsync(http, format, series, from, until, asked.Context);
        }
        else
        {
            await WriteTableAsync(http, format, series, from, until, asked.Context);
        }
    }

    private async Task WriteRowsAsync(HttpContext http, TableFormat format, IEnumerable<TimeSeries> all, long from, long until, JsonLdContext context)
    {
        http.Response.ContentType = format.MediaType();
        var body = http.Response.BodyWriter;
        var rows = new PointRowWriter(body, context, csv: format == TableFormat.Csv);
        rows.WriteHeader();
        foreach (var series in all)
        {
            await foreach (var run in reader.ScanAsync(series, from, until, http.RequestAborted))
            {
                for (var i = run.Start; i < run.Start + run.Length; i++)
                {
                    rows.Write(At(series, run, i));
                    if (body.UnflushedBytes > FlushAt)
                    {
                        await body.FlushAsync(http.RequestAborted);
                    }
                }
            }
        }

        await body.FlushAsync(http.RequestAborted);
    }

    private async Task WriteTableAsync(HttpContext http, TableFormat format, IEnumerable<TimeSeries> all, long from, long until, JsonLdContext context)
    {
        using var answer = await TableAnswer.BeginAsync(http, format, Columns);
        foreach (var series in all)
        {
            var attribute = context.Compact(series.Term);
            await foreach (var run in reader.ScanAsync(series, from, until, http.RequestAborted))
            {
                for (var i = run.Start; i < run.Start + run.Length; i++)
                {
                    if (run.Points.Forms[i] != PointForm.Null)
                    {
                        Set(answer.Batch, At(series, run, i), attribute);
                        await answer.EndRowAsync();
                    }
                }
            }
        }

        await answer.EndAsync();
    }

    private static void Set(TableBatch batch, in Instance instance, string attribute)
    {
        var series = instance.Series;
        batch.Text(0, series.Entity.Id, repeated: true);
        batch.Text(1, attribute, repeated: true);
        batch.Time(2, instance.Time);
        var isNumber = instance.Form < PointForm.Boolean;
        batch.Number(3, isNumber ? PointValue.ToDouble(instance.Form, instance.Bits) : null);
        batch.Text(4, isNumber ? null : Text(instance));
        batch.Text(5, series.Dataset.Length == 0 ? null : series.Dataset, repeated: true);
        batch.Text(6, instance.Extra?.Unit ?? (instance.Facts is { Instance.IsEmpty: false } ? InstanceCodec.ToNode(instance).UnitCode : null), repeated: true);
        batch.Text(7, instance.Extra is { Quality: not PointQuality.Good } extra ? Qualities.Name(extra.Quality) : null, repeated: true);
    }

    /// <summary>A value that is no number: a text as it is, anything else as JSON.</summary>
    private static string Text(in Instance instance) => TableText.Of(InstanceCodec.ToNode(instance).Value.Span);

    private static Instance At(TimeSeries series, PointRun run, int at) =>
        new(series, run.Points.Times[at], run.Points.Forms[at], run.Points.Bits[at], run.Points.ExtraAt(at));
}
