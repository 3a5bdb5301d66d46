using System.Text.Json;

namespace Twin.Telemetry.Sources.Payloads;

/// <summary>Events of ChirpStack v4 as JSON, as its MQTT and its HTTP integration send them.</summary>
internal sealed class ChirpStackPayload(MessageTemplates templates, MemberValues values) : LorawanPayload(templates, values)
{
    /// <summary>The other events (<c>integration.proto</c>), each by a member that it alone has; the first that fits counts.</summary>
    private static readonly (string Member, string Kind)[] OtherKinds =
    [
        ("batteryLevel", "status"), ("batteryLevelUnavailable", "status"), ("margin", "status"), ("downlinkId", "txack"), ("acknowledged", "ack"),
        ("integrationName", "integration"), ("location", "location"), ("level", "log"), ("code", "log"), ("queueItemId", "ack"),
        ("relayRxInfo", "join"), ("devAddr", "join"),
    ];

    /// <inheritdoc />
    protected override (JsonElement Values, byte[] Time)? Read(JsonElement root, MessagePoints points, Dictionary<string, string> names)
    {
        if (!root.TryGetProperty("deviceInfo", out var device) || device.ValueKind != JsonValueKind.Object)
        {
            throw new PayloadException("It is no event of ChirpStack v4 as JSON: it has no member deviceInfo.");
        }

        if (!root.TryGetProperty("rxInfo", out _) && !root.TryGetProperty("object", out _))
        {
            points.Ignore(Array.Find(OtherKinds, kind => root.TryGetProperty(kind.Member, out _)).Kind
                ?? throw new PayloadException("It is no event of ChirpStack that is known: neither an uplink nor any other."));
            return null;
        }

        Name(names, "device", device, "deviceName");
        Name(names, "devEui", device, "devEui");
        Name(names, "application", device, "applicationName");
        names["port"] = "0";
        Name(names, "port", root, "fPort");
        if (!root.TryGetProperty("object", out var values) || values.ValueKind != JsonValueKind.Object)
        {
            if (!root.TryGetProperty("data", out var bytes) || bytes.ValueKind != JsonValueKind.String || bytes.ValueEquals(""))
            {
                points.Ignore("up without payload");
                return null;
            }

            throw new PayloadException("It has no object: give the device profile a codec in ChirpStack.");
        }

        return root.TryGetProperty("time", out var time)
            ? (values, PayloadTime.Read(time, "time"))
            : throw new PayloadException("It has no time.");
    }
}
