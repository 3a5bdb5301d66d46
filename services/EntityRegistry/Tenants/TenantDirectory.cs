using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Twin.EntityRegistry.Entities;
using Twin.NgsiLd;

namespace Twin.EntityRegistry.Tenants;

/// <summary>The tenants of this node. A tenant comes into being with the first write that names it.</summary>
internal sealed partial class TenantDirectory : IDisposable
{
    /// <summary>The key and name of the default tenant, which every store has.</summary>
    public const int DefaultKey = 1;

    private readonly ConcurrentDictionary<string, Tenant> _byName = new(StringComparer.Ordinal);
    /// <summary>What a tenant may be named, for those who are refused.</summary>
    public const string NameRule = "A tenant name has 1 to 128 letters, digits, '_', '-', '.' or ':'.";

    private readonly SemaphoreSlim _creating = new(1, 1);

    /// <summary>The tenant of requests without an NGSILD-Tenant header.</summary>
    public Tenant Default { get; } = new(DefaultKey, "");

    /// <summary>Every tenant.</summary>
    public IEnumerable<Tenant> All => _byName.Values.Prepend(Default);

    /// <summary>The tenant of that name.</summary>
    /// <exception cref="NgsiLdException">NonexistentTenant.</exception>
    public Tenant Get(string? name) =>
        string.IsNullOrEmpty(name) ? Default
        : _byName.TryGetValue(name, out Tenant? tenant) ? tenant
        : throw new NgsiLdException(NgsiLdErrorType.NonexistentTenant, $"There is no tenant '{name}' here. A tenant comes into being with the first entity created in it.", "NGSILD-Tenant");

    /// <summary>The tenant of that name, created when it is new.</summary>
    /// <exception cref="NgsiLdException">BadRequestData when the name is not one.</exception>
    public async ValueTask<Tenant> GetOrCreateAsync(string? name, EntityStore store, CancellationToken cancel)
    {
        if (string.IsNullOrEmpty(name))
        {
            return Default;
        }

        if (_byName.TryGetValue(name, out Tenant? tenant))
        {
            return tenant;
        }

        if (!Name().IsMatch(name))
        {
            throw NgsiLdException.BadRequest(NameRule, "NGSILD-Tenant");
        }

        await _creating.WaitAsync(cancel);
        try
        {
            return _byName.TryGetValue(name, out tenant) ? tenant : Add(await store.CreateTenantAsync(name, cancel), name);
        }
        finally
        {
            _creating.Release();
        }
    }

    /// <summary>Takes in a tenant that the store knows.</summary>
    public Tenant Add(int key, string name) =>
        key == DefaultKey ? Default : _byName.GetOrAdd(name, static (n, k) => new Tenant(k, n), key);

    /// <inheritdoc />
    public void Dispose() => _creating.Dispose();

    [GeneratedRegex("^[A-Za-z0-9_.:-]{1,128}$", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Name();
}
