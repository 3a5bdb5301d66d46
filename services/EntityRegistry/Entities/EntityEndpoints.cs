using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Twin.EntityRegistry.Http;
using Twin.EntityRegistry.OpenApi;
using Twin.EntityRegistry.Tenants;
using Twin.Hosting.Authentication;
using Twin.NgsiLd;
using Twin.NgsiLd.Entities;
using Twin.NgsiLd.Operations;
using Twin.NgsiLd.Queries;
using Twin.NgsiLd.Representations;

namespace Twin.EntityRegistry.Entities;

/// <summary>Provision of single entities: GS CIM 009 5.6.1, 5.6.6, 5.6.17 and 5.6.18 over 6.4 and 6.5.</summary>
internal sealed class EntityEndpoints(TenantDirectory tenants, EntityStore store, EntityWriter writer, EntityBodies bodies)
{
    private static readonly string[] WriteParameters = ["type", "local"];
    private static readonly string[] MergeParameters = ["type", "local", "format", "options", "lang", "observedAt"];

    /// <summary>The route table.</summary>
    public void Map(IEndpointRouteBuilder api)
    {
        RouteGroupBuilder writes = api.MapGroup("/entities");
        writes.RequireAuthorization(TwinPolicies.WriteEntities).WithTags("Entities");
        writes.MapPost("", NgsiLdProblems.Guard(CreateAsync))
            .Operation("createEntity", "Create Entity", "5.6.1, 6.4.3.1").Takes("Entity").Reads("local").Creates("Created");
        writes.MapPut("/{entityId}", NgsiLdProblems.Guard(ReplaceAsync))
            .Operation("replaceEntity", "Replace Entity", "5.6.18, 6.5.3.3").Takes("Entity").Reads(WriteParameters).Changes("Replaced; id and createdAt stay");
        writes.MapPatch("/{entityId}", NgsiLdProblems.Guard(MergeAsync))
            .Operation("mergeEntity", "Merge Entity", "5.6.17, 6.5.3.4").Takes("EntityFragment", mergePatch: true)
            .Reads("type", "local", "format", "options.merge", "lang.merge", "observedAt").Changes("Merged");
        writes.MapDelete("/{entityId}", NgsiLdProblems.Guard(DeleteAsync))
            .Operation("deleteEntity", "Delete Entity", "5.6.6, 6.5.3.2").Reads(WriteParameters).Changes("Deleted");
        // Not described: there is no such operation, and the refusal helps who forgot the id.
        writes.MapMethods("", [HttpMethods.Put, HttpMethods.Patch], NgsiLdProblems.Guard(WithoutIdAsync)).ExcludeFromDescription();
    }

    /// <summary>5.6.1 Create Entity: 201 with its Location, 409 when it is there.</summary>
    private async Task CreateAsync(HttpContext http)
    {
        if (!NgsiLdRequest.AcceptsBody(http))
        {
            return;
        }

        NgsiLdRequest.AllowParameters(http, ["local"]);
        using RequestBody body = await RequestBody.ReadAsync(http);
        EntityNode entity = await bodies.ReadAsync(http, body, ParseOptions.Entity);
        Tenant tenant = await tenants.GetOrCreateAsync(NgsiLdRequest.TenantName(http), store, http.RequestAborted);
        await writer.WriteAsync(
            tenant,
            scope =>
            {
                if (EntityChanges.Find(scope, entity.Id) is not null)
                {
                    throw new NgsiLdException(NgsiLdErrorType.AlreadyExists, $"There is an entity {entity.Id} already; replace, merge or update it.");
                }

                scope.Put(EntityOperations.Create(entity, scope.Now));
                return true;
            },
            http.RequestAborted);
        http.Response.Headers.Location = NgsiLdResponse.Location("/ngsi-ld/v1/entities", entity.Id);
        http.Response.StatusCode = StatusCodes.Status201Created;
    }

    /// <summary>5.6.18 Replace Entity: 204; the entity keeps its id and createdAt.</summary>
    private async Task ReplaceAsync(HttpContext http)
    {
        if (!NgsiLdRequest.AcceptsBody(http))
        {
            return;
        }

        NgsiLdRequest.AllowParameters(http, WriteParameters);
        string id = NgsiLdRequest.EntityId(http);
        using RequestBody body = await RequestBody.ReadAsync(http);
        EntityNode entity = await bodies.ReadAsync(http, body, ParseOptions.Entity);
        RequireSameId(entity, id);
        await ChangeAsync(http, id, (scope, current) => scope.Put(EntityOperations.Replace(current, entity, scope.Now)));
    }

    /// <summary>5.6.17 Merge Entity: 204; members are merged in depth, nulls remove (5.5.12).</summary>
    private async Task MergeAsync(HttpContext http)
    {
        if (!NgsiLdRequest.AcceptsBody(http, mergePatch: true))
        {
            return;
        }

        NgsiLdRequest.AllowParameters(http, MergeParameters);
        string id = NgsiLdRequest.EntityId(http);
        bool simplified = EntityOptions.Has(http, "simplified") || EntityOptions.Has(http, "keyValues") || http.Request.Query["format"] == "simplified" || http.Request.Query["format"] == "keyValues";
        MergeOptions options = MergeParametersOf(http);
        using RequestBody body = await RequestBody.ReadAsync(http);
        EntityNode patch = await bodies.ReadAsync(http, body, simplified ? ParseOptions.SimplifiedPatch : ParseOptions.Patch);
        RequireSameId(patch, id);
        await ChangeAsync(http, id, (scope, current) => EntityChanges.Put(scope, EntityOperations.Merge(current, patch, scope.Now, options)));
    }

    /// <summary>5.6.6 Delete Entity: 204, 404 when there is none.</summary>
    private Task DeleteAsync(HttpContext http)
    {
        NgsiLdRequest.AllowParameters(http, WriteParameters);
        string id = NgsiLdRequest.EntityId(http);
        return ChangeAsync(http, id, (scope, _) => scope.Delete(id));
    }

    private static Task WithoutIdAsync(HttpContext http) =>
        throw NgsiLdException.BadRequest("The path names no entity: /ngsi-ld/v1/entities/{entityId}.", "entityId");

    /// <summary>Runs a change of an entity that has to be there and, where the request selects by type, of that type.</summary>
    private async Task ChangeAsync(HttpContext http, string id, Action<WriteScope, EntityDocument> change)
    {
        Tenant tenant = tenants.Get(NgsiLdRequest.TenantName(http));
        TypeExpression? type = await bodies.TypeAsync(http);
        await writer.WriteAsync(
            tenant,
            scope =>
            {
                change(scope, EntityChanges.Require(scope, id, type));
                return true;
            },
            http.RequestAborted);
        http.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private static void RequireSameId(EntityNode entity, string id)
    {
        if (entity.Id.Length > 0 && entity.Id != id)
        {
            throw NgsiLdException.BadRequest($"The body is about {entity.Id}, the path about {id}.", "/id");
        }
    }

    private static MergeOptions MergeParametersOf(HttpContext http)
    {
        if (!http.Request.QueryString.HasValue)
        {
            return MergeOptions.None;
        }

        string? observedAt = http.Request.Query["observedAt"];
        return observedAt is null || Timestamps.TryParse(observedAt.AsSpan(), out _)
            ? new MergeOptions(observedAt, http.Request.Query["lang"])
            : throw NgsiLdException.BadRequest("observedAt is a date-time in UTC such as 2026-01-01T00:00:00Z (4.6.3).", "observedAt");
    }
}
