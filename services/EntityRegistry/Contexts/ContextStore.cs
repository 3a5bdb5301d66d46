using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Twin.NgsiLd;
using Twin.NgsiLd.Contexts;

namespace Twin.EntityRegistry.Contexts;

/// <summary>
/// The @contexts that the node keeps: in memory to use, in the store to stay. A document from the web is fetched once,
/// kept as it was then, and fetched again only when somebody reloads or deletes it: a site that is down, or has changed
/// its mind, changes nothing here.
/// </summary>
internal sealed partial class ContextStore(ContextTable table, ContextFetcher fetcher, TimeProvider time, ILogger<ContextStore> log) : IHostedService, IDisposable
{
    /// <summary>The path under which the node serves its @contexts.</summary>
    public const string Path = "/ngsi-ld/v1/jsonldContexts/";

    /// <summary>How many copies are kept, and how many bytes of them; past it the least recently used go.</summary>
    private const int MaximumCopies = 1000;
    private const long MaximumCopiedBytes = 64L * 1024 * 1024;
    private static readonly TimeSpan FailureLifetime = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<string, ContextEntry> _copies = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, ContextEntry> _own = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, ContextEntry> _core = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Lazy<Task<ContextEntry>>> _fetching = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, (NgsiLdException Failure, long Until)> _failures = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _stopping = new();

    /// <summary>Raised when a document has changed or gone, so that what was compiled of it is forgotten.</summary>
    public event Action? Changed;

    /// <summary>Now, in microseconds since 1970 UTC.</summary>
    public long Now => (time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    /// <inheritdoc />
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (ContextEntry entry in await table.ReadAllAsync(cancellationToken))
        {
            Remember(entry);
        }

        _ = Core(JsonLdContext.CoreUrl);
    }

