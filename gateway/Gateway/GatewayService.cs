using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Twin.Gateway.Accounts;
using Twin.Gateway.Issuer;
using Twin.Gateway.Limits;
using Twin.Gateway.Routes;
using Twin.Gateway.SignIn;
using Twin.Hosting;
using Twin.Hosting.Authentication;
using Twin.Hosting.OpenApi;

namespace Twin.Gateway;

/// <summary>The node's front door: sign-in, limits, and the public route table.</summary>
public sealed class GatewayService : ITwinService
{
    /// <summary>The name of the HTTP client that fetches the documents of OIDC issuers.</summary>
    internal const string IssuerClient = "oidc-issuer";

    /// <inheritdoc />
    public static string Name => "gateway";

    /// <inheritdoc />
    public static void Add(IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        builder.AddTwinOpenApi();
        var remote = RouteTable.Remote(builder.Configuration);
        if (remote.Count > 0)
        {
            Forwarding.Add(services, builder.Configuration, remote);
        }

        if (!TwinAuthorization.IsOpen(builder.Configuration))
        {
            SignInServices.Add(builder);
            builder.AddOpenApiComponents(typeof(GatewayService).Assembly, "issuer.json");
        }
    }

    /// <summary>The front door comes before everything else; an open node, on loopback only, has none.</summary>
    public static void UseFirst(WebApplication app)
    {
        app.Services.GetService<FrontDoor>()?.Use(app);
        app.Use(ScenarioView.ReadAsync);
    }

    /// <inheritdoc />
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapTwinOpenApi();
        if (routes.ServiceProvider.GetService<Yarp.ReverseProxy.IProxyStateLookup>() is not null)
        {
            Forwarding.Map(routes);
        }

        if (routes.ServiceProvider.GetService<IssuerHost>() is { } issuer)
        {
            IssuerEndpoints.Map(routes, issuer);
            AccountEndpoints.Map(routes);
            ClientEndpoints.Map(routes);
            KeyEndpoints.Map(routes);
        }
    }
}
