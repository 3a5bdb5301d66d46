using Microsoft.AspNetCore.Http;
using Twin.EntityRegistry.Contexts;
using Twin.EntityRegistry.Http;
using Twin.NgsiLd;
using Twin.NgsiLd.Contexts;
using Twin.NgsiLd.Entities;
using Twin.NgsiLd.Queries;
using Twin.NgsiLd.Representations;

namespace Twin.EntityRegistry.Entities;

/// <summary>Reads the bodies of write operations: which @context they are in, and what they say.</summary>
internal sealed class EntityBodies(ContextResolver contexts)
{
    /// <summary>Reads one entity or fragment.</summary>
    /// <exception cref="NgsiLdException">What the body is refused for.</exception>
    public async ValueTask<EntityNode> ReadAsync(HttpContext http, RequestBody body, ParseOptions options)
    {
        JsonLdContext context = await ContextAsync(http, body.Memory);
        return EntityParser.ParseEntity(body.Memory, context, options);
    }

    /// <summary>The @context of a body: its own for application/ld+json, the Link header's or the core one else (6.3.5).</summary>
    /// <exception cref="NgsiLdException">BadRequestData where the two are mixed up; LdContextNotAvailable.</exception>
    public async ValueTask<JsonLdContext> ContextAsync(HttpContext http, ReadOnlyMemory<byte> json)
    {
        bool linked = MediaTypes.OfBody(http.Request) != MediaTypes.JsonLd;
        if (!linked && contexts.HasLink(http.Request))
        {
            throw NgsiLdException.BadRequest("A body of application/ld+json carries its @context itself; leave the Link header out.", "Link");
        }

        if (!linked)
        {
            return await OwnAsync(http, json);
        }

        // Looked for before it is parsed for: nearly no such body has one.
        return json.Span.IndexOf("\"@context\""u8) >= 0 && !EntityParser.ReadContext(json).IsEmpty
            ? throw NgsiLdException.BadRequest("A body of application/json has its @context in a Link header, not in itself.", "/@context")
            : await contexts.FromLinkAsync(http.Request, http.RequestAborted);
    }

    private static byte FirstToken(ReadOnlySpan<byte> json)
    {
        ReadOnlySpan<byte> trimmed = json.TrimStart(" \t\r\n"u8);
        return trimmed.IsEmpty ? (byte)0 : trimmed[0];
    }

    /// <summary>The entity types that a request selects among (<c>type</c>); null selects none.</summary>
    /// <exception cref="NgsiLdException">BadRequestData when it is not a type expression.</exception>
    public async ValueTask<TypeExpression?> TypeAsync(HttpContext http) =>
        http.Request.QueryString.HasValue && (string?)http.Request.Query["type"] is { Length: > 0 } type
            ? TypeExpression.Parse(type, await contexts.FromLinkAsync(http.Request, http.RequestAborted))
            : null;

    /// <summary>The @context within one JSON-LD object.</summary>
    /// <exception cref="NgsiLdException">BadRequestData when there is none.</exception>
    public async ValueTask<JsonLdContext> OwnAsync(HttpContext http, ReadOnlyMemory<byte> json)
    {
        if (FirstToken(json.Span) != (byte)'{')
        {
            throw NgsiLdException.Invalid("The body is not a JSON object.");
        }

        ReadOnlyMemory<byte> own = EntityParser.ReadContext(json);
        return own.IsEmpty
            ? throw NgsiLdException.BadRequest("A body of application/ld+json has an @context.", "/@context")
            : await contexts.FromJsonAsync(http.Request, own, http.RequestAborted);
    }
}
