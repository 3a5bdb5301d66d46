using Grpc.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Twin.Hosting.Composition;

namespace Twin.Hosting.Grpc;

/// <summary>
/// Where the services of the node answer gRPC: in this process at its own listener; else at
/// <c>Twin:Grpc:Addresses:NAME</c>; else, where a Dapr sidecar is present, through it, under the service's name or
/// <c>Twin:Dapr:AppIds:NAME</c>.
/// </summary>
internal sealed class ServiceAddresses(TwinProcess process, IOptions<GrpcOptions> options, IConfiguration configuration)
{
    private readonly Uri? sidecar = SidecarOf(configuration);

    /// <summary>The address, and the Dapr app id when it is that of the sidecar.</summary>
    /// <exception cref="RpcException">UNAVAILABLE: the service is nowhere, and the message says what to set.</exception>
    public (Uri Address, string? AppId) Find(string service)
    {
        if (process.Holds(service))
        {
            return (process.Grpc ?? throw Unavailable($"{service} is in this process, which has not started yet."), null);
        }

        if (options.Value.Addresses.TryGetValue(service, out var address))
        {
            return (new Uri(address), null);
        }

        return sidecar is not null
            ? (sidecar, configuration[$"Twin:Dapr:AppIds:{service}"] ?? service)
            : throw Unavailable(SettingException.Text($"{GrpcOptions.Section}:Addresses:{service}", $"{service} is not in this process; set the address of its gRPC listener."));
    }

    private static Uri? SidecarOf(IConfiguration configuration)
    {
        if (Uri.TryCreate(configuration["DAPR_GRPC_ENDPOINT"], UriKind.Absolute, out var endpoint))
        {
            return endpoint;
        }

        return ushort.TryParse(configuration["DAPR_GRPC_PORT"], out var port) ? new Uri($"http://127.0.0.1:{port}") : null;
    }

    private static RpcException Unavailable(string detail) => new(new Status(StatusCode.Unavailable, detail));
}
