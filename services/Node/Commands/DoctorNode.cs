using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Twin.Hosting.Composition;
using Twin.Node.Import;

namespace Twin.Node.Commands;

/// <summary>The process on the directory, and what it says of itself; without one, whether its port is free.</summary>
internal static class DoctorNode
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    public static async Task<List<Finding>> CheckAsync(string data, CancellationToken cancellationToken)
    {
        if (NodeAddress.Read(data) is not { } node)
        {
            return [Finding.Ok("process", "no node runs on the directory"), Port()];
        }

        if (!IsAlive(node.Pid))
        {
            return [Finding.Warn("process", $"{NodeAddress.FileName} names process {node.Pid}, which is gone", "The node was killed; start it again: it recovers by itself.")];
        }

        return [Finding.Ok("process", $"{node.Name} runs as process {node.Pid} at {node.Http.GetLeftPart(UriPartial.Authority)}"), .. await HealthAsync(node, cancellationToken)];
    }

    private static Finding Port()
    {
        var setting = Environment.GetEnvironmentVariable("Twin__Port");
        var port = int.TryParse(setting, NumberStyles.None, CultureInfo.InvariantCulture, out var set) ? set : new NodeOptions().Port;
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return Finding.Ok("port", $"{port} is free");
        }
        catch (Exception fault) when (fault is SocketException or ArgumentOutOfRangeException)
        {
            return Finding.Warn("port", $"{port} cannot be had: {fault.Message}", "Stop the other program, or give another port: twin serve --port P");
        }
    }

    /// <summary>Whether a process of this id runs.</summary>
    public static bool IsAlive(int pid)
    {
        try
        {
            using var process = Process.GetProcessById(pid);
            return !process.HasExited;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    private static async Task<List<Finding>> HealthAsync(NodeAddress node, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        using var client = new NodeClient(node.Http, null, null, TimeProvider.System) { Patient = false };
        try
        {
            return await client.GetAsync("health/ready", "application/json", ReadAsync, limit.Token);
        }
        catch (Exception fault) when (fault is NodeException || (fault is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return [Finding.Fail("health", $"{node.Http} does not answer: {fault.Message}", "Look into its log; restart it if it hangs.")];
        }
    }

    private static async Task<List<Finding>> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        using var health = await JsonDocument.ParseAsync(await response.Content.ReadAsStreamAsync(cancellationToken), default, cancellationToken);
        var findings = new List<Finding>();
        foreach (var check in health.RootElement.GetProperty("checks").EnumerateObject())
        {
            var status = check.Value.GetProperty("status").GetString();
            var found = check.Value.TryGetProperty("description", out var description) ? $"{status}: {description.GetString()}" : status!;
            findings.Add(status == "Healthy" ? Finding.Ok($"health of {check.Name}", found)
                : status == "Degraded" ? Finding.Warn($"health of {check.Name}", found, "The node works; its log says more.")
                : Finding.Fail($"health of {check.Name}", found, "The node's log says more."));
        }

        return findings;
    }
}
