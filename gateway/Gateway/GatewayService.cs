using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;
using Twin.Hosting;

namespace Twin.Gateway;

/// <summary>The node's front door: sign-in, limits, and the public route table.</summary>
public sealed class GatewayService : ITwinService
{
    /// <inheritdoc />
    public static string Name => "gateway";

    /// <inheritdoc />
    public static void Add(IHostApplicationBuilder builder)
    {
    }

    /// <inheritdoc />
    public static void Map(IEndpointRouteBuilder routes)
    {
    }
}
