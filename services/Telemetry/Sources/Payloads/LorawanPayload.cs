using System.Text.Json;

namespace Twin.Telemetry.Sources.Payloads;

/// <summary>What LoRaWAN network servers publish of a device's uplinks: the values that the payload's codec there has found.</summary>
/// <param name="templates">What the settings make of it.</param>
/// <param name="values">Which of the values are taken.</param>
/// <param name="signal">Whether rssi and snr are attributes too.</param>
internal abstract class LorawanPayload(MessageTemplates templates, MemberValues values, bool signal) : PayloadDecoder
{
    /// <summary>What templates know of each uplink, besides the names of the source.</summary>
    public static readonly string[] Names = ["device", "devEui", "application", "port"];

    /// <summary>The template of entities where none is set.</summary>
    public const string DefaultEntity = "urn:ngsi-ld:Device:{device}";

    /// <inheritdoc />
    public sealed override void Decode(SourceMessage message, MessagePoints points)
    {
        if (message.Payload.IsEmpty)
        {
            points.Ignore("empty");
            return;
        }

        using var document = Parse(message.Payload);
        var root = document.RootElement;
        if (root.ValueKind != JsonValueKind.Object)
        {
            throw new PayloadException("It is no JSON object.");
        }

        var names = new Dictionary<string, string>(message.Names, StringComparer.Ordinal);
        if (Read(root, points, names) is not { } found)
        {
            return;
        }

        var entity = templates.EntityOf(names, root);
        var time = templates.Time is null ? found.Time : templates.TimeOf(root, points);
        var dataset = templates.DatasetOf(names, root);
        if (signal)
        {
            var (rssi, snr) = found.Best();
            Take("rssi", rssi, "DBM");
            Take("snr", snr, "2N");
        }

        values.Take(found.Values, static _ => false, templates.UnitOf(names, root), Take);

        void Take(string name, JsonElement value, string? unit)
        {
            if (value.ValueKind != JsonValueKind.Undefined)
            {
                points.Take(entity, name, time, value, unit, dataset);
            }
        }
    }

    /// <summary>Reads an uplink, and names its device; null for what is no uplink and was ignored.</summary>
    /// <exception cref="PayloadException">It is nothing of this network server, or its values were not decoded.</exception>
    protected abstract LorawanUplink? Read(JsonElement root, MessagePoints points, Dictionary<string, string> names);

    /// <summary>Adds a text or number to what templates know, when it is there.</summary>
    protected static void Name(Dictionary<string, string> names, string name, JsonElement parent, params ReadOnlySpan<string> path)
    {
        foreach (var step in path)
        {
            if (parent.ValueKind != JsonValueKind.Object || !parent.TryGetProperty(step, out parent))
            {
                return;
            }
        }

        var text = parent.ValueKind switch
        {
            JsonValueKind.String => parent.GetString()!,
            JsonValueKind.Number => parent.GetRawText(),
            _ => "",
        };
        if (text.Length > 0)
        {
            names[name] = text;
        }
    }
}
