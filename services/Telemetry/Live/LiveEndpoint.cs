using System.Buffers;
using System.Globalization;
using System.Security.Claims;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;
using Twin.EntityRegistry;
using Twin.EntityRegistry.Contexts;
using Twin.EntityRegistry.Http;
using Twin.EntityRegistry.OpenApi;
using Twin.Hosting.Authentication;
using Twin.Hosting.OpenApi;
using Twin.NgsiLd;
using Twin.NgsiLd.Queries;
using Twin.Telemetry.History;
using Twin.Telemetry.Queries;
using Twin.Telemetry.Series;
using Twin.Telemetry.Temporal;

namespace Twin.Telemetry.Live;

/// <summary>Live values as server-sent events: each point as it becomes durable, for as long as the viewer stays.</summary>
internal sealed class LiveEndpoint(
    LiveHub hub,
    SeriesReader reader,
    TemporalReader temporal,
    SeriesDirectory directory,
    ContextResolver contexts,
    EntityAccess access,
    IOptions<TelemetryOptions> options,
    TimeProvider clock)
{
    private const string MediaType = "text/event-stream";
    private const int FlushAt = 64 * 1024;

    /// <summary>Points that are read from the history for one who comes back; past it there is a gap.</summary>
    private const int MostMissed = 10_000;

    /// <summary>A stream ends after this time, so that what its viewer may see is asked anew; browsers come back by themselves.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    private static readonly string[] Parameters = ["type", "id", "idPattern", "attrs", "datasetId", "q"];

    /// <summary>The route.</summary>
    public void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/history/live", NgsiLdProblems.Guard(AnswerAsync))
            .Operation("watchPoints", "Points as they come in, as server-sent events")
            .RequireAuthorization(TwinPolicies.ReadEntities).WithTags("History")
            .WithMetadata(
                new DescribedParameters(["Link", "NGSILD-Tenant", "Last-Event-ID", .. Parameters]),
                new DescribedAnswer(StatusCodes.Status200OK, "Events until the viewer leaves or the stream is an hour old", "NGSILD-Tenant") { Content = [(MediaType, "LiveEvents")] })
            .Shares(403, "TooComplexQuery").Shares(406, "NotAcceptable").Shares(504, "ContextNotAvailable").FindsTenant();

    private async Task AnswerAsync(HttpContext http)
    {
        NgsiLdRequest.AllowParameters(http, Parameters);
        if (http.Request.Headers.Accept.Count > 0 && MediaTypes.Weight(MediaType, http.Request.Headers.Accept) <= 0)
        {
            http.Response.StatusCode = StatusCodes.Status406NotAcceptable;
            return;
        }

        var since = Since(http);
        var context = await contexts.FromLinkAsync(http.Request, http.RequestAborted);
        var query = EntityQueryParser.FromParameters(HistoryQueries.Local(http), context);
        var tenant = HistoryQueries.Tenant(directory, http);
        if (!hub.TryEnter())
        {
            http.Response.Headers.RetryAfter = "30";
            await NgsiLdProblems.WriteAsync(
                http, NgsiLdErrorType.InternalError, "As many viewers look on as this node holds (Twin:Telemetry:LiveViewers); come again later, or ask /history/points.", null, StatusCodes.Status503ServiceUnavailable);
            return;
        }

        try
        {
            var key = new LiveKey(access.Of(http), Filters(http));
            var (live, viewer) = hub.Join(tenant, key, () => new LiveGroup(key, query, context, temporal, clock), since, http.Abort, out var missed);
            try
            {
                await using var left = http.RequestAborted.UnsafeRegister(static one => ((LiveViewer)one!).Ring(), viewer);
                await StartAsync(http, live, viewer, missed);
                await FollowAsync(http, live, viewer);
            }
            catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
            {
                // The viewer has gone.
            }
            finally
            {
                live.Remove(viewer);
            }
        }
        finally
        {
            hub.Leave();
        }
    }

    /// <summary>The head of the stream, and what the viewer has missed.</summary>
    private async Task StartAsync(HttpContext http, LiveTenant live, LiveViewer viewer, Missed missed)
    {
        http.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        http.Response.ContentType = MediaType;
        http.Response.Headers.CacheControl = "no-store";
        http.Response.Headers["X-Accel-Buffering"] = "no";
        var body = http.Response.BodyWriter;
        body.Write("retry: 3000\n\n"u8);
        if (missed.Points is { Count: > 0 } points)
        {
            var events = new LiveEvents(new ArrayBufferWriter<byte>(1024), viewer.Group.Context);
            foreach (var (point, id) in points)
            {
                events.Write(point.Instance, id);
            }

            body.Write(events.Written);
        }

        if (missed.HistorySince is { } since)
        {
            var events = new LiveEvents(new ArrayBufferWriter<byte>(1024), viewer.Group.Context);
            await ReadMissedAsync(events, live, viewer, DateTimeOffset.FromUnixTimeMilliseconds(since).UtcTicks, http.RequestAborted);
            body.Write(events.Written);
        }

        viewer.SendingSince = live.Beat;
        await body.FlushAsync(http.RequestAborted);
        viewer.SendingSince = long.MaxValue;
    }

    /// <summary>
    /// What came after a viewer left, when this process does not know it any more. That there is a gap is told in any case:
    /// the history knows the times of points, not when they came in, so that late ones may be missing. Points since then
    /// follow, when it is not too long ago and they are not too many.
    /// </summary>
    private async Task ReadMissedAsync(LiveEvents events, LiveTenant live, LiveViewer viewer, long since, CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        var found = since >= now.AddSeconds(-options.Value.LiveResumeSeconds).UtcTicks ? await ReadAsync(live, viewer.Group, since, cancel) : null;
        // Who leaves before the last of them has to begin again: only that one has an id.
        var id = live.Id(viewer.Point);
        events.WriteGap(since, now.UtcTicks, found is { Count: > 0 } ? null : id);
        for (var i = 0; i < found?.Count; i++)
        {
            events.Write(found[i], i == found.Count - 1 ? id : null);
        }
    }

    /// <summary>The points of a group since a time, by their own times; null when they are too many.</summary>
    private async Task<List<Instance>?> ReadAsync(LiveTenant live, LiveGroup group, long since, CancellationToken cancel)
    {
        var found = new List<Instance>();
        foreach (var series in live.SeriesOf(group).Where(series => series.Newest > since))
        {
            await foreach (var run in reader.ScanAsync(series, since + 1, long.MaxValue, cancel))
            {
                if (found.Count + run.Length > MostMissed)
                {
                    return null;
                }

                for (var i = run.Start; i < run.Start + run.Length; i++)
                {
                    found.Add(new Instance(series, run.Points.Times[i], run.Points.Forms[i], run.Points.Bits[i], run.Points.ExtraAt(i)));
                }
            }
        }

        found.Sort(static (a, b) => a.Time.CompareTo(b.Time));
        return live.Told(group, found);
    }

    private async Task FollowAsync(HttpContext http, LiveTenant live, LiveViewer viewer)
    {
        var body = http.Response.BodyWriter;
        var ends = End(http.User);
        while (!http.RequestAborted.IsCancellationRequested)
        {
            var events = viewer.Group.Take(viewer, out var behind);
            if (behind)
            {
                var newest = new LiveEvents(new ArrayBufferWriter<byte>(4096), viewer.Group.Context);
                live.CatchUp(viewer, newest);
                body.Write(newest.Written);
            }
            else if (events.Length > 0)
            {
                body.Write(events.Span);
                if (body.UnflushedBytes < FlushAt)
                {
                    // There may be more to send along.
                    continue;
                }
            }

            var beat = live.Beat;
            if (body.UnflushedBytes == 0 && beat != viewer.Beat && !hub.IsClosing)
            {
                body.Write(":\n\n"u8);
            }

            viewer.Beat = beat;
            if (body.UnflushedBytes > 0)
            {
                viewer.SendingSince = beat;
                if ((await body.FlushAsync(http.RequestAborted)).IsCompleted)
                {
                    return;
                }

                viewer.SendingSince = long.MaxValue;
                continue;
            }

            if (hub.IsClosing || clock.GetUtcNow() >= ends)
            {
                var end = new LiveEvents(new ArrayBufferWriter<byte>(64), viewer.Group.Context);
                end.WriteEnd(hub.IsClosing ? "closing" : "expired");
                body.Write(end.Written);
                await body.FlushAsync(http.RequestAborted);
                return;
            }

            await viewer.WaitAsync();
        }
    }

    /// <summary>When the stream ends: no token is good for longer than it says.</summary>
    private DateTimeOffset End(ClaimsPrincipal user)
    {
        var longest = clock.GetUtcNow() + Longest;
        return long.TryParse(user.FindFirst("exp")?.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            && seconds < longest.ToUnixTimeSeconds() ? DateTimeOffset.FromUnixTimeSeconds(seconds) : longest;
    }

    private static LiveId? Since(HttpContext http) => (string?)http.Request.Headers["Last-Event-ID"] switch
    {
        null or "" => null,
        { } text when LiveId.TryParse(text, out var id) => id,
        _ => throw NgsiLdException.BadRequest("Last-Event-ID is the id of an event of this stream.", "Last-Event-ID"),
    };

    private static string Filters(HttpContext http)
    {
        var parts = Parameters.Select(name => $"{name}={(string?)http.Request.Query[name]}");
        return string.Join('\n', parts.Append((string?)http.Request.Headers.Link));
    }
}
