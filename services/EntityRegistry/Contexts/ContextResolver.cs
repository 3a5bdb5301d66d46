using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Twin.NgsiLd;
using Twin.NgsiLd.Contexts;

namespace Twin.EntityRegistry.Contexts;

/// <summary>
/// Finds the @context of a request (GS CIM 009 V1.9.1, 6.3.5). What was resolved before is answered at once, by the exact
/// text of the Link header or of the inline @context; every use is counted at the @contexts it names (5.13.3.5).
/// </summary>
internal sealed class ContextResolver
{
    private const string TenantHeader = "NGSILD-Tenant";
    private const int Remembered = 2048;

    private readonly ContextStore _store;
    private readonly ContextCompiler _common = new();
    private readonly ConcurrentDictionary<string, ContextCompiler> _tenants = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Resolved> _links = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<JsonLdContext, ContextEntry[]> _uses = new();
    private int _generation;

    public ContextResolver(ContextStore store)
    {
        _store = store;
        store.Changed += Forget;
    }

    /// <summary>Whether a Link header names a @context.</summary>
    public bool HasLink(HttpRequest request)
    {
        StringValues link = request.Headers.Link;
        return link.Count > 0 && ((link[0] is { } text && _links.ContainsKey(text)) || ContextLink.Find(link) is not null);
    }

    /// <summary>The @context that the Link header names, or the core one.</summary>
    /// <exception cref="NgsiLdException">BadRequestData or LdContextNotAvailable.</exception>
    public ValueTask<JsonLdContext> FromLinkAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        StringValues link = request.Headers.Link;
        if (link.Count == 0)
        {
            return new(JsonLdContext.Core);
        }

        if (link.Count == 1 && link[0] is { } text && _links.TryGetValue(text, out Resolved? known))
        {
            Use(known.Uses);
            return new(known.Context);
        }

