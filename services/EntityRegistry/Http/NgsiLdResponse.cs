using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Twin.NgsiLd.Contexts;

namespace Twin.EntityRegistry.Http;

/// <summary>How answers name their @context: in a Link header for application/json, in the body for application/ld+json (6.3.5, 6.3.6).</summary>
internal static class NgsiLdResponse
{
    /// <summary>JSON as the standard's clients expect it: no HTML escaping.</summary>
    public static readonly JsonWriterOptions JsonOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The path of what has this id, a URI: colons stay readable.</summary>
    public static string Location(string path, string id) => $"{path}/{Uri.EscapeDataString(id).Replace("%3A", ":", StringComparison.Ordinal)}";

    /// <summary>Sets the media type and, where the body does not name the @context, the Link header.</summary>
    public static void WriteContextHeaders(HttpContext http, MediaType media, JsonLdContext context, bool contextInBody = true)
    {
        http.Response.ContentType = media.Name();
        if (media == MediaType.Json || !contextInBody)
        {
            http.Response.Headers.Append("Link", context.LinkHeader);
        }
    }

    /// <summary>Writes a finished JSON object or array of objects; in application/ld+json each object gets the @context.</summary>
    public static async Task WriteWithContextAsync(HttpContext http, MediaType media, JsonLdContext context, ReadOnlyMemory<byte> json)
    {
        IBufferWriter<byte> body = http.Response.BodyWriter;
        if (media == MediaType.Json)
        {
            body.Write(json.Span);
        }
        else
        {
            WriteObjects(body, json.Span, context);
        }

        await http.Response.BodyWriter.FlushAsync(http.RequestAborted);
    }

    private static void WriteObjects(IBufferWriter<byte> body, ReadOnlySpan<byte> json, JsonLdContext context)
    {
        using var document = JsonDocument.Parse(json.ToArray());
        using var writer = new Utf8JsonWriter(body, JsonOptions);
        JsonElement root = document.RootElement;
        if (root.ValueKind == JsonValueKind.Object)
        {
            WriteObject(writer, root, context);
            return;
        }

        writer.WriteStartArray();
        foreach (JsonElement element in root.EnumerateArray())
        {
            WriteObject(writer, element, context);
        }

        writer.WriteEndArray();
    }

    private static void WriteObject(Utf8JsonWriter writer, JsonElement element, JsonLdContext context)
    {
        writer.WriteStartObject();
        foreach (JsonProperty property in element.EnumerateObject())
        {
            property.WriteTo(writer);
        }

        writer.WritePropertyName("@context"u8);
        writer.WriteRawValue(context.Json, skipInputValidation: true);
        writer.WriteEndObject();
    }
}
