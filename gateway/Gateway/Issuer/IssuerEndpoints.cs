using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Twin.Hosting.Authentication;
using Twin.Hosting.OpenApi;

namespace Twin.Gateway.Issuer;

/// <summary>The addresses of the built-in issuer. Programs find them by its own discovery document (RFC 8414).</summary>
internal static class IssuerEndpoints
{
    private const string Form = "application/x-www-form-urlencoded";
    private const string Html = "text/html";

    public static void Map(IEndpointRouteBuilder routes, IssuerHost issuer)
    {
        RequestDelegate handle = issuer.HandleAsync;
        Add("GET", IssuerServer.AuthorizePath, "authorize", "Sends a person to sign in, and back with a code (RFC 6749, 4.1.1)")
            .WithMetadata(new DescribedParameters("response_type", "client_id", "redirect_uri", "scope", "state", "nonce", "code_challenge", "code_challenge_method", "prompt"))
            .Gives(302, "To the sign-in page, or back to the client", null, Html, "Location")
            .Gives(400, "The request is not in order, and there is no address to send it back to", "PlainText", "text/plain")
            .Gives(401, "There is no such client", "PlainText", "text/plain");
        Add("POST", IssuerServer.AuthorizePath, "authorizeByForm", "The same with the parameters in a form")
            .WithMetadata(new DescribedBody("AuthorizationRequest", Form))
            .Gives(302, "To the sign-in page, or back to the client", null, Html, "Location")
            .Gives(400, "The request is not in order, and there is no address to send it back to", "PlainText", "text/plain")
            .Gives(401, "There is no such client", "PlainText", "text/plain");
        Add("POST", IssuerServer.TokenPath, "issueToken", "Gives an access token for a code, or for a client's credentials (RFC 6749, 4.1.3 and 4.4.2)")
            .WithMetadata(new DescribedBody("TokenRequest", Form))
            .Gives(200, "The token", "Token")
            .Gives(400, "The request is not in order", "OAuthError")
            .Gives(401, "The client is not known, or its credentials do not hold", "OAuthError");
        Add("GET", SignInPage.Path, "getSignInPage", "The form for name and password")
            .WithMetadata(new DescribedParameters("return"))
            .Gives(200, "The form", "Page", Html, "Set-Cookie")
            .Gives(400, "Sign-in starts elsewhere: return is missing", "Page", Html);
        Add("POST", SignInPage.Path, "signIn", "Signs a person in")
            .WithMetadata(new DescribedBody("SignInForm", Form))
            .Gives(302, "On to return", null, Html, "Location", "Set-Cookie")
            .Gives(400, "The form is too old, or did not come from the page", "Page", Html)
            .Gives(401, "Name and password do not open an account", "Page", Html);
        Add("GET", IssuerServer.DiscoveryPath, "getOpenIdConfiguration", "The issuer's addresses and abilities (OpenID Connect Discovery 1.0)").Gives(200, "The document", "IssuerMetadata");
        Add("GET", IssuerServer.MetadataPath, "getAuthorizationServerMetadata", "The same under the name that RFC 8414 gives it").Gives(200, "The document", "IssuerMetadata");
        Add("GET", IssuerServer.KeysPath, "getKeySet", "The public keys that tokens are signed with (RFC 7517)").Gives(200, "The keys", "KeySet");

        IEndpointConventionBuilder Add(string method, string path, string name, string summary) =>
            routes.MapMethods(path, [method], handle).RequireAuthorization(TwinPolicies.Anyone).WithTags("Sign-in").Operation(name, summary);
    }
}
