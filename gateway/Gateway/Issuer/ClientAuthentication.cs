using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using Twin.Gateway.Accounts;

namespace Twin.Gateway.Issuer;

/// <summary>Whether a client is who it says.</summary>
internal sealed class ClientAuthentication(ClientStore clients, AccountStore accounts, TimeProvider time)
{
    private static readonly TimeSpan LongestAssertion = TimeSpan.FromHours(1);

    /// <summary>The client, when it exists and is enabled.</summary>
    public async ValueTask<Client?> FindAsync(string? id, CancellationToken cancellation) =>
        id is { Length: > 0 and <= 64 } && await clients.FindAsync(id, cancellation) is { Disabled: false } client ? client : null;

    /// <summary>
    /// Whether the request proves to come from the client: by its secret, by an assertion that was checked against its
    /// keys (RFC 7523; each is good once), or, for a public one, by nothing.
    /// </summary>
    public async ValueTask<bool> ProvesAsync(Client client, OpenIddictRequest request, CancellationToken cancellation)
    {
        if (client.KeySet is not null)
        {
            return request.ClientSecret is null && request.ClientAssertion is { } assertion && await RedeemAsync(client, assertion, cancellation);
        }

        if (request.ClientAssertion is not null)
        {
            return false;
        }

        return client.SecretHash is { } hash ? request.ClientSecret is { } secret && Passwords.IsSecret(secret, hash) : request.ClientSecret is null;
    }

    /// <summary>The keys of the client that an assertion names; none when it has none.</summary>
    public async ValueTask<IList<SecurityKey>> KeysAsync(string? id, CancellationToken cancellation) =>
        await FindAsync(id, cancellation) is { KeySet: { } set } ? new JsonWebKeySet(set).GetSigningKeys() : [];

    private async ValueTask<bool> RedeemAsync(Client client, string assertion, CancellationToken cancellation)
    {
        // OpenIddict has checked signature, audience, subject and lifetime; that it is used once is ours to see.
        var token = new JsonWebToken(assertion);
        var now = time.GetUtcNow();
        var expires = new DateTimeOffset(DateTime.SpecifyKind(token.ValidTo, DateTimeKind.Utc));
        return token.Issuer == client.Id && token.Id is { Length: > 0 and <= 200 } && expires < now + LongestAssertion
            && await accounts.TryRedeemAsync($"assertion:{client.Id}:{token.Id}", expires.AddMinutes(10), now, cancellation);
    }
}

/// <summary>Checks what a person's browser brings to the authorization endpoint before anything is shown.</summary>
internal sealed class AuthorizationRequestCheck(ClientAuthentication clients) : IOpenIddictServerHandler<OpenIddictServerEvents.ValidateAuthorizationRequestContext>
{
    public async ValueTask HandleAsync(OpenIddictServerEvents.ValidateAuthorizationRequestContext context)
    {
        if (await clients.FindAsync(context.ClientId, context.CancellationToken) is not { } client)
        {
            context.Reject(OpenIddictConstants.Errors.InvalidClient, "The client is not known here, or disabled.");
        }
        else if (context.RedirectUri is not { } address || !client.RedirectUris.Contains(address, StringComparer.Ordinal))
        {
            context.Reject(OpenIddictConstants.Errors.InvalidRequest, "redirect_uri is not one of the client's.");
        }
    }
}

/// <summary>Checks who asks for a token.</summary>
internal sealed class TokenRequestCheck(ClientAuthentication clients) : IOpenIddictServerHandler<OpenIddictServerEvents.ValidateTokenRequestContext>
{
    public async ValueTask HandleAsync(OpenIddictServerEvents.ValidateTokenRequestContext context)
    {
        var client = await clients.FindAsync(context.ClientId, context.CancellationToken);
        if (client is null || !await clients.ProvesAsync(client, context.Request, context.CancellationToken))
        {
            context.Reject(OpenIddictConstants.Errors.InvalidClient, "The client is not known here, is disabled, or has not proved to be it.");
        }
        else if (context.Request.IsClientCredentialsGrantType() && client.IsPublic)
        {
            context.Reject(OpenIddictConstants.Errors.UnauthorizedClient, "A client that proves nothing gets no tokens for itself.");
        }
    }
}

/// <summary>Hands OpenIddict the keys of the client that signed an assertion, which without its own stores it cannot find.</summary>
internal sealed class AssertionKeys(ClientAuthentication clients) : IOpenIddictServerHandler<OpenIddictServerEvents.ValidateTokenContext>
{
    public async ValueTask HandleAsync(OpenIddictServerEvents.ValidateTokenContext context)
    {
        if (!context.ValidTokenTypes.Contains(OpenIddictConstants.TokenTypeIdentifiers.Private.ClientAssertion))
        {
            return;
        }

        var parameters = context.TokenValidationParameters!;
        parameters.ValidAlgorithms = [SecurityAlgorithms.EcdsaSha256, SecurityAlgorithms.EcdsaSha384, SecurityAlgorithms.RsaSha256, SecurityAlgorithms.RsaSsaPssSha256];
        parameters.IssuerSigningKeys = context.Token is { Length: <= 8192 } token && new JsonWebTokenHandler().CanReadToken(token)
            ? await clients.KeysAsync(new JsonWebToken(token).Issuer, context.CancellationToken)
            : [];
        parameters.TryAllIssuerSigningKeys = true;
    }
}
