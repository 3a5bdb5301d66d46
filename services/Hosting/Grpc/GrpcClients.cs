using System.Net.Sockets;
using Grpc.Net.ClientFactory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using ServiceDescriptor = Google.Protobuf.Reflection.ServiceDescriptor;

namespace Twin.Hosting.Grpc;

/// <summary>Calls from one service of a node to another.</summary>
public static class GrpcClients
{
    /// <summary>
    /// Registers a client of a service of this node: <c>builder.AddTwinGrpcClient&lt;EntityRegistry.EntityRegistryClient&gt;(
    /// "entity-registry", EntityRegistry.Descriptor)</c>, then take the client in a constructor. Where the service is
    /// decides the composition, see <see cref="ServiceAddresses"/>. Inside a gRPC call the deadline and cancellation of
    /// that call go along; unary calls get a deadline in any case. Methods whose contract says
    /// <c>idempotency_level</c> are tried again when the service does not answer; one that keeps failing is left alone
    /// for a while, and calls fail at once with UNAVAILABLE.
    /// </summary>
    /// <param name="builder">The host.</param>
    /// <param name="service">The name of the service.</param>
    /// <param name="contract">The descriptor of the contract that <typeparamref name="T"/> belongs to.</param>
    public static void AddTwinGrpcClient<T>(this IHostApplicationBuilder builder, string service, ServiceDescriptor contract)
        where T : class
    {
        var name = NameOf<T>(service);
        if (builder.Services.Any(one => one.ImplementationInstance is RegisteredClient client && client.Name == name))
        {
            // Another service of this process calls it too; registered twice, every handler would run twice.
            return;
        }

        builder.Services.AddSingleton(new RegisteredClient(name));
        var idempotent = IdempotentMethods(contract);
        builder.Services.AddGrpcClient<T>(name, (provider, client) =>
            {
                var options = provider.GetRequiredService<IOptions<GrpcOptions>>().Value;
                // The authority is the name; ServiceAddressHandler puts the address in its place at each call.
                client.Address = new Uri("http://" + service);
                client.ChannelOptionsActions.Add(channel =>
                {
                    channel.MaxReceiveMessageSize = options.MessageBytes;
                    channel.MaxSendMessageSize = options.MessageBytes;
                });
            })
            .EnableCallContextPropagation(static propagation => propagation.SuppressContextNotFoundErrors = true)
            .AddInterceptor(InterceptorScope.Client, provider => provider.GetRequiredService<CallPolicies>().For(service, idempotent))
            .AddHttpMessageHandler(provider => new ServiceAddressHandler(service, provider.GetRequiredService<ServiceAddresses>(), provider.GetRequiredService<CallIdentity>()))
            .ConfigurePrimaryHttpMessageHandler(static () => new SocketsHttpHandler
            {
                // The usual connecting, said here: a handler without one is connected by Grpc.Net's own load balancer, to
                // the name of the service instead of its address.
                ConnectCallback = ConnectAsync,
                ConnectTimeout = TimeSpan.FromSeconds(2),
                EnableMultipleHttp2Connections = true,
                KeepAlivePingDelay = TimeSpan.FromSeconds(20),
                KeepAlivePingTimeout = TimeSpan.FromSeconds(10),
                UseProxy = false,
            })
            .SetHandlerLifetime(Timeout.InfiniteTimeSpan)
            .RemoveAllLoggers();
    }

    /// <summary>The name under which <see cref="GrpcClientFactory"/> knows the client of a service.</summary>
    internal static string NameOf<T>(string service) => $"{service}:{typeof(T).Name}";

    internal static void AddCallsBetweenServices(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<ServiceAddresses>();
        builder.Services.AddSingleton<CallIdentity>();
        builder.Services.AddSingleton<CallPolicies>();
    }

    private static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private sealed record RegisteredClient(string Name);

    private static HashSet<string> IdempotentMethods(ServiceDescriptor contract) =>
        [.. contract.Methods.Where(static method => method.GetOptions() is { HasIdempotencyLevel: true }).Select(static method => method.Name)];
}