    /// <inheritdoc />
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await SaveUsageAsync(cancellationToken);
    }

    /// <inheritdoc />
    public void Dispose() => _stopping.Dispose();

    /// <summary>The copy of a document on the web, fetched if it is not there.</summary>
    /// <exception cref="NgsiLdException">LdContextNotAvailable, or BadRequestData when it is no @context.</exception>
    public ValueTask<ContextEntry> GetRemoteAsync(string url, CancellationToken cancellationToken) =>
        _copies.TryGetValue(url, out ContextEntry? copy) ? new(copy)
        : BundledContexts.IsCore(url) ? new(Core(url))
        : new(FetchOnceAsync(url, cancellationToken));

    /// <summary>What the node keeps for a URL, without fetching.</summary>
    public ContextEntry? FindRemote(string url) =>
        _copies.TryGetValue(url, out ContextEntry? copy) ? copy : BundledContexts.IsCore(url) ? Core(url) : null;

    /// <summary>A hosted or implicitly created @context of the tenant.</summary>
    public async ValueTask<ContextEntry?> FindOwnAsync(string localId, string tenant, CancellationToken cancellationToken)
    {
        if (!Guid.TryParseExact(localId, "D", out _))
        {
            return null;
        }

        if (!_own.TryGetValue(localId, out ContextEntry? own) && await table.FindOwnAsync(localId, tenant, cancellationToken) is { Kind: not ContextKind.Cached } found)
        {
            Remember(own = found);
        }

        return own?.Tenant == tenant ? own : null;
    }

    /// <summary>What an id in a path means: a local id, or a URL.</summary>
    public async ValueTask<ContextEntry?> FindAsync(string id, string tenant, CancellationToken cancellationToken) =>
        FindRemote(id) ?? await FindOwnAsync(ContextResolver.OwnId(id) ?? id, tenant, cancellationToken)
        ?? _copies.Values.Concat(_core.Values).FirstOrDefault(c => c.LocalId == id);

    /// <summary>What a tenant sees: the copies, and its own.</summary>
    public IEnumerable<ContextEntry> List(string tenant) =>
        _core.Values.Concat(_copies.Values).Concat(_own.Values.Where(o => o.Tenant == tenant)).OrderBy(e => e.CreatedAt).ThenBy(e => e.LocalId, StringComparer.Ordinal);

    /// <summary>Keeps a @context that the node serves.</summary>
    /// <param name="contextJson">The value of <c>@context</c>.</param>
    /// <param name="tenant">Whose it is.</param>
    /// <param name="kind">Hosted, or ImplicitlyCreated: one that was made of the same value before is taken again.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<ContextEntry> AddOwnAsync(ReadOnlyMemory<byte> contextJson, string tenant, ContextKind kind, CancellationToken cancellationToken)
    {
        byte[] document = [.. "{\"@context\":"u8, .. contextJson.Span, (byte)'}'];
        string id = Guid.CreateVersion7(time.GetUtcNow()).ToString("D");
        return Remember(await table.PutAsync(new ContextEntry(id, tenant, kind, null, document, Now), cancellationToken));
    }

    /// <summary>Removes a @context. A copy is fetched again when somebody names it.</summary>
    /// <exception cref="NgsiLdException">BadRequestData for a core @context.</exception>
    public async Task DeleteAsync(ContextEntry entry, CancellationToken cancellationToken)
    {
        if (entry.IsCore)
        {
            throw NgsiLdException.BadRequest($"'{entry.Url}' is a core @context, which a node cannot be without.", "contextId");
        }

        await table.DeleteAsync(entry.LocalId, cancellationToken);
        if (entry.Url is { } url)
        {
            _copies.TryRemove(url, out _);
        }
        else
        {
            _own.TryRemove(entry.LocalId, out _);
        }

        Changed?.Invoke();
    }

    /// <summary>
    /// Replaces a copy by what its site serves now; the old one stays when that cannot be had. A core @context is read
    /// again from the bundle, to which it is pinned.
    /// </summary>
    /// <exception cref="NgsiLdException">LdContextNotAvailable: unreachable or no @context (5.13.5.4). BadRequestData: not a copy.</exception>
    public async Task ReloadAsync(ContextEntry entry, CancellationToken cancellationToken)
    {
        if (entry.Kind != ContextKind.Cached)
        {
            throw NgsiLdException.BadRequest("Only a copy of a document on the web can be reloaded (5.13.5.4).", "reload");
        }

        if (entry.IsCore)
        {
            return;
        }

        ReadOnlyMemory<byte> document;
        try
        {
            document = await fetcher.FetchAsync(entry.Url!, cancellationToken);
        }
        catch (NgsiLdException e) when (e.ErrorType != NgsiLdErrorType.LdContextNotAvailable)
        {
            throw new NgsiLdException(NgsiLdErrorType.LdContextNotAvailable, e.Message, e.Member);
        }

        ContextEntry fresh = new ContextEntry(entry.LocalId, entry.Tenant, entry.Kind, entry.Url, document, Now).WithUsage(entry.Hits, entry.UsedAt);
        Remember(await table.PutAsync(fresh, cancellationToken));
        Changed?.Invoke();
    }

    /// <summary>Saves the usage that has come about since the last time.</summary>
    public async Task SaveUsageAsync(CancellationToken cancellationToken)
    {
        var usage = new List<(string LocalId, long Hits, long UsedAt)>();
        foreach (ContextEntry entry in _copies.Values.Concat(_own.Values))
        {
            if (entry.TakeUnsaved(out long hits, out long usedAt))
            {
                usage.Add((entry.LocalId, hits, usedAt));
            }
        }

        if (usage.Count > 0)
        {
            await table.SaveUsageAsync(usage, cancellationToken);
        }
    }

    /// <summary>Callers who want the same document wait for one fetch; each may give up waiting, which does not stop it.</summary>
    private async Task<ContextEntry> FetchOnceAsync(string url, CancellationToken cancellationToken)
    {
        if (_failures.TryGetValue(url, out (NgsiLdException Failure, long Until) failed))
        {
            if (failed.Until > Now)
            {
                throw new NgsiLdException(failed.Failure.ErrorType, failed.Failure.Message, failed.Failure.Member);
            }

            _failures.TryRemove(url, out _);
        }

        Lazy<Task<ContextEntry>> fetch = _fetching.GetOrAdd(url, static (key, store) => new(() => store.FetchAsync(key)), this);
        return await fetch.Value.WaitAsync(cancellationToken);
    }

    private async Task<ContextEntry> FetchAsync(string url)
    {
        // The first caller's stack ends here: what follows belongs to everybody who waits.
        await Task.Yield();
        try
        {
            if (await table.FindUrlAsync(url, _stopping.Token) is { } known)
            {
                return Remember(known);
            }

            bool bundled = BundledContexts.TryGet(url, out ReadOnlyMemory<byte> document);
            if (!bundled)
            {
                document = await fetcher.FetchAsync(url, _stopping.Token);
            }

            var copy = new ContextEntry(Guid.CreateVersion7(time.GetUtcNow()).ToString("D"), string.Empty, ContextKind.Cached, url, document, Now);
            await MakeRoomAsync(document.Length);
            ContextEntry kept = Remember(await table.PutAsync(copy, _stopping.Token));
            LogFetched(url, document.Length, bundled);
            return kept;
        }
        catch (NgsiLdException e)
        {
            LogFailed(url, e.Message);
            if (_failures.Count >= MaximumCopies)
            {
                _failures.Clear();
            }

            _failures[url] = (e, Now + (long)FailureLifetime.TotalMicroseconds);
            throw;
        }
        finally
        {
            _fetching.TryRemove(url, out _);
        }
    }

    private async Task MakeRoomAsync(int bytes)
    {
        if (_copies.Count < MaximumCopies && _copies.Values.Sum(c => (long)c.Document.Length) + bytes <= MaximumCopiedBytes)
        {
            return;
        }

        // A tenth at a time, so that a full node does not do this at every fetch.
        foreach (ContextEntry oldest in _copies.Values.OrderBy(c => c.UsedAt).Take(Math.Max(1, _copies.Count / 10)).ToArray())
        {
            await DeleteAsync(oldest, _stopping.Token);
        }
    }

    private ContextEntry Remember(ContextEntry entry)
    {
        if (entry.Url is { } url)
        {
            _copies[url] = entry;
        }
        else
        {
            // The entry that is in use keeps counting when the store answers with its row.
            entry = _own.GetOrAdd(entry.LocalId, entry);
        }

        return entry;
    }

    private ContextEntry Core(string url) => _core.GetOrAdd(url, static (key, store) =>
    {
        BundledContexts.TryGet(key, out ReadOnlyMemory<byte> document);
        string version = key[(key.LastIndexOf('/') + 1)..^".jsonld".Length];
        return new ContextEntry(version, string.Empty, ContextKind.Cached, key, document, store.Now) { IsCore = true };
    }, this);

    [LoggerMessage(Level = LogLevel.Information, Message = "Keeps a copy of the @context {Url}, {Bytes} bytes; from the bundle: {Bundled}.")]
    private partial void LogFetched(string url, int bytes, bool bundled);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Could not have the @context {Url}: {Reason}")]
    private partial void LogFailed(string url, string reason);
}
