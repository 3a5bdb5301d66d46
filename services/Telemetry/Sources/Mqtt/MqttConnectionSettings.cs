using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using MQTTnet;
using MQTTnet.Formatter;

namespace Twin.Telemetry.Sources.Mqtt;

/// <summary>How a broker is reached. Files are read with each connection, so that what is renewed there counts.</summary>
internal sealed class MqttConnectionSettings(MqttSourceOptions options, string node)
{
    /// <summary>Whether the protocol is MQTT 5.</summary>
    public bool IsVersion5 => options.Protocol == "5";

    /// <summary>Why the broker's certificate was not trusted, the last time that it was not.</summary>
    public string? CertificateTrouble { get; private set; }

    /// <summary>The settings of a connection.</summary>
    /// <exception cref="IOException">A file that they name cannot be read.</exception>
    public MqttClientOptions Build()
    {
        CertificateTrouble = null;
        var made = new MqttClientOptionsBuilder()
            .WithTcpServer(options.Host, options.Port ?? (options.Tls.Enabled ? 8883 : 1883))
            .WithProtocolVersion(IsVersion5 ? MqttProtocolVersion.V500 : MqttProtocolVersion.V311)
            .WithClientId(options.ClientId ?? $"twin-{node}-{options.Name}")
            .WithCleanStart(options.CleanStart)
            .WithKeepAlivePeriod(TimeSpan.FromSeconds(options.KeepAliveSeconds));
        if (IsVersion5)
        {
            made.WithSessionExpiryInterval(options.CleanStart ? 0 : options.SessionExpirySeconds).WithReceiveMaximum((ushort)options.ReceiveMaximum);
        }

        if (options.User is not null)
        {
            made.WithCredentials(options.User, options.PasswordFile is null ? options.Password : File.ReadAllText(options.PasswordFile).TrimEnd('\r', '\n'));
        }

        return (options.Tls.Enabled ? made.WithTlsOptions(Secure) : made).Build();
    }

    private void Secure(MqttClientTlsOptionsBuilder tls)
    {
        tls.UseTls().WithTargetHost(options.Tls.ServerName ?? options.Host);
        if (options.Tls.CertificateFile is { } certificate)
        {
            tls.WithClientCertificates(new X509Certificate2Collection(X509Certificate2.CreateFromPemFile(certificate, options.Tls.KeyFile)));
        }

        X509Certificate2Collection? authorities = null;
        if (options.Tls.CaFile is { } file)
        {
            authorities = [];
            authorities.ImportFromPemFile(file);
        }

        tls.WithCertificateValidationHandler(shown => IsTrusted(shown, authorities));
    }

    private bool IsTrusted(MqttClientCertificateValidationEventArgs shown, X509Certificate2Collection? authorities)
    {
        var errors = shown.SslPolicyErrors;
        if (authorities is not null && errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors) && shown.Certificate is X509Certificate2 certificate)
        {
            using var chain = new X509Chain();
            chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
            chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
            if (shown.Chain is not null)
            {
                // What the broker sent along.
                chain.ChainPolicy.ExtraStore.AddRange(shown.Chain.ChainPolicy.ExtraStore);
            }

            errors = chain.Build(certificate) ? errors & ~SslPolicyErrors.RemoteCertificateChainErrors : errors;
        }

        CertificateTrouble = errors switch
        {
            SslPolicyErrors.None => null,
            _ when errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch) => $"its certificate is for another name than {options.Tls.ServerName ?? options.Host} (Tls:ServerName)",
            _ when errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable) => "it shows no certificate",
            _ => "its certificate is of no authority that is trusted here (Tls:CaFile), or is out of date",
        };
        return errors == SslPolicyErrors.None;
    }
}
