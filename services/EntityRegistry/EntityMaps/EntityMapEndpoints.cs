using System.Text.Json;
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
using Twin.NgsiLd.Queries;
using Twin.NgsiLd.Representations;

namespace Twin.EntityRegistry.EntityMaps;

/// <summary>Entity maps: GS CIM 009 5.14.1 to 5.14.4 over 6.32 and 6.34.</summary>
internal sealed class EntityMapEndpoints(TenantDirectory tenants, ContextResolver contexts, EntityAccess access, QueryEndpoints queries, EntityPages pages, EntityMapDirectory maps)
{
    /// <summary>The route table.</summary>
    public void Map(IEndpointRouteBuilder api)
    {
        RouteGroupBuilder reads = api.MapGroup("/entityMaps");
        reads.RequireAuthorization(TwinPolicies.ReadEntities).WithTags("Entity maps");
        reads.MapGet("", NgsiLdProblems.Guard(CreateAsync))
            .Operation("createEntityMap", "Create EntityMap for Query Entities", "5.14.4, 6.34.3.1").Reads(QueryEndpoints.QueryParameters)
            .AnswersMap(StatusCodes.Status201Created, "The map of what the query found").Shares(403, "TooComplexQuery").FindsTenant();
        reads.MapPost("", NgsiLdProblems.Guard(CreateByPostAsync))
            .Operation("createEntityMapByPost", "Create EntityMap for Query Entities by POST", "5.14.4, 6.34.3.2").Takes("Query").Reads(QueryEndpoints.PostParameters)
            .AnswersMap(StatusCodes.Status201Created, "The map of what the query found").Shares(403, "TooComplexQuery").FindsTenant();
        reads.MapGet("/{entityMapId}", NgsiLdProblems.Guard(RetrieveAsync))
            .Operation("retrieveEntityMap", "Retrieve EntityMap", "5.14.1, 6.32.3.1").AnswersMap(StatusCodes.Status200OK, "The map").Finds();
        reads.MapPatch("/{entityMapId}", NgsiLdProblems.Guard(UpdateAsync))
            .Operation("updateEntityMap", "Update EntityMap", "5.14.2, 6.32.3.2").Takes("EntityMapFragment", mergePatch: true).Changes("Updated");
        reads.MapDelete("/{entityMapId}", NgsiLdProblems.Guard(DeleteAsync))
            .Operation("deleteEntityMap", "Delete EntityMap", "5.14.3, 6.32.3.3").Changes("Deleted");
    }

    /// <summary>5.14.4 Create EntityMap for Query Entities: 201 with the map.</summary>
    private async Task CreateAsync(HttpContext http)
    {
        if (NgsiLdRequest.Negotiate(http, geoJson: false, out MediaType media))
        {
            (Tenant tenant, EntityQuery query, JsonLdContext context) = await queries.ReadAsync(http);
            await CreateAsync(http, media, tenant, query, context);
        }
    }

    /// <summary>5.14.4 with the query in the body (5.2.23).</summary>
    private async Task CreateByPostAsync(HttpContext http)
    {
        if (NgsiLdRequest.AcceptsBody(http) && NgsiLdRequest.Negotiate(http, geoJson: false, out MediaType media))
        {
            (Tenant tenant, EntityQuery query, JsonLdContext context) = await queries.ReadBodyAsync(http);
            await CreateAsync(http, media, tenant, query, context);
        }
    }

    private async Task CreateAsync(HttpContext http, MediaType media, Tenant tenant, EntityQuery query, JsonLdContext context)
    {
        EntityMap map = await pages.MapAsync(http, tenant, query, context, queries.Evaluation(http, tenant));
        EntityMapReference.Write(http, map, isNew: true);
        http.Response.StatusCode = StatusCodes.Status201Created;
        await WriteAsync(http, media, context, map);
    }

    /// <summary>5.14.1 Retrieve EntityMap.</summary>
    private async Task RetrieveAsync(HttpContext http)
    {
        if (!NgsiLdRequest.Negotiate(http, geoJson: false, out MediaType media))
        {
            return;
        }

        NgsiLdRequest.AllowParameters(http, []);
        EntityMap map = Find(http);
        await WriteAsync(http, media, await contexts.FromLinkAsync(http.Request, http.RequestAborted), map);
    }

    /// <summary>5.14.2 Update EntityMap: 204; of its members only expiresAt is not the node's own.</summary>
    private async Task UpdateAsync(HttpContext http)
    {
        if (!NgsiLdRequest.AcceptsBody(http, mergePatch: true))
        {
            return;
        }

        NgsiLdRequest.AllowParameters(http, []);
        EntityMap map = Find(http);
        using RequestBody body = await RequestBody.ReadAsync(http);
        maps.Extend(map, ExpiresAt(body.Memory));
        http.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    /// <summary>5.14.3 Delete EntityMap: 204.</summary>
    private Task DeleteAsync(HttpContext http)
    {
        NgsiLdRequest.AllowParameters(http, []);
        maps.Remove(Find(http));
        http.Response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    }

    private EntityMap Find(HttpContext http)
    {
        string id = NgsiLdRequest.Segment(http, "entityMapId");
        return Uris.IsAbsolute(id)
            ? maps.Get(tenants.Get(NgsiLdRequest.TenantName(http)), access.Of(http), id)
            : throw NgsiLdException.BadRequest("The id of an entity map is a URI.", "entityMapId");
    }

    private static long ExpiresAt(ReadOnlyMemory<byte> body)
    {
        try
        {
            using JsonDocument fragment = JsonDocument.Parse(body);
            if (fragment.RootElement.ValueKind != JsonValueKind.Object)
            {
                throw NgsiLdException.Invalid("The body is a JSON object with expiresAt.");
            }

            return fragment.RootElement.TryGetProperty("expiresAt"u8, out JsonElement value) && value.ValueKind == JsonValueKind.String
                && Timestamps.TryParse(value.GetString(), out long at)
                    ? at
                    : throw NgsiLdException.BadRequest("expiresAt is a DateTime such as 2030-01-01T00:00:00Z.", "/expiresAt");
        }
        catch (JsonException malformed)
        {
            throw NgsiLdException.Invalid($"The body is not JSON: {malformed.Message}");
        }
    }

    private static async Task WriteAsync(HttpContext http, MediaType media, JsonLdContext context, EntityMap map)
    {
        using var buffer = new MemoryStream();
        await using (var writer = new Utf8JsonWriter(buffer, NgsiLdResponse.JsonOptions))
        {
            writer.WriteStartObject();
            writer.WriteString("id"u8, map.Id);
            writer.WriteString("type"u8, "EntityMap"u8);
            writer.WriteString("expiresAt"u8, Timestamps.Format(map.ExpiresAt));
            writer.WriteStartObject("entityMap"u8);
            foreach (MappedEntity entity in map.Entities)
            {
                writer.WriteStartArray(entity.Id);
                foreach (string source in entity.Sources)
                {
                    writer.WriteStringValue(source);
                }

                writer.WriteEndArray();
            }

            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        NgsiLdResponse.WriteContextHeaders(http, media, context);
        await NgsiLdResponse.WriteWithContextAsync(http, media, context, buffer.GetBuffer().AsMemory(0, (int)buffer.Length));
    }
}
