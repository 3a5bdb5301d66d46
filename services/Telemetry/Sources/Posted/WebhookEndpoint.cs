using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;
using Twin.EntityRegistry.Http;
using Twin.Hosting.Authentication;
using Twin.Hosting.OpenApi;
using Twin.Telemetry.Sources.Payloads;

namespace Twin.Telemetry.Sources.Posted;

/// <summary><c>POST /ingest/webhooks/NAME</c>: where other systems post messages, such as the uplinks of LoRaWAN devices.</summary>
internal sealed class WebhookEndpoint
{
    private static readonly IReadOnlyDictionary<string, string> NoNames = new Dictionary<string, string>(StringComparer.Ordinal);
    private readonly Dictionary<string, PostedSource> sources = new(StringComparer.Ordinal);
    private readonly PostedMessages messages;

    public WebhookEndpoint(IOptions<SourcesOptions> options, SourceTable table, PostedMessages messages, TimeProvider clock)
    {
        this.messages = messages;
        foreach (var one in options.Value.Webhooks)
        {
            var state = table.Add(new SourceState(one.Name, "webhook", SourceStatus.Listening, clock));
            sources.Add(one.Name, new PostedSource(state, one.Tenant, one.Shown, one, WebhookOptions.Names));
        }
    }

    /// <summary>The route.</summary>
    public void Map(IEndpointRouteBuilder routes) => routes.MapPost("/ingest/webhooks/{sourceName}", (RequestDelegate)PostAsync)
        // The secret of the source, or else the policy write-history, is asked for by the handler.
        .RequireAuthorization(TwinPolicies.Anyone)
        .WithTags("Ingestion")
        .Operation("postToWebhook", "Takes one message of another system, such as an uplink of The Things Stack or ChirpStack; it shows the secret of the webhook, or a token of an administrator or operator")
        .WithParameter(new DescribedParameter(ChirpStackPayload.EventName, "What kind of event it is, as ChirpStack says it: up, join, status, ack, txack, log, location or integration.", Maximum: 64))
        .WithMetadata(new DescribedBody("PostedMessage", MediaTypes.Json))
        .Gives(StatusCodes.Status200OK, "It is settled: its points are durable, or it is kept to be looked at", "MessageReport")
        .Shares(StatusCodes.Status403Forbidden, "Forbidden")
        .Shares(StatusCodes.Status404NotFound, "NotFound");

    private async Task PostAsync(HttpContext http)
    {
        var name = NgsiLdRequest.Segment(http, "sourceName");
        var source = await PostedMessages.AdmitAsync(http, name, sources.GetValueOrDefault(name));
        var known = (string?)http.Request.Query[ChirpStackPayload.EventName] is { Length: > 0 and <= 64 } kind
            ? new Dictionary<string, string>(StringComparer.Ordinal) { [ChirpStackPayload.EventName] = kind }
            : NoNames;
        await messages.TakeAsync(http, source, http.Request.Path, known);
    }
}
