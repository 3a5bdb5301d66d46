using System.Text.Json;

namespace Twin.Telemetry.Sources.Payloads;

/// <summary>Application messages of The Things Stack v3 as JSON, as its MQTT server and its webhooks send them.</summary>
internal sealed class ThingsStackPayload(MessageTemplates templates, MemberValues values, bool signal) : LorawanPayload(templates, values, signal)
{
    /// <summary>The messages about a device that are no uplinks (<c>ttn.lorawan.v3.ApplicationUp</c>).</summary>
    private static readonly string[] OtherKinds =
    [
        "uplink_normalized", "join_accept", "downlink_ack", "downlink_nack", "downlink_sent", "downlink_failed", "downlink_queued",
        "downlink_queue_invalidated", "location_solved", "service_data",
    ];

    /// <inheritdoc />
    protected override LorawanUplink? Read(JsonElement root, MessagePoints points, Dictionary<string, string> names)
    {
        if (!root.TryGetProperty("uplink_message", out var uplink) || uplink.ValueKind != JsonValueKind.Object)
        {
            points.Ignore(Array.Find(OtherKinds, kind => root.TryGetProperty(kind, out _))
                ?? throw new PayloadException("It is no message of The Things Stack: it has no member uplink_message."));
            return null;
        }

        Name(names, "device", root, "end_device_ids", "device_id");
        Name(names, "devEui", root, "end_device_ids", "dev_eui");
        Name(names, "application", root, "end_device_ids", "application_ids", "application_id");
        // What is zero is left out there.
        names["port"] = "0";
        Name(names, "port", uplink, "f_port");
        if (!uplink.TryGetProperty("decoded_payload", out var values) || values.ValueKind != JsonValueKind.Object)
        {
            if (!uplink.TryGetProperty("frm_payload", out var bytes) || bytes.ValueKind != JsonValueKind.String || bytes.ValueEquals(""))
            {
                // Commands of the network alone.
                points.Ignore("uplink without payload");
                return null;
            }

            throw new PayloadException("It has no decoded_payload: give the device a payload formatter in The Things Stack.");
        }

        // When the network server got it: the clock of a gateway may be anything, and that of a device is not told.
        if (!uplink.TryGetProperty("received_at", out var time) && !root.TryGetProperty("received_at", out time))
        {
            throw new PayloadException("It has no received_at.");
        }

        uplink.TryGetProperty("rx_metadata", out var receptions);
        var isLora = uplink.TryGetProperty("settings", out var settings) && settings.ValueKind == JsonValueKind.Object
            && settings.TryGetProperty("data_rate", out var rate) && rate.ValueKind == JsonValueKind.Object && rate.TryGetProperty("lora", out _);
        return new LorawanUplink(values, PayloadTime.Read(time, "received_at"), receptions, isLora);
    }
}
