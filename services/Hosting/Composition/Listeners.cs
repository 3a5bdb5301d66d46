using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Twin.Hosting.Grpc;

namespace Twin.Hosting.Composition;

/// <summary>The two listeners of a process: HTTP/1.1 for the public surface, HTTP/2 for gRPC between services.</summary>
internal static class Listeners
{
    public static void AddTwinListeners(this WebApplicationBuilder builder, NodeOptions options)
    {
        builder.Services.AddSingleton<IValidateOptions<LimitOptions>, LimitOptionsValidator>();
        builder.Services.AddOptions<LimitOptions>().BindConfiguration(LimitOptions.Section).ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<GrpcOptions>, GrpcOptionsValidator>();
        builder.Services.AddOptions<GrpcOptions>().BindConfiguration(GrpcOptions.Section).ValidateOnStart();
        builder.WebHost.UseKestrelCore();
        builder.Services.AddOptions<KestrelServerOptions>().Configure<IOptions<LimitOptions>, IOptions<GrpcOptions>>((kestrel, limits, grpc) =>
        {
            kestrel.AddServerHeader = false;
            Apply(limits.Value, kestrel.Limits);
            if (options.BindAddress is { } address)
            {
                kestrel.Listen(address, options.Port, Public);
            }
            else
            {
                kestrel.ListenAnyIP(options.Port, Public);
            }

            kestrel.Listen(IPAddress.Parse(grpc.Value.Address), grpc.Value.Port, static listen => listen.Protocols = HttpProtocols.Http2);
        });
    }

    private static void Public(ListenOptions listen) => listen.Protocols = HttpProtocols.Http1;

    private static void Apply(LimitOptions from, KestrelServerLimits to)
    {
        to.MaxRequestBodySize = from.BodyBytes;
        to.MaxRequestLineSize = from.RequestLineBytes;
        to.MaxRequestHeadersTotalSize = from.HeaderBytes;
        to.MaxRequestHeaderCount = from.HeaderCount;
        to.RequestHeadersTimeout = TimeSpan.FromSeconds(from.HeaderSeconds);
        to.KeepAliveTimeout = TimeSpan.FromSeconds(from.KeepAliveSeconds);
        to.MaxConcurrentConnections = from.Connections;
        to.Http2.MaxStreamsPerConnection = 1000;
    }
}
