using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Authentication;

namespace Twin.Gateway.SignIn;

/// <summary>
/// Tokens that were found good, by their SHA-256, so that a signature is checked once a minute and not once a request. An
/// entry lasts until the token expires, and at most <see cref="LongestStay"/>, after which a withdrawn account is noticed
/// by every replica. Bounded; refusals are not kept, or strangers could fill it.
/// </summary>
internal sealed class TokenCache(TimeProvider time)
{
    public static readonly TimeSpan LongestStay = TimeSpan.FromMinutes(1);
    private const int Capacity = 20_000;
    private readonly ConcurrentDictionary<Key, Entry> entries = new();

    public static Key KeyOf(string token)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        var length = Encoding.UTF8.GetMaxByteCount(token.Length);
        if (length <= 4096)
        {
            Span<byte> bytes = stackalloc byte[length];
            SHA256.HashData(bytes[..Encoding.UTF8.GetBytes(token, bytes)], hash);
        }
        else
        {
            SHA256.HashData(Encoding.UTF8.GetBytes(token), hash);
        }

        var halves = MemoryMarshal.Cast<byte, UInt128>(hash);
        return new Key(halves[0], halves[1]);
    }

    public AuthenticateResult? Find(Key key) => entries.TryGetValue(key, out var entry) && entry.Until > time.GetTimestamp() ? entry.Result : null;

    public void Add(Key key, AuthenticateResult result, DateTimeOffset tokenExpires)
    {
        var stay = tokenExpires - time.GetUtcNow();
        stay = stay < LongestStay ? stay : LongestStay;
        if (stay <= TimeSpan.Zero)
        {
            return;
        }

        if (entries.Count >= Capacity)
        {
            MakeRoom();
        }

        entries[key] = new Entry(result, time.GetTimestamp() + (long)(stay.TotalSeconds * time.TimestampFrequency));
    }

    /// <summary>Forgets the tokens of one subject, so that a change to its account takes effect at once in this process.</summary>
    public void Forget(string subject)
    {
        foreach (var (key, entry) in entries)
        {
            if (entry.Result.Principal?.FindFirstValue(Twin.Hosting.Authentication.CallerAuthenticator.SubjectClaim) == subject)
            {
                entries.TryRemove(key, out _);
            }
        }
    }

    /// <summary>Forgets everything, when keys were revoked.</summary>
    public void Clear() => entries.Clear();

    private void MakeRoom()
    {
        var now = time.GetTimestamp();
        var toGo = Capacity / 4;
        foreach (var (key, entry) in entries)
        {
            if (entry.Until <= now || toGo > 0)
            {
                entries.TryRemove(key, out _);
                toGo--;
            }
        }
    }

    internal readonly record struct Key(UInt128 High, UInt128 Low);

    private sealed record Entry(AuthenticateResult Result, long Until);
}
