using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Twin.EntityRegistry.Http;
using Twin.Hosting.Authentication;
using Twin.Hosting.OpenApi;
using Twin.Hosting.Problems;

namespace Twin.Telemetry.Keeping;

/// <summary><c>/history/keeping</c>: how far retention and down-sampling are, for operators, who may begin a pass and end it.</summary>
internal sealed class KeepingEndpoints(KeepingService keeping, KeepingRules rules)
{
    /// <summary>The route table.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/history/keeping");
        api.RequireAuthorization(TwinPolicies.Operate).WithTags("Keeping");
        api.MapGet("", NgsiLdProblems.Guard(ShowAsync))
            .Operation("getKeeping", "How far retention and down-sampling are")
            .Gives(StatusCodes.Status200OK, "The rules, the pass that goes on or the last one, and when the next begins", "Keeping");
        api.MapPost("", NgsiLdProblems.Guard(StartAsync))
            .Operation("startKeeping", "Begins a pass of retention and down-sampling now")
            .Gives(StatusCodes.Status202Accepted, "It begins; GET tells how far it is").Shares(409, "Conflict");
        api.MapDelete("", NgsiLdProblems.Guard(CancelAsync))
            .Operation("cancelKeeping", "Ends the pass that goes on; what it has done stays done")
            .Gives(StatusCodes.Status204NoContent, "It ends").Shares(404, "NotFound");
    }

    private async Task ShowAsync(HttpContext http)
    {
        var pass = keeping.Last;
        http.Response.ContentType = MediaTypes.Json;
        await using var writer = new Utf8JsonWriter(http.Response.BodyWriter, NgsiLdResponse.JsonOptions);
        writer.WriteStartObject();
        writer.WriteString("state"u8, pass is { State: KeepingState.Running } ? "running" : "idle");
        if (keeping.NextAt is { } next && pass is not { State: KeepingState.Running })
        {
            writer.WriteString("nextPassAt"u8, next);
        }

        if (pass is not null)
        {
            Write(writer, pass);
        }

        writer.WriteStartArray("rules"u8);
        for (var i = 0; i < rules.All.Count; i++)
        {
            Write(writer, rules.All[i], pass?.Rules[i]);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
        await writer.FlushAsync(http.RequestAborted);
    }

    private static void Write(Utf8JsonWriter writer, KeepingPass pass)
    {
        writer.WriteStartObject("pass"u8);
        writer.WriteString("state"u8, pass.State switch
        {
            KeepingState.Running => "running",
            KeepingState.Completed => "completed",
            KeepingState.Cancelled => "cancelled",
            KeepingState.Failed => "failed",
            _ => throw new System.Diagnostics.UnreachableException(),
        });
        writer.WriteString("startedAt"u8, pass.StartedAt);
        if (pass.EndedAt is { } ended)
        {
            writer.WriteString("endedAt"u8, ended);
        }

        if (pass.Problem is { } problem)
        {
            writer.WriteString("problem"u8, problem);
        }

        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, KeepingRule rule, KeepingPass.Progress? progress)
    {
        writer.WriteStartObject();
        writer.WriteString("kind"u8, rule.Step > 0 ? "downSampling" : "retention");
        if (rule.Type is not null)
        {
            writer.WriteString("type"u8, rule.Type);
        }

        if (rule.Attribute is not null)
        {
            writer.WriteString("attribute"u8, rule.Attribute);
        }

        writer.WriteString("after"u8, rule.Age);
        if (rule.StepText is not null)
        {
            writer.WriteString("step"u8, rule.StepText);
        }

        if (progress is not null)
        {
            writer.WriteNumber("series"u8, progress.Series);
            writer.WriteNumber("seriesDone"u8, progress.SeriesDone);
            writer.WriteNumber("pointsBefore"u8, progress.PointsBefore);
            writer.WriteNumber("pointsAfter"u8, progress.PointsAfter);
        }

        writer.WriteEndObject();
    }

    private Task StartAsync(HttpContext http)
    {
        if (!keeping.TryStart())
        {
            throw new ProblemException(StatusCodes.Status409Conflict, "keeping-runs", "A pass goes on", "A pass of retention and down-sampling goes on; GET /history/keeping tells how far it is.");
        }

        http.Response.StatusCode = StatusCodes.Status202Accepted;
        http.Response.Headers.Location = "/history/keeping";
        return Task.CompletedTask;
    }

    private Task CancelAsync(HttpContext http)
    {
        if (!keeping.TryCancel())
        {
            throw new ProblemException(StatusCodes.Status404NotFound, "not-found", "Not found", "No pass of retention and down-sampling goes on.");
        }

        http.Response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    }
}
