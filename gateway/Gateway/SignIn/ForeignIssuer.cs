using System.Security.Claims;
using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;
using Twin.Hosting.Authentication;

namespace Twin.Gateway.SignIn;

/// <summary>A configured OIDC issuer: its keys, kept fresh by discovery, and what its roles mean here.</summary>
internal sealed class ForeignIssuer
{
    private readonly IssuerOptions options;
    private readonly ConfigurationManager<OpenIdConnectConfiguration> configuration;

    public ForeignIssuer(IssuerOptions options, HttpClient http)
    {
        this.options = options;
        var authority = options.Authority!.AbsoluteUri.TrimEnd('/');
        configuration = new ConfigurationManager<OpenIdConnectConfiguration>(
            authority + "/.well-known/openid-configuration",
            new OpenIdConnectConfigurationRetriever(),
            new HttpDocumentRetriever(http) { RequireHttps = !options.AllowHttp })
        {
            // A key that the issuer has just rotated in is asked for once in this time, not once per forged token.
            RefreshInterval = TimeSpan.FromSeconds(30),
        };
    }

    /// <summary>Whether a token that names this issuer is to be checked here. Says nothing yet about the token.</summary>
    public bool Claims(string issuer) => string.Equals(issuer.TrimEnd('/'), options.Authority!.AbsoluteUri.TrimEnd('/'), StringComparison.Ordinal);

    /// <summary>The caller and when its token expires; null when the token does not hold.</summary>
    /// <exception cref="SignInUnavailableException">The issuer's keys could not be had.</exception>
    public async ValueTask<(ClaimsPrincipal Caller, DateTime Expires)?> ValidateAsync(
        JsonWebTokenHandler handler, JsonWebToken token, LifetimeValidator lifetime, CancellationToken cancellation)
    {
        OpenIdConnectConfiguration known;
        try
        {
            known = await configuration.GetConfigurationAsync(cancellation);
        }
        catch (InvalidOperationException failure)
        {
            throw new SignInUnavailableException($"the keys of {options.Authority} cannot be had now.", failure);
        }

        var result = await handler.ValidateTokenAsync(token, new TokenValidationParameters
        {
            ValidIssuer = known.Issuer,
            ValidAudience = options.Audience,
            ConfigurationManager = configuration,
            ValidAlgorithms = [SecurityAlgorithms.EcdsaSha256, SecurityAlgorithms.EcdsaSha384, SecurityAlgorithms.RsaSha256, SecurityAlgorithms.RsaSha384, SecurityAlgorithms.RsaSha512, SecurityAlgorithms.RsaSsaPssSha256],
            LifetimeValidator = lifetime,
            RequireExpirationTime = true,
        });
        if (!result.IsValid)
        {
            return null;
        }

        var subject = string.IsNullOrEmpty(token.Subject) ? "unnamed" : token.Subject;
        return (CallerAuthenticator.Principal($"{known.Issuer}#{subject}", Roles(token)), token.ValidTo);
    }

    private HashSet<string> Roles(JsonWebToken token)
    {
        var ours = new HashSet<string>(StringComparer.Ordinal);
        if (!TryFind(token, options.RoleClaim, out var value))
        {
            return ours;
        }

        // One role, several separated by spaces, or a list: issuers differ.
        IEnumerable<string> theirs = value.ValueKind switch
        {
            JsonValueKind.String => value.GetString()!.Split(' ', StringSplitOptions.RemoveEmptyEntries),
            JsonValueKind.Array => value.EnumerateArray().Where(static item => item.ValueKind == JsonValueKind.String).Select(static item => item.GetString()!),
            _ => [],
        };
        foreach (var role in theirs)
        {
            if (options.RoleMap.TryGetValue(role, out var known))
            {
                ours.Add(known);
            }
        }

        return ours;
    }

    /// <summary>The claim of this name (names may be addresses, with dots), else the member at the end of the dotted path.</summary>
    private static bool TryFind(JsonWebToken token, string claim, out JsonElement value)
    {
        if (token.TryGetPayloadValue(claim, out value))
        {
            return true;
        }

        var steps = claim.Split('.');
        if (!token.TryGetPayloadValue(steps[0], out value))
        {
            return false;
        }

        foreach (var step in steps.Skip(1))
        {
            if (value.ValueKind != JsonValueKind.Object || !value.TryGetProperty(step, out value))
            {
                return false;
            }
        }

        return true;
    }
}
