using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Twin.EntityRegistry.Http;
using Twin.EntityRegistry.OpenApi;
using Twin.Hosting.Authentication;
using Twin.Hosting.OpenApi;
using Twin.NgsiLd;
using Twin.NgsiLd.Contexts;

namespace Twin.EntityRegistry.Contexts;

/// <summary>Storing, managing and serving @contexts: GS CIM 009 V1.9.1, 5.13 and 6.29 to 6.30.</summary>
internal sealed class ContextEndpoints(ContextStore store)
{
    /// <summary>Maps <c>jsonldContexts</c> into the group of <c>/ngsi-ld/v1</c>.</summary>
    /// <param name="group">The group.</param>
    /// <param name="store">The @contexts.</param>
    /// <param name="guard">Turns what a handler throws into a problem.</param>
    public static void Map(IEndpointRouteBuilder group, ContextStore store, Func<RequestDelegate, RequestDelegate> guard)
    {
        var endpoints = new ContextEndpoints(store);
        group.MapPost("/jsonldContexts", guard(endpoints.AddAsync)).RequireAuthorization(TwinPolicies.ManageContexts).WithTags("@contexts")
            .Operation("createContext", "Add @context", "5.13.2, 6.29.3.1").Takes("ContextDocument")
            .Gives(201, "Hosted; Location is its address", null, "application/json", "Location", "NGSILD-Tenant");
        group.MapGet("/jsonldContexts", guard(endpoints.ListAsync)).RequireAuthorization(TwinPolicies.ReadEntities).WithTags("@contexts")
            .Operation("queryContexts", "List @contexts", "5.13.3, 6.29.3.2").Reads("details", "kind").Gives(200, "The @contexts", "ContextList");
        group.MapGet("/jsonldContexts/{contextId}", guard(endpoints.ServeAsync)).RequireAuthorization(TwinPolicies.ReadEntities).WithTags("@contexts")
            .Operation("retrieveContext", "Serve @context", "5.13.4, 6.30.3.1").Reads("details").Gives(200, "The @context", "ContextOrDetails").Finds();
        group.MapDelete("/jsonldContexts/{contextId}", guard(endpoints.DeleteAsync)).RequireAuthorization(TwinPolicies.ManageContexts).WithTags("@contexts")
            .Operation("deleteContext", "Delete and Reload @context", "5.13.5, 6.30.3.2").Reads("reload").Changes("Deleted, or reloaded");
    }

    private async Task AddAsync(HttpContext http)
    {
        if (!NgsiLdRequest.AcceptsBody(http))
        {
            return;
        }

        NgsiLdRequest.AllowParameters(http, []);
        byte[] context = ContextOf(await ReadAsync(http));
        // What it names is looked at when somebody uses it: a site that is down is no reason to refuse what is right.
        await new ContextCompiler(1).CompileAsync(context, static (_, _) => new("{\"@context\":{}}"u8.ToArray()), http.RequestAborted);
        ContextEntry entry = await store.AddOwnAsync(context, Tenant(http), ContextKind.Hosted, http.RequestAborted);
        http.Response.StatusCode = StatusCodes.Status201Created;
        http.Response.Headers.Location = ContextStore.Path + entry.LocalId;
    }

    private async Task ListAsync(HttpContext http)
    {
        NgsiLdRequest.AllowParameters(http, ["details", "kind"]);
        string tenant = Tenant(http);
        bool details = NgsiLdRequest.Flag(http, "details");
        ContextKind? kind = Kind(http);
        http.Response.ContentType = "application/json";
        await using var writer = new Utf8JsonWriter(http.Response.BodyWriter);
        writer.WriteStartArray();
        foreach (ContextEntry entry in store.List(tenant).Where(e => kind is null || e.Kind == kind))
        {
            if (details)
            {
                WriteDetails(writer, entry, http.Request);
            }
            else
            {
                writer.WriteStringValue(ContextResolver.UrlOf(entry, http.Request));
            }
        }

        writer.WriteEndArray();
    }

    private async Task ServeAsync(HttpContext http)
    {
        NgsiLdRequest.AllowParameters(http, ["details"]);
        string tenant = Tenant(http);
        bool details = NgsiLdRequest.Flag(http, "details");
        string id = IdOf(http);
        ContextEntry entry = await store.FindAsync(id, tenant, http.RequestAborted) ?? throw NgsiLdException.NotFound($"There is no @context '{id}'.");
        http.Response.ContentType = "application/json";
        if (details)
        {
            await using var writer = new Utf8JsonWriter(http.Response.BodyWriter);
            WriteDetails(writer, entry, http.Request);
        }
        else
        {
            await http.Response.BodyWriter.WriteAsync(entry.Document, http.RequestAborted);
        }

        // Serving is a use too, which the answer does not yet know of.
        entry.Use(store.Now);
    }

