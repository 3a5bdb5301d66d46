using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Twin.Hosting.Authentication;

namespace Twin.Gateway.SignIn;

/// <summary>Access tokens (RFC 9068) that whoever holds the node's keys signs without the node: <c>twin token</c>.</summary>
public static class NodeTokens
{
    /// <summary>The audience of every token for this node's endpoints.</summary>
    public const string Audience = "urn:twin:api";

    /// <summary>The type of an access token, RFC 9068, clause 2.1: an identity token is never taken for one.</summary>
    public const string AccessTokenType = "at+jwt";

    /// <summary>A token with these roles from now on, for as long as said.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The lifetime is not positive, or longer than <see cref="SigningKeys.LongestTokenLifetime"/>.</exception>
    public static string Issue(SigningKey key, string subject, IReadOnlyCollection<string> roles, TimeSpan lifetime, DateTimeOffset now)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(lifetime, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(lifetime, SigningKeys.LongestTokenLifetime);
        return new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
        {
            TokenType = AccessTokenType,
            Issuer = "urn:twin:command-line",
            Audience = Audience,
            IssuedAt = now.UtcDateTime,
            NotBefore = now.UtcDateTime,
            Expires = (now + lifetime).UtcDateTime,
            Claims = new Dictionary<string, object>(StringComparer.Ordinal)
            {
                [JwtRegisteredClaimNames.Jti] = Guid.CreateVersion7(now).ToString("N"),
                [CallerAuthenticator.SubjectClaim] = subject,
                [CallerAuthenticator.RoleClaim] = roles.ToArray(),
            },
            SigningCredentials = new SigningCredentials(key.Key, SecurityAlgorithms.EcdsaSha256),
        });
    }
}
