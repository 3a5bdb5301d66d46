using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Xml;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;
using Twin.EntityRegistry.Contexts;
using Twin.EntityRegistry.Federation;
using Twin.EntityRegistry.OpenApi;
using Twin.Hosting.Authentication;
using Twin.Hosting.Composition;
using Twin.NgsiLd.Contexts;
using Twin.NgsiLd.Representations;

namespace Twin.EntityRegistry.Http;

/// <summary>Who this node is as a context source: GS CIM 009 5.15.1 over 6.33, with one alias for each tenant.</summary>
internal sealed class SourceIdentity
{
    private readonly string _alias;
    private readonly TimeProvider _clock;
    private readonly ContextResolver _contexts;
    private readonly long _started;

    public SourceIdentity(IOptions<FederationOptions> options, TwinProcess process, TimeProvider clock, ContextResolver contexts)
    {
        _alias = options.Value.Alias ?? $"{Slug(process.Name)}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(process.DataDirectory)))[..8]}";
        _clock = clock;
        _contexts = contexts;
        _started = clock.GetTimestamp();
    }

    /// <summary>The name of a tenant of this node in a Via header: visible characters, the same at every start.</summary>
    public string Alias(string? tenant) => string.IsNullOrEmpty(tenant) ? _alias : $"{_alias}.{Slug(tenant)}";

    /// <summary>The route table.</summary>
    public void Map(IEndpointRouteBuilder api) =>
        api.MapGet("/info/sourceIdentity", NgsiLdProblems.Guard(RetrieveAsync)).RequireAuthorization(TwinPolicies.Anyone).WithTags("Context sources")
            .Operation("retrieveContextSourceIdentity", "Retrieve Context Source Identity Information", "5.15.1, 6.33.3.1").Answers("Who this node is", "ContextSourceIdentity");

    private async Task RetrieveAsync(HttpContext http)
    {
        if (!NgsiLdRequest.Negotiate(http, geoJson: false, out MediaType media))
        {
            return;
        }

        NgsiLdRequest.AllowParameters(http, []);
        string? tenant = NgsiLdRequest.TenantName(http);
        JsonLdContext context = await _contexts.FromLinkAsync(http.Request, http.RequestAborted);
        NgsiLdResponse.WriteContextHeaders(http, media, context);
        await using var writer = new Utf8JsonWriter(http.Response.BodyWriter, NgsiLdResponse.JsonOptions);
        writer.WriteStartObject();
        writer.WriteString("id"u8, $"urn:ngsi-ld:ContextSourceIdentity:{Alias(tenant)}");
        writer.WriteString("type"u8, "ContextSourceIdentity"u8);
        writer.WriteString("contextSourceAlias"u8, Alias(tenant));
        writer.WriteString("contextSourceUptime"u8, XmlConvert.ToString(TimeSpan.FromSeconds((long)_clock.GetElapsedTime(_started).TotalSeconds)));
        writer.WriteString("contextSourceTimeAt"u8, Timestamps.Format(Timestamps.FromInstant(_clock.GetUtcNow())));
        if (media == MediaType.JsonLd)
        {
            writer.WritePropertyName("@context"u8);
            writer.WriteRawValue(context.Json, skipInputValidation: true);
        }

        writer.WriteEndObject();
        await writer.FlushAsync(http.RequestAborted);
    }

    private static string Slug(string name) =>
        string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' ? char.ToLowerInvariant(c) : '-'));
}