        return ContextLink.Find(link) is { } url ? ResolveLinkAsync(link, url, TenantOf(request), cancellationToken) : new(JsonLdContext.Core);
    }

    /// <summary>Compiles the value of a member <c>@context</c> within a body.</summary>
    /// <exception cref="NgsiLdException">InvalidRequest, BadRequestData or LdContextNotAvailable.</exception>
    public ValueTask<JsonLdContext> FromJsonAsync(HttpRequest request, ReadOnlyMemory<byte> contextJson, CancellationToken cancellationToken) =>
        FromJsonAsync(contextJson, TenantOf(request), cancellationToken);

    /// <summary>Compiles the value of a member <c>@context</c>, with the hosted @contexts of the default tenant.</summary>
    /// <inheritdoc cref="FromJsonAsync(HttpRequest, ReadOnlyMemory{byte}, CancellationToken)"/>
    public ValueTask<JsonLdContext> FromJsonAsync(ReadOnlyMemory<byte> contextJson, CancellationToken cancellationToken) =>
        FromJsonAsync(contextJson, string.Empty, cancellationToken);

    /// <summary>The @context of one URL, as a registration or subscription names it.</summary>
    /// <inheritdoc cref="FromJsonAsync(HttpRequest, ReadOnlyMemory{byte}, CancellationToken)"/>
    public async ValueTask<JsonLdContext> FromUrlAsync(string url, string tenant, CancellationToken cancellationToken)
    {
        JsonLdContext context = await CompilerFor(url, tenant).CompileUrlAsync(url, Loader(tenant), cancellationToken);
        return await CountAsync(context, tenant, cancellationToken);
    }

    /// <summary>
    /// A @context that a Link header can name: itself when it has a URL, else one that the node makes of it and serves
    /// from now on (ImplicitlyCreated, 5.13.1).
    /// </summary>
    /// <param name="context">The @context.</param>
    /// <param name="request">Says whose it is, and under which address the node is called.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async ValueTask<JsonLdContext> LinkableAsync(JsonLdContext context, HttpRequest request, CancellationToken cancellationToken)
    {
        if (context.Url is not null)
        {
            return context;
        }

        byte[] json = context.Json.ToArray();
        ContextEntry entry = await _store.AddOwnAsync(json, TenantOf(request), ContextKind.ImplicitlyCreated, cancellationToken);
        return context.WithUrl(UrlOf(entry, request));
    }

    /// <summary>The URL of an entry: where a copy is from, or where this node serves its own.</summary>
    public static string UrlOf(ContextEntry entry, HttpRequest request) => entry.Url ?? $"{request.Scheme}://{request.Host}{ContextStore.Path}{entry.LocalId}";

    /// <summary>The tenant that a request names; empty for the default one.</summary>
    public static string TenantOf(HttpRequest request) => request.Headers[TenantHeader] is { Count: > 0 } header ? header[0] ?? string.Empty : string.Empty;

    private async ValueTask<JsonLdContext> FromJsonAsync(ReadOnlyMemory<byte> contextJson, string tenant, CancellationToken cancellationToken)
    {
        ContextCompiler compiler = CompilerFor(contextJson.Span, tenant);
        JsonLdContext context = await compiler.CompileAsync(contextJson, Loader(tenant), cancellationToken);
        return await CountAsync(context, tenant, cancellationToken);
    }

    private async ValueTask<JsonLdContext> ResolveLinkAsync(StringValues link, string url, string tenant, CancellationToken cancellationToken)
    {
        int generation = Volatile.Read(ref _generation);
        JsonLdContext context = await FromUrlAsync(url, tenant, cancellationToken);
        if (link.Count != 1 || NamesOwn(url) || !_uses.TryGetValue(context, out ContextEntry[]? uses))
        {
            return context;
        }

        if (_links.Count >= Remembered)
        {
            _links.Clear();
        }

        _links[link[0]!] = new Resolved(context, uses);
        if (generation != Volatile.Read(ref _generation))
        {
            // A document went meanwhile: this request may have what it resolved, the next one resolves anew.
            _links.TryRemove(link[0]!, out _);
        }

        return context;
    }

    private async ValueTask<JsonLdContext> CountAsync(JsonLdContext context, string tenant, CancellationToken cancellationToken)
    {
        if (!_uses.TryGetValue(context, out ContextEntry[]? uses))
        {
            if (_uses.Count >= Remembered)
            {
                _uses.Clear();
            }

            int generation = Volatile.Read(ref _generation);
            uses = await NamedByAsync(context, tenant, cancellationToken);
            _uses[context] = uses;
            if (generation != Volatile.Read(ref _generation))
            {
                _uses.TryRemove(context, out _);
            }
        }

        Use(uses);
        return context;
    }

    private void Use(ContextEntry[] entries)
    {
        if (entries.Length == 0)
        {
            return;
        }

        long now = _store.Now;
        foreach (ContextEntry entry in entries)
        {
            entry.Use(now);
        }
    }

    /// <summary>The kept documents that the value itself names; what those name is not the request's doing.</summary>
    private async Task<ContextEntry[]> NamedByAsync(JsonLdContext context, string tenant, CancellationToken cancellationToken)
    {
        using JsonDocument value = JsonDocument.Parse(context.Json.ToArray());
        IEnumerable<JsonElement> items = value.RootElement.ValueKind == JsonValueKind.Array ? value.RootElement.EnumerateArray() : [value.RootElement];
        var entries = new List<ContextEntry>();
        foreach (JsonElement item in items.Where(i => i.ValueKind == JsonValueKind.String))
        {
            string url = item.GetString()!;
            if ((OwnId(url) is { } id ? await _store.FindOwnAsync(id, tenant, cancellationToken) : _store.FindRemote(url)) is { } entry)
            {
                entries.Add(entry);
            }
        }

        return [.. entries];
    }

    private LoadContext Loader(string tenant) => async (url, cancellationToken) =>
        OwnId(url) is { } id && await _store.FindOwnAsync(id, tenant, cancellationToken) is { } own
            ? own.Document
            : (await _store.GetRemoteAsync(url, cancellationToken)).Document;

    /// <summary>
    /// Tenants share what is compiled, except where a hosted @context may be in it: those are their tenant's own, and one
    /// tenant's must not answer another that has learnt its URL.
    /// </summary>
    private ContextCompiler CompilerFor(ReadOnlySpan<byte> json, string tenant) => json.IndexOf("/jsonldContexts/"u8) >= 0 || json.Contains((byte)'\\') ? Own(tenant) : _common;

    private ContextCompiler CompilerFor(string url, string tenant) => NamesOwn(url) ? Own(tenant) : _common;

    private ContextCompiler Own(string tenant)
    {
        if (_tenants.Count >= Remembered)
        {
            _tenants.Clear();
        }

        return _tenants.GetOrAdd(tenant, static _ => new ContextCompiler(64));
    }

    private static bool NamesOwn(string url) => url.Contains("/jsonldContexts/", StringComparison.Ordinal);

    /// <summary>The local id in a URL of this shape, whatever its host: ids are unique across nodes, hosts have many names.</summary>
    public static string? OwnId(string url)
    {
        int at = url.IndexOf(ContextStore.Path, StringComparison.Ordinal);
        return at < 0 ? null : url[(at + ContextStore.Path.Length)..];
    }

    private void Forget()
    {
        Interlocked.Increment(ref _generation);
        _common.Forget();
        _tenants.Clear();
        _links.Clear();
        _uses.Clear();
    }

    private sealed record Resolved(JsonLdContext Context, ContextEntry[] Uses);
}
