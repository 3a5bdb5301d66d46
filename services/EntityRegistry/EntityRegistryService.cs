using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;
using Twin.Hosting;

namespace Twin.EntityRegistry;

/// <summary>The current state of the city: entities, their @contexts, and the sources that hold more of them.</summary>
public sealed class EntityRegistryService : ITwinService
{
    /// <inheritdoc />
    public static string Name => "entity-registry";

    /// <inheritdoc />
    public static void Add(IHostApplicationBuilder builder)
    {
    }

    /// <inheritdoc />
    public static void Map(IEndpointRouteBuilder routes)
    {
    }
}
