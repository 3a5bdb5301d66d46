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

        return linked ? await contexts.FromLinkAsync(http.Request, http.RequestAborted) : await OwnAsync(http, json);
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
        ReadOnlyMemory<byte> own = EntityParser.ReadContext(json);
        return own.IsEmpty
            ? throw NgsiLdException.BadRequest("A body of application/ld+json has an @context.", "/@context")
            : await contexts.FromJsonAsync(http.Request, own, http.RequestAborted);
    }
}
