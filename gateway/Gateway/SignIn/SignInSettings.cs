using Microsoft.Extensions.Options;
using Twin.Hosting.Authentication;

namespace Twin.Gateway.SignIn;

/// <summary>Who may sign in, and how (<c>Twin:Identity</c>).</summary>
public sealed class SignInSettings
{
    /// <summary>The section of the settings.</summary>
    public const string Section = "Twin:Identity";

    /// <summary>OIDC issuers whose tokens are accepted beside the node's own.</summary>
    public IList<IssuerOptions> Issuers { get; set; } = [];

    /// <summary>The address by which callers know the node; the built-in issuer names itself by it. Without it, the address of the request.</summary>
    public Uri? PublicAddress { get; set; }

    /// <summary>Where the signing keys lie; <c>keys</c> in the data directory when not set. Replicas of the gateway share it.</summary>
    public string? KeyDirectory { get; set; }

    /// <summary>Days after which a new signing key takes over.</summary>
    public int KeyRotationDays { get; set; } = 90;

    /// <summary>How long an access token of the built-in issuer holds, in minutes.</summary>
    public int AccessTokenMinutes { get; set; } = 30;

    /// <summary>Failed sign-ins in a row after which an account is locked.</summary>
    public int LockAfterFailures { get; set; } = 5;

    /// <summary>How long it is locked, in minutes.</summary>
    public int LockMinutes { get; set; } = 15;
}

/// <summary>One OIDC issuer.</summary>
public sealed class IssuerOptions
{
    /// <summary>Its address: the discovery document lies below it. HTTPS, but for <see cref="AllowHttp"/>.</summary>
    public Uri? Authority { get; set; }

    /// <summary>The audience that its tokens for this node carry.</summary>
    public string Audience { get; set; } = "";

    /// <summary>The claim that holds the roles; a path with dots goes into objects (<c>realm_access.roles</c>).</summary>
    public string RoleClaim { get; set; } = "roles";

    /// <summary>What the issuer's roles mean here: its role to one of ours. A role that is not in the map gives nothing.</summary>
    public IDictionary<string, string> RoleMap { get; set; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Accepts an authority without TLS; for tests on one machine.</summary>
    public bool AllowHttp { get; set; }
}

/// <summary>Refuses to start with settings that cannot work, and says which.</summary>
internal sealed class SignInSettingsValidator : IValidateOptions<SignInSettings>
{
    public ValidateOptionsResult Validate(string? name, SignInSettings options)
    {
        var failures = new List<string>();
        Require(options.KeyRotationDays is > 0 and <= 3650, "Twin:Identity:KeyRotationDays: set 1 to 3650 days.");
        Require(options.AccessTokenMinutes is > 0 and <= 1440, "Twin:Identity:AccessTokenMinutes: set 1 to 1440 minutes.");
        Require(options.LockAfterFailures is > 0 and <= 100, "Twin:Identity:LockAfterFailures: set 1 to 100.");
        Require(options.LockMinutes is > 0 and <= 1440, "Twin:Identity:LockMinutes: set 1 to 1440 minutes.");
        Require(
            options.PublicAddress is null or { IsAbsoluteUri: true, Scheme: "https" or "http", Query: "", Fragment: "" },
            "Twin:Identity:PublicAddress: set an absolute http or https address without query, such as https://twin.example.org.");
        for (var i = 0; i < options.Issuers.Count; i++)
        {
            var issuer = options.Issuers[i];
            var key = $"Twin:Identity:Issuers:{i}";
            Require(
                issuer.Authority is { IsAbsoluteUri: true, Scheme: "https" } || (issuer is { AllowHttp: true, Authority: { IsAbsoluteUri: true, Scheme: "http" } }),
                $"{key}:Authority: set the issuer's https address (http only with {key}:AllowHttp=true).");
            Require(issuer.Audience.Length > 0, $"{key}:Audience: set the audience that the issuer's tokens for this node carry.");
            Require(issuer.RoleClaim.Length > 0, $"{key}:RoleClaim: set the claim that holds the roles, such as roles or realm_access.roles.");
            foreach (var (theirs, ours) in issuer.RoleMap)
            {
                Require(TwinRoles.IsAssignable(ours), $"{key}:RoleMap:{theirs}: set one of {string.Join(", ", TwinRoles.Assignable)}.");
            }
        }

        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);

        void Require(bool holds, string message)
        {
            if (!holds)
            {
                failures.Add(message);
            }
        }
    }
}
