using Twin.Telemetry.Sources.Mqtt;
using Twin.Telemetry.Sources.Payloads;

namespace Twin.Telemetry.Sources.Posted;

/// <summary>An input binding of a Dapr sidecar (<c>Twin:Telemetry:Bindings:N</c>), which posts to <c>/dapr/bindings/NAME</c>.</summary>
internal sealed class BindingOptions : PayloadOptions, ISourceOptions
{
    /// <summary>The header in which Dapr shows its token.</summary>
    public const string TokenHeader = "dapr-api-token";

    /// <summary>The setting that Dapr gives sidecar and application alike.</summary>
    public const string SharedToken = "APP_API_TOKEN";

    /// <summary>What every binding knows of a message: its topic, and of Kafka its key.</summary>
    public static readonly string[] Names = ["topic", "key"];

    /// <summary>Makes settings whose payload is JSON.</summary>
    public BindingOptions() => Payload = "json";

    /// <inheritdoc />
    public string Name { get; set; } = "";

    /// <inheritdoc />
    public string? Tenant { get; set; }

    /// <summary>What the sidecar shows; not set, and no file either, the <c>APP_API_TOKEN</c> of the process.</summary>
    public string? Token { get; set; }

    /// <summary>A file with it, read with each message.</summary>
    public string? TokenFile { get; set; }

    /// <summary>The topics that come, where levels of them have names: <c>city/{entity}/{attribute}</c>. Not set, any.</summary>
    public string? Topic { get; set; }

    /// <summary>The token as it is set.</summary>
    public SharedSecret Shown => new(TokenHeader, Token, TokenFile);

    /// <summary>Notes what is wrong.</summary>
    public void Check(PayloadFaults faults)
    {
        if (Token is null && TokenFile is null)
        {
            faults.Add(nameof(Token), $"start sidecar and node with the same {SharedToken} (dapr.io/app-token-secret on Kubernetes), or set it, so that nobody else can post.");
        }
        else
        {
            Shown.Check(nameof(Token), nameof(TokenFile), faults);
        }

        if (Pattern(out var pattern) is { } fault)
        {
            faults.Add(nameof(Topic), fault);
        }
        else
        {
            PayloadForms.Create(this, Known(pattern), faults);
        }
    }

    /// <summary>Reads the pattern of topics; null when none is set.</summary>
    /// <returns>Null, or why it is none.</returns>
    public string? Pattern(out TopicPattern? pattern)
    {
        pattern = null;
        return Topic is null ? null : TopicPattern.Parse(Topic, out pattern);
    }

    /// <summary>What templates know of a message.</summary>
    public static string[] Known(TopicPattern? pattern) => [.. Names.Concat(pattern?.Names ?? []).Distinct(StringComparer.Ordinal)];
}
