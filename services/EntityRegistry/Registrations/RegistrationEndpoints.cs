using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Twin.EntityRegistry.Contexts;
using Twin.EntityRegistry.Entities;
using Twin.EntityRegistry.Http;
using Twin.EntityRegistry.OpenApi;
using Twin.EntityRegistry.Tenants;
using Twin.Hosting.Authentication;
using Twin.Hosting.OpenApi;
using Twin.NgsiLd;
using Twin.NgsiLd.Contexts;
using Twin.NgsiLd.Queries;
using Twin.NgsiLd.Representations;

namespace Twin.EntityRegistry.Registrations;

/// <summary>Context source registrations: GS CIM 009 5.9.2 to 5.9.4, 5.10.1 and 5.10.2 over 6.8 and 6.9.</summary>
internal sealed class RegistrationEndpoints(
    TenantDirectory tenants,
    EntityStore store,
    RegistrationDirectory registrations,
    EntityBodies bodies,
    ContextResolver contexts,
    TimeProvider clock)
{
    private const string Path = "/ngsi-ld/v1/csourceRegistrations";

    /// <summary>Keys of contextSourceInfo whose values are shown to nobody.</summary>
    private static readonly string[] SecretWords = ["authorization", "token", "secret", "password", "key", "cookie"];

    /// <summary>The route table.</summary>
    public void Map(IEndpointRouteBuilder api)
    {
        RouteGroupBuilder sources = api.MapGroup("/csourceRegistrations");
        sources.WithTags("Context sources");
        sources.MapPost("", NgsiLdProblems.Guard(CreateAsync)).RequireAuthorization(TwinPolicies.ManageSources)
            .Operation("createCSR", "Register Context Source", "5.9.2, 6.8.3.1").Takes("CSourceRegistration").Creates("Registered");
        sources.MapGet("", NgsiLdProblems.Guard(QueryAsync)).RequireAuthorization(TwinPolicies.ReadSources)
            .Operation("queryCSR", "Query Context Source Registrations", "5.10.2, 6.8.3.2")
            .Reads([.. RegistrationQuery.Parameters[..^1], "local.sources", "limit", "offset", "count", "options.sources"])
            .Answers("A page of registrations", "CSourceRegistrationAnswers", "NGSILD-Results-Count").FindsTenant();
        sources.MapGet("/{registrationId}", NgsiLdProblems.Guard(RetrieveAsync)).RequireAuthorization(TwinPolicies.ReadSources)
            .Operation("retrieveCSR", "Retrieve Context Source Registration", "5.10.1, 6.9.3.1").Reads("options.sources", "local")
            .Answers("The registration", "CSourceRegistrationAnswer").Finds();
        sources.MapPatch("/{registrationId}", NgsiLdProblems.Guard(UpdateAsync)).RequireAuthorization(TwinPolicies.ManageSources)
            .Operation("updateCSR", "Update Context Source Registration", "5.9.3, 6.9.3.2").Takes("CSourceRegistrationFragment", mergePatch: true)
            .Changes("Updated").Shares(409, "Conflict");
        sources.MapDelete("/{registrationId}", NgsiLdProblems.Guard(DeleteAsync)).RequireAuthorization(TwinPolicies.ManageSources)
            .Operation("deleteCSR", "Delete Context Source Registration", "5.9.4, 6.9.3.3").Changes("Deleted");
    }

    /// <summary>5.9.2 Register Context Source: 201 with its Location.</summary>
    private async Task CreateAsync(HttpContext http)
    {
        if (!NgsiLdRequest.AcceptsBody(http))
        {
            return;
        }

        NgsiLdRequest.AllowParameters(http, []);
        using RequestBody body = await RequestBody.ReadAsync(http);
        JsonObject json = ReadObject(body);
        JsonLdContext context = await bodies.ContextAsync(http, body.Memory);
        ContextSourceRegistration registration = RegistrationParser.Parse(json, context, clock.GetUtcNow());
        Tenant tenant = await tenants.GetOrCreateAsync(NgsiLdRequest.TenantName(http), store, http.RequestAborted);
        await registrations.AddAsync(tenant, registration, Now, http.RequestAborted);
        http.Response.Headers.Location = NgsiLdResponse.Location(Path, registration.Id);
        http.Response.StatusCode = StatusCodes.Status201Created;
    }

    /// <summary>5.10.2 Query Context Source Registrations.</summary>
    private async Task QueryAsync(HttpContext http)
    {
        if (!NgsiLdRequest.Negotiate(http, geoJson: false, out MediaType media))
        {
            return;
        }

        NgsiLdRequest.AllowParameters(http, [.. RegistrationQuery.Parameters, "limit", "offset", "count", "options"]);
        JsonLdContext context = await contexts.FromLinkAsync(http.Request, http.RequestAborted);
        Tenant tenant = tenants.Get(NgsiLdRequest.TenantName(http));
        Paging paging = Paging.Of(http);
        RegistrationQuery query = RegistrationQuery.Of(http, context);
        long now = Now;
        ContextSourceRegistration[] found = [.. registrations.Of(tenant).Where(r => query.Matches(r, now))];
        paging.WriteHeaders(http, Path, found.Length, found.Length > paging.Offset + paging.Limit);
        var page = new JsonArray([.. found.Skip(paging.Offset).Take(paging.Limit).Select(r => (JsonNode?)Answer(http, r, context, media))]);
        await WriteAsync(http, media, context, page);
    }

    /// <summary>5.10.1 Retrieve Context Source Registration.</summary>
    private async Task RetrieveAsync(HttpContext http)
    {
        if (!NgsiLdRequest.Negotiate(http, geoJson: false, out MediaType media))
        {
            return;
        }

        NgsiLdRequest.AllowParameters(http, ["options", "local"]);
        string id = Id(http);
        JsonLdContext context = await contexts.FromLinkAsync(http.Request, http.RequestAborted);
        Tenant tenant = tenants.Get(NgsiLdRequest.TenantName(http));
        await WriteAsync(http, media, context, Answer(http, registrations.Get(tenant, id, Now), context, media));
    }

    /// <summary>5.9.3 Update Context Source Registration: 204.</summary>
    private async Task UpdateAsync(HttpContext http)
    {
        if (!NgsiLdRequest.AcceptsBody(http, mergePatch: true))
        {
            return;
        }

        NgsiLdRequest.AllowParameters(http, []);
        string id = Id(http);
        using RequestBody body = await RequestBody.ReadAsync(http);
        JsonObject fragment = ReadObject(body);
        JsonLdContext context = await bodies.ContextAsync(http, body.Memory);
        Tenant tenant = tenants.Get(NgsiLdRequest.TenantName(http));
        await registrations.ReplaceAsync(
            tenant,
            id,
            current => RegistrationParser.Patch(current, fragment, context, clock.GetUtcNow()),
            Now,
            http.RequestAborted);
        http.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    /// <summary>5.9.4 Delete Context Source Registration: 204.</summary>
    private async Task DeleteAsync(HttpContext http)
    {
        NgsiLdRequest.AllowParameters(http, []);
        Tenant tenant = tenants.Get(NgsiLdRequest.TenantName(http));
        await registrations.RemoveAsync(tenant, registrations.Get(tenant, Id(http), Now), http.RequestAborted);
        http.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private long Now => Timestamps.FromInstant(clock.GetUtcNow());

    private static string Id(HttpContext http)
    {
        string id = NgsiLdRequest.Segment(http, "registrationId");
        return Uris.IsAbsolute(id) ? id : throw NgsiLdException.BadRequest("A registration id is a URI.", "registrationId");
    }

    private static JsonObject ReadObject(RequestBody body)
    {
        try
        {
            return JsonNode.Parse(body.Memory.Span, documentOptions: new JsonDocumentOptions { AllowDuplicateProperties = false, MaxDepth = 64 }) as JsonObject
                ?? throw NgsiLdException.BadRequest("The body is one registration, a JSON object.");
        }
        catch (JsonException malformed)
        {
            throw NgsiLdException.Invalid($"The body is not JSON: {malformed.Message}");
        }
    }

    /// <summary>The registration with the output members of 5.2.9.</summary>
    private static JsonObject Answer(HttpContext http, ContextSourceRegistration registration, JsonLdContext context, MediaType media)
    {
        JsonObject answer = RegistrationParser.Compact(registration.Document, context);
        if (answer["contextSourceInfo"] is JsonArray info)
        {
            foreach (JsonObject pair in info.OfType<JsonObject>())
            {
                string key = pair["key"]?.GetValue<string>() ?? "";
                if (SecretWords.Any(w => key.Contains(w, StringComparison.OrdinalIgnoreCase)))
                {
                    pair["value"] = "(hidden)";
                }
            }
        }

        Federation.SourceHealth health = registration.Health;
        if (health.TimesSent > 0)
        {
            answer["status"] = health.LastError is null ? "ok" : "failed";
            answer["timesSent"] = health.TimesSent;
            answer["timesFailed"] = health.TimesFailed;
            Set("lastSuccess", health.LastSuccess);
            Set("lastFailure", health.LastFailure);
        }

        if (media == MediaType.JsonLd)
        {
            answer["@context"] = JsonNode.Parse(context.Json);
        }

        return answer;

        void Set(string name, DateTimeOffset? at)
        {
            if (at is not null)
            {
                answer[name] = at.Value.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
            }
        }
    }

    private static async Task WriteAsync(HttpContext http, MediaType media, JsonLdContext context, JsonNode answer)
    {
        NgsiLdResponse.WriteContextHeaders(http, media, context);
        await using var writer = new Utf8JsonWriter(http.Response.BodyWriter, NgsiLdResponse.JsonOptions);
        answer.WriteTo(writer);
        await writer.FlushAsync(http.RequestAborted);
    }
}
