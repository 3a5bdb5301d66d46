using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using MQTTnet;

namespace Twin.Telemetry.Sources.Mqtt;

/// <summary>Says why a broker is away, in words for operators; no secret is in them.</summary>
internal static class MqttTroubles
{
    /// <summary>Why the broker does not let the node in.</summary>
    public static string Of(MqttClientConnectResult answer) => answer.ResultCode switch
    {
        MqttClientConnectResultCode.BadUserNameOrPassword => "the broker refuses the user name or the password",
        MqttClientConnectResultCode.NotAuthorized => "the broker refuses the node: not authorized; it may want a user and a password",
        MqttClientConnectResultCode.ClientIdentifierNotValid => "the broker refuses the client id (ClientId)",
        MqttClientConnectResultCode.UnsupportedProtocolVersion => "the broker does not speak this version of MQTT (Protocol)",
        _ => $"the broker refuses the connection: {answer.ResultCode}{(string.IsNullOrEmpty(answer.ReasonString) ? "" : $", {answer.ReasonString}")}",
    };

    /// <summary>Why a connection ended.</summary>
    public static string Of(MqttClientDisconnectedEventArgs ended, MqttConnectionSettings settings) => ended.Reason switch
    {
        MqttClientDisconnectReason.SessionTakenOver => "another client came with the same id (ClientId), and the broker keeps one of them",
        MqttClientDisconnectReason.NormalDisconnection when ended.Exception is null => "the broker ended the connection",
        MqttClientDisconnectReason.ServerShuttingDown => "the broker is shutting down",
        _ when ended.Exception is not null => Of(ended.Exception, settings),
        _ => $"the broker ended the connection: {ended.Reason}",
    };

    /// <summary>Why there is no connection.</summary>
    public static string Of(Exception fault, MqttConnectionSettings settings)
    {
        if (settings.CertificateTrouble is { } trouble)
        {
            return $"the broker is not trusted: {trouble}";
        }

        for (var one = fault; one is not null; one = one.InnerException)
        {
            switch (one)
            {
                case SocketException socket:
                    return $"no connection to the broker: {socket.SocketErrorCode}";
                case AuthenticationException:
                    return "no safe connection to the broker: the TLS handshake failed; it may want a certificate of the node (Tls:CertificateFile), or not speak TLS at this port";
                case CryptographicException:
                    return "a certificate or key of the settings cannot be read (Tls)";
                case FileNotFoundException or DirectoryNotFoundException or UnauthorizedAccessException:
                    return $"a file of the settings cannot be read: {one.Message}";
                case OperationCanceledException or TimeoutException:
                    return "the broker does not answer";
            }
        }

        return fault is MQTTnet.Exceptions.MqttCommunicationException ? "the broker closed the connection" : $"no connection to the broker: {fault.GetType().Name}";
    }
}
