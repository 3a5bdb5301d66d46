using Microsoft.AspNetCore.Http;
using Twin.NgsiLd;

namespace Twin.Telemetry.Temporal;

/// <summary>In which form a request wants evolutions: <c>format</c>, which wins over <c>options</c> (GS CIM 009 6.3.7, 6.3.12).</summary>
/// <param name="Form">The form; null when the request does not say.</param>
/// <param name="SystemAttributes">Whether createdAt and modifiedAt are told.</param>
internal readonly record struct TemporalFormat(TemporalForm? Form, bool SystemAttributes)
{
    /// <summary>Reads the parameters.</summary>
    /// <exception cref="NgsiLdException">InvalidRequest when a form is unknown.</exception>
    public static TemporalFormat Of(HttpContext http)
    {
        TemporalForm? form = null;
        var system = false;
        foreach (var option in http.Request.Query["options"].SelectMany(static list => (list ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)))
        {
            if (option == "sysAttrs")
            {
                system = true;
            }
            else
            {
                var one = Named(option, "options");
                form ??= one;
            }
        }

        return new TemporalFormat((string?)http.Request.Query["format"] is { Length: > 0 } format ? Named(format, "format") : form, system);
    }

    private static TemporalForm Named(string name, string parameter) => name switch
    {
        "normalized" => TemporalForm.Normalized,
        "temporalValues" => TemporalForm.TemporalValues,
        "aggregatedValues" => TemporalForm.AggregatedValues,
        _ => throw NgsiLdException.Invalid($"'{name}' is not a representation of temporal evolutions: normalized, temporalValues, aggregatedValues; sysAttrs goes into options.", parameter),
    };
}
