using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Twin.Hosting.Events;

/// <summary>The endpoints at which a transport delivers.</summary>
public static class EventEndpoints
{
    internal const string DaprPath = "/dapr";

    /// <summary>Maps them, where the configured transport has any: only Dapr has.</summary>
    public static void MapTwinEvents(this IEndpointRouteBuilder routes)
    {
        ArgumentNullException.ThrowIfNull(routes);
        foreach (var transport in routes.ServiceProvider.GetServices<Routes>())
        {
            transport.Map(routes);
        }
    }

    /// <summary>
    /// Whether a request is one of a sidecar, which has no identity of the node: the endpoint asks it for its own token.
    /// </summary>
    internal static bool IsDelivery(HttpContext context) => context.Request.Path.StartsWithSegments(DaprPath);

    internal sealed record Routes(Action<IEndpointRouteBuilder> Map);
}
