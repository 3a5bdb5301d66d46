using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Twin.Hosting.Authentication;
using Twin.NgsiLd;

namespace Twin.EntityRegistry.Http;

/// <summary>Answers what no operation answers: a path with an empty segment lacks an id; any other names nothing.</summary>
internal static class UnknownPaths
{
    /// <summary>The route table: matched after every other route.</summary>
    public static void Map(IEndpointRouteBuilder api) =>
        api.MapFallback("/{**path}", NgsiLdProblems.Guard(RefuseAsync)).RequireAuthorization(TwinPolicies.Anyone);

    private static Task RefuseAsync(HttpContext http) =>
        http.Request.Path.Value?.Contains("//", StringComparison.Ordinal) == true
            ? throw NgsiLdException.BadRequest("The path has an empty segment where an id belongs.", "path")
            : throw NgsiLdException.NotFound($"There is nothing at {http.Request.Path}.");
}