    private async Task DeleteAsync(HttpContext http)
    {
        NgsiLdRequest.AllowParameters(http, ["reload"]);
        string tenant = Tenant(http);
        bool reload = NgsiLdRequest.Flag(http, "reload");
        string id = IdOf(http);
        ContextEntry? entry = await store.FindAsync(id, tenant, http.RequestAborted);
        if (entry is null)
        {
            throw reload ? NgsiLdException.BadRequest($"There is no copy of a @context '{id}' to reload.", "reload") : NgsiLdException.NotFound($"There is no @context '{id}'.");
        }

        await (reload ? store.ReloadAsync(entry, http.RequestAborted) : store.DeleteAsync(entry, http.RequestAborted));
        http.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private static void WriteDetails(Utf8JsonWriter writer, ContextEntry entry, HttpRequest request)
    {
        writer.WriteStartObject();
        writer.WriteString("URL"u8, ContextResolver.UrlOf(entry, request));
        writer.WriteString("localId"u8, entry.LocalId);
        writer.WriteString("kind"u8, entry.Kind.ToString());
        writer.WriteString("createdAt"u8, Text(entry.CreatedAt));
        if (entry.UsedAt > 0)
        {
            writer.WriteString("lastUsage"u8, Text(entry.UsedAt));
        }

        writer.WriteNumber("numberOfHits"u8, entry.Hits);
        writer.WriteEndObject();
    }

    private static string Text(long microseconds) =>
        DateTimeOffset.UnixEpoch.AddTicks(microseconds * TimeSpan.TicksPerMicrosecond).ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);

    /// <summary>The id as it was sent: routing leaves %2F in place and takes the rest apart, and ids may be URLs.</summary>
    private static string IdOf(HttpContext http)
    {
        string path = http.Features.Get<IHttpRequestFeature>()?.RawTarget ?? string.Empty;
        int query = path.IndexOf('?', StringComparison.Ordinal);
        path = (query < 0 ? path : path[..query]).TrimEnd('/');
        int at = path.LastIndexOf("/jsonldContexts/", StringComparison.OrdinalIgnoreCase);
        return at < 0 ? (string)http.GetRouteValue("contextId")! : Uri.UnescapeDataString(path[(at + "/jsonldContexts/".Length)..]);
    }

    private static ContextKind? Kind(HttpContext http) => (string?)http.Request.Query["kind"] switch
    {
        null or "" => null,
        "Cached" => ContextKind.Cached,
        "Hosted" => ContextKind.Hosted,
        "ImplicitlyCreated" => ContextKind.ImplicitlyCreated,
        _ => throw NgsiLdException.BadRequest("'kind' is Cached, Hosted or ImplicitlyCreated.", "kind"),
    };

    private static string Tenant(HttpContext http) => NgsiLdRequest.TenantName(http) ?? "";

    private static async Task<ReadOnlyMemory<byte>> ReadAsync(HttpContext http)
    {
        PipeReader reader = http.Request.BodyReader;
        while (true)
        {
            ReadResult result = await reader.ReadAsync(http.RequestAborted);
            if (result.Buffer.Length > ContextLimits.DocumentBytes)
            {
                throw new BadHttpRequestException($"A @context may have {ContextLimits.DocumentBytes} bytes.", StatusCodes.Status413PayloadTooLarge);
            }

            if (result.IsCompleted)
            {
                byte[] body = result.Buffer.ToArray();
                reader.AdvanceTo(result.Buffer.End);
                return body;
            }

            reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        }
    }

    private static byte[] ContextOf(ReadOnlyMemory<byte> body)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = ContextLimits.JsonDepth, AllowDuplicateProperties = false });
            if (document.RootElement.ValueKind != JsonValueKind.Object || !document.RootElement.TryGetProperty("@context"u8, out JsonElement context))
            {
                throw NgsiLdException.Invalid("The body is a JSON object with a member @context.", "@context");
            }

            return System.Text.Encoding.UTF8.GetBytes(context.GetRawText());
        }
        catch (JsonException e)
        {
            throw NgsiLdException.Invalid($"The body is not valid JSON: {e.Message}");
        }
    }
}
