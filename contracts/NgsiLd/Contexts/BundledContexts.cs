using System.Collections.Frozen;
using System.Text;

namespace Twin.NgsiLd.Contexts;

/// <summary>
/// The @contexts that a node brings along, so that it starts and answers without the internet: the core ones of
/// GS CIM 009 and those that <c>Bundled/urls.txt</c> maps to a file beside it.
/// </summary>
/// <remarks>
/// The unversioned core URL stands for the current core: what is published there has changed over the years, and the
/// terms of V1.0 that later versions dropped (<c>name</c>) would else split one attribute in two.
/// </remarks>
public static class BundledContexts
{
    private static readonly FrozenDictionary<string, string> Files = ReadUrls();
    private static readonly Lazy<JsonLdContext> LazyCore = new(ContextBuilder.Core);

    /// <summary>The URLs that are answered from the bundle.</summary>
    public static IEnumerable<string> Urls => Files.Keys;

    internal static JsonLdContext CoreContext => LazyCore.Value;

    /// <summary>Whether the URL is one of the core @context, of any version, bundled or not.</summary>
    public static bool IsCore(string url) =>
        url.StartsWith("https://uri.etsi.org/ngsi-ld/v1/ngsi-ld-core-context", StringComparison.Ordinal) && Files.ContainsKey(url);

    /// <summary>The text that is bundled for a URL: a JSON object with a member <c>@context</c>.</summary>
    public static bool TryGet(string url, out ReadOnlyMemory<byte> document)
    {
        document = default;
        if (!Files.TryGetValue(url, out string? file))
        {
            return false;
        }

        document = Read(file);
        return true;
    }

    /// <summary>Loads from the bundle alone.</summary>
    /// <exception cref="NgsiLdException">LdContextNotAvailable for every other URL.</exception>
    public static ValueTask<ReadOnlyMemory<byte>> LoadAsync(string url, CancellationToken cancellationToken) =>
        TryGet(url, out ReadOnlyMemory<byte> document)
            ? new(document)
            : throw new NgsiLdException(NgsiLdErrorType.LdContextNotAvailable, $"The @context '{url}' is not bundled.", "@context");

    private static byte[] Read(string name)
    {
        using Stream stream = typeof(BundledContexts).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"The bundled @context {name} is not in the assembly.");
        byte[] bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    private static FrozenDictionary<string, string> ReadUrls() => Encoding.UTF8.GetString(Read("bundled-context-urls.txt"))
        .Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
        .Where(line => line[0] != '#')
        .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        .ToFrozenDictionary(pair => pair[0], pair => pair[1], StringComparer.Ordinal);
}
