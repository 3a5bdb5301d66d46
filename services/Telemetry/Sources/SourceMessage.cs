using Twin.Telemetry.Sources.Payloads;

namespace Twin.Telemetry.Sources;

/// <summary>What a source has brought and nobody has committed yet.</summary>
/// <param name="topic">Where it was published, for whoever reads about it.</param>
/// <param name="payload">Its bytes, which nobody changes.</param>
/// <param name="at">When it came, or was published where the source knows that.</param>
/// <param name="decoder">What it means.</param>
/// <param name="names">What the source knows of it, for templates.</param>
internal sealed class SourceMessage(string topic, ReadOnlyMemory<byte> payload, DateTimeOffset at, PayloadDecoder decoder, IReadOnlyDictionary<string, string> names)
{
    /// <summary>Where it was published.</summary>
    public string Topic { get; } = topic;

    /// <summary>Its bytes.</summary>
    public ReadOnlyMemory<byte> Payload { get; } = payload;

    /// <summary>When it came, or was published.</summary>
    public DateTimeOffset At { get; } = at;

    /// <summary>What it means.</summary>
    public PayloadDecoder Decoder { get; } = decoder;

    /// <summary>What the source knows of it.</summary>
    public IReadOnlyDictionary<string, string> Names { get; } = names;

    /// <summary>
    /// Whether the broker kept it for whoever comes: what it says was so at a time before, which only its own payload can tell.
    /// </summary>
    public bool Retained { get; init; }

    /// <summary>Tells the source that it need not be brought again; null where nothing is told.</summary>
    public Func<CancellationToken, Task>? Acknowledge { get; init; }

    /// <summary>What to do with the message instead of decoding it: it is too large, say. Null in the usual case.</summary>
    public string? Fault { get; init; }
}
