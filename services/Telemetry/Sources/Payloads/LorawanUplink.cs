using System.Text.Json;

namespace Twin.Telemetry.Sources.Payloads;

/// <summary>What an uplink says, whichever network server tells of it.</summary>
/// <param name="Values">What the codec has found in its payload, by name.</param>
/// <param name="Time">When it was received, ISO 8601.</param>
/// <param name="Receptions">For each gateway that heard it, <c>rssi</c> in dBm and <c>snr</c> in dB; undefined when nobody says.</param>
/// <param name="IsLora">Whether it was sent with LoRa modulation, of which alone there is an snr.</param>
internal readonly record struct LorawanUplink(JsonElement Values, byte[] Time, JsonElement Receptions, bool IsLora)
{
    private static readonly JsonElement Zero = JsonDocument.Parse("0").RootElement;

    /// <summary>How the gateway that heard it best had it: the greatest rssi, and the snr there; undefined what is not told.</summary>
    public (JsonElement Rssi, JsonElement Snr) Best()
    {
        var (best, rssi, snr) = (double.NegativeInfinity, default(JsonElement), default(JsonElement));
        if (Receptions.ValueKind != JsonValueKind.Array)
        {
            return (rssi, snr);
        }

        foreach (var one in Receptions.EnumerateArray())
        {
            if (one.ValueKind != JsonValueKind.Object || !one.TryGetProperty("rssi", out var strength)
                || strength.ValueKind != JsonValueKind.Number || !strength.TryGetDouble(out var found) || found <= best)
            {
                continue;
            }

            (best, rssi) = (found, strength);
            // Both servers leave out what is zero.
            snr = one.TryGetProperty("snr", out var ratio) && ratio.ValueKind == JsonValueKind.Number ? ratio : IsLora ? Zero : default;
        }

        return (rssi, snr);
    }
}
