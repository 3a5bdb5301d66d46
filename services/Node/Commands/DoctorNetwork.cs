using System.Globalization;
using System.Net.Sockets;

namespace Twin.Node.Commands;

/// <summary>What is configured beyond the machine: whether the Kafka brokers take a connection.</summary>
internal static class DoctorNetwork
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    public static async Task<List<Finding>> CheckAsync(CancellationToken cancellationToken)
    {
        var findings = new List<Finding>();
        foreach (var server in (Environment.GetEnvironmentVariable("Twin__Events__Kafka__BootstrapServers") ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            findings.Add(await KafkaAsync(server, cancellationToken));
        }

        return findings;
    }

    private static async Task<Finding> KafkaAsync(string server, CancellationToken cancellationToken)
    {
        var colon = server.LastIndexOf(':');
        if (colon < 1 || !int.TryParse(server.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port))
        {
            return Finding.Fail("Kafka", $"\"{server}\" is not host:port", "Set Twin__Events__Kafka__BootstrapServers to host:port, several with commas.");
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(server[..colon], port, limit.Token);
            return Finding.Ok("Kafka", $"{server} takes connections");
        }
        catch (Exception fault) when (fault is SocketException or ArgumentOutOfRangeException || (fault is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return Finding.Fail("Kafka", $"{server} cannot be reached: {fault.Message}", "Start the broker, or mend Twin__Events__Kafka__BootstrapServers.");
        }
    }
}
