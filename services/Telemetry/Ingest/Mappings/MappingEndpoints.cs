using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Twin.EntityRegistry.Http;
using Twin.Hosting.Authentication;
using Twin.Hosting.OpenApi;
using Twin.Hosting.Problems;
using Twin.Telemetry.Series;
using Twin.Telemetry.Storage;

namespace Twin.Telemetry.Ingest.Mappings;

/// <summary>The mappings under <c>/ingest/mappings</c>.</summary>
internal sealed partial class MappingEndpoints(MappingStore mappings, SeriesDirectory directory, TelemetryStore store)
{
    private const int MostBytes = 256 * 1024;

    /// <summary>The route table.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/ingest/mappings");
        api.RequireAuthorization(TwinPolicies.WriteHistory).WithTags("Ingestion");
        api.MapGet("", NgsiLdProblems.Guard(ListAsync))
            .Operation("listMappings", "The mappings by which foreign bodies are read")
            .WithMetadata(new DescribedParameters("NGSILD-Tenant"))
            .Gives(StatusCodes.Status200OK, "All of them, by name", "IngestMappings", MediaTypes.Json, "NGSILD-Tenant");
        api.MapGet("/{mappingName}", NgsiLdProblems.Guard(GetAsync))
            .Operation("getMapping", "A mapping")
            .WithMetadata(new DescribedParameters("NGSILD-Tenant"))
            .Gives(StatusCodes.Status200OK, "As it was put", "IngestMapping", MediaTypes.Json, "NGSILD-Tenant")
            .Shares(404, "NotFound");
        api.MapPut("/{mappingName}", NgsiLdProblems.Guard(PutAsync))
            .Operation("putMapping", "Keeps a mapping, or puts it in the place of the one of its name")
            .WithMetadata(new DescribedParameters("NGSILD-Tenant"), new DescribedBody("IngestMapping", MediaTypes.Json))
            .Gives(StatusCodes.Status201Created, "A new one", headers: ["Location", "NGSILD-Tenant"])
            .Gives(StatusCodes.Status204NoContent, "In the place of another", headers: "NGSILD-Tenant")
            .Gives(StatusCodes.Status409Conflict, "There are too many", "ProblemDetails", "application/problem+json")
            .Shares(415, "MediaTypeNotTaken");
        api.MapDelete("/{mappingName}", NgsiLdProblems.Guard(DeleteAsync))
            .Operation("deleteMapping", "Forgets a mapping; what was read by it stays")
            .WithMetadata(new DescribedParameters("NGSILD-Tenant"))
            .Gives(StatusCodes.Status204NoContent, "Forgotten", headers: "NGSILD-Tenant")
            .Shares(404, "NotFound");
    }

    /// <summary>The mapping that a request names, or is given with it.</summary>
    /// <exception cref="ProblemException">There is none of that name, or it is none.</exception>
    public async Task<IngestMapping?> OfAsync(HttpContext http, Tenant tenant)
    {
        if ((string?)http.Request.Query["mapping"] is not { Length: > 0 } given)
        {
            return null;
        }

        return given[0] == '{'
            ? Read(System.Text.Encoding.UTF8.GetBytes(given))
            : Read((await mappings.FindAsync(tenant, given, http.RequestAborted)
                ?? throw new ProblemException(StatusCodes.Status400BadRequest, "unknown-mapping", "Unknown mapping", $"There is no mapping '{given}'; put it under /ingest/mappings first.") { Member = "mapping" }).Document);
    }

    private async Task ListAsync(HttpContext http)
    {
        var all = directory.FindTenant(NgsiLdRequest.TenantName(http)) is { } tenant ? await mappings.ListAsync(tenant, http.RequestAborted) : [];
        http.Response.ContentType = MediaTypes.Json;
        await using var writer = new Utf8JsonWriter(http.Response.BodyWriter, NgsiLdResponse.JsonOptions);
        writer.WriteStartArray();
        foreach (var one in all)
        {
            writer.WriteStartObject();
            writer.WriteString("name"u8, one.Name);
            writer.WriteString("modifiedAt"u8, new DateTime(one.ModifiedAt, DateTimeKind.Utc));
            writer.WritePropertyName("mapping"u8);
            writer.WriteRawValue(one.Document, skipInputValidation: true);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        await writer.FlushAsync(http.RequestAborted);
    }

    private async Task GetAsync(HttpContext http)
    {
        var name = Name(http);
        var found = directory.FindTenant(NgsiLdRequest.TenantName(http)) is { } tenant ? await mappings.FindAsync(tenant, name, http.RequestAborted) : null;
        http.Response.ContentType = MediaTypes.Json;
        await http.Response.BodyWriter.WriteAsync((found ?? throw Missing(name)).Document, http.RequestAborted);
    }

    private async Task PutAsync(HttpContext http)
    {
        if (!NgsiLdRequest.AcceptsBody(http))
        {
            return;
        }

        var name = Name(http);
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = MostBytes;
        }

        using var body = await RequestBody.ReadAsync(http);
        _ = Read(body.Memory);
        var tenant = await directory.GetOrCreateTenantAsync(NgsiLdRequest.TenantName(http), store, http.RequestAborted);
        var isNew = await mappings.PutAsync(tenant, name, body.Memory.ToArray(), http.RequestAborted)
            ?? throw new ProblemException(StatusCodes.Status409Conflict, "too-many-mappings", "Too many mappings", $"There are {MappingStore.Most} mappings; delete one first.");
        http.Response.StatusCode = isNew ? StatusCodes.Status201Created : StatusCodes.Status204NoContent;
        if (isNew)
        {
            http.Response.Headers.Location = NgsiLdResponse.Location("/ingest/mappings", name);
        }
    }

    private async Task DeleteAsync(HttpContext http)
    {
        var name = Name(http);
        if (directory.FindTenant(NgsiLdRequest.TenantName(http)) is not { } tenant || !await mappings.DeleteAsync(tenant, name, http.RequestAborted))
        {
            throw Missing(name);
        }

        http.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private static IngestMapping Read(ReadOnlyMemory<byte> json)
    {
        try
        {
            return MappingReader.Read(json);
        }
        catch (MappingException fault)
        {
            throw new ProblemException(StatusCodes.Status400BadRequest, "invalid-mapping", "The mapping is none", fault.Message) { Member = fault.Pointer };
        }
    }

    private static string Name(HttpContext http)
    {
        var name = NgsiLdRequest.Segment(http, "mappingName");
        return Names.IsMatch(name)
            ? name
            : throw new ProblemException(StatusCodes.Status400BadRequest, "out-of-range", "Out of range", "The name of a mapping has 1 to 128 letters, digits, '_', '-' or '.', a letter or digit first.") { Member = "mappingName" };
    }

    private static ProblemException Missing(string name) =>
        new(StatusCodes.Status404NotFound, "not-found", "Not found", $"There is no mapping '{name}'.") { Member = "mappingName" };

    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Names { get; }
}
