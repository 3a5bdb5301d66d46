using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Twin.Hosting.Authentication;
using Twin.NgsiLd;

namespace Twin.EntityRegistry.Http;

/// <summary>
/// Operations of GS CIM 009 that this node does not have: it says so (501 OperationNotSupported, table 6.3.2-1) instead of pretending
/// that the path is unknown. What 6.3.4 asks of every request is checked first.
/// </summary>
internal static class LaterOperations
{
    private static readonly string[] Paths = ["subscriptions", "csourceSubscriptions", "temporal", "snapshots"];

    private static readonly string[] Parameters =
    [
        "id", "idPattern", "type", "attrs", "pick", "omit", "q", "csf", "scopeQ", "georel", "geometry", "coordinates", "geoproperty",
        "timerel", "timeAt", "endTimeAt", "timeproperty", "lastN", "aggrMethods", "aggrPeriodDuration", "datasetId", "lang", "local",
        "limit", "offset", "count", "options", "format", "orderBy", "deleteAll", "entityMap", "entityMapLifetime", "splitEntities",
    ];

    /// <summary>The route table.</summary>
    public static void Map(IEndpointRouteBuilder api)
    {
        foreach (string path in Paths)
        {
            api.Map($"/{path}/{{**rest}}", NgsiLdProblems.Guard(RefuseAsync)).RequireAuthorization(TwinPolicies.Anyone).ExcludeFromDescription();
        }
    }

    private static Task RefuseAsync(HttpContext http)
    {
        string method = http.Request.Method;
        bool writes = HttpMethods.IsPost(method) || HttpMethods.IsPatch(method) || HttpMethods.IsPut(method);
        if (writes && !NgsiLdRequest.AcceptsBody(http, mergePatch: HttpMethods.IsPatch(method)))
        {
            return Task.CompletedTask;
        }

        if (HttpMethods.IsGet(method) && !NgsiLdRequest.Negotiate(http, geoJson: false, out _))
        {
            return Task.CompletedTask;
        }

        NgsiLdRequest.AllowParameters(http, Parameters);
        return NgsiLdProblems.WriteAsync(
            http,
            NgsiLdErrorType.OperationNotSupported,
            "This node does not have subscriptions, temporal evolution and snapshots.",
            null,
            StatusCodes.Status501NotImplemented);
    }
}
