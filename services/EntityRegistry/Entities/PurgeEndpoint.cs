using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Twin.EntityRegistry.Contexts;
using Twin.EntityRegistry.Http;
using Twin.EntityRegistry.OpenApi;
using Twin.EntityRegistry.Queries;
using Twin.EntityRegistry.Tenants;
using Twin.Hosting.Authentication;
using Twin.Hosting.OpenApi;
using Twin.NgsiLd;
using Twin.NgsiLd.Contexts;
using Twin.NgsiLd.Entities;
using Twin.NgsiLd.Operations;
using Twin.NgsiLd.Queries;

namespace Twin.EntityRegistry.Entities;

/// <summary>Purge Entities: GS CIM 009 5.6.21 over 6.4.3.3: deletes what a query matches, or some attributes of it.</summary>
internal sealed class PurgeEndpoint(TenantDirectory tenants, ContextResolver contexts, EntityWriter writer)
{
    private static readonly string[] Parameters =
        ["id", "idPattern", "type", "q", "csf", "scopeQ", "georel", "geometry", "coordinates", "geoproperty", "attrs", "keep", "drop", "local"];

    /// <summary>The route table.</summary>
    public void Map(IEndpointRouteBuilder api) =>
        api.MapDelete("/entities", NgsiLdProblems.Guard(PurgeAsync)).RequireAuthorization(TwinPolicies.WriteEntities).WithTags("Entities")
            .Operation("purgeEntity", "Purge Entities", "5.6.21, 6.4.3.3").Reads(Parameters).Shares(403, "TooComplexQuery")
            .Gives(204, "What matched is deleted, or attributes of it").FindsTenant();

    private async Task PurgeAsync(HttpContext http)
    {
        NgsiLdRequest.AllowParameters(http, Parameters);
        JsonLdContext context = await contexts.FromLinkAsync(http.Request, http.RequestAborted);
        HashSet<int>? keep = Names(http, "keep", context);
        HashSet<int>? drop = Names(http, "drop", context);
        if (keep is not null && drop is not null)
        {
            throw NgsiLdException.BadRequest("keep and drop exclude each other.", "drop");
        }

        EntityQuery query = EntityQueryParser.FromParameters(http.Request.Query.SelectMany(p => p.Value.Select(v => KeyValuePair.Create(p.Key, v ?? ""))), context);
        Tenant tenant = tenants.Get(NgsiLdRequest.TenantName(http));
        await writer.WriteAsync(
            tenant,
            scope =>
            {
                var evaluation = new EvaluationContext(scope.Now, AccessScope.Everything, scope.Find);
                foreach (EntityDocument entity in scope.All(query, evaluation))
                {
                    Purge(scope, entity, keep, drop);
                }

                return true;
            },
            http.RequestAborted);
        http.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private static void Purge(WriteScope scope, EntityDocument entity, HashSet<int>? keep, HashSet<int>? drop)
    {
        if (keep is null && drop is null)
        {
            scope.Delete(entity.Id);
        }
        else
        {
            EntityChanges.Put(scope, EntityOperations.DeleteAttributes(entity, name => keep is null ? drop!.Contains(name) : !keep.Contains(name), scope.Now));
        }
    }

    private static HashSet<int>? Names(HttpContext http, string parameter, JsonLdContext context) =>
        http.Request.Query[parameter] is { Count: > 0 } value && value[0] is { Length: > 0 } list
            ? [.. list.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(n => context.Expand(n))]
            : null;
}
