using Microsoft.Extensions.Options;

namespace Twin.Hosting.Events.Dapr;

/// <summary>How to reach a Dapr sidecar and its pub/sub component. Section <c>Twin:Events:Dapr</c>.</summary>
public sealed class DaprOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = EventOptions.Section + ":Dapr";

    /// <summary>The pub/sub component.</summary>
    public string PubSub { get; set; } = "pubsub";

    /// <summary>The sidecar's HTTP address. Default: <c>DAPR_HTTP_ENDPOINT</c>, else loopback at <c>DAPR_HTTP_PORT</c>.</summary>
    public string Endpoint { get; set; } = "";

    /// <summary>What the sidecar wants to see; default: <c>DAPR_API_TOKEN</c>.</summary>
    public string ApiToken { get; set; } = "";

    /// <summary>
    /// What the sidecar shows when it delivers; default: <c>APP_API_TOKEN</c>, which Dapr sets for both. Needed, since events
    /// come in at the public port.
    /// </summary>
    public string AppToken { get; set; } = "";
}

internal sealed class DaprOptionsValidator : IValidateOptions<DaprOptions>
{
    public ValidateOptionsResult Validate(string? name, DaprOptions options)
    {
        if (!Uri.TryCreate(options.Endpoint, UriKind.Absolute, out var endpoint) || endpoint.Scheme is not ("http" or "https"))
        {
            return ValidateOptionsResult.Fail(
                $"{DaprOptions.Section}:Endpoint is '{options.Endpoint}'. Start the process with a sidecar, which sets DAPR_HTTP_PORT, or set it to the sidecar's address.");
        }

        return options.AppToken.Length == 0
            ? ValidateOptionsResult.Fail(
                $"{DaprOptions.Section}:AppToken is not set. Start sidecar and node with the same APP_API_TOKEN (dapr.io/app-token-secret on Kubernetes), so that nobody else can deliver events.")
            : ValidateOptionsResult.Success;
    }
}
