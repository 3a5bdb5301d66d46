using System.Security.Claims;
using System.Security.Cryptography;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Twin.Hosting.Authentication;

/// <summary>
/// Says to another process of this node who calls: a JWT signed with the node's own key (HS256), short-lived, in the
/// header <see cref="Header"/>. A service that is reached around the gateway finds none, and refuses.
/// </summary>
public sealed class InternalIdentity
{
    /// <summary>The header that carries it. The gateway drops it from what comes from outside.</summary>
    public const string Header = "Twin-Identity";

    private const string Issuer = "urn:twin:node";
    private const int LeastKeyBytes = 32;
    private readonly JsonWebTokenHandler handler = new() { MapInboundClaims = false };
    private readonly TimeProvider time;
    private readonly TimeSpan lifetime;
    private readonly Lazy<SymmetricSecurityKey> key;

    /// <summary>Takes the key from the settings or the data directory, at the first identity that is issued or read.</summary>
    public InternalIdentity(IOptions<InternalIdentityOptions> options, IConfiguration configuration, TimeProvider time)
    {
        this.time = time;
        lifetime = TimeSpan.FromSeconds(options.Value.LifetimeSeconds);
        key = new(() => new SymmetricSecurityKey(ReadKey(options.Value.Key, configuration[DataKey])));
    }

    /// <summary>The setting that names the data directory.</summary>
    public const string DataKey = "Twin:DataDirectory";

    /// <summary>An identity for this caller; its subject and roles, nothing else.</summary>
    public string Issue(ClaimsPrincipal caller) => Issue(
        caller.FindFirst(CallerAuthenticator.SubjectClaim)?.Value,
        caller.FindAll(CallerAuthenticator.RoleClaim).Select(static claim => claim.Value));

    /// <summary>An identity for a service of this node that calls on its own behalf, such as <c>entity-registry</c>.</summary>
    public string IssueForService(string service) => Issue("service:" + service, [TwinRoles.Service]);

    /// <summary>The caller that the identity names, or the reason why it does not hold.</summary>
    public async ValueTask<(ClaimsPrincipal? Caller, string? Refusal)> ReadAsync(string identity)
    {
        var result = await handler.ValidateTokenAsync(identity, new TokenValidationParameters
        {
            ValidIssuer = Issuer,
            ValidAudience = Issuer,
            IssuerSigningKey = key.Value,
            ValidAlgorithms = [SecurityAlgorithms.HmacSha256],
            LifetimeValidator = IsCurrent,
        });
        if (!result.IsValid)
        {
            return (null, "the internal identity was not signed by this node or is too old; set the same Twin:Identity:Key in each of its processes.");
        }

        var token = (JsonWebToken)result.SecurityToken;
        return token.TryGetClaim(CallerAuthenticator.SubjectClaim, out var subject)
            ? (CallerAuthenticator.Principal(subject.Value, token.Claims.Where(static claim => claim.Type == CallerAuthenticator.RoleClaim).Select(static claim => claim.Value)), null)
            : (new ClaimsPrincipal(new ClaimsIdentity()), null);
    }

    private static byte[] ReadKey(string? configured, string? directory)
    {
        if (configured is null)
        {
            return PrivateFile.ReadOrCreate(
                Path.Combine(directory ?? ".", "identity.key"),
                static () => RandomNumberGenerator.GetBytes(LeastKeyBytes));
        }

        var bytes = new byte[configured.Length];
        return Convert.TryFromBase64String(configured, bytes, out var length) && length >= LeastKeyBytes
            ? bytes[..length]
            : throw new OptionsValidationException(
                InternalIdentityOptions.Section,
                typeof(InternalIdentityOptions),
                ["Twin:Identity:Key: set at least 32 random bytes in base64 (openssl rand -base64 32)."]);
    }

    private string Issue(string? subject, IEnumerable<string> roles)
    {
        var now = time.GetUtcNow().UtcDateTime;
        var claims = new Dictionary<string, object>(StringComparer.Ordinal);
        if (subject is not null)
        {
            claims[CallerAuthenticator.SubjectClaim] = subject;
            claims[CallerAuthenticator.RoleClaim] = roles.ToArray();
        }

        return handler.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = Issuer,
            Audience = Issuer,
            IssuedAt = now,
            NotBefore = now,
            Expires = now + lifetime,
            Claims = claims,
            SigningCredentials = new SigningCredentials(key.Value, SecurityAlgorithms.HmacSha256),
        });
    }

    private bool IsCurrent(DateTime? notBefore, DateTime? expires, SecurityToken token, TokenValidationParameters parameters)
    {
        var now = time.GetUtcNow().UtcDateTime;
        var skew = TimeSpan.FromSeconds(5);
        return expires is { } end && now < end + skew && (notBefore is not { } start || now > start - skew);
    }
}
