using System.Globalization;
using Microsoft.AspNetCore.Http;
using Twin.EntityRegistry.Http;
using Twin.NgsiLd;
using Twin.NgsiLd.Representations;

namespace Twin.EntityRegistry.Queries;

/// <summary>How the answer is to look: media type, form, system attributes, preferences (GS CIM 009 6.3.6, 6.3.7, 6.3.11).</summary>
/// <param name="Media">The media type.</param>
/// <param name="Form">Normalized, concise or simplified.</param>
/// <param name="SystemAttributes">Whether createdAt, modifiedAt and expiresAt are told.</param>
/// <param name="ContextInBody">Whether the body names the @context; else a Link header does.</param>
/// <param name="PreferredMinor">The minor version of NGSI-LD that the caller prefers; 0 is ours.</param>
/// <param name="GeometryProperty">The attribute that becomes a Feature's geometry; null is location.</param>
internal readonly record struct Representation(
    MediaType Media,
    EntityForm Form,
    bool SystemAttributes,
    bool ContextInBody,
    int PreferredMinor,
    string? GeometryProperty)
{
    private const int OurMinor = 9;

    /// <summary>Reads <c>format</c>, which wins over <c>options</c>, <c>geometryProperty</c> and the Prefer header.</summary>
    /// <exception cref="NgsiLdException">InvalidRequest when a form is unknown; BadRequestData for a geometryProperty without GeoJSON.</exception>
    public static Representation Of(HttpContext http, MediaType media)
    {
        bool jsonBody = false;
        int minor = 0;
        foreach (string? line in http.Request.Headers["Prefer"])
        {
            foreach (string preference in (line ?? "").Split([',', ';'], StringSplitOptions.TrimEntries))
            {
                jsonBody |= preference == "body=json";
                if (preference.StartsWith("ngsi-ld=1.", StringComparison.Ordinal)
                    && int.TryParse(preference.AsSpan(10), NumberStyles.None, CultureInfo.InvariantCulture, out int asked))
                {
                    minor = Math.Clamp(asked, 1, OurMinor);
                }
            }
        }

        bool inBody = media == MediaType.JsonLd || (media == MediaType.GeoJson && !jsonBody);
        if (!http.Request.QueryString.HasValue)
        {
            return new Representation(media, EntityForm.Normalized, false, inBody, minor, null);
        }

        EntityForm? form = Options(http, out bool system);
        if ((string?)http.Request.Query["format"] is { Length: > 0 } format)
        {
            form = FormOf(format, "format");
        }

        string? geometryProperty = http.Request.Query["geometryProperty"];
        return geometryProperty is null || media == MediaType.GeoJson
            ? new Representation(media, form ?? EntityForm.Normalized, system, inBody, minor, geometryProperty)
            : throw NgsiLdException.BadRequest("geometryProperty goes with Accept: application/geo+json.", "geometryProperty");
    }

    private static EntityForm? Options(HttpContext http, out bool system)
    {
        EntityForm? form = null;
        system = false;
        foreach (string? list in http.Request.Query["options"])
        {
            foreach (string option in (list ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            {
                if (option == "sysAttrs")
                {
                    system = true;
                    continue;
                }

                EntityForm one = FormOf(option, "options");
                form ??= one;
            }
        }

        return form;
    }

    private static EntityForm FormOf(string name, string parameter) => name switch
    {
        "normalized" => EntityForm.Normalized,
        "concise" => EntityForm.Concise,
        "simplified" or "keyValues" => EntityForm.Simplified,
        _ => throw NgsiLdException.Invalid($"'{name}' is not a representation of entities: normalized, concise, simplified (or keyValues); sysAttrs goes into options.", parameter),
    };
}
