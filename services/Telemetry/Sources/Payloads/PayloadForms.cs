using Twin.Telemetry.Ingest;

namespace Twin.Telemetry.Sources.Payloads;

/// <summary>The forms of payloads, by the names that settings give them.</summary>
internal static class PayloadForms
{
    private const string EntityName = "{entity}";
    private const string AttributeName = "{attribute}";

    /// <summary>All of them, for messages.</summary>
    public const string Names = "value, json, ndjson, csv, thethingsstack or chirpstack";

    /// <summary>What reads the payloads of a source, by its settings.</summary>
    /// <param name="options">The settings.</param>
    /// <param name="names">What the source knows of each message.</param>
    /// <param name="faults">Takes what is wrong with them; then what is returned reads nothing.</param>
    public static PayloadDecoder Create(PayloadOptions options, IReadOnlyCollection<string> names, PayloadFaults faults)
    {
        var form = options.Payload.ToLowerInvariant();
        if (options.Signal && form is not ("thethingsstack" or "chirpstack"))
        {
            faults.Add(nameof(options.Signal), "only uplinks of LoRaWAN have it; leave it out.");
        }

        switch (form)
        {
            case "value":
                var one = MessageTemplates.Read(options, EntityName, AttributeName, names, faults);
                if (one.Entity is { TakesMembers: true } || one.Attribute is { TakesMembers: true } || options.Value is not null || options.Time is not null || options.Members is not null || options.Attributes.Count > 0)
                {
                    faults.Add(nameof(options.Payload), "one value has no members; set json, or leave out what names members.");
                }

                return new ValuePayload(one);
            case "json":
                var value = faults.Path(nameof(options.Value), options.Value);
                if (value is null && options.Attribute is not null)
                {
                    faults.Add(nameof(options.Value), "set where the value of the one attribute stands, or leave out Attribute: then each member is one.");
                }

                var templates = MessageTemplates.Read(options, EntityName, value is null ? null : AttributeName, names, faults);
                return new JsonPayload(templates, value, faults.Path(nameof(options.Members), options.Members), MemberValues.Read(options, faults));
            case "ndjson":
                return new RowsPayload(static () => new NdjsonRows());
            case "csv":
                return new RowsPayload(static () => new CsvRows());
            case "thethingsstack":
                return new ThingsStackPayload(Uplinks(), MemberValues.Read(options, faults), options.Signal);
            case "chirpstack":
                return new ChirpStackPayload(Uplinks(), MemberValues.Read(options, faults), options.Signal);
            default:
                faults.Add(nameof(options.Payload), $"'{options.Payload}' is no form of payloads; set {Names}.");
                return new RowsPayload(static () => new NdjsonRows());
        }

        MessageTemplates Uplinks()
        {
            if (options.Attribute is not null || options.Value is not null || options.Members is not null)
            {
                faults.Add(nameof(options.Payload), "attributes of uplinks are the members of the decoded payload; leave out Attribute, Value and Members. Attributes picks and renames them.");
            }

            return MessageTemplates.Read(options, LorawanPayload.DefaultEntity, null, [.. names, .. LorawanPayload.Names], faults);
        }
    }
}
