using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Twin.EntityRegistry.Contexts;
using Twin.EntityRegistry.Http;
using Twin.EntityRegistry.OpenApi;
using Twin.EntityRegistry.Tenants;
using Twin.Hosting.Authentication;
using Twin.NgsiLd;
using Twin.NgsiLd.Contexts;
using Twin.NgsiLd.Entities;
using Twin.NgsiLd.Operations;
using Twin.NgsiLd.Queries;
using Twin.NgsiLd.Representations;

namespace Twin.EntityRegistry.Entities;

/// <summary>Provision of attributes: GS CIM 009 5.6.2 to 5.6.5 and 5.6.19 over 6.6 and 6.7.</summary>
internal sealed class AttributeEndpoints(TenantDirectory tenants, EntityWriter writer, EntityBodies bodies, ContextResolver contexts)
{
    /// <summary>The route table.</summary>
    public void Map(IEndpointRouteBuilder api)
    {
        RouteGroupBuilder writes = api.MapGroup("/entities/{entityId}/attrs");
        writes.RequireAuthorization(TwinPolicies.WriteEntities).WithTags("Attributes");
        writes.MapPost("", NgsiLdProblems.Guard(AppendAsync))
            .Operation("appendAttrs", "Append Attributes to Entity", "5.6.3, 6.6.3.1").Takes("EntityFragment").Reads("options.append", "type", "local")
            .Changes("Appended").InPart("UpdateResult");
        writes.MapPatch("", NgsiLdProblems.Guard(UpdateAsync))
            .Operation("updateEntity", "Update Attributes of Entity", "5.6.2, 6.6.3.2").Takes("EntityFragment", mergePatch: true).Reads("type", "local")
            .Changes("Updated").InPart("UpdateResult");
        writes.MapPatch("/{attrId}", NgsiLdProblems.Guard(PartialUpdateAsync))
            .Operation("updateAttrs", "Partial Attribute Update", "5.6.4, 6.7.3.1").Takes("AttributeFragment", mergePatch: true).Reads("type", "local").Changes("Updated");
        writes.MapPut("/{attrId}", NgsiLdProblems.Guard(ReplaceAsync))
            .Operation("replaceAttrs", "Replace Attribute", "5.6.19, 6.7.3.3").Takes("AttributeFragment").Reads("type", "local").Changes("Replaced");
        writes.MapDelete("/{attrId}", NgsiLdProblems.Guard(DeleteAsync))
            .Operation("deleteAttrs", "Delete Attribute", "5.6.5, 6.7.3.2").Reads("datasetId.delete", "deleteAll", "type", "local").Changes("Deleted");
    }

    /// <summary>5.6.3 Append Attributes: 204, or 207 naming what noOverwrite kept.</summary>
    private Task AppendAsync(HttpContext http)
    {
        NgsiLdRequest.AllowParameters(http, ["options", "type", "local"]);
        bool overwrite = !EntityOptions.Has(http, "noOverwrite");
        return ChangeAsync(http, (current, fragment, now) => EntityOperations.Append(current, fragment, overwrite, now));
    }

    /// <summary>5.6.2 Update Attributes: 204, or 207 naming what could not be updated.</summary>
    private Task UpdateAsync(HttpContext http)
    {
        NgsiLdRequest.AllowParameters(http, ["type", "local"]);
        return ChangeAsync(http, EntityOperations.Update);
    }

    private async Task ChangeAsync(HttpContext http, Func<EntityDocument, EntityNode, long, EntityUpdate> change)
    {
        if (!NgsiLdRequest.AcceptsBody(http, mergePatch: HttpMethods.IsPatch(http.Request.Method)))
        {
            return;
        }

        string id = NgsiLdRequest.EntityId(http);
        using RequestBody body = await RequestBody.ReadAsync(http);
        EntityNode fragment = await bodies.ReadAsync(http, body, ParseOptions.Fragment);
        TypeExpression? type = await bodies.TypeAsync(http);
        Tenant tenant = tenants.Get(NgsiLdRequest.TenantName(http));
        EntityUpdate update = await writer.WriteAsync(
            tenant,
            scope =>
            {
                EntityDocument current = EntityChanges.Require(scope, id, type);
                EntityUpdate update = change(current, fragment, scope.Now);
                EntityChanges.Put(scope, update);
                return update;
            },
            http.RequestAborted);
        await AnswerAsync(http, update);
    }

