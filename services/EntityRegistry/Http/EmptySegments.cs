using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Twin.NgsiLd;

namespace Twin.EntityRegistry.Http;

/// <summary>A path such as <c>/entities//attrs</c> lacks an id, which is the client's fault (400) and no unknown resource.</summary>
internal static class EmptySegments
{
    /// <summary>Refuses such a path under <c>/ngsi-ld/v1</c>, passes on everything else.</summary>
    public static Task RefuseAsync(HttpContext http, RequestDelegate next)
    {
        string path = http.Request.Path.Value ?? "";
        if (HttpMethods.IsPatch(http.Request.Method) && path.Contains("/attrs//", StringComparison.Ordinal) && path.StartsWith("/ngsi-ld/v1/temporal/", StringComparison.Ordinal))
        {
            // Without its attribute this is the resource attrs, which no PATCH changes.
            http.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            return Task.CompletedTask;
        }

        if (path.StartsWith("/ngsi-ld/v1/temporal/", StringComparison.Ordinal) && HasDotSegment(http))
        {
            // The server has resolved it already, and what is left names something else than the client meant.
            return NgsiLdProblems.WriteAsync(http, NgsiLdErrorType.BadRequestData, "A segment of the path is . or .., which names nothing (4.6.2).", "path");
        }

        return path.StartsWith("/ngsi-ld/v1/", StringComparison.Ordinal) && path.Contains("//", StringComparison.Ordinal)
            ? NgsiLdProblems.WriteAsync(http, NgsiLdErrorType.BadRequestData, "The path has an empty segment where an id belongs.", "path")
            : next(http);
    }

    private static bool HasDotSegment(HttpContext http)
    {
        string raw = http.Features.Get<IHttpRequestFeature>()?.RawTarget ?? "";
        return (raw.Contains("%2e", StringComparison.OrdinalIgnoreCase) || raw.Contains("/.", StringComparison.Ordinal))
            && raw.Split('?')[0].Split('/').Any(static segment => segment.Replace("%2e", ".", StringComparison.OrdinalIgnoreCase) is "." or "..");
    }
}
