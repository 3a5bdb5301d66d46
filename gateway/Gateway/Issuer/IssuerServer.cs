using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.Tokens;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using Twin.Gateway.SignIn;

namespace Twin.Gateway.Issuer;

/// <summary>How OpenIddict's server is set up: which flows, endpoints, keys and lifetimes.</summary>
internal static class IssuerServer
{
    public const string AuthorizePath = "/connect/authorize";
    public const string TokenPath = "/connect/token";
    public const string DiscoveryPath = "/.well-known/openid-configuration";
    public const string MetadataPath = "/.well-known/oauth-authorization-server";
    public const string KeysPath = "/.well-known/jwks";

    public static void Add(IServiceCollection services, IReadOnlyList<SigningKey> keys, byte[] codeKey, SignInSettings identity) =>
        services.AddOpenIddict().AddServer(server =>
        {
            // Without OpenIddict's own stores: accounts and clients are ours, tokens are not stored.
            server.EnableDegradedMode();
            server.SetAuthorizationEndpointUris(AuthorizePath[1..])
                .SetTokenEndpointUris(TokenPath[1..])
                .SetConfigurationEndpointUris(DiscoveryPath[1..], MetadataPath[1..])
                .SetJsonWebKeySetEndpointUris(KeysPath[1..]);
            if (identity.PublicAddress is { } address)
            {
                server.SetIssuer(address);
            }

            server.AllowAuthorizationCodeFlow().AllowClientCredentialsFlow().RequireProofKeyForCodeExchange();
            server.Configure(static options => options.CodeChallengeMethods.Remove(OpenIddictConstants.CodeChallengeMethods.Plain));
            server.RegisterScopes(OpenIddictConstants.Scopes.OpenId, OpenIddictConstants.Scopes.Profile, OpenIddictConstants.Scopes.Roles);

            foreach (var key in keys)
            {
                server.AddSigningKey(key.Key);
            }

            server.AddEncryptionKey(new SymmetricSecurityKey(codeKey));
            server.DisableAccessTokenEncryption();
            server.SetAccessTokenLifetime(TimeSpan.FromMinutes(identity.AccessTokenMinutes));
            server.SetAuthorizationCodeLifetime(TimeSpan.FromMinutes(1));

            // TLS ends at the proxy in front of the node, or nowhere on loopback.
            server.UseAspNetCore()
                .EnableAuthorizationEndpointPassthrough()
                .EnableTokenEndpointPassthrough()
                .DisableTransportSecurityRequirement();

            server.AddEventHandler<OpenIddictServerEvents.ValidateAuthorizationRequestContext>(static handler => handler
                .UseSingletonHandler<AuthorizationRequestCheck>());
            server.AddEventHandler<OpenIddictServerEvents.ValidateTokenRequestContext>(static handler => handler
                .UseSingletonHandler<TokenRequestCheck>());
            server.AddEventHandler<OpenIddictServerEvents.ValidateTokenContext>(static handler => handler
                .UseSingletonHandler<AssertionKeys>()
                .SetOrder(OpenIddictServerHandlers.Protection.ResolveTokenValidationParameters.Descriptor.Order + 1));
        });
}
