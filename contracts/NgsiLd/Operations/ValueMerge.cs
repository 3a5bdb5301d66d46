using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Twin.NgsiLd.Operations;

/// <summary>
/// JSON Merge Patch (RFC 7396) of compound values, where <c>urn:ngsi-ld:null</c> removes as null does (GS CIM 009 5.5.12).
/// </summary>
internal static class ValueMerge
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>The merged value; the patch itself when one of the two is not an object.</summary>
    public static ReadOnlyMemory<byte> Merge(ReadOnlyMemory<byte> current, ReadOnlyMemory<byte> patch)
    {
        if (!IsObject(current) || !IsObject(patch))
        {
            return patch;
        }

        using var mine = JsonDocument.Parse(current);
        using var theirs = JsonDocument.Parse(patch);
        var to = new ArrayBufferWriter<byte>(current.Length + patch.Length);
        using (var writer = new Utf8JsonWriter(to, Options))
        {
            Merge(writer, mine.RootElement, theirs.RootElement);
        }

        return to.WrittenMemory;
    }

    /// <summary>The object with one member set; the others stay.</summary>
    public static ReadOnlyMemory<byte> WithMember(ReadOnlyMemory<byte> current, string name, ReadOnlyMemory<byte> value)
    {
        var patch = new ArrayBufferWriter<byte>(value.Length + name.Length + 8);
        using (var writer = new Utf8JsonWriter(patch, Options))
        {
            writer.WriteStartObject();
            writer.WritePropertyName(name);
            writer.WriteRawValue(value.Span, skipInputValidation: true);
            writer.WriteEndObject();
        }

        return Merge(current, patch.WrittenMemory);
    }

    private static void Merge(Utf8JsonWriter writer, JsonElement current, JsonElement patch)
    {
        writer.WriteStartObject();
        foreach (JsonProperty member in current.EnumerateObject())
        {
            if (!patch.TryGetProperty(member.Name, out JsonElement change))
            {
                member.WriteTo(writer);
            }
            else if (!IsNull(change))
            {
                writer.WritePropertyName(member.Name);
                Write(writer, member.Value, change);
            }
        }

        foreach (JsonProperty added in patch.EnumerateObject())
        {
            if (!IsNull(added.Value) && !current.TryGetProperty(added.Name, out _))
            {
                writer.WritePropertyName(added.Name);
                Write(writer, default, added.Value);
            }
        }

        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, JsonElement current, JsonElement change)
    {
        if (change.ValueKind != JsonValueKind.Object)
        {
            change.WriteTo(writer);
        }
        else if (current.ValueKind == JsonValueKind.Object)
        {
            Merge(writer, current, change);
        }
        else
        {
            using var empty = JsonDocument.Parse("{}"u8.ToArray());
            Merge(writer, empty.RootElement, change);
        }
    }

    private static bool IsObject(ReadOnlyMemory<byte> json) => !json.IsEmpty && json.Span[0] == (byte)'{';

    private static bool IsNull(JsonElement value) =>
        value.ValueKind == JsonValueKind.Null || value.ValueKind == JsonValueKind.String && value.ValueEquals("urn:ngsi-ld:null"u8);
}
