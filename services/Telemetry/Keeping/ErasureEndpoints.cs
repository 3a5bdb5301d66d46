using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Twin.EntityRegistry.Contexts;
using Twin.EntityRegistry.Http;
using Twin.EntityRegistry.OpenApi;
using Twin.Hosting.Authentication;
using Twin.Hosting.OpenApi;
using Twin.Hosting.Problems;
using Twin.NgsiLd;
using Twin.Telemetry.Points;
using Twin.Telemetry.Registry;
using Twin.Telemetry.Series;
using Twin.Telemetry.Temporal;

namespace Twin.Telemetry.Keeping;

/// <summary>
/// <c>/history/erasures</c>: has the history of an entity erased so that nothing of it is left, and tells how far that is. The
/// entity is named in the body, not in the path, which logs keep.
/// </summary>
internal sealed class ErasureEndpoints(ErasureService erasures, SeriesDirectory directory, ContextResolver contexts, Freshness freshness)
{
    private const int MostAttributes = 100;

    /// <summary>The route table.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/history/erasures");
        api.RequireAuthorization(TwinPolicies.Operate).WithTags("Keeping");
        api.MapPost("", NgsiLdProblems.Guard(RequestAsync))
            .Operation("requestErasure", "Erases the history of an entity, or of some attributes or a time of it, without a trace").Takes("ErasureRequest")
            .Gives(StatusCodes.Status202Accepted, "It is durable that it was asked for; Location tells how far it is", "Erasure").FindsTenant().Shares(409, "Conflict");
        api.MapGet("", NgsiLdProblems.Guard(ListAsync))
            .Operation("listErasures", "The erasures that wait, go on, or ended in the last days")
            .Gives(StatusCodes.Status200OK, "The oldest first", "Erasures").FindsTenant();
        api.MapGet("/{erasureId}", NgsiLdProblems.Guard(ShowAsync))
            .Operation("getErasure", "How far an erasure is")
            .Gives(StatusCodes.Status200OK, "It", "Erasure").Finds();
    }

    private async Task RequestAsync(HttpContext http)
    {
        if (!NgsiLdRequest.AcceptsBody(http))
        {
            return;
        }

        NgsiLdRequest.AllowParameters(http, []);
        using var body = await RequestBody.ReadAsync(http);
        var asked = ErasureRequest.Read(body.Memory);
        var context = await contexts.FromLinkAsync(http.Request, http.RequestAborted);
        string[] attributes = [.. asked.Attributes.Select(context.ExpandTerm).Distinct(StringComparer.Ordinal)];
        if (attributes.Length > MostAttributes)
        {
            throw NgsiLdException.BadRequest($"At most {MostAttributes} attributes are erased at once.", "attributes");
        }

        var tenant = Tenant(http);
        // What the registry has committed by now is in the history, and goes with it.
        await freshness.WaitAsync(http.RequestAborted);
        var erasure = await erasures.RequestAsync(tenant, asked.Entity, attributes, asked.From, asked.Until)
            ?? throw new ProblemException(StatusCodes.Status409Conflict, "erasures-wait", "Too many erasures wait", $"{ErasureService.MostWaiting} erasures wait; GET /history/erasures tells how far they are.");
        http.Response.StatusCode = StatusCodes.Status202Accepted;
        http.Response.Headers.Location = "/history/erasures/" + erasure.Id;
        await WriteAsync(http, writer => Write(writer, erasure));
    }

    private Task ListAsync(HttpContext http)
    {
        NgsiLdRequest.AllowParameters(http, []);
        var tenant = Tenant(http);
        return WriteAsync(http, writer =>
        {
            writer.WriteStartArray();
            foreach (var erasure in erasures.All.Where(one => one.Tenant == tenant.Key))
            {
                Write(writer, erasure);
            }

            writer.WriteEndArray();
        });
    }

    private Task ShowAsync(HttpContext http)
    {
        NgsiLdRequest.AllowParameters(http, []);
        var tenant = Tenant(http);
        var id = NgsiLdRequest.Segment(http, "erasureId");
        var erasure = erasures.All.FirstOrDefault(one => one.Tenant == tenant.Key && one.Id == id)
            ?? throw NgsiLdException.NotFound("There is no erasure of this id, or it ended long ago.");
        return WriteAsync(http, writer => Write(writer, erasure));
    }

    private Tenant Tenant(HttpContext http)
    {
        var name = NgsiLdRequest.TenantName(http);
        return directory.FindTenant(name) ?? throw new NgsiLdException(NgsiLdErrorType.NonexistentTenant, $"There is no tenant '{name}' here.", "NGSILD-Tenant");
    }

    private static async Task WriteAsync(HttpContext http, Action<Utf8JsonWriter> write)
    {
        http.Response.ContentType = MediaTypes.Json;
        await using var writer = new Utf8JsonWriter(http.Response.BodyWriter, NgsiLdResponse.JsonOptions);
        write(writer);
        await writer.FlushAsync(http.RequestAborted);
    }

    /// <summary>Names no entity: who may read it was told the id of the erasure.</summary>
    private static void Write(Utf8JsonWriter writer, Erasure erasure)
    {
        writer.WriteStartObject();
        writer.WriteString("id"u8, erasure.Id);
        writer.WriteString("state"u8, erasure.State switch
        {
            ErasureState.Requested => "requested",
            ErasureState.Removed => "removed",
            ErasureState.Completed => "completed",
            _ => throw new System.Diagnostics.UnreachableException(),
        });
        writer.WriteString("requestedAt"u8, erasure.RequestedAt);
        if (erasure.From > 0)
        {
            writer.WriteString("from"u8, new DateTimeOffset(erasure.From, TimeSpan.Zero));
        }

        if (erasure.Until < long.MaxValue)
        {
            writer.WriteString("until"u8, new DateTimeOffset(erasure.Until, TimeSpan.Zero));
        }

        if (erasure.State != ErasureState.Requested)
        {
            writer.WriteNumber("series"u8, erasure.Series);
            writer.WriteNumber("points"u8, erasure.Points);
        }

        if (erasure.EndedAt is { } ended)
        {
            writer.WriteString("endedAt"u8, ended);
        }

        if (erasure.Problem is { } problem)
        {
            writer.WriteString("problem"u8, problem);
        }

        writer.WriteEndObject();
    }
}
