using System.Text.Json;

namespace Twin.Telemetry.Sources.Payloads;

/// <summary>Events of ChirpStack v4 as JSON, as its MQTT and its HTTP integration send them.</summary>
internal sealed class ChirpStackPayload(MessageTemplates templates, MemberValues values, bool signal) : LorawanPayload(templates, values, signal)
{
    /// <summary>The name by which a webhook, or a level of a topic, says what kind of event a message is.</summary>
    public const string EventName = "event";

    private const string Uplink = "up";
    private static readonly HashSet<string> EventKinds = [Uplink, "status", "join", "ack", "txack", "log", "location", "integration"];

    /// <summary>The other events (<c>integration.proto</c>), each by a member that it alone has; the first that fits counts.</summary>
    private static readonly (string Member, string Kind)[] OtherKinds =
    [
        ("batteryLevel", "status"), ("batteryLevelUnavailable", "status"), ("margin", "status"), ("downlinkId", "txack"), ("acknowledged", "ack"),
        ("integrationName", "integration"), ("location", "location"), ("level", "log"), ("code", "log"), ("queueItemId", "ack"),
        ("relayRxInfo", "join"), ("devAddr", "join"),
    ];

    /// <inheritdoc />
    protected override LorawanUplink? Read(JsonElement root, MessagePoints points, Dictionary<string, string> names)
    {
        if (!root.TryGetProperty("deviceInfo", out var device) || device.ValueKind != JsonValueKind.Object)
        {
            throw new PayloadException("It is no event of ChirpStack v4 as JSON: it has no member deviceInfo.");
        }

        if (OtherKind(root, names) is { } kind)
        {
            points.Ignore(kind);
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

        if (!root.TryGetProperty("time", out var time))
        {
            throw new PayloadException("It has no time.");
        }

        root.TryGetProperty("rxInfo", out var receptions);
        var isLora = root.TryGetProperty("txInfo", out var sent) && sent.ValueKind == JsonValueKind.Object
            && sent.TryGetProperty("modulation", out var modulation) && modulation.ValueKind == JsonValueKind.Object && modulation.TryGetProperty("lora", out _);
        return new LorawanUplink(values, PayloadTime.Read(time, "time"), receptions, isLora);
    }

    /// <summary>What kind of event it is, when it is no uplink: as its source says, or else by its members.</summary>
    /// <exception cref="PayloadException">It is none that is known.</exception>
    private static string? OtherKind(JsonElement root, Dictionary<string, string> names)
    {
        if (names.TryGetValue(EventName, out var told) && EventKinds.Contains(told))
        {
            return told == Uplink ? null : told;
        }

        if (root.TryGetProperty("rxInfo", out _))
        {
            return null;
        }

        // An integration's own event has an object too.
        var other = Array.Find(OtherKinds, kind => root.TryGetProperty(kind.Member, out _)).Kind;
        return other is not null || root.TryGetProperty("object", out _)
            ? other
            : throw new PayloadException("It is no event of ChirpStack that is known: neither an uplink nor any other.");
    }
}
