using Grpc.AspNetCore.Server;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Twin.Hosting.Authentication;

namespace Twin.Hosting.Grpc;

/// <summary>gRPC services of a process, on its HTTP/2 listener.</summary>
public static class GrpcServer
{
    /// <summary>Registers gRPC with health, reflection and limits. A composition has done so for its services.</summary>
    internal static void AddTwinGrpc(this IHostApplicationBuilder builder)
    {
        builder.Services.AddGrpc(static grpc =>
        {
            // An unknown service is an unknown path: 404, which gRPC clients read as UNIMPLEMENTED.
            grpc.IgnoreUnknownServices = true;
            grpc.Interceptors.Add<ProblemInterceptor>();
        });
        builder.Services.AddOptions<GrpcServiceOptions>().Configure<IOptions<GrpcOptions>>(static (grpc, options) =>
        {
            grpc.MaxReceiveMessageSize = options.Value.MessageBytes;
            grpc.MaxSendMessageSize = options.Value.MessageBytes;
        });
        builder.Services.AddSingleton<ProblemInterceptor>();
        builder.Services.AddGrpcReflection();
        builder.Services.AddGrpcHealthChecks(static health => health.Services.Map("", static check => check.Tags.Contains(HealthEndpoints.Ready)));
        builder.AddCallsBetweenServices();
    }

    /// <summary>Maps health for everyone and reflection for the node's own.</summary>
    internal static void MapTwinGrpc(this IEndpointRouteBuilder routes)
    {
        routes.MapGrpcHealthChecksService().RequireAuthorization(TwinPolicies.Anyone);
        routes.MapGrpcReflectionService().RequireAuthorization(TwinPolicies.Internal);
    }

    /// <summary>
    /// Maps a gRPC service for the other services of the node, or for whom <paramref name="policy"/> says. It may throw
    /// <see cref="Problems.ProblemException"/>, which its caller's edge gives out unchanged.
    /// </summary>
    public static void MapTwinGrpcService<T>(this IEndpointRouteBuilder routes, string policy = TwinPolicies.Internal)
        where T : class => routes.MapGrpcService<T>().RequireAuthorization(policy);
}
