using System.Security.Claims;
using Microsoft.AspNetCore;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;
using OpenIddict.Abstractions;
using OpenIddict.Server.AspNetCore;
using Twin.Gateway.Accounts;
using Twin.Gateway.SignIn;
using Claims = OpenIddict.Abstractions.OpenIddictConstants.Claims;

namespace Twin.Gateway.Issuer;

/// <summary>What the two endpoints of the issuer decide once OpenIddict has found the request in order.</summary>
internal sealed class Authorization(AccountStore accounts, ClientStore clients, TimeProvider time)
{
    private const string CodeId = "code_id";
    private const string Scheme = OpenIddictServerAspNetCoreDefaults.AuthenticationScheme;

    /// <summary><c>GET|POST /connect/authorize</c>: a code for whoever is signed in; the sign-in page for whoever is not.</summary>
    public async Task AuthorizeAsync(HttpContext context)
    {
        var request = context.GetOpenIddictServerRequest() ?? throw new InvalidOperationException("OpenIddict did not see the request.");
        var session = await context.AuthenticateAsync(CookieAuthenticationDefaults.AuthenticationScheme);
        var account = session.Principal?.FindFirst(Claims.Subject)?.Value is { } subject ? await accounts.FindAsync(subject, context.RequestAborted) : null;
        if (account is null or { Disabled: true } || request.HasPromptValue(OpenIddictConstants.PromptValues.Login) && !SignInPage.IsFresh(session, time))
        {
            if (request.HasPromptValue(OpenIddictConstants.PromptValues.None))
            {
                await RefuseAsync(context, OpenIddictConstants.Errors.LoginRequired, "Nobody is signed in.");
                return;
            }

            var parameters = QueryString.Create(request.GetParameters().Select(static parameter => KeyValuePair.Create(parameter.Key, (string?)parameter.Value)));
            context.Response.Redirect(SignInPage.Path + QueryString.Create("return", IssuerServer.AuthorizePath + parameters));
            return;
        }

        var identity = Identity(account.Id, account.Roles);
        identity.AddClaim(new Claim(Claims.Name, account.Name));
        identity.AddClaim(new Claim(Claims.PreferredUsername, account.Name));
        identity.AddClaim(new Claim(CodeId, Guid.CreateVersion7(time.GetUtcNow()).ToString("N")));
        await IssueAsync(context, identity, request.GetScopes());
    }

    /// <summary><c>POST /connect/token</c>: a token for a code, or for a client itself.</summary>
    public async Task ExchangeAsync(HttpContext context)
    {
        var request = context.GetOpenIddictServerRequest() ?? throw new InvalidOperationException("OpenIddict did not see the request.");
        if (request.IsClientCredentialsGrantType())
        {
            var client = await clients.FindAsync(request.ClientId!, context.RequestAborted);
            await IssueAsync(context, Identity(client!.Id, client.Roles), request.GetScopes());
            return;
        }

        var code = (await context.AuthenticateAsync(Scheme)).Principal!;
        var now = time.GetUtcNow();
        if (!await accounts.TryRedeemAsync("code:" + code.GetClaim(CodeId), now.AddMinutes(10), now, context.RequestAborted))
        {
            await RefuseAsync(context, OpenIddictConstants.Errors.InvalidGrant, "The code was used before.");
            return;
        }

        // Roles as they are now, not as they were when the code was made.
        var account = await accounts.FindAsync(code.GetClaim(Claims.Subject)!, context.RequestAborted);
        if (account is null or { Disabled: true })
        {
            await RefuseAsync(context, OpenIddictConstants.Errors.InvalidGrant, "The account is disabled.");
            return;
        }

        var identity = Identity(account.Id, account.Roles);
        identity.AddClaim(new Claim(Claims.Name, account.Name));
        identity.AddClaim(new Claim(Claims.PreferredUsername, account.Name));
        await IssueAsync(context, identity, code.GetScopes());
    }

    private static ClaimsIdentity Identity(string subject, string[] roles)
    {
        var identity = new ClaimsIdentity(Scheme, Claims.Name, Claims.Role);
        identity.AddClaim(new Claim(Claims.Subject, subject));
        foreach (var role in roles)
        {
            identity.AddClaim(new Claim(Claims.Role, role));
        }

        return identity;
    }

    private static Task IssueAsync(HttpContext context, ClaimsIdentity identity, IEnumerable<string> scopes)
    {
        var principal = new ClaimsPrincipal(identity);
        principal.SetScopes(scopes);
        principal.SetResources(NodeTokens.Audience);
        principal.SetDestinations(static claim => claim.Type switch
        {
            Claims.Subject => [OpenIddictConstants.Destinations.AccessToken, OpenIddictConstants.Destinations.IdentityToken],
            Claims.Role when claim.Subject!.HasScope(OpenIddictConstants.Scopes.Roles) => [OpenIddictConstants.Destinations.AccessToken, OpenIddictConstants.Destinations.IdentityToken],
            Claims.Role => [OpenIddictConstants.Destinations.AccessToken],
            Claims.Name or Claims.PreferredUsername when claim.Subject!.HasScope(OpenIddictConstants.Scopes.Profile) => [OpenIddictConstants.Destinations.IdentityToken],
            _ => [],
        });
        return context.SignInAsync(Scheme, principal);
    }

    private static Task RefuseAsync(HttpContext context, string error, string description) => context.ForbidAsync(Scheme, new AuthenticationProperties(
        new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            [OpenIddictServerAspNetCoreConstants.Properties.Error] = error,
            [OpenIddictServerAspNetCoreConstants.Properties.ErrorDescription] = description,
        }));
}
