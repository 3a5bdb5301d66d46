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
}

internal sealed class GrpcOptionsValidator(IOptions<NodeOptions> node) : IValidateOptions<GrpcOptions>
{
    public ValidateOptionsResult Validate(string? name, GrpcOptions options)
    {
        var faults = new List<string>();
        if (options.Port is < 0 or > 65535)
        {
            faults.Add(SettingException.Text("Twin:Grpc:Port", $"{options.Port} is no port; set 0 (a free one is picked) to 65535."));
        }

        if (!IPAddress.TryParse(options.Address, out var address))
        {
            faults.Add(SettingException.Text("Twin:Grpc:Address", $"'{options.Address}' is no IP address."));
        }
        else if (node.Value.Open && !IPAddress.IsLoopback(address))
        {
            faults.Add(SettingException.Text("Twin:Grpc:Address", "an open node binds to loopback only; leave the setting out."));
        }

        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }
}
