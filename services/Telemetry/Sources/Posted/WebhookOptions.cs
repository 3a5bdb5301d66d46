using Twin.Telemetry.Sources.Payloads;

namespace Twin.Telemetry.Sources.Posted;

/// <summary>A place where another system posts messages (<c>Twin:Telemetry:Webhooks:N</c>): <c>/ingest/webhooks/NAME</c>.</summary>
internal sealed class WebhookOptions : PayloadOptions, ISourceOptions
{
    /// <summary>The header in which the secret comes where none is set.</summary>
    public const string DefaultHeader = "X-Webhook-Secret";

    /// <summary>What templates know of a message: the query parameter <c>event</c>, by which ChirpStack tells its kind.</summary>
    public static readonly string[] Names = [ChirpStackPayload.EventName];

    /// <summary>Makes settings whose payload is JSON, since little else is posted.</summary>
    public WebhookOptions() => Payload = "json";

    /// <inheritdoc />
    public string Name { get; set; } = "";

    /// <inheritdoc />
    public string? Tenant { get; set; }

    /// <summary>What whoever posts shows, best given in the environment.</summary>
    public string? Secret { get; set; }

    /// <summary>A file with the secret, read with each message, so that it can be renewed.</summary>
    public string? SecretFile { get; set; }

    /// <summary>The header in which the secret comes.</summary>
    public string SecretHeader { get; set; } = DefaultHeader;

    /// <summary>The secret as it is set.</summary>
    public SharedSecret Shown => new(SecretHeader, Secret, SecretFile);
}
