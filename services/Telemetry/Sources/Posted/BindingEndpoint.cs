using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;
using Twin.EntityRegistry.Http;
using Twin.Hosting.Authentication;
using Twin.Hosting.OpenApi;
using Twin.Telemetry.Sources.Payloads;

namespace Twin.Telemetry.Sources.Posted;

/// <summary>
/// <c>POST /dapr/bindings/NAME</c>: where a Dapr sidecar delivers what its input bindings bring, of MQTT, Kafka or another
/// component. It acknowledges a message when it is answered with success. Below <c>/dapr</c>, since a sidecar comes to its
/// own process and not through the gateway.
/// </summary>
internal sealed class BindingEndpoint
{
    private readonly Dictionary<string, (PostedSource Source, TopicPattern? Pattern)> bindings = new(StringComparer.Ordinal);
    private readonly PostedMessages messages;

    public BindingEndpoint(IOptions<SourcesOptions> options, SourceTable table, PostedMessages messages, TimeProvider clock)
    {
        this.messages = messages;
        foreach (var one in options.Value.Bindings)
        {
            var state = table.Add(new SourceState(one.Name, "binding", SourceStatus.Listening, clock));
            // It was found sound when the process began.
            one.Pattern(out var pattern);
            bindings.Add(one.Name, (new PostedSource(state, one.Tenant, one.Shown, one, BindingOptions.Known(pattern)) { BringsAgain = true }, pattern));
        }
    }

    /// <summary>The route.</summary>
    public void Map(IEndpointRouteBuilder routes) => routes.MapPost("/dapr/bindings/{sourceName}", (RequestDelegate)PostAsync)
        // The token of the sidecar, or else the policy write-history, is asked for by the handler.
        .RequireAuthorization(TwinPolicies.Anyone)
        .WithTags("Ingestion")
        .Operation("postToBinding", "Takes one message of an input binding of Dapr; the sidecar shows its token")
        .WithMetadata(new DescribedBody("PostedMessage", MediaTypes.Json))
        .Gives(StatusCodes.Status200OK, "It is settled: its points are durable, or it is kept to be looked at", "MessageReport")
        .Shares(StatusCodes.Status403Forbidden, "Forbidden")
        .Shares(StatusCodes.Status404NotFound, "NotFound");

    private async Task PostAsync(HttpContext http)
    {
        var name = NgsiLdRequest.Segment(http, "sourceName");
        var (found, pattern) = bindings.GetValueOrDefault(name);
        var source = await PostedMessages.AdmitAsync(http, name, found);

        // Dapr hands on as headers what its component knows; MQTT and Kafka say it by names of their own.
        var (topic, key) = (Header(http, "topic") ?? Header(http, "__topic"), Header(http, "__key"));
        var known = new Dictionary<string, string>(StringComparer.Ordinal);
        if (topic is not null)
        {
            known["topic"] = topic;
        }

        if (key is not null)
        {
            known["key"] = key;
        }

        var fault = pattern is null ? null
            : topic is null ? "The sidecar does not say its topic, which the settings ask for."
            : pattern.TryMatch(topic, known) ? null : "Its topic is none that the settings name.";
        await messages.TakeAsync(http, source, topic ?? http.Request.Path, known, fault);
    }

    private static string? Header(HttpContext http, string name) => http.Request.Headers[name] is [{ Length: > 0 and <= 1024 } value] ? value : null;
}
