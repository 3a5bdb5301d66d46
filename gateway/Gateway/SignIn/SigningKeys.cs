using System.Globalization;
using System.Security.Cryptography;
using Microsoft.IdentityModel.Tokens;
using Twin.Hosting.Authentication;

namespace Twin.Gateway.SignIn;

/// <summary>A key of the built-in issuer: ES256, named by its RFC 7638 thumbprint.</summary>
public sealed record SigningKey(string Id, DateTimeOffset Created, ECDsaSecurityKey Key, string File);

/// <summary>
/// The keys with which the node signs access tokens: one file each in a directory that several processes may share, the
/// newest signs. An older one stays published until every token that it signed has expired. Rotation by another process
/// is seen within half a minute, or when a token with an unknown key arrives.
/// </summary>
public sealed class SigningKeys : IDisposable
{
    /// <summary>The longest that any access token holds, and so how long a key is published after the last use.</summary>
    public static readonly TimeSpan LongestTokenLifetime = TimeSpan.FromDays(30);

    private static readonly TimeSpan FreshFor = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LeastBetweenReads = TimeSpan.FromSeconds(1);
    private readonly Lock gate = new();
    private readonly TimeProvider time;
    private readonly TimeSpan rotateAfter;
    private volatile Snapshot? snapshot;

    /// <summary>Keys in this directory; none is made before one is needed.</summary>
    public SigningKeys(string directory, TimeProvider time, TimeSpan rotateAfter)
    {
        Directory = directory;
        this.time = time;
        this.rotateAfter = rotateAfter;
    }

    /// <summary>Where the keys lie.</summary>
    public string Directory { get; }

    /// <summary>The directory of the keys in a data directory.</summary>
    public static string DirectoryIn(string data) => Path.Combine(data, "keys");

    /// <summary>The key that signs now; made when there is none, followed by a new one when it has become too old.</summary>
    public SigningKey Active()
    {
        var newest = Current().Keys is [var first, ..] ? first : null;
        return newest is null || time.GetUtcNow() - newest.Created > rotateAfter ? Rotate(revokePrevious: false) : newest;
    }

    /// <summary>Every key whose tokens may still hold, newest first.</summary>
    public IReadOnlyList<SigningKey> Published()
    {
        Active();
        return Current().Keys;
    }

    /// <summary>The key with this identifier, when it is one of this node's.</summary>
    public SigningKey? Find(string id)
    {
        var known = Current();
        return known.Find(id) ?? (time.GetUtcNow() - known.Read > LeastBetweenReads ? Read().Find(id) : null);
    }

    /// <summary>
    /// Makes a new key and signs with it from now on. With <paramref name="revokePrevious"/> the older keys are deleted:
    /// every token that they signed is refused at once.
    /// </summary>
    public SigningKey Rotate(bool revokePrevious)
    {
        lock (gate)
        {
            var previous = Read().Keys;
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            var created = time.GetUtcNow().ToUnixTimeMilliseconds();
            if (previous is [var newest, ..])
            {
                created = Math.Max(created, newest.Created.ToUnixTimeMilliseconds() + 1);
            }

            var file = Path.Combine(Directory, $"signing-{created.ToString("D15", CultureInfo.InvariantCulture)}.pem");
            PrivateFile.TryWrite(file, System.Text.Encoding.ASCII.GetBytes(key.ExportPkcs8PrivateKeyPem()), replace: false);
            if (revokePrevious)
            {
                foreach (var old in previous)
                {
                    File.Delete(old.File);
                }
            }

            return Read().Keys[0];
        }
    }

    /// <summary>The symmetric key that hides what authorization codes say.</summary>
    public byte[] CodeKey() => PrivateFile.ReadOrCreate(Path.Combine(Directory, "codes.key"), static () => RandomNumberGenerator.GetBytes(32));

    /// <inheritdoc />
    public void Dispose()
    {
        foreach (var key in snapshot?.Keys ?? [])
        {
            key.Key.ECDsa.Dispose();
        }
    }

    private Snapshot Current() => snapshot is { } known && time.GetUtcNow() - known.Read < FreshFor ? known : Read();

    private Snapshot Read()
    {
        lock (gate)
        {
            var known = snapshot?.Keys.ToDictionary(static key => key.File, StringComparer.Ordinal) ?? [];
            var keys = new List<SigningKey>();
            var superseded = DateTimeOffset.MaxValue;
            foreach (var file in Files())
            {
                if (superseded < time.GetUtcNow() - LongestTokenLifetime)
                {
                    File.Delete(file);
                    continue;
                }

                var key = known.GetValueOrDefault(file) ?? Load(file);
                keys.Add(key);
                superseded = key.Created;
            }

            var read = new Snapshot(keys, time.GetUtcNow());
            snapshot = read;
            return read;
        }
    }

    private IEnumerable<string> Files() => System.IO.Directory.Exists(Directory)
        ? System.IO.Directory.GetFiles(Directory, "signing-*.pem").OrderDescending(StringComparer.Ordinal)
        : [];

    private static SigningKey Load(string file)
    {
        var ecdsa = ECDsa.Create();
        ecdsa.ImportFromPem(File.ReadAllText(file));
        // The library's own cache of signers lives as long as the process, by key identifier: it would outlive these keys.
        var key = new ECDsaSecurityKey(ecdsa) { CryptoProviderFactory = new CryptoProviderFactory { CacheSignatureProviders = false } };
        key.KeyId = Base64UrlEncoder.Encode(key.ComputeJwkThumbprint());
        var created = long.Parse(Path.GetFileNameWithoutExtension(file).AsSpan("signing-".Length), CultureInfo.InvariantCulture);
        return new SigningKey(key.KeyId, DateTimeOffset.FromUnixTimeMilliseconds(created), key, file);
    }

    private sealed record Snapshot(IReadOnlyList<SigningKey> Keys, DateTimeOffset Read)
    {
        public SigningKey? Find(string id) => Keys.FirstOrDefault(key => key.Id == id);
    }
}
