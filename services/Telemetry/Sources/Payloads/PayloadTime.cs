using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Twin.Telemetry.Sources.Payloads;

/// <summary>The times of JSON payloads.</summary>
internal static class PayloadTime
{
    /// <summary>
    /// The time as ISO 8601 text: a text stands as it is, a number counts since 1970 what its size says. Until the year
    /// 5138 seconds have 11 digits at most, and since 1973 milliseconds have 12 at least; so do the others in their turn.
    /// </summary>
    /// <exception cref="PayloadException">It is no time.</exception>
    public static byte[] Read(JsonElement found, string path)
    {
        if (found.ValueKind == JsonValueKind.String)
        {
            return Encoding.UTF8.GetBytes(found.GetString()!);
        }

        if (found.ValueKind != JsonValueKind.Number || !found.TryGetDecimal(out var number) || number < 0)
        {
            throw new PayloadException($"Its member {path} is neither a date-time nor a number of seconds since 1970.");
        }

        var ticks = number switch
        {
            < 1e11m => number * TimeSpan.TicksPerSecond,
            < 1e14m => number * TimeSpan.TicksPerMillisecond,
            < 1e17m => number * TimeSpan.TicksPerMicrosecond,
            _ => number / TimeSpan.NanosecondsPerTick,
        };
        if (ticks > (DateTime.MaxValue - DateTime.UnixEpoch).Ticks)
        {
            throw new PayloadException($"Its member {path} is {number}, which is no time before the year 10000.");
        }

        return Encoding.ASCII.GetBytes(DateTime.UnixEpoch.AddTicks((long)ticks).ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", CultureInfo.InvariantCulture));
    }
}
