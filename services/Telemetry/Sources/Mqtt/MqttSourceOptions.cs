using Twin.Telemetry.Sources.Payloads;

namespace Twin.Telemetry.Sources.Mqtt;

/// <summary>A broker that points come from (<c>Twin:Telemetry:Mqtt:N</c>).</summary>
internal sealed class MqttSourceOptions : ISourceOptions
{
    /// <inheritdoc />
    public string Name { get; set; } = "";

    /// <inheritdoc />
    public string? Tenant { get; set; }

    /// <summary>The broker's host name or address.</summary>
    public string Host { get; set; } = "";

    /// <summary>Its port; not set, 1883, and with TLS 8883.</summary>
    public int? Port { get; set; }

    /// <summary>How the connection is made safe.</summary>
    public MqttTlsOptions Tls { get; } = new();

    /// <summary>The user name; not set, none is said.</summary>
    public string? User { get; set; }

    /// <summary>The password, best given in the environment.</summary>
    public string? Password { get; set; }

    /// <summary>A file with the password, read with each connection.</summary>
    public string? PasswordFile { get; set; }

    /// <summary>
    /// By what the broker knows the node again, and keeps for it what comes while it is away; no other client may have it. Not
    /// set: made of the names of the node and of the source.
    /// </summary>
    public string? ClientId { get; set; }

    /// <summary>The version of the protocol: 5 or 3.1.1.</summary>
    public string Protocol { get; set; } = "5";

    /// <summary>Whether the broker forgets what came while the node was away.</summary>
    public bool CleanStart { get; set; }

    /// <summary>Seconds that the broker keeps what comes while the node is away (MQTT 5; before, the broker decides).</summary>
    public uint SessionExpirySeconds { get; set; } = 7 * 24 * 3600;

    /// <summary>Messages that the broker sends before earlier ones are acknowledged (MQTT 5; before, the broker decides).</summary>
    public int ReceiveMaximum { get; set; } = 1000;

    /// <summary>Seconds between signs of life.</summary>
    public int KeepAliveSeconds { get; set; } = 30;

    /// <summary>Milliseconds before a connection that was lost or refused is tried again; the pause doubles with each failure.</summary>
    public int RetryMilliseconds { get; set; } = 1000;

    /// <summary>The longest such pause, in milliseconds.</summary>
    public int MostRetryMilliseconds { get; set; } = 60_000;

    /// <summary>What is subscribed to.</summary>
    public List<MqttSubscriptionOptions> Subscriptions { get; } = [];
}

/// <summary>How a connection to a broker is made safe.</summary>
internal sealed class MqttTlsOptions
{
    /// <summary>Whether it is encrypted.</summary>
    public bool Enabled { get; set; }

    /// <summary>A PEM file with the authorities that may vouch for the broker; not set, those of the system.</summary>
    public string? CaFile { get; set; }

    /// <summary>A PEM file with the node's own certificate, for brokers that ask for one.</summary>
    public string? CertificateFile { get; set; }

    /// <summary>A PEM file with its key; not set, it is in <see cref="CertificateFile"/>.</summary>
    public string? KeyFile { get; set; }

    /// <summary>The name in the broker's certificate, where it is not its host name.</summary>
    public string? ServerName { get; set; }
}

/// <summary>Topics of one meaning.</summary>
internal sealed class MqttSubscriptionOptions : PayloadOptions
{
    /// <summary>The topics: a filter of MQTT, whose levels may have names: <c>city/{entity}/{attribute}</c>.</summary>
    public string Topic { get; set; } = "";

    /// <summary>The quality of service that is asked for: 0, 1 or 2.</summary>
    public int Qos { get; set; } = 1;

    /// <summary>What becomes of retained messages: <c>take</c> or <c>skip</c>.</summary>
    public string Retained { get; set; } = "take";
}
