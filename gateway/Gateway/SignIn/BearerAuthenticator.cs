using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Twin.Gateway.Accounts;
using Twin.Hosting.Authentication;

namespace Twin.Gateway.SignIn;

/// <summary>
/// Who calls, in the process that holds the gateway: whom the bearer token (RFC 6750) names, signed by this node or by a
/// configured issuer.
/// </summary>
internal sealed class BearerAuthenticator : CallerAuthenticator
{
    private const string Prefix = "Bearer ";
    private const int LongestToken = 8192;
    private const string Untrusted = "the token is expired, for another audience, or of no issuer that this node trusts.";
    private static readonly TimeSpan Skew = TimeSpan.FromSeconds(30);
    private readonly JsonWebTokenHandler handler = new() { MapInboundClaims = false, MaximumTokenSizeInBytes = LongestToken };
    private readonly SigningKeys keys;
    private readonly AccountStore accounts;
    private readonly ClientStore clients;
    private readonly TokenCache cache;
    private readonly TimeProvider time;
    private readonly InternalIdentity identity;
    private readonly ForeignIssuer[] issuers;

    public BearerAuthenticator(
        SigningKeys keys, AccountStore accounts, ClientStore clients, TokenCache cache, InternalIdentity identity, IOptions<SignInSettings> options, IHttpClientFactory http, TimeProvider time)
    {
        this.identity = identity;
        this.keys = keys;
        this.accounts = accounts;
        this.clients = clients;
        this.cache = cache;
        this.time = time;
        issuers = [.. options.Value.Issuers.Select(issuer => new ForeignIssuer(issuer, http.CreateClient(GatewayService.IssuerClient)))];
    }

    public override async ValueTask<AuthenticateResult> AuthenticateAsync(HttpContext context)
    {
        // Only the node's own processes get here with one: the front door drops it from what comes from outside.
        if (context.Request.Headers[InternalIdentity.Header] is [{ Length: > 0 and <= LongestToken } word])
        {
            var (caller, refusal) = await identity.ReadAsync(word);
            return caller switch
            {
                null => AuthenticateResult.Fail(refusal!),
                // Nobody in particular: asked to sign in where that is not enough, as in a process without the gateway.
                { Identity.IsAuthenticated: false } => AuthenticateResult.NoResult(),
                _ => AuthenticateResult.Success(new AuthenticationTicket(caller, "Twin")),
            };
        }

        var header = context.Request.Headers.Authorization;
        if (header.Count == 0 || IsSignIn(context.Request.Path))
        {
            return AuthenticateResult.NoResult();
        }

        if (header is not [{ } value] || !value.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase))
        {
            return AuthenticateResult.Fail("send one Authorization header, with a bearer token.");
        }

        var token = value[Prefix.Length..].Trim();
        if (token.Length is 0 or > LongestToken)
        {
            return AuthenticateResult.Fail($"a token has 1 to {LongestToken} characters.");
        }

        var key = TokenCache.KeyOf(token);
        return cache.Find(key) ?? await ValidateAsync(token, key, context.RequestAborted);
    }

    /// <summary>The sign-in endpoints read the header themselves: a client may authenticate there with its secret.</summary>
    private static bool IsSignIn(PathString path) => path.StartsWithSegments("/connect", StringComparison.OrdinalIgnoreCase);

    private async ValueTask<AuthenticateResult> ValidateAsync(string sent, TokenCache.Key key, CancellationToken cancellation)
    {
        JsonWebToken token;
        try
        {
            token = handler.ReadJsonWebToken(sent);
        }
        catch (Exception malformed) when (malformed is ArgumentException or SecurityTokenException)
        {
            return AuthenticateResult.Fail("the token is no JSON Web Token.");
        }

        (ClaimsPrincipal Caller, DateTime Expires)? valid;
        try
        {
            valid = keys.Find(token.Kid ?? "") is { } own
                ? await ValidateOwnAsync(token, own, cancellation)
                : Array.Find(issuers, issuer => issuer.Claims(token.Issuer ?? "")) is { } foreign
                    ? await foreign.ValidateAsync(handler, token, IsCurrent, cancellation)
                    : null;
        }
        catch (SignInUnavailableException unavailable)
        {
            return AuthenticateResult.Fail(unavailable);
        }

        if (valid is not { } found)
        {
            return AuthenticateResult.Fail(Untrusted);
        }

        var result = AuthenticateResult.Success(new AuthenticationTicket(found.Caller, "Bearer"));
        cache.Add(key, result, new DateTimeOffset(DateTime.SpecifyKind(found.Expires, DateTimeKind.Utc)));
        return result;
    }

    private async ValueTask<(ClaimsPrincipal Caller, DateTime Expires)?> ValidateOwnAsync(JsonWebToken token, SigningKey key, CancellationToken cancellation)
    {
        var result = await handler.ValidateTokenAsync(token, new TokenValidationParameters
        {
            // Whose key it is says who issued it; the issuer's name varies with the address that the caller used.
            ValidateIssuer = false,
            ValidAudience = NodeTokens.Audience,
            ValidTypes = [NodeTokens.AccessTokenType],
            IssuerSigningKey = key.Key,
            ValidAlgorithms = [SecurityAlgorithms.EcdsaSha256],
            LifetimeValidator = IsCurrent,
        });
        if (!result.IsValid || string.IsNullOrEmpty(token.Subject))
        {
            return null;
        }

        token.TryGetClaim("client_id", out var client);
        if (client is not null && !await IsEnabledAsync(token.Subject, client.Value, cancellation))
        {
            return null;
        }

        // Read against the list of roles: the key could sign more, but no token makes its bearer a service of the node.
        var roles = token.Claims
            .Where(static claim => claim.Type == RoleClaim && TwinRoles.IsAssignable(claim.Value))
            .Select(static claim => claim.Value);
        return (Principal(token.Subject, roles), token.ValidTo);
    }

    /// <summary>A token of the built-in issuer falls with its client, and with its account when a person signed in.</summary>
    private async ValueTask<bool> IsEnabledAsync(string subject, string client, CancellationToken cancellation) =>
        await clients.FindAsync(client, cancellation) is { Disabled: false }
        && (subject == client || await accounts.FindAsync(subject, cancellation) is { Disabled: false });

    private bool IsCurrent(DateTime? notBefore, DateTime? expires, SecurityToken token, TokenValidationParameters parameters)
    {
        var now = time.GetUtcNow().UtcDateTime;
        return expires is { } end && now < end + Skew && (notBefore is not { } start || now > start - Skew);
    }
}
