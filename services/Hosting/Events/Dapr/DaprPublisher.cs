using System.Buffers;
using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.Extensions.Options;

namespace Twin.Hosting.Events.Dapr;

/// <summary>
/// Publishes through the sidecar's HTTP API, which takes a key for each entry of a bulk; the client library's does not.
/// </summary>
internal sealed class DaprPublisher(IHttpClientFactory clients, IOptions<DaprOptions> options)
{
    public const string ClientName = "dapr-events";

    private readonly DaprOptions options = options.Value;

    /// <summary>Throws until the sidecar has reached the application and subscribed for it: before, events would go nowhere.</summary>
    public async Task EnsureReadyAsync(CancellationToken cancellationToken)
    {
        using var response = await SendAsync(HttpMethod.Get, "v1.0/healthz", null, cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            throw new HttpRequestException($"The Dapr sidecar is not ready: it answers {(int)response.StatusCode}.");
        }
    }

    /// <summary>Throws when the sidecar has no such component, and says so.</summary>
    public async Task EnsureComponentAsync(CancellationToken cancellationToken)
    {
        using var response = await SendAsync(HttpMethod.Get, "v1.0/metadata", null, cancellationToken);
        response.EnsureSuccessStatusCode();
        using var metadata = await JsonDocument.ParseAsync(await response.Content.ReadAsStreamAsync(cancellationToken), cancellationToken: cancellationToken);
        if (!metadata.RootElement.TryGetProperty("components", out var components)
            || !components.EnumerateArray().Any(one => one.GetProperty("name").ValueEquals(options.PubSub)))
        {
            throw new HttpRequestException($"The Dapr sidecar has no component '{options.PubSub}'. Set {DaprOptions.Section}:PubSub to one that it has.");
        }
    }

    /// <summary>Publishes to one topic; returns when the broker has all of them.</summary>
    public async Task PublishAsync(string topic, IEnumerable<TwinEvent> events, CancellationToken cancellationToken)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartArray();
            foreach (var one in events)
            {
                json.WriteStartObject();
                json.WriteString("entryId"u8, one.Id);
                json.WriteString("contentType"u8, "application/cloudevents+json"u8);
                json.WriteStartObject("metadata"u8);
                json.WriteString("partitionKey"u8, one.Subject);
                json.WriteEndObject();
                json.WritePropertyName("event"u8);
                CloudEventJson.Write(json, one);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        using var content = new ReadOnlyMemoryContent(buffer.WrittenMemory);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using var response = await SendAsync(
            HttpMethod.Post, $"v1.0-alpha1/publish/bulk/{Uri.EscapeDataString(options.PubSub)}/{Uri.EscapeDataString(topic)}", content, cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            var answer = await response.Content.ReadAsStringAsync(cancellationToken);
            throw new HttpRequestException($"The Dapr sidecar refused {topic} with {(int)response.StatusCode}: {answer[..Math.Min(answer.Length, 500)]}");
        }
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, HttpContent? content, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, new Uri(new Uri(options.Endpoint), path)) { Content = content };
        if (options.ApiToken.Length > 0)
        {
            request.Headers.Add("dapr-api-token", options.ApiToken);
        }

        return await clients.CreateClient(ClientName).SendAsync(request, cancellationToken);
    }
}
