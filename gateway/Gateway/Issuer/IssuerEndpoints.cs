using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Twin.Hosting.Authentication;

namespace Twin.Gateway.Issuer;

/// <summary>
/// The addresses of the built-in issuer. They are described by its own discovery document (RFC 8414), not by the node's
/// OpenAPI document.
/// </summary>
internal static class IssuerEndpoints
{
    public static void Map(IEndpointRouteBuilder routes, IssuerHost issuer)
    {
        RequestDelegate handle = issuer.HandleAsync;
        Add(IssuerServer.AuthorizePath, "GET", "POST");
        Add(IssuerServer.TokenPath, "POST");
        Add(SignInPage.Path, "GET", "POST");
        Add(IssuerServer.DiscoveryPath, "GET");
        Add(IssuerServer.MetadataPath, "GET");
        Add(IssuerServer.KeysPath, "GET");

        void Add(string path, params string[] methods) =>
            routes.MapMethods(path, methods, handle).RequireAuthorization(TwinPolicies.Anyone).ExcludeFromDescription();
    }
}
