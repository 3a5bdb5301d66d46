using System.Globalization;

namespace Twin.Telemetry.Points;

/// <summary>
/// The NGSI-LD instance ids that nobody has to store (GS CIM 009 4.5.8): they say the series and the time of the point,
/// and so lead back to it.
/// </summary>
internal static class InstanceIds
{
    private const string Prefix = "urn:ngsi-ld:Instance:";

    /// <summary>The id of the point of a series at a time.</summary>
    /// <param name="series">The key of the series.</param>
    /// <param name="time">Ticks UTC.</param>
    public static string Of(int series, long time) => string.Create(CultureInfo.InvariantCulture, $"{Prefix}{series:x}-{time:x}");

    /// <summary>Whether an id is one of these, and of which point.</summary>
    public static bool TryParse(string id, out int series, out long time)
    {
        (series, time) = (0, 0);
        if (!id.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return false;
        }

        var rest = id.AsSpan(Prefix.Length);
        var dash = rest.IndexOf('-');
        return dash > 0
            && int.TryParse(rest[..dash], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out series)
            && long.TryParse(rest[(dash + 1)..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out time)
            && series > 0
            && time is >= 0 and <= 3_155_378_975_999_999_999;
    }
}
