using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;

namespace Twin.Hosting;

/// <summary>
/// One service of a node. A process holds those that <c>Twin__Services</c> names; the code of a service does not know
/// whether it has company.
/// </summary>
public interface ITwinService
{
    /// <summary>The name by which <c>Twin__Services</c>, metrics, schemas and topics know the service, in kebab case.</summary>
    static abstract string Name { get; }

    /// <summary>Registers what the service needs.</summary>
    static abstract void Add(IHostApplicationBuilder builder);

    /// <summary>Maps its HTTP and gRPC endpoints. Each names its policy.</summary>
    static abstract void Map(IEndpointRouteBuilder routes);

    /// <summary>
    /// Middleware that sees every request of the process before it is routed and before its caller is known; inside the
    /// turning of errors into problems.
    /// </summary>
    static virtual void UseFirst(WebApplication app)
    {
    }

    /// <summary>Middleware that runs after routing and after authorization, before the endpoint.</summary>
    static virtual void Use(WebApplication app)
    {
    }
}
