using Microsoft.AspNetCore.Http;
using Twin.NgsiLd;

namespace Twin.EntityRegistry.Http;

/// <summary>A path such as <c>/entities//attrs</c> lacks an id, which is the client's fault (400) and no unknown resource.</summary>
internal static class EmptySegments
{
    /// <summary>Refuses such a path under <c>/ngsi-ld/v1</c>, passes on everything else.</summary>
    public static Task RefuseAsync(HttpContext http, RequestDelegate next)
    {
        string path = http.Request.Path.Value ?? "";
        return path.StartsWith("/ngsi-ld/v1/", StringComparison.Ordinal) && path.Contains("//", StringComparison.Ordinal)
            ? NgsiLdProblems.WriteAsync(http, NgsiLdErrorType.BadRequestData, "The path has an empty segment where an id belongs.", "path")
            : next(http);
    }
}
