using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;
using Twin.Gateway.SignIn;

namespace Twin.Gateway.Accounts;

/// <summary>Checks and makes passwords and secrets. What is stored cannot be turned back into either.</summary>
internal sealed class Passwords(AccountStore accounts, IOptions<SignInSettings> options, TimeProvider time)
{
    // PBKDF2 with HMAC-SHA-512; the count that OWASP's cheat sheet asks of it.
    private readonly PasswordHasher<Account> hasher = new(Options.Create(new PasswordHasherOptions { IterationCount = 210_000 }));
    private string? hashOfNobody;

    /// <summary>The account that the name and password open; null when they do not, or it is locked or disabled.</summary>
    /// <remarks>Takes as long for a name that nobody has: the time does not tell which names exist.</remarks>
    public async Task<Account?> CheckAsync(string name, string password, CancellationToken cancellation)
    {
        var account = await accounts.FindByNameAsync(name, cancellation);
        if (account is null)
        {
            hasher.VerifyHashedPassword(null!, hashOfNobody ??= Hash(Generate()), password);
            return null;
        }

        var verdict = hasher.VerifyHashedPassword(account, account.PasswordHash, password);
        var now = time.GetUtcNow();
        if (account.LockedUntil > now)
        {
            return null;
        }

        if (verdict == PasswordVerificationResult.Failed)
        {
            await accounts.CountFailureAsync(account.Id, options.Value.LockAfterFailures, now.AddMinutes(options.Value.LockMinutes), cancellation);
            return null;
        }

        if (account.Disabled)
        {
            return null;
        }

        await accounts.ForgetFailuresAsync(account.Id, cancellation);
        return account;
    }

    public string Hash(string password) => hasher.HashPassword(null!, password);

    /// <summary>A random password or secret of 144 bits in 24 characters that survive a URL, a shell and a spreadsheet.</summary>
    public static string Generate() => Base64Url(RandomNumberGenerator.GetBytes(18));

    /// <summary>A generated secret has nothing to guess at: one round of SHA-256 keeps it.</summary>
    public static string HashSecret(string secret) => Base64Url(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));

    public static bool IsSecret(string secret, string hash) =>
        CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(HashSecret(secret)), Encoding.ASCII.GetBytes(hash));

    private static string Base64Url(byte[] bytes) => System.Buffers.Text.Base64Url.EncodeToString(bytes);
}
