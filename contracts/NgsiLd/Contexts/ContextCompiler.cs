using System.Buffers;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json;

namespace Twin.NgsiLd.Contexts;

/// <summary>How a remote @context is had: its whole document, or an <see cref="NgsiLdException"/> LdContextNotAvailable.</summary>
/// <param name="url">An absolute URL without fragment.</param>
/// <param name="cancellationToken">Cancels.</param>
public delegate ValueTask<ReadOnlyMemory<byte>> LoadContext(string url, CancellationToken cancellationToken);

/// <summary>
/// Turns values of <c>@context</c> into <see cref="JsonLdContext"/>s and remembers the results by content. Thread safe.
/// </summary>
/// <remarks>
/// Remote documents are gathered first, then the whole is compiled in one go, so that a slow site never holds a half-made
/// @context. Scoped @contexts are refused, as 5.5.7 says of a user's @context; the core one has them.
/// </remarks>
public sealed class ContextCompiler
{
    private readonly ConcurrentDictionary<Key, JsonLdContext> _compiled = new();
    private readonly int _capacity;
    private int _generation;

    /// <summary>Makes a compiler.</summary>
    /// <param name="capacity">How many compiled @contexts are remembered; when full, they are all forgotten.</param>
    public ContextCompiler(int capacity = 1024) => _capacity = capacity;

    /// <summary>The @context that was compiled from these bytes before, if it is remembered.</summary>
    public bool TryGet(ReadOnlySpan<byte> contextJson, out JsonLdContext context) => _compiled.TryGetValue(Key.Of(contextJson), out context!);

    /// <summary>Compiles the value of a member <c>@context</c>: a URL, an object, an array of both, or null.</summary>
    /// <param name="contextJson">The value as JSON.</param>
    /// <param name="load">Fetches what is not bundled.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="NgsiLdException">
    /// InvalidRequest: not JSON. BadRequestData: it, or a document it names, is no valid @context, is cyclic, or is past a
    /// limit of <see cref="ContextLimits"/>. LdContextNotAvailable: from <paramref name="load"/>. The detail names the URL at fault.
    /// </exception>
    public ValueTask<JsonLdContext> CompileAsync(ReadOnlyMemory<byte> contextJson, LoadContext load, CancellationToken cancellationToken)
    {
        Key key = Key.Of(contextJson.Span);
        return _compiled.TryGetValue(key, out JsonLdContext? known) ? new(known) : CompileNewAsync(key, contextJson, load, cancellationToken);
    }

    /// <summary>Compiles the @context behind one URL, as a Link header names it.</summary>
    /// <inheritdoc cref="CompileAsync"/>
    public ValueTask<JsonLdContext> CompileUrlAsync(string url, LoadContext load, CancellationToken cancellationToken)
    {
        var buffer = new ArrayBufferWriter<byte>(url.Length + 2);
        using (var writer = new Utf8JsonWriter(buffer, ContextBuilder.WriterOptions))
        {
            writer.WriteStringValue(url);
        }

        return CompileAsync(buffer.WrittenMemory, load, cancellationToken);
    }

    /// <summary>Refuses a document that cannot be a @context, without looking at what it names.</summary>
    /// <param name="document">A JSON object with a member <c>@context</c>.</param>
    /// <param name="url">Where it came from, for the message.</param>
    /// <exception cref="NgsiLdException">BadRequestData.</exception>
    public static void CheckDocument(ReadOnlyMemory<byte> document, string url)
    {
        using JsonDocument parsed = ContextDocuments.Parse(document, $"The @context '{url}'");
        _ = ContextDocuments.ContextOf(parsed.RootElement, url);
    }

    /// <summary>Forgets everything compiled; called when a remote or hosted document has changed.</summary>
    public void Forget()
    {
        Interlocked.Increment(ref _generation);
        _compiled.Clear();
    }

    private async ValueTask<JsonLdContext> CompileNewAsync(Key key, ReadOnlyMemory<byte> contextJson, LoadContext load, CancellationToken cancellationToken)
    {
        int generation = Volatile.Read(ref _generation);
        using JsonDocument value = ContextDocuments.Parse(contextJson, "The @context");
        using var documents = new ContextDocuments(load);
        await documents.GatherAsync(value.RootElement, null, cancellationToken);
        JsonLdContext context = ContextBuilder.Build(value.RootElement, documents);
        if (_compiled.Count >= _capacity)
        {
            _compiled.Clear();
        }

        JsonLdContext kept = _compiled.GetOrAdd(key, context);
        if (generation != Volatile.Read(ref _generation))
        {
            // A document changed while this was made of its old text: the caller may have it, the next one may not.
            _compiled.TryRemove(key, out _);
        }

        return kept;
    }

    private readonly record struct Key(ulong A, ulong B, ulong C, ulong D)
    {
        public static Key Of(ReadOnlySpan<byte> json)
        {
            Span<byte> hash = stackalloc byte[32];
            SHA256.HashData(json, hash);
            return new Key(BitConverter.ToUInt64(hash), BitConverter.ToUInt64(hash[8..]), BitConverter.ToUInt64(hash[16..]), BitConverter.ToUInt64(hash[24..]));
        }
    }
}
