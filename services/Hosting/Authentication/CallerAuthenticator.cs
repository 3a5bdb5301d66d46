using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;

namespace Twin.Hosting.Authentication;

/// <summary>
/// Establishes who calls. A process with the gateway reads bearer tokens; one without reads the internal identity that
/// the gateway adds to what it forwards.
/// </summary>
public abstract class CallerAuthenticator
{
    /// <summary>The claim type of a caller's roles.</summary>
    public const string RoleClaim = "role";

    /// <summary>The claim type of a caller's name: the subject of its token.</summary>
    public const string SubjectClaim = "sub";

    /// <summary>
    /// The caller; <see cref="AuthenticateResult.NoResult"/> when the request says nothing about it (anonymous), a
    /// failure when what it says does not hold, which refuses the request even where anonymous callers may pass.
    /// </summary>
    public abstract ValueTask<AuthenticateResult> AuthenticateAsync(HttpContext context);

    /// <summary>A principal with this subject and these roles; safe to share between requests.</summary>
    public static ClaimsPrincipal Principal(string subject, IEnumerable<string> roles, params ReadOnlySpan<Claim> more)
    {
        var identity = new ClaimsIdentity("twin", SubjectClaim, RoleClaim);
        identity.AddClaim(new Claim(SubjectClaim, subject));
        foreach (var role in roles)
        {
            identity.AddClaim(new Claim(RoleClaim, role));
        }

        foreach (var claim in more)
        {
            identity.AddClaim(claim);
        }

        return new ClaimsPrincipal(identity);
    }
}
