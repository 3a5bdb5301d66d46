using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Twin.EntityRegistry.Http;

/// <summary>The representations that NGSI-LD answers in (GS CIM 009 6.3.4), in the standard's order of preference.</summary>
internal enum MediaType
{
    /// <summary>application/json; the @context travels in a Link header.</summary>
    Json,

    /// <summary>application/ld+json; the @context is in the body.</summary>
    JsonLd,

    /// <summary>application/geo+json.</summary>
    GeoJson,
}

/// <summary>Reads Accept and Content-Type.</summary>
internal static class MediaTypes
{
    /// <summary>application/json.</summary>
    public const string Json = "application/json";

    /// <summary>application/ld+json.</summary>
    public const string JsonLd = "application/ld+json";

    /// <summary>application/geo+json.</summary>
    public const string GeoJson = "application/geo+json";

    /// <summary>application/merge-patch+json.</summary>
    public const string MergePatch = "application/merge-patch+json";

    private static readonly string[] Names = [Json, JsonLd, GeoJson];

    /// <summary>The name on the wire.</summary>
    public static string Name(this MediaType type) => Names[(int)type];

    /// <summary>
    /// Chooses the representation: the greatest weight wins, the standard's order breaks ties; the most specific range
    /// decides a type's weight, and zero takes it out (RFC 9110 12.5.1).
    /// </summary>
    /// <param name="request">The request.</param>
    /// <param name="geoJson">Whether the operation can answer in GeoJSON.</param>
    /// <returns>Null when nothing that is asked for can be had: 406.</returns>
    public static MediaType? Negotiate(HttpRequest request, bool geoJson)
    {
        StringValues accept = request.Headers.Accept;
        if (accept.Count == 0 || accept.Count == 1 && accept[0] is null or "" or "*/*" or Json)
        {
            return MediaType.Json;
        }

        MediaType? best = null;
        double bestWeight = 0;
        for (int i = 0; i < (geoJson ? 3 : 2); i++)
        {
            double weight = Weight(Names[i], accept);
            if (weight > bestWeight)
            {
                best = (MediaType)i;
                bestWeight = weight;
            }
        }

        return best;
    }

    /// <summary>The media type of the body without parameters, in lower case; null when there is none.</summary>
    public static string? OfBody(HttpRequest request)
    {
        string? type = request.ContentType;
        if (type is null or Json or JsonLd)
        {
            return type;
        }

        int end = type.IndexOf(';', StringComparison.Ordinal);
        return (end < 0 ? type : type[..end]).Trim().ToLowerInvariant();
    }

    /// <summary>How much a media type is wanted (RFC 9110 12.5.1); 0 when it is not.</summary>
    public static double Weight(string name, StringValues accept)
    {
        string family = name[..(name.IndexOf('/', StringComparison.Ordinal) + 1)] + "*";
        int specificity = -1;
        double weight = 0;
        foreach (string? line in accept)
        {
            foreach (string range in (line ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            {
                string[] parts = range.Split(';', StringSplitOptions.TrimEntries);
                int match = parts[0].Equals(name, StringComparison.OrdinalIgnoreCase) ? 2
                    : parts[0].Equals(family, StringComparison.OrdinalIgnoreCase) ? 1
                    : parts[0] == "*/*" ? 0
                    : -1;
                if (match > specificity)
                {
                    specificity = match;
                    weight = Quality(parts);
                }
            }
        }

        return weight;
    }

    private static double Quality(string[] parts)
    {
        foreach (string part in parts.AsSpan(1))
        {
            if (part.StartsWith("q=", StringComparison.OrdinalIgnoreCase)
                && double.TryParse(part.AsSpan(2), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double quality))
            {
                return Math.Clamp(quality, 0, 1);
            }
        }

        return 1;
    }
}
