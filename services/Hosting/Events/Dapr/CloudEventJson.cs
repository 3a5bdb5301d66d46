using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;

namespace Twin.Hosting.Events.Dapr;

/// <summary>Events to and from the JSON format of CloudEvents 1.0.2.</summary>
internal static class CloudEventJson
{
    // The sidecar writes its own traceparent over ours: the cause travels under another name as well.
    private const string Cause = "causetrace";

    public static void Write(Utf8JsonWriter json, TwinEvent one)
    {
        json.WriteStartObject();
        json.WriteString("specversion"u8, "1.0"u8);
        json.WriteString("id"u8, one.Id);
        json.WriteString("source"u8, one.Source);
        json.WriteString("type"u8, one.Type);
        json.WriteString("subject"u8, one.Subject);
        json.WriteString("time"u8, one.Time.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture));
        json.WriteString("datacontenttype"u8, one.DataContentType);
        if (one.TraceParent is not null)
        {
            json.WriteString(Cause, one.TraceParent);
        }

        if (one.Tenant is not null)
        {
            json.WriteString("tenant"u8, one.Tenant);
        }

        // As bytes, whatever the type: on its way through the sidecar JSON would change its order and its large numbers.
        json.WriteBase64String("data_base64"u8, one.Data.Span);
        json.WriteEndObject();
    }

    /// <summary>The event in a body, or why there is none.</summary>
    public static (TwinEvent Event, string? Fault) Read(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            var root = document.RootElement;
            var one = new TwinEvent
            {
                Id = Guid.Parse(Text(root, "id") ?? ""),
                Source = Text(root, "source") ?? throw new FormatException("The attribute source is missing."),
                Type = Text(root, "type") ?? throw new FormatException("The attribute type is missing."),
                Subject = Text(root, "subject") ?? "",
                Time = DateTimeOffset.Parse(Text(root, "time") ?? "", CultureInfo.InvariantCulture),
                TraceParent = Text(root, Cause) ?? Text(root, "traceparent"),
                Tenant = Text(root, "tenant"),
                DataContentType = Text(root, "datacontenttype") ?? "application/json",
                Data = Data(root),
            };
            return (one, null);
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException)
        {
            return (Unreadable(body), $"The body is no CloudEvent 1.0 with a UUID as id: {e.Message}");
        }
    }

    private static ReadOnlyMemory<byte> Data(JsonElement root)
    {
        if (root.TryGetProperty("data_base64", out var bytes))
        {
            return bytes.GetBytesFromBase64();
        }

        return root.TryGetProperty("data", out var data) ? System.Text.Encoding.UTF8.GetBytes(data.GetRawText()) : default;
    }

    private static string? Text(JsonElement root, string name) =>
        root.TryGetProperty(name, out var value) && value.GetString() is { Length: > 0 } text ? text : null;

    // Known by its bytes, so that a redelivery is recognised.
    private static TwinEvent Unreadable(ReadOnlyMemory<byte> body) => new()
    {
        Id = new Guid(SHA256.HashData(body.Span).AsSpan(0, 16)),
        Source = "",
        Type = "",
        Subject = "",
        Time = DateTimeOffset.UnixEpoch,
        Data = body,
    };
}
