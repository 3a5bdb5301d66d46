using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;
using Twin.EntityRegistry.Contexts;
using Twin.EntityRegistry.Http;
using Twin.Hosting.Authentication;
using Twin.Hosting.OpenApi;
using Twin.Hosting.Problems;
using Twin.NgsiLd;
using Twin.NgsiLd.Contexts;
using Twin.Telemetry.Registry;
using Twin.Telemetry.Series;
using Twin.Telemetry.Storage;
using Twin.Telemetry.Tail;

namespace Twin.Telemetry.Ingest;

/// <summary>Bulk ingestion: <c>POST /ingest</c> takes CSV and NDJSON of any length, and answers when all of it is durable.</summary>
internal sealed class IngestEndpoint(
    TailWriter tail,
    BatchPool pool,
    PointRules rules,
    Freshness freshness,
    TelemetryStore store,
    SeriesDirectory directory,
    ContextResolver contexts,
    RowReaders readers,
    IOptions<TelemetryOptions> options,
    TimeProvider clock)
{
    private const string OffsetHeader = "Upload-Offset";

    /// <summary>The route table.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/ingest");
        api.RequireAuthorization(TwinPolicies.WriteHistory).WithTags("Ingestion");
        api.MapPost("", NgsiLdProblems.Guard(IngestAsync))
            .Operation("ingest", "Takes points in bulk, as CSV, NDJSON, NGSI-LD temporal evolutions or SenML")
            .WithParameter(new DescribedParameter("mapping", "The name of a mapping, or a mapping itself as JSON: what the columns or names of the body mean.", Maximum: 8192))
            .WithParameter(new DescribedParameter("upload", "A name of the upload, by which it can go on after it was broken off.", Maximum: 128))
            .WithParameter(new DescribedParameter(OffsetHeader, "With upload: bytes of the whole body before this one; what GET /ingest/uploads/{uploadId} answers as position.", "integer", InHeader: true, Minimum: 0))
            .WithMetadata([new DescribedParameters("Link", "NGSILD-Tenant"), .. RowReaders.Bodies])
            .Gives(StatusCodes.Status200OK, "Every row is durable, or refused with its reason", "IngestReport", MediaTypes.Json, "NGSILD-Tenant")
            .Gives(StatusCodes.Status409Conflict, "The upload goes on at another position", "ProblemDetails", "application/problem+json")
            .Shares(415, "MediaTypeNotTaken").Shares(504, "ContextNotAvailable");
        api.MapGet("/uploads/{uploadId}", NgsiLdProblems.Guard(StateAsync))
            .Operation("getUpload", "How far an upload has come")
            .WithMetadata(new DescribedParameters("NGSILD-Tenant"))
            .Gives(StatusCodes.Status200OK, "What is durable of it", "UploadState", MediaTypes.Json, "NGSILD-Tenant")
            .Shares(404, "NotFound");
    }

    private async Task IngestAsync(HttpContext http)
    {
        if (http.Request.Headers.ContentEncoding.Count > 0)
        {
            throw Refused(StatusCodes.Status415UnsupportedMediaType, "unsupported-media-type", "Unsupported media type", "The body comes uncompressed.", "Content-Encoding");
        }

        var context = await contexts.FromLinkAsync(http.Request, http.RequestAborted);
        var tenant = await directory.GetOrCreateTenantAsync(NgsiLdRequest.TenantName(http), store, http.RequestAborted);
        var rows = await readers.ForAsync(http, tenant, context);
        var upload = await UploadAsync(http, tenant, rows);
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = options.Value.MostBodyBytes;
        }

        if (options.Value.RefuseUnknownEntities)
        {
            // An entity that was created a moment ago is known.
            await freshness.WaitAsync(http.RequestAborted);
        }

        var report = new IngestReport(options.Value.ReportedRefusals);
        var run = new IngestRun(tail, pool, tenant, rows, new RowTaker(directory, tenant, context, options.Value, rules), report, clock) { Upload = upload };
        try
        {
            await run.RunAsync(http.Request.BodyReader, http.RequestAborted);
        }
        catch (IngestException fault)
        {
            throw Refused(StatusCodes.Status400BadRequest, "unreadable-body", "The body cannot be read", $"{fault.Message} {Sofar(report)}", fault.Member);
        }
        catch (BadHttpRequestException fault) when (fault.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            throw Refused(StatusCodes.Status413PayloadTooLarge, "body-too-large", "Body too large", $"A body has at most {options.Value.MostBodyBytes} bytes (Twin:Telemetry:MostBodyBytes). {Sofar(report)}", "body");
        }
        catch (TailUnavailableException fault)
        {
            throw new ProblemException(StatusCodes.Status503ServiceUnavailable, "history-unavailable", "Points cannot be kept now", $"{fault.Message} {Sofar(report)}")
            {
                RetryAfter = TimeSpan.FromSeconds(2),
            };
        }

        await AnswerAsync(http, writer => report.Write(writer));
    }

    private async Task StateAsync(HttpContext http)
    {
        var id = NgsiLdRequest.Segment(http, "uploadId");
        var state = directory.FindTenant(NgsiLdRequest.TenantName(http)) is { } tenant ? await store.FindUploadAsync(tenant.Key, id, http.RequestAborted) : null;
        if (state is null)
        {
            throw Refused(StatusCodes.Status404NotFound, "not-found", "Not found", $"There is no upload '{id}'.", "uploadId");
        }

        await AnswerAsync(http, writer =>
        {
            writer.WriteString("id"u8, state.Id);
            writer.WriteNumber("position"u8, state.Position);
            writer.WriteNumber("line"u8, state.Line);
            writer.WriteNumber("refused"u8, state.Refused);
            writer.WriteBoolean("complete"u8, state.Complete);
        });
    }

    private async Task<UploadState?> UploadAsync(HttpContext http, Tenant tenant, RowReader rows)
    {
        if ((string?)http.Request.Query["upload"] is not { Length: > 0 } id)
        {
            return null;
        }

        if (id.Length > 128)
        {
            throw Refused(StatusCodes.Status400BadRequest, "out-of-range", "Out of range", "The name of an upload has at most 128 characters.", "upload");
        }

        var state = await store.FindUploadAsync(tenant.Key, id, http.RequestAborted) ?? new UploadState(id, 0, 0, "", 0, false);
        if (!long.TryParse((string?)http.Request.Headers[OffsetHeader] ?? "0", NumberStyles.None, CultureInfo.InvariantCulture, out var offset) || offset != state.Position || state.Complete)
        {
            throw Refused(
                StatusCodes.Status409Conflict,
                "upload-position",
                "The upload goes on elsewhere",
                state.Complete ? $"The upload '{id}' is complete; a new one takes another name." : $"The upload '{id}' goes on at byte {state.Position}: send the rest from there, with {OffsetHeader}: {state.Position}.",
                OffsetHeader);
        }

        if (state.Position > 0)
        {
            rows.Resume(state.Line, state.Header);
        }

        return state;
    }

    private static string Sofar(IngestReport report) =>
        $"Before that, {report.Counts.Taken} points were taken, {report.Counts.Doubled} doubled, {report.Counts.Replaced} replaced and {report.Refused} rows refused; sending them again does no harm.";

    private static ProblemException Refused(int status, string name, string title, string detail, string member) =>
        new(status, name, title, detail) { Member = member };

    private static async Task AnswerAsync(HttpContext http, Action<Utf8JsonWriter> write)
    {
        http.Response.ContentType = MediaTypes.Json;
        await using var writer = new Utf8JsonWriter(http.Response.BodyWriter, NgsiLdResponse.JsonOptions);
        writer.WriteStartObject();
        write(writer);
        writer.WriteEndObject();
        await writer.FlushAsync(http.RequestAborted);
    }
}
