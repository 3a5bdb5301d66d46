using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Twin.EntityRegistry.Contexts;
using Twin.EntityRegistry.Entities;
using Twin.EntityRegistry.Http;
using Twin.EntityRegistry.OpenApi;
using Twin.Hosting.Authentication;
using Twin.NgsiLd;
using Twin.NgsiLd.Contexts;
using Twin.NgsiLd.Entities;
using Twin.NgsiLd.Representations;
using Twin.Telemetry.Registry;
using Twin.Telemetry.Series;
using Twin.Telemetry.Storage;

namespace Twin.Telemetry.Temporal;

/// <summary>Provision of temporal evolutions: GS CIM 009 5.6.11 to 5.6.16 over 6.18 to 6.22.</summary>
internal sealed class TemporalEndpoints(
    SeriesDirectory directory, TelemetryStore store, TemporalWriter writer, EntityBodies bodies, ContextResolver contexts, Freshness freshness)
{
    /// <summary>The route table.</summary>
    public void Map(IEndpointRouteBuilder api)
    {
        var writes = api.MapGroup("/temporal/entities");
        writes.RequireAuthorization(TwinPolicies.WriteHistory).WithTags("Temporal evolutions");
        writes.MapPost("", TemporalProblems.Guard(UpsertAsync))
            .Operation("upsertTemporal", "Create or Update Temporal Evolution of Entity", "5.6.11, 6.18.3.1").Takes("EvolutionOfEntity").Reads("local")
            .Creates("The evolution of a new entity").Changes("Instances were added");
        writes.MapDelete("/{entityId}", TemporalProblems.Guard(DeleteAsync))
            .Operation("deleteTemporal", "Delete Temporal Evolution of Entity", "5.6.16, 6.19.3.2").Reads("local").Changes("Deleted");
        writes.MapPost("/{entityId}/attrs", TemporalProblems.Guard(AppendAsync))
            .Operation("appendAttrsTemporal", "Add Attributes to Temporal Evolution of Entity", "5.6.12, 6.20.3.1").Takes("EvolutionFragment").Reads("local").Changes("Added");
        writes.MapDelete("/{entityId}/attrs/{attrId}", TemporalProblems.Guard(DeleteAttributeAsync))
            .Operation("deleteAttrsTemporal", "Delete Attribute from Temporal Evolution of Entity", "5.6.13, 6.21.3.1").Reads("datasetId.delete", "deleteAll", "local").Changes("Deleted");
        writes.MapPatch("/{entityId}/attrs/{attrId}/{instanceId}", TemporalProblems.Guard(ReplaceInstanceAsync))
            .Operation("updateAttrInstanceTemporal", "Modify Attribute Instance in Temporal Evolution of Entity", "5.6.14, 6.22.3.1")
            .Takes("InstanceFragment", mergePatch: true).Reads("local").Changes("Changed; the instance keeps its id and createdAt");
        writes.MapDelete("/{entityId}/attrs/{attrId}/{instanceId}", TemporalProblems.Guard(DeleteInstanceAsync))
            .Operation("deleteAttrInstanceTemporal", "Delete Attribute Instance from Temporal Evolution of Entity", "5.6.15, 6.22.3.2").Reads("local").Changes("Deleted");
    }

    /// <summary>5.6.11: 201 for a new evolution, 204 when instances were added to one.</summary>
    private async Task UpsertAsync(HttpContext http)
    {
        if (!NgsiLdRequest.AcceptsBody(http))
        {
            return;
        }

        NgsiLdRequest.AllowParameters(http, ["local"]);
        using var body = await RequestBody.ReadAsync(http);
        var entity = await bodies.ReadAsync(http, body, ParseOptions.Temporal);
        Refuse(entity);
        var tenant = await directory.GetOrCreateTenantAsync(NgsiLdRequest.TenantName(http), store, http.RequestAborted);
        await freshness.WaitAsync(http.RequestAborted);
        var isNew = tenant.FindEntity(entity.Id) is null;
        await writer.AddAsync(tenant, entity.Id, entity, http.RequestAborted);
        http.Response.StatusCode = isNew ? StatusCodes.Status201Created : StatusCodes.Status204NoContent;
        if (isNew)
        {
            http.Response.Headers.Location = NgsiLdResponse.Location("/ngsi-ld/v1/temporal/entities", entity.Id);
        }
    }

    /// <summary>5.6.12: 204.</summary>
    private async Task AppendAsync(HttpContext http)
    {
        if (!NgsiLdRequest.AcceptsBody(http))
        {
            return;
        }

        NgsiLdRequest.AllowParameters(http, ["local"]);
        var id = NgsiLdRequest.EntityId(http);
        using var body = await RequestBody.ReadAsync(http);
        var fragment = await bodies.ReadAsync(http, body, ParseOptions.TemporalFragment);
        Refuse(fragment);
        await writer.AddAsync((await FindAsync(http, id)).Tenant, id, fragment, http.RequestAborted);
        http.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    /// <summary>5.6.16: 204, 404 when there is none.</summary>
    private async Task DeleteAsync(HttpContext http)
    {
        NgsiLdRequest.AllowParameters(http, ["local"]);
        await writer.DeleteAsync(await FindAsync(http, NgsiLdRequest.EntityId(http)), http.RequestAborted);
        http.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    /// <summary>5.6.13: the default instances, those of one dataset, or all.</summary>
    private async Task DeleteAttributeAsync(HttpContext http)
    {
        NgsiLdRequest.AllowParameters(http, ["datasetId", "deleteAll", "local"]);
        var id = NgsiLdRequest.EntityId(http);
        var attribute = await AttributeAsync(http);
        var all = NgsiLdRequest.Flag(http, "deleteAll");
        var dataset = (string?)http.Request.Query["datasetId"] ?? "";
        if (dataset.Length > 0 && dataset != "@none" && !NgsiLdRequest.IsUri(dataset))
        {
            throw NgsiLdException.BadRequest("datasetId is a URI or @none.", "datasetId");
        }

        await writer.DeleteAttributeAsync(await FindAsync(http, id), attribute, all ? null : dataset == "@none" ? "" : dataset, http.RequestAborted);
        http.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    /// <summary>5.6.14: 204.</summary>
    private async Task ReplaceInstanceAsync(HttpContext http)
    {
        if (!NgsiLdRequest.AcceptsBody(http, mergePatch: true))
        {
            return;
        }

        NgsiLdRequest.AllowParameters(http, ["local"]);
        var id = NgsiLdRequest.EntityId(http);
        var instanceId = InstanceId(http);
        using var body = await RequestBody.ReadAsync(http);
        var context = await bodies.ContextAsync(http, body.Memory);
        var attribute = Attribute(http, context);
        var nodes = EntityParser.ParseAttribute(body.Memory, Terms.Intern(attribute), context, ParseOptions.TemporalFragment);
        if (nodes.Count != 1)
        {
            throw NgsiLdException.BadRequest("The body is one attribute instance (5.6.14).", "");
        }

        var instance = await writer.FindAsync(await FindAsync(http, id), attribute, instanceId, http.RequestAborted);
        await writer.ReplaceInstanceAsync(instance, nodes[0], http.RequestAborted);
        http.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    /// <summary>5.6.15: 204.</summary>
    private async Task DeleteInstanceAsync(HttpContext http)
    {
        NgsiLdRequest.AllowParameters(http, ["local"]);
        var id = NgsiLdRequest.EntityId(http);
        var instanceId = InstanceId(http);
        var attribute = await AttributeAsync(http);
        await writer.DeleteInstanceAsync(await writer.FindAsync(await FindAsync(http, id), attribute, instanceId, http.RequestAborted), http.RequestAborted);
        http.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private static void Refuse(EntityNode body)
    {
        if (body.Removed != RemovedMembers.None)
        {
            throw NgsiLdException.BadRequest("urn:ngsi-ld:null removes members in fragments of entities; in a temporal evolution it stands for a value alone (5.5.4).");
        }
    }

    private async Task<SeriesEntity> FindAsync(HttpContext http, string id)
    {
        await freshness.WaitAsync(http.RequestAborted);
        var name = NgsiLdRequest.TenantName(http);
        var tenant = directory.FindTenant(name)
            ?? throw new NgsiLdException(NgsiLdErrorType.NonexistentTenant, $"There is no tenant '{name}' here.", "NGSILD-Tenant");
        return tenant.FindEntity(id) ?? throw NgsiLdException.NotFound($"There is no history of {id}.");
    }

    private static string InstanceId(HttpContext http)
    {
        var id = NgsiLdRequest.Segment(http, "instanceId");
        return NgsiLdRequest.IsUri(id) ? id : throw NgsiLdException.BadRequest("An instance id is a URI, as answers give it in instanceId.", "instanceId");
    }

    private async Task<string> AttributeAsync(HttpContext http) => Attribute(http, await contexts.FromLinkAsync(http.Request, http.RequestAborted));

    private static string Attribute(HttpContext http, JsonLdContext context)
    {
        var name = NgsiLdRequest.Segment(http, "attrId");
        return Uris.IsName(System.Text.Encoding.UTF8.GetBytes(name))
            ? context.ExpandTerm(name)
            : throw NgsiLdException.BadRequest($"'{name}' names no attribute (4.6.2).", "attrId");
    }
}
