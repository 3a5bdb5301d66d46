using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Twin.Gateway.Limits;
using Twin.Hosting.Authentication;
using Twin.Hosting.Problems;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Transforms;

namespace Twin.Gateway.Routes;

/// <summary>Carries calls to services in other processes. Absent, with all that it costs, when there are none.</summary>
internal static class Forwarding
{
    public static void Add(IServiceCollection services, IConfiguration configuration, IReadOnlyList<RemoteService> remote)
    {
        var timeout = configuration.GetSection(EdgeOptions.Section).GetValue(nameof(EdgeOptions.ForwardTimeoutSeconds), new EdgeOptions().ForwardTimeoutSeconds);
        services.AddReverseProxy()
            .LoadFromMemory(Routes(remote), Clusters(remote, TimeSpan.FromSeconds(timeout)))
            .ConfigureHttpClient(static (_, handler) =>
            {
                handler.ConnectTimeout = TimeSpan.FromSeconds(5);
                handler.AutomaticDecompression = DecompressionMethods.None;
                handler.AllowAutoRedirect = false;
                handler.UseCookies = false;
                handler.UseProxy = false;
            })
            .AddTransforms(static context =>
            {
                // The service learns who calls from the node's own word; what the caller showed stays here.
                context.AddRequestHeaderRemove("Authorization");
                context.AddRequestHeaderRemove("Cookie");
                context.AddRequestTransform(static transform =>
                {
                    var identity = transform.HttpContext.RequestServices.GetRequiredService<InternalIdentity>();
                    transform.ProxyRequest.Headers.Remove(InternalIdentity.Header);
                    transform.ProxyRequest.Headers.Add(InternalIdentity.Header, identity.Issue(transform.HttpContext.User));
                    return ValueTask.CompletedTask;
                });
            });
    }

    public static void Map(IEndpointRouteBuilder routes) => routes.MapReverseProxy(static pipeline => pipeline.Use(ExplainAsync));

    private static RouteConfig[] Routes(IReadOnlyList<RemoteService> remote) =>
    [
        .. from route in RouteTable.Routes
           where remote.Any(service => service.Name == route.Service)
           select new RouteConfig
           {
               RouteId = route.Path,
               ClusterId = route.Service,
               Match = new RouteMatch { Path = route.Path },
               // Which caller may do what is the service's to say: each of its endpoints names its policy.
               AuthorizationPolicy = TwinPolicies.Anyone,
           },
    ];

    private static ClusterConfig[] Clusters(IReadOnlyList<RemoteService> remote, TimeSpan timeout) =>
    [
        .. remote.Select(service => new ClusterConfig
        {
            ClusterId = service.Name,
            Destinations = new Dictionary<string, DestinationConfig>(StringComparer.Ordinal) { ["one"] = new() { Address = service.Address.AbsoluteUri } },
            HttpRequest = new ForwarderRequestConfig
            {
                ActivityTimeout = timeout,
                AllowResponseBuffering = false,
                Version = HttpVersion.Version11,
                VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            },
        }),
    ];

    /// <summary>Says which service failed, and how; YARP sets the status alone.</summary>
    private static async Task ExplainAsync(HttpContext context, RequestDelegate next)
    {
        await next(context);
        if (context.GetForwarderErrorFeature() is not { } failure || context.Response.HasStarted || context.RequestAborted.IsCancellationRequested)
        {
            return;
        }

        var service = context.GetReverseProxyFeature().Cluster.Config.ClusterId;
        var (status, detail) = failure.Error switch
        {
            ForwarderError.RequestTimedOut or ForwarderError.ResponseBodyCanceled => (StatusCodes.Status504GatewayTimeout, "did not answer in time"),
            ForwarderError.NoAvailableDestinations => (StatusCodes.Status503ServiceUnavailable, "is not there now"),
            ForwarderError.Request when failure.Exception is HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError }
                => (StatusCodes.Status503ServiceUnavailable, "cannot be reached now"),
            _ when context.Response.StatusCode is >= 400 and < 500 => (context.Response.StatusCode, "did not get the whole request"),
            _ => (StatusCodes.Status502BadGateway, "broke off its answer"),
        };
        context.Response.StatusCode = status;
        if (status == StatusCodes.Status503ServiceUnavailable)
        {
            context.Response.Headers.RetryAfter = "2";
        }

        await context.RequestServices.GetRequiredService<IProblemDetailsService>().TryWriteAsync(new ProblemDetailsContext
        {
            HttpContext = context,
            ProblemDetails = new ProblemDetails
            {
                Status = status,
                Type = ProblemTypes.Of(ProblemTypes.OfStatus(status).Name),
                Title = ProblemTypes.OfStatus(status).Title,
                Detail = $"The service {service} {detail}.",
                Extensions = { ["service"] = service },
            },
        });
    }
}
