using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Twin.EntityRegistry.Contexts;
using Twin.EntityRegistry.Tenants;
using Twin.NgsiLd;
using Twin.NgsiLd.Contexts;
using Twin.NgsiLd.Representations;

namespace Twin.EntityRegistry.Http;

/// <summary>The rules of GS CIM 009 6.3 that hold for every operation, in the order in which they are checked.</summary>
internal static class NgsiLdRequest
{
    /// <summary>The header that names a tenant, in requests and answers.</summary>
    public const string TenantHeader = "NGSILD-Tenant";

    /// <summary>The tenant that a request names; null for the default one.</summary>
    /// <exception cref="NgsiLdException">BadRequestData: no answer could name it, so no tenant has that name.</exception>
    public static string? TenantName(HttpContext http)
    {
        string? name = http.Request.Headers[TenantHeader];
        if (string.IsNullOrEmpty(name))
        {
            return null;
        }

        if (name.AsSpan().ContainsAnyExceptInRange('!', '~'))
        {
            throw NgsiLdException.BadRequest(TenantDirectory.NameRule, TenantHeader);
        }

        // 6.3.14: the answer names the tenant of the request, also when it is an error.
        http.Response.Headers[TenantHeader] = name;
        return name;
    }

    /// <summary>Refuses a body without Content-Length (411) or of another media type (415), bare as 6.3.4 says.</summary>
    /// <returns>Whether the request may go on.</returns>
    public static bool AcceptsBody(HttpContext http, bool mergePatch = false)
    {
        if (http.Request.ContentLength is null)
        {
            return Bare(http, StatusCodes.Status411LengthRequired);
        }

        string? type = MediaTypes.OfBody(http.Request);
        bool known = type is MediaTypes.Json or MediaTypes.JsonLd || mergePatch && type is MediaTypes.MergePatch;
        return known || Bare(http, StatusCodes.Status415UnsupportedMediaType);
    }

    /// <summary>Chooses the answer's media type, or answers 406 bare as 6.3.4 says.</summary>
    public static bool Negotiate(HttpContext http, bool geoJson, out MediaType type)
    {
        MediaType? negotiated = MediaTypes.Negotiate(http.Request, geoJson);
        type = negotiated ?? MediaType.Json;
        return negotiated is not null || Bare(http, StatusCodes.Status406NotAcceptable);
    }

    private static bool Bare(HttpContext http, int status)
    {
        http.Response.StatusCode = status;
        http.Response.ContentLength = 0;
        if (http.Features.Get<IStatusCodePagesFeature>() is { } pages)
        {
            pages.Enabled = false;
        }

        return false;
    }

    /// <summary>Refuses URL parameters that the operation does not know (6.3.2).</summary>
    /// <exception cref="NgsiLdException">InvalidRequest.</exception>
    public static void AllowParameters(HttpContext http, ReadOnlySpan<string> known)
    {
        if (!http.Request.QueryString.HasValue)
        {
            return;
        }

        foreach (string name in http.Request.Query.Keys)
        {
            if (!known.Contains(name))
            {
                throw NgsiLdException.Invalid($"The operation has no parameter '{name}'. It knows: {string.Join(", ", known!)}.", name);
            }
        }
    }

    /// <summary>A path segment as it was meant: the server leaves %2F in place, so that it does not split segments.</summary>
    public static string Segment(HttpContext http, string name)
    {
        var value = (string?)http.Request.RouteValues[name] ?? "";
        return value.Contains('%', StringComparison.Ordinal) ? value.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase) : value;
    }

    /// <summary>The entity id in the path.</summary>
    /// <exception cref="NgsiLdException">BadRequestData when it is not a URI.</exception>
    public static string EntityId(HttpContext http)
    {
        string id = Segment(http, "entityId");
        return IsUri(id) ? id : throw NgsiLdException.BadRequest("An entity id is a URI, such as urn:ngsi-ld:Building:1.", "entityId");
    }

    /// <summary>Whether a text can stand as an entity id.</summary>
    public static bool IsUri(string text) => Uris.IsAbsolute(text);

    /// <summary>A parameter that is true or false.</summary>
    /// <exception cref="NgsiLdException">BadRequestData for anything else.</exception>
    public static bool Flag(HttpContext http, string name, bool otherwise = false)
    {
        if (!http.Request.QueryString.HasValue)
        {
            return otherwise;
        }

        string? value = http.Request.Query[name];
        return value switch
        {
            null or "" => otherwise,
            "true" or "True" => true,
            "false" or "False" => false,
            _ => throw NgsiLdException.BadRequest($"'{name}' is true or false.", name),
        };
    }
}
