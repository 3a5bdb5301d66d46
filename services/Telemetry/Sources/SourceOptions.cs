using System.Text.RegularExpressions;
using Microsoft.Extensions.Options;
using Twin.Hosting.Composition;
using Twin.Telemetry.Sources.Kafka;
using Twin.Telemetry.Sources.Mqtt;
using Twin.Telemetry.Sources.Payloads;
using Twin.Telemetry.Sources.Posted;

namespace Twin.Telemetry.Sources;

/// <summary>What every source has.</summary>
internal interface ISourceOptions
{
    /// <summary>Its name, by which operators see it.</summary>
    string Name { get; }

    /// <summary>The tenant whose points it brings; not set, the default one.</summary>
    string? Tenant { get; }
}

/// <summary>Where points come from by themselves (<c>Twin:Telemetry</c>).</summary>
internal sealed class SourcesOptions
{
    /// <summary>MQTT brokers.</summary>
    public List<MqttSourceOptions> Mqtt { get; } = [];

    /// <summary>Places where other systems post messages.</summary>
    public List<WebhookOptions> Webhooks { get; } = [];

    /// <summary>Topics of Kafka.</summary>
    public List<KafkaSourceOptions> Kafka { get; } = [];

    /// <summary>Input bindings of a Dapr sidecar.</summary>
    public List<BindingOptions> Bindings { get; } = [];

    /// <summary>All of them, each with its place in the settings.</summary>
    public IEnumerable<(string Key, ISourceOptions Source)> All => [.. Of(nameof(Mqtt), Mqtt), .. Of(nameof(Kafka), Kafka), .. Of(nameof(Webhooks), Webhooks), .. Of(nameof(Bindings), Bindings)];

    private static IEnumerable<(string Key, ISourceOptions Source)> Of(string section, IEnumerable<ISourceOptions> sources) =>
        sources.Select((one, at) => ($"{TelemetryOptions.Section}:{section}:{at}", one));
}

/// <summary>Refuses sources that could not work, and says which setting is at fault.</summary>
internal sealed partial class SourcesOptionsValidator : IValidateOptions<SourcesOptions>
{
    private const int MostMilliseconds = 86_400_000;

    /// <inheritdoc />
    public ValidateOptionsResult Validate(string? name, SourcesOptions options)
    {
        var faults = new List<string>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (key, source) in options.All)
        {
            if (!SourceName.IsMatch(source.Name))
            {
                faults.Add(SettingException.Text($"{key}:Name", "give the source a name of 1 to 64 letters, digits, '.', '_' or '-'."));
            }
            else if (!names.Add(source.Name))
            {
                faults.Add(SettingException.Text($"{key}:Name", $"another source has the name '{source.Name}'."));
            }

            switch (source)
            {
                case MqttSourceOptions mqtt:
                    Check(key, mqtt, faults);
                    break;
                case KafkaSourceOptions kafka:
                    kafka.Check(new PayloadFaults(key, faults));
                    break;
                case BindingOptions binding:
                    binding.Check(new PayloadFaults(key, faults));
                    break;
                case WebhookOptions webhook:
                    Check(new PayloadFaults(key, faults), webhook);
                    break;
            }
        }

        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }

    private static void Check(string key, MqttSourceOptions mqtt, List<string> faults)
    {
        Require(mqtt.Host.Length > 0 && Uri.CheckHostName(mqtt.Host) != UriHostNameType.Unknown, nameof(mqtt.Host), "set the host name or address of the broker, without scheme and port.");
        Require(mqtt.Port is null or (>= 1 and <= 65535), nameof(mqtt.Port), "set 1 to 65535.");
        Require(mqtt.Protocol is "5" or "3.1.1", nameof(mqtt.Protocol), "set 5 or 3.1.1.");
        Require(mqtt.ReceiveMaximum is >= 1 and <= 65535, nameof(mqtt.ReceiveMaximum), "set 1 to 65535.");
        Require(mqtt.KeepAliveSeconds is >= 1 and <= 65535, nameof(mqtt.KeepAliveSeconds), "set 1 to 65535.");
        Require(mqtt.RetryMilliseconds is >= 1 and <= MostMilliseconds, nameof(mqtt.RetryMilliseconds), $"set 1 to {MostMilliseconds}.");
        Require(mqtt.MostRetryMilliseconds >= mqtt.RetryMilliseconds && mqtt.MostRetryMilliseconds <= MostMilliseconds, nameof(mqtt.MostRetryMilliseconds), $"set RetryMilliseconds to {MostMilliseconds}.");
        Require(mqtt.Password is null || mqtt.PasswordFile is null, nameof(mqtt.PasswordFile), "set it or Password.");
        Require(mqtt.User is not null || (mqtt.Password is null && mqtt.PasswordFile is null), nameof(mqtt.User), "a password needs a user.");
        Require(mqtt.Tls.Enabled || (mqtt.Tls.CaFile ?? mqtt.Tls.CertificateFile ?? mqtt.Tls.KeyFile ?? mqtt.Tls.ServerName) is null, "Tls:Enabled", "set true, or leave out the other settings of TLS.");
        Require(mqtt.Tls.KeyFile is null || mqtt.Tls.CertificateFile is not null, "Tls:CertificateFile", "a key needs its certificate.");
        Require(mqtt.Subscriptions.Count > 0, nameof(mqtt.Subscriptions), "set at least one, with its Topic.");
        foreach (var (at, one) in mqtt.Subscriptions.Index())
        {
            var below = new PayloadFaults($"{key}:{nameof(mqtt.Subscriptions)}:{at}", faults);
            if (one.Qos is < 0 or > 2)
            {
                below.Add(nameof(one.Qos), "set 0, 1 or 2.");
            }

            if (one.Retained is not ("take" or "skip"))
            {
                below.Add(nameof(one.Retained), "set take or skip.");
            }

            if (TopicPattern.Parse(one.Topic, out var pattern) is { } fault)
            {
                below.Add(nameof(one.Topic), fault);
            }
            else
            {
                PayloadForms.Create(one, pattern.Names, below);
            }
        }

        void Require(bool holds, string setting, string whatToSet)
        {
            if (!holds)
            {
                faults.Add(SettingException.Text($"{key}:{setting}", whatToSet));
            }
        }
    }

    private static void Check(PayloadFaults faults, WebhookOptions webhook)
    {
        webhook.Shown.Check(nameof(webhook.Secret), nameof(webhook.SecretFile), faults);
        if (!HeaderName.IsMatch(webhook.SecretHeader))
        {
            faults.Add(nameof(webhook.SecretHeader), $"'{webhook.SecretHeader}' is no name of a header such as {WebhookOptions.DefaultHeader}.");
        }
        else if (webhook.SecretHeader.Equals("Authorization", StringComparison.OrdinalIgnoreCase))
        {
            faults.Add(nameof(webhook.SecretHeader), "set another one: Authorization carries tokens of the node's own issuers.");
        }

        PayloadForms.Create(webhook, WebhookOptions.Names, faults);
    }

    [GeneratedRegex("^[A-Za-z0-9-]{1,64}$", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex HeaderName { get; }

    [GeneratedRegex("^[A-Za-z0-9._-]{1,64}$", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex SourceName { get; }
}
