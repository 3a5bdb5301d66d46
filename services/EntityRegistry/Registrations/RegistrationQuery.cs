using Microsoft.AspNetCore.Http;
using Twin.EntityRegistry.Http;
using Twin.NgsiLd;
using Twin.NgsiLd.Contexts;
using Twin.NgsiLd.Queries;

namespace Twin.EntityRegistry.Registrations;

/// <summary>
/// Which registrations are asked for (GS CIM 009 5.10.2.4): what the source may hold (5.12), what its registration says of
/// itself, and the time of which it tells.
/// </summary>
internal sealed class RegistrationQuery
{
    /// <summary>The parameters that choose registrations.</summary>
    public static readonly string[] Parameters =
    [
        "id", "idPattern", "type", "attrs", "q", "csf", "scopeQ", "georel", "geometry", "coordinates", "geoproperty",
        .. RegistrationWindow.Parameters, "local",
    ];

    private readonly EntityQuery _query;
    private readonly WantedInformation _wanted;
    private readonly int[]? _ofQ;
    private readonly RegistrationWindow? _window;

    private RegistrationQuery(EntityQuery query, RegistrationWindow? window)
    {
        _query = query;
        _window = window;
        _wanted = WantedInformation.Of(query);
        _ofQ = query.Q is { } q ? [.. q.AttributeIris().Select(iri => Terms.TryGet(iri, out int id) ? id : -1)] : null;
    }

    /// <summary>Reads the URL parameters (6.8.3.2).</summary>
    /// <exception cref="NgsiLdException">BadRequestData naming the parameter: wrong, or nothing is asked for.</exception>
    public static RegistrationQuery Of(HttpContext http, JsonLdContext context)
    {
        KeyValuePair<string, string>[] given =
        [
            .. from parameter in http.Request.Query
               from value in parameter.Value
               where !string.IsNullOrEmpty(value) && parameter.Key != "local" && Parameters.Contains(parameter.Key)
               select KeyValuePair.Create(parameter.Key, value),
        ];
        if (!NgsiLdRequest.Flag(http, "local") && given.Length == 0)
        {
            throw NgsiLdException.BadRequest("Say which registrations: by type, attrs, id, q, csf, scopeQ, a geoquery or a temporal query; local=true is all (5.10.2.4).", "type");
        }

        // Local, for an entity query would be too wide that asks by id alone.
        EntityQuery query = EntityQueryParser.FromParameters([.. given, KeyValuePair.Create("local", "true")], context, RegistrationWindow.Parameters);
        return new RegistrationQuery(query, RegistrationWindow.Of(http));
    }

    /// <summary>Whether a registration is asked for.</summary>
    /// <param name="registration">The registration.</param>
    /// <param name="now">The time in microseconds since 1970 UTC.</param>
    public bool Matches(ContextSourceRegistration registration, long now)
    {
        return !RegistrationDirectory.Expired(registration, now)
            && (_window?.Touches(registration) ?? !registration.IsTemporal)
            && registration.MayHold(_wanted)
            && (_ofQ is null || registration.MayHold(_wanted with { Attributes = _ofQ }))
            && (_query.Scopes?.Matches(registration.Properties) ?? true)
            && (_query.Geo?.Matches(registration.Properties) ?? true);
    }
}
