using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;

namespace Twin.Node.Import;

/// <summary>The node did not take or give what was asked; the message says what it answered.</summary>
internal sealed class NodeException(string message) : Exception(message);

/// <summary>Speaks NGSI-LD over HTTP with a node: waits when it asks to (429, 503 with Retry-After), tries again when it cannot be reached.</summary>
internal sealed class NodeClient : IDisposable
{
    /// <summary>The media type of JSON, which the @context of the client is linked to.</summary>
    public const string Json = "application/json";

    /// <summary>The media type of JSON-LD, which has its own @context.</summary>
    public const string JsonLd = "application/ld+json";

    private const int Tries = 8;
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(60);

    private readonly ServiceProvider _services;
    private readonly HttpClient _http;
    private readonly TimeProvider _time;
    private readonly string? _context;

    /// <param name="node">The node's address.</param>
    /// <param name="token">Bearer token; null is anonymous.</param>
    /// <param name="context">URL of the @context that is sent as a Link; null for none.</param>
    /// <param name="time">For waits.</param>
    public NodeClient(Uri node, string? token, string? context, TimeProvider time)
    {
        var services = new ServiceCollection();
        services.AddHttpClient("node", http =>
        {
            http.BaseAddress = new Uri(node.GetLeftPart(UriPartial.Path).TrimEnd('/') + "/");
            http.Timeout = TimeSpan.FromMinutes(5);
            http.DefaultRequestHeaders.Authorization = token is null ? null : new("Bearer", token);
        }).ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler { UseProxy = !node.IsLoopback, AllowAutoRedirect = false, AutomaticDecompression = DecompressionMethods.All });
        _services = services.BuildServiceProvider();
        _http = _services.GetRequiredService<IHttpClientFactory>().CreateClient("node");
        (_time, _context, Node) = (time, context, node);
    }

    public Uri Node { get; }

    /// <summary>Whether to try again when the node does not listen; a check wants to know at once.</summary>
    public bool Patient { get; init; } = true;

    public void Dispose()
    {
        _http.Dispose();
        _services.Dispose();
    }

    /// <summary>Posts a body, and gives the answer whatever its status, read whole.</summary>
    /// <param name="path">Below the node's address.</param>
    /// <param name="body">The body.</param>
    /// <param name="mediaType">What it is; application/ld+json has its own @context, so that none is linked.</param>
    /// <exception cref="NodeException">The node cannot be reached, or keeps refusing to listen.</exception>
    public Task<(HttpStatusCode Status, byte[] Body)> PostAsync(string path, ReadOnlyMemory<byte> body, string mediaType, CancellationToken cancellationToken) =>
        SendAsync(
            () =>
            {
                var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ReadOnlyMemoryContent(body) };
                request.Content.Headers.ContentType = new(mediaType);
                return mediaType == JsonLd ? request : Linked(request);
            },
            static async (response, token) => (response.StatusCode, await response.Content.ReadAsByteArrayAsync(token)),
            cancellationToken);

    /// <summary>Deletes; what is not there is deleted already.</summary>
    /// <exception cref="NodeException">The node refuses.</exception>
    public async Task DeleteAsync(string path, CancellationToken cancellationToken)
    {
        var (status, body) = await SendAsync(
            () => new HttpRequestMessage(HttpMethod.Delete, path),
            static async (response, token) => (response.StatusCode, await response.Content.ReadAsByteArrayAsync(token)),
            cancellationToken);
        if (status is not (HttpStatusCode.NoContent or HttpStatusCode.NotFound))
        {
            throw new NodeException($"{Node} answered {(int)status}: {Explain(status, body)}");
        }
    }

    /// <summary>Gets, and hands the answer over while it still comes in.</summary>
    public Task<T> GetAsync<T>(string path, string accept, Func<HttpResponseMessage, CancellationToken, Task<T>> read, CancellationToken cancellationToken) => SendAsync(
        () =>
        {
            var request = Linked(new HttpRequestMessage(HttpMethod.Get, path));
            request.Headers.Accept.Add(new(accept));
            return request;
        },
        read,
        cancellationToken);

    /// <summary>What a problem (RFC 9457) says, in one line.</summary>
    public static string Explain(HttpStatusCode status, ReadOnlySpan<byte> body)
    {
        try
        {
            var reader = new Utf8JsonReader(body);
            using var problem = JsonDocument.ParseValue(ref reader);
            return Explain(problem.RootElement) ?? $"HTTP {(int)status}";
        }
        catch (JsonException)
        {
            return $"HTTP {(int)status}";
        }
    }

    /// <summary>Detail, else title, of a problem; null when it has neither.</summary>
    public static string? Explain(JsonElement problem) =>
        problem.ValueKind == JsonValueKind.String ? problem.GetString()
        : problem.ValueKind != JsonValueKind.Object ? null
        : problem.TryGetProperty("detail", out var detail) && detail.ValueKind == JsonValueKind.String ? detail.GetString()
        : problem.TryGetProperty("title", out var title) && title.ValueKind == JsonValueKind.String ? title.GetString()
        : null;

    private HttpRequestMessage Linked(HttpRequestMessage request)
    {
        if (_context is not null)
        {
            request.Headers.TryAddWithoutValidation("Link", $"<{_context}>; rel=\"http://www.w3.org/ns/json-ld#context\"; type=\"application/ld+json\"");
        }

        return request;
    }

    private async Task<T> SendAsync<T>(Func<HttpRequestMessage> make, Func<HttpResponseMessage, CancellationToken, Task<T>> read, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            TimeSpan wait;
            try
            {
                using var request = make();
                using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
                if (response.StatusCode is not (HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable) || attempt == Tries || !Patient)
                {
                    return await read(response, cancellationToken);
                }

                wait = Asked(response.Headers.RetryAfter) ?? Backoff(attempt);
            }
            catch (HttpRequestException error) when (Patient && attempt < Tries && error.StatusCode is null)
            {
                wait = Backoff(attempt);
            }
            catch (HttpRequestException error)
            {
                throw new NodeException($"{Node} cannot be reached: {error.Message}");
            }

            await Task.Delay(wait, _time, cancellationToken);
        }
    }

    private TimeSpan? Asked(RetryConditionHeaderValue? header)
    {
        var asked = header?.Delta ?? (header?.Date is { } date ? date - _time.GetUtcNow() : null);
        return asked is { } wait ? TimeSpan.FromTicks(Math.Clamp(wait.Ticks, 0, LongestWait.Ticks)) : null;
    }

    private static TimeSpan Backoff(int attempt) => TimeSpan.FromMilliseconds(Math.Min(8000, 100 << attempt));
}
