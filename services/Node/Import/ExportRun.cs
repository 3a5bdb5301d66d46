using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace Twin.Node.Import;

/// <summary>How an export is written.</summary>
internal enum ExportFormat
{
    /// <summary>One entity a line.</summary>
    NdJson,

    /// <summary>A GeoJSON FeatureCollection.</summary>
    GeoJson,

    /// <summary>An array of entities.</summary>
    Json,
}

/// <summary>
/// Writes what a query answers, page by page, each entity as the node wrote it. The pages are followed by their
/// <c>Link rel="next"</c>, so one entity is in memory at a time.
/// </summary>
internal sealed class ExportRun(NodeClient node, ExportFormat format)
{
    /// <summary>Entities written.</summary>
    public long Count { get; private set; }

    /// <param name="query">Type, q and the like, as a URL's query without the question mark.</param>
    /// <param name="output">Where to.</param>
    /// <exception cref="NodeException">The node answered with a problem.</exception>
    public async Task RunAsync(string query, Stream output, CancellationToken cancellationToken)
    {
        await output.WriteAsync(Prologue(), cancellationToken);
        for (var next = $"ngsi-ld/v1/entities?{query}"; next is not null;)
        {
            next = await node.GetAsync(
                next,
                format == ExportFormat.GeoJson ? "application/geo+json" : "application/json",
                (response, token) => PageAsync(response, output, token),
                cancellationToken);
        }

        await output.WriteAsync(Epilogue(), cancellationToken);
        await output.FlushAsync(cancellationToken);
    }

    private async Task<string?> PageAsync(HttpResponseMessage response, Stream output, CancellationToken cancellationToken)
    {
        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        if (response.StatusCode != HttpStatusCode.OK)
        {
            using var problem = new MemoryStream();
            await body.CopyToAsync(problem, cancellationToken);
            throw new NodeException($"{node.Node} answered {(int)response.StatusCode}: {NodeClient.Explain(response.StatusCode, problem.ToArray())}");
        }

        await foreach (var row in new JsonRows(body, collection: format == ExportFormat.GeoJson).ReadAsync(cancellationToken))
        {
            if (row.Refused is { } reason)
            {
                throw new NodeException($"{node.Node} answered with JSON that is broken: {reason}");
            }

            if (Count++ > 0)
            {
                await output.WriteAsync(format == ExportFormat.NdJson ? "\n"u8.ToArray() : ",\n"u8.ToArray(), cancellationToken);
            }

            await output.WriteAsync(row.Json, cancellationToken);
        }

        return Next(response.Headers);
    }

    private byte[] Prologue() => format switch
    {
        ExportFormat.GeoJson => "{\"type\":\"FeatureCollection\",\"features\":[\n"u8.ToArray(),
        ExportFormat.Json => "[\n"u8.ToArray(),
        _ => [],
    };

    private byte[] Epilogue() => format switch
    {
        ExportFormat.GeoJson => "\n]}\n"u8.ToArray(),
        ExportFormat.Json => "\n]\n"u8.ToArray(),
        _ => Count > 0 ? "\n"u8.ToArray() : [],
    };

    /// <summary>
    /// The address of the next page, as a path on the same node; null on the last. Our own nodes name the last entity of
    /// the page (<c>Twin-Next</c>), so that entities which come or go meanwhile shift nothing; others have RFC 8288 links.
    /// </summary>
    private static string? Next(HttpResponseHeaders headers)
    {
        if (headers.TryGetValues("Twin-Next", out var keys))
        {
            return keys.First().TrimStart('/');
        }

        if (!headers.TryGetValues("Link", out var links))
        {
            return null;
        }

        foreach (var link in links.SelectMany(static l => l.Split(", <")))
        {
            var (open, close) = (link.StartsWith('<') ? 1 : 0, link.IndexOf('>'));
            if (close > 0 && link.AsSpan(close).Contains("rel=\"next\"", StringComparison.Ordinal))
            {
                var target = link[open..close];
                // A path alone is an absolute URI of a file on Unix.
                return Uri.TryCreate(target, UriKind.Absolute, out var absolute) && absolute.Scheme is ("http" or "https")
                    ? absolute.PathAndQuery.TrimStart('/')
                    : target.TrimStart('/');
            }
        }

        return null;
    }
}
