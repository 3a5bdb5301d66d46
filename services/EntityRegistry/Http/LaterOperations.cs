using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Twin.EntityRegistry.OpenApi;
using Twin.Hosting.Authentication;
using Twin.Hosting.OpenApi;
using Twin.NgsiLd;

namespace Twin.EntityRegistry.Http;

/// <summary>
/// Operations of GS CIM 009 that this node does not have: it says so (501 OperationNotSupported, table 6.3.2-1) instead of pretending
/// that the path is unknown. What 6.3.4 asks of every request is checked first. Where another service of the node has one, that wins.
/// </summary>
internal static class LaterOperations
{
    /// <summary>The resources, and for each method the name of the operation (4.20) and the clause of its HTTP binding.</summary>
    private static readonly (string Path, (string Method, string Name, string Clause)[] Operations)[] Table =
    [
        ("subscriptions", [("POST", "createSubscription", "6.10.3.1"), ("GET", "querySubscription", "6.10.3.2")]),
        ("subscriptions/{subscriptionId}", [("GET", "retrieveSubscription", "6.11.3.1"), ("PATCH", "updateSubscription", "6.11.3.2"), ("DELETE", "deleteSubscription", "6.11.3.3")]),
        ("csourceSubscriptions", [("POST", "createCSRSubscription", "6.12.3.1"), ("GET", "queryCSRSubscription", "6.12.3.2")]),
        ("csourceSubscriptions/{subscriptionId}", [("GET", "retrieveCSRSubscription", "6.13.3.1"), ("PATCH", "updateCSRSubscription", "6.13.3.2"), ("DELETE", "deleteCSRSubscription", "6.13.3.3")]),
        ("temporal/entities", [("POST", "upsertTemporal", "6.18.3.1"), ("GET", "queryTemporal", "6.18.3.2")]),
        ("temporal/entities/{entityId}", [("GET", "retrieveTemporal", "6.19.3.1"), ("DELETE", "deleteTemporal", "6.19.3.2")]),
        ("temporal/entities/{entityId}/attrs", [("POST", "appendAttrsTemporal", "6.20.3.1")]),
        ("temporal/entities/{entityId}/attrs/{attrId}", [("DELETE", "deleteAttrsTemporal", "6.21.3.1")]),
        ("temporal/entities/{entityId}/attrs/{attrId}/{instanceId}", [("PATCH", "updateAttrInstanceTemporal", "6.22.3.1"), ("DELETE", "deleteAttrInstanceTemporal", "6.22.3.2")]),
        ("temporal/entityOperations/query", [("POST", "queryBatchTemporal", "6.24.3.1")]),
        ("temporal/entityMaps", [("POST", "createEntityMapTemporal", "5.14"), ("GET", "queryEntityMapTemporal", "5.14")]),
        ("snapshots", [("POST", "createSnapshot", "5.16"), ("DELETE", "purgeSnapshots", "5.16")]),
        ("snapshots/{snapshotId}", [("GET", "retrieveSnapshot", "5.16"), ("PATCH", "updateSnapshot", "5.16"), ("DELETE", "deleteSnapshot", "5.16")]),
        ("snapshots/{snapshotId}/clone", [("POST", "cloneSnapshot", "5.16")]),
    ];

    private static readonly string[] Parameters =
    [
        "id", "idPattern", "type", "attrs", "pick", "omit", "q", "csf", "scopeQ", "georel", "geometry", "coordinates", "geoproperty",
        "timerel", "timeAt", "endTimeAt", "timeproperty", "lastN", "aggrMethods", "aggrPeriodDuration", "datasetId", "lang", "local",
        "limit", "offset", "count", "options", "format", "orderBy", "deleteAll", "entityMap", "entityMapLifetime", "splitEntities",
    ];

    /// <summary>The route table.</summary>
    public static void Map(IEndpointRouteBuilder api)
    {
        foreach ((string path, (string Method, string Name, string Clause)[] operations) in Table)
        {
            foreach ((string method, string name, string clause) in operations)
            {
                if (IsOfTelemetry(path))
                {
                    // A process without the history, in a node that may have it elsewhere.
                    api.MapMethods("/" + path, [method], NgsiLdProblems.Guard(RefuseAsync)).RequireAuthorization(TwinPolicies.Anyone).ExcludeFromDescription().WithOrder(int.MaxValue);
                    continue;
                }

                Describe(api.MapMethods("/" + path, [method], NgsiLdProblems.Guard(RefuseAsync)), method, name, clause);
            }
        }
    }

    private static bool IsOfTelemetry(string path) =>
        path.StartsWith("temporal/", StringComparison.Ordinal) && !path.StartsWith("temporal/entityMaps", StringComparison.Ordinal);

    private static void Describe(IEndpointConventionBuilder endpoint, string method, string name, string clause)
    {
        endpoint.RequireAuthorization(TwinPolicies.Anyone).WithTags("Not offered yet")
            .Operation(name, $"Not offered yet: {name} (GS CIM 009 {clause})")
            .Gives(StatusCodes.Status501NotImplemented, "OperationNotSupported: this node does not have the operation", "ProblemDetails", "application/problem+json");
        if (Writes(method))
        {
            endpoint.Takes("NotRead", mergePatch: HttpMethods.IsPatch(method));
        }
        else if (HttpMethods.IsGet(method))
        {
            endpoint.Shares(StatusCodes.Status406NotAcceptable, "NotAcceptable");
        }
    }

    private static Task RefuseAsync(HttpContext http)
    {
        string method = http.Request.Method;
        if (Writes(method) && !NgsiLdRequest.AcceptsBody(http, mergePatch: HttpMethods.IsPatch(method)))
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
            "This node does not have subscriptions and snapshots, and temporal evolution only where its service telemetry runs.",
            null,
            StatusCodes.Status501NotImplemented);
    }

    private static bool Writes(string method) => HttpMethods.IsPost(method) || HttpMethods.IsPatch(method) || HttpMethods.IsPut(method);
}
