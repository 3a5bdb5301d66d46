namespace Twin.Telemetry.Sources.Payloads;

/// <summary>What the messages of a source mean.</summary>
internal class PayloadOptions
{
    /// <summary>The form: one of <see cref="PayloadForms.Names"/>.</summary>
    public string Payload { get; set; } = "value";

    /// <summary>
    /// The entity's id, a template: <c>urn:ngsi-ld:Device:{device}</c>. <c>{name}</c> is a name that the source knows, such as
    /// a level of its topic, <c>{$.a.b}</c> a member of a JSON payload. What comes into it is percent-encoded, unless the
    /// template is one placeholder: then that is a whole URI. Not set: <c>{entity}</c>, and of LoRaWAN devices
    /// <c>urn:ngsi-ld:Device:</c> with their name.
    /// </summary>
    public string? Entity { get; set; }

    /// <summary>The attribute, a template; a name of the default vocabulary, or a full IRI. Not set: <c>{attribute}</c>.</summary>
    public string? Attribute { get; set; }

    /// <summary>The datasetId, a template.</summary>
    public string? Dataset { get; set; }

    /// <summary>The unit code (UN/CEFACT), a template.</summary>
    public string? Unit { get; set; }

    /// <summary>
    /// Of JSON: the path of the time, such as <c>data.ts</c>; an ISO 8601 text with its zone, or a number of seconds,
    /// milliseconds, micro- or nanoseconds since 1970, told apart by its size. Not set: when the message came.
    /// </summary>
    public string? Time { get; set; }

    /// <summary>Of JSON: the path of the value, when a message holds one.</summary>
    public string? Value { get; set; }

    /// <summary>Of JSON: the path of the object each of whose members is an attribute. Not set: the payload itself.</summary>
    public string? Members { get; set; }

    /// <summary>
    /// Of LoRaWAN: whether <c>rssi</c> (dBm) and <c>snr</c> (dB) of each uplink are attributes as well, as the gateway had
    /// them that heard it best.
    /// </summary>
    public bool Signal { get; set; }

    /// <summary>Of JSON and of LoRaWAN: the members that are taken, and as what. None: all of them under their own names.</summary>
    public List<MemberOptions> Attributes { get; } = [];
}

/// <summary>One attribute of a JSON payload.</summary>
internal sealed class MemberOptions
{
    /// <summary>Where its value stands, from <see cref="PayloadOptions.Members"/>.</summary>
    public string Path { get; set; } = "";

    /// <summary>The attribute's name; not set, the last step of the path.</summary>
    public string? Name { get; set; }

    /// <summary>The unit code.</summary>
    public string? Unit { get; set; }
}