    /// <summary>5.6.4 Partial Attribute Update: 204; the members of the fragment replace those of the instance.</summary>
    private Task PartialUpdateAsync(HttpContext http) =>
        ChangeAttributeAsync(http, ParseOptions.Patch, EntityOperations.UpdateAttribute);

    /// <summary>5.6.19 Replace Attribute: 204.</summary>
    private Task ReplaceAsync(HttpContext http) =>
        ChangeAttributeAsync(http, ParseOptions.Entity, EntityOperations.ReplaceAttribute);

    private async Task ChangeAttributeAsync(HttpContext http, ParseOptions options, Func<EntityDocument, List<AttributeNode>, long, EntityUpdate> change)
    {
        if (!NgsiLdRequest.AcceptsBody(http, mergePatch: HttpMethods.IsPatch(http.Request.Method)))
        {
            return;
        }

        NgsiLdRequest.AllowParameters(http, ["type", "local"]);
        string id = NgsiLdRequest.EntityId(http);
        using RequestBody body = await RequestBody.ReadAsync(http);
        JsonLdContext context = await bodies.ContextAsync(http, body.Memory);
        int name = AttributeName(http, context);
        if (name == CoreTerms.Scope)
        {
            throw NgsiLdException.BadRequest("The scope is not an attribute: replace it by updating or replacing the entity's attributes.", "attrId");
        }

        List<AttributeNode> fragment = EntityParser.ParseAttribute(body.Memory, name, context, options);
        TypeExpression? type = await bodies.TypeAsync(http);
        Tenant tenant = tenants.Get(NgsiLdRequest.TenantName(http));
        await writer.WriteAsync(
            tenant,
            scope =>
            {
                EntityDocument current = EntityChanges.Require(scope, id, type);
                EntityChanges.Put(scope, change(current, fragment, scope.Now));
                return true;
            },
            http.RequestAborted);
        http.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    /// <summary>5.6.5 Delete Attribute: 204; the default instance, that of a dataset, or all.</summary>
    private async Task DeleteAsync(HttpContext http)
    {
        NgsiLdRequest.AllowParameters(http, ["datasetId", "deleteAll", "type", "local"]);
        string id = NgsiLdRequest.EntityId(http);
        bool all = NgsiLdRequest.Flag(http, "deleteAll");
        string? dataset = http.Request.Query["datasetId"];
        if (dataset is not null && !Uris.IsAbsolute(dataset))
        {
            throw NgsiLdException.BadRequest("A datasetId is a URI.", "datasetId");
        }

        JsonLdContext context = await contexts.FromLinkAsync(http.Request, http.RequestAborted);
        int name = AttributeName(http, context);
        TypeExpression? type = await bodies.TypeAsync(http);
        Tenant tenant = tenants.Get(NgsiLdRequest.TenantName(http));
        await writer.WriteAsync(
            tenant,
            scope =>
            {
                EntityDocument current = EntityChanges.Require(scope, id, type);
                EntityChanges.Put(scope, EntityOperations.DeleteAttribute(current, name, dataset, all, scope.Now));
                return true;
            },
            http.RequestAborted);
        http.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private static int AttributeName(HttpContext http, JsonLdContext context)
    {
        string name = NgsiLdRequest.Segment(http, "attrId");
        byte[] utf8 = System.Text.Encoding.UTF8.GetBytes(name);
        return Uris.IsName(utf8) ? context.Expand(utf8) : throw NgsiLdException.BadRequest("This cannot be the name of an attribute.", "attrId");
    }

    /// <summary>204, or 207 with an UpdateResult (5.2.18), whose names are full IRIs.</summary>
    private static async Task AnswerAsync(HttpContext http, EntityUpdate update)
    {
        if (update.NotUpdated.Count == 0)
        {
            http.Response.StatusCode = StatusCodes.Status204NoContent;
            return;
        }

        http.Response.StatusCode = StatusCodes.Status207MultiStatus;
        http.Response.ContentType = MediaTypes.Json;
        await using var writer = new Utf8JsonWriter(http.Response.BodyWriter);
        writer.WriteStartObject();
        writer.WriteStartArray("updated"u8);
        foreach (int name in update.Updated)
        {
            writer.WriteStringValue(Terms.Iri(name));
        }

        writer.WriteEndArray();
        writer.WriteStartArray("notUpdated"u8);
        foreach ((int name, string reason) in update.NotUpdated)
        {
            writer.WriteStartObject();
            writer.WriteString("attributeName"u8, Terms.Iri(name));
            writer.WriteString("reason"u8, reason);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
        await writer.FlushAsync(http.RequestAborted);
    }
}
