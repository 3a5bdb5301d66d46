using Microsoft.AspNetCore.Http;
using Twin.Telemetry.Sources.Payloads;

namespace Twin.Telemetry.Sources.Posted;

/// <summary>A source whose messages come as requests, one in each.</summary>
/// <param name="state">How it is.</param>
/// <param name="tenant">Whose points they are.</param>
/// <param name="secret">What whoever posts shows.</param>
/// <param name="payload">What its messages mean.</param>
/// <param name="names">What it knows of each message.</param>
internal sealed class PostedSource(SourceState state, string? tenant, SharedSecret secret, PayloadOptions payload, IReadOnlyCollection<string> names)
{
    // The settings were found sound when the process began.
    private readonly PayloadDecoder decoder = PayloadForms.Create(payload, names, new PayloadFaults("", []));

    /// <summary>How it is.</summary>
    public SourceState State => state;

    /// <summary>Whose points they are.</summary>
    public string? Tenant => tenant;

    /// <summary>What whoever posts shows.</summary>
    public SharedSecret Secret => secret;

    /// <summary>Whether each of its messages is a JSON text.</summary>
    public bool IsJson { get; } = payload.Payload.ToLowerInvariant() is not ("value" or "csv" or "ndjson");

    /// <summary>Whether the sender brings again, for ever, what is refused: then a bad body is set aside as well, and settled.</summary>
    public bool BringsAgain { get; init; }

    /// <summary>A message that was posted.</summary>
    public SourceMessage Message(string topic, ReadOnlyMemory<byte> body, DateTimeOffset at, IReadOnlyDictionary<string, string> known, string? fault) =>
        new(topic, body, at, decoder, known) { Fault = fault };
}
