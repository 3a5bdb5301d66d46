using System.Text.Json;

namespace Twin.Telemetry.Sources.Payloads;

/// <summary>Makes points of the messages of a source.</summary>
internal abstract class PayloadDecoder
{
    private static readonly JsonDocumentOptions Json = new() { MaxDepth = 32 };

    /// <summary>Puts the points of a message where they belong.</summary>
    /// <exception cref="PayloadException">It cannot be understood; the points that were put before stay.</exception>
    public abstract void Decode(SourceMessage message, MessagePoints points);

    /// <summary>The payload as JSON; the caller disposes of it.</summary>
    /// <exception cref="PayloadException">It is not.</exception>
    protected static JsonDocument Parse(ReadOnlyMemory<byte> payload)
    {
        try
        {
            return JsonDocument.Parse(payload, Json);
        }
        catch (JsonException fault)
        {
            throw new PayloadException($"It is not JSON (line {fault.LineNumber + 1}, byte {fault.BytePositionInLine}).");
        }
    }
}
