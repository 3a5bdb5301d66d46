using System.Net;
using Microsoft.Extensions.Options;
using Twin.Hosting.Composition;

namespace Twin.Hosting.Grpc;

/// <summary>The gRPC listener of a process, and the calls that it makes (<c>Twin:Grpc</c>).</summary>
public sealed class GrpcOptions
{
    /// <summary>The section of the settings.</summary>
    public const string Section = "Twin:Grpc";

    /// <summary>The port of the listener; 0 picks a free one.</summary>
    public int Port { get; set; }

    /// <summary>The IP address that it binds: loopback, unless the services of the node are spread over machines.</summary>
    public string Address { get; set; } = "127.0.0.1";

    /// <summary>
    /// Where services in other processes answer gRPC, by name: <c>Twin__Grpc__Addresses__entity-registry=http://registry:8081</c>.
    /// </summary>
    public Dictionary<string, string> Addresses { get; } = new(StringComparer.Ordinal);

    /// <summary>The largest message, in bytes, that the process takes or sends.</summary>
    public int MessageBytes { get; set; } = 16 * 1024 * 1024;

    /// <summary>Seconds after which a unary call that came with no deadline of its own is given up.</summary>
    public int DeadlineSeconds { get; set; } = 10;

    /// <summary>How often an idempotent call is tried again when the service does not answer.</summary>
    public int Retries { get; set; } = 3;

    /// <summary>Seconds for which a service that failed at half its calls is not called.</summary>
    public int BreakSeconds { get; set; } = 5;
}

internal sealed class GrpcOptionsValidator(IOptions<NodeOptions> node) : IValidateOptions<GrpcOptions>
{
    public ValidateOptionsResult Validate(string? name, GrpcOptions options)
    {
        var faults = new List<string>();
        Check("Port", options.Port is >= 0 and <= 65535, $"{options.Port} is no port; set 0 (a free one is picked) to 65535.");
        Check("MessageBytes", options.MessageBytes is >= 1024 and <= 1024 * 1024 * 1024, "set 1024 bytes to 1 GB.");
        Check("DeadlineSeconds", options.DeadlineSeconds is >= 1 and <= 3600, "set 1 to 3600 seconds.");
        Check("Retries", options.Retries is >= 0 and <= 10, "set 0 to 10.");
        Check("BreakSeconds", options.BreakSeconds is >= 1 and <= 3600, "set 1 to 3600 seconds.");
        var bindable = IPAddress.TryParse(options.Address, out var address);
        Check("Address", bindable, $"'{options.Address}' is no IP address.");
        Check("Address", !bindable || !node.Value.Open || IPAddress.IsLoopback(address!), "an open node binds to loopback only; leave the setting out.");
        foreach (var (service, value) in options.Addresses)
        {
            Check(
                "Addresses:" + service,
                Uri.TryCreate(value, UriKind.Absolute, out var uri) && uri is { Scheme: "http" or "https", AbsolutePath: "/" },
                $"'{value}' is no address of a gRPC listener; set one such as http://{service}:8081.");
        }

        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);

        void Check(string member, bool holds, string whatToSet)
        {
            if (!holds)
            {
                faults.Add(SettingException.Text($"{GrpcOptions.Section}:{member}", whatToSet));
            }
        }
    }
}
