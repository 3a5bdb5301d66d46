using System.Buffers;
using Microsoft.AspNetCore.Http;
using Twin.EntityRegistry.Http;
using Twin.NgsiLd.Contexts;
using Twin.NgsiLd.Entities;
using Twin.NgsiLd.Operations;
using Twin.NgsiLd.Queries;
using Twin.NgsiLd.Representations;

namespace Twin.EntityRegistry.Queries;

/// <summary>Writes entities as the answer of a request, with those linked to them where they are asked for (4.5.23).</summary>
/// <param name="http">The request and its answer.</param>
/// <param name="representation">How the answer is to look.</param>
/// <param name="context">What compacts names.</param>
/// <param name="query">What is asked of the entities.</param>
/// <param name="evaluation">Who asks, when.</param>
internal sealed class EntityAnswer(HttpContext http, Representation representation, JsonLdContext context, EntityQuery query, EvaluationContext evaluation)
{
    private readonly EvaluationContext _evaluation = evaluation;

    /// <summary>One entity; with <c>join=flat</c> an array when something is linked to it.</summary>
    public Task WriteOneAsync(EntityDocument entity)
    {
        RenderOptions options = Options();
        entity = Present(entity)!;
        WriteHead(options, EntityRenderer.IsAltered(entity, options));
        ArrayBufferWriter<byte> buffer = ResponseBuffer.Rent();
        List<Linked> linked = Flat([entity]);
        if (linked.Count == 0)
        {
            EntityRenderer.Write(buffer, entity, options);
        }
        else
        {
            WriteArray(buffer, [entity], linked, options);
        }

        return ResponseBuffer.SendAsync(http, buffer);
    }

    /// <summary>A page of entities.</summary>
    public Task WriteAllAsync(List<EntityDocument> entities)
    {
        RenderOptions options = Options();
        for (int i = 0; i < entities.Count; i++)
        {
            entities[i] = Present(entities[i])!;
        }

        WriteHead(options, options.PreferredMinor > 0 && entities.Exists(e => EntityRenderer.IsAltered(e, options)));
        ArrayBufferWriter<byte> buffer = ResponseBuffer.Rent();
        List<Linked> linked = Flat(entities);
        if (linked.Count == 0)
        {
            EntityRenderer.WriteAll(buffer, entities, options);
        }
        else
        {
            WriteArray(buffer, entities, linked, options);
        }

        return ResponseBuffer.SendAsync(http, buffer);
    }

    private RenderOptions Options()
    {
        bool inline = query.Join.Kind == JoinKind.Inline;
        return new RenderOptions
        {
            Context = context,
            Form = representation.Form,
            SystemAttributes = representation.SystemAttributes,
            IncludesContext = representation.ContextInBody,
            IsGeoJson = representation.Media == MediaType.GeoJson,
            GeometryProperty = representation.GeometryProperty is { } name ? context.TryExpand(name, out int id) ? id : -1 : CoreTerms.Location,
            Projection = query.Projection,
            Language = query.Language,
            PreferredMinor = representation.PreferredMinor,
            Linked = inline ? FindVisible : null,
            JoinLevel = inline ? query.Join.Level : 0,
        };
    }

    private void WriteHead(RenderOptions options, bool altered)
    {
        NgsiLdResponse.WriteContextHeaders(http, representation.Media, context, representation.ContextInBody);
        if (options.PreferredMinor > 0)
        {
            http.Response.Headers["Preference-Applied"] = $"ngsi-ld=1.{options.PreferredMinor}";
            http.Response.StatusCode = altered ? StatusCodes.Status203NonAuthoritative : StatusCodes.Status200OK;
        }
    }

    /// <summary>The entity without what has expired by now.</summary>
    private EntityDocument? Present(EntityDocument entity) => Expiry.Next(entity) is 0 ? entity : Expiry.At(entity, _evaluation.Now);

    private EntityDocument? FindVisible(string id) =>
        _evaluation.Resolve?.Invoke(id) is { } entity && !_evaluation.Gone(entity.ExpiresAt) && _evaluation.Scope.TrySee(entity, out _) ? Present(entity) : null;

    /// <summary>The linked entities of <c>join=flat</c>, level by level, each once, with what of it is answered.</summary>
    private List<Linked> Flat(List<EntityDocument> entities)
    {
        var linked = new List<Linked>();
        if (query.Join.Kind != JoinKind.Flat)
        {
            return linked;
        }

        var known = new HashSet<string>(entities.Select(e => e.Id).Concat(query.Join.ContainedBy), StringComparer.Ordinal);
        List<Linked> level = [.. entities.Select(e => new Linked(e, query.Projection))];
        for (int depth = 0; depth < query.Join.Level && level.Count > 0; depth++)
        {
            var next = new List<Linked>();
            foreach (Linked from in level)
            {
                foreach ((int relationship, string id) in LinkedIds.Of(from.Entity, from.Members))
                {
                    if (known.Add(id) && FindVisible(id) is { } entity)
                    {
                        next.Add(new Linked(entity, from.Members.Linked(relationship)));
                    }
                }
            }

            linked.AddRange(next);
            level = next;
        }

        return linked;
    }

    private static void WriteArray(ArrayBufferWriter<byte> buffer, List<EntityDocument> entities, List<Linked> linked, RenderOptions options)
    {
        buffer.Write("["u8);
        foreach (EntityDocument entity in entities)
        {
            EntityRenderer.Write(buffer, entity, options);
            buffer.Write(","u8);
        }

        for (int i = 0; i < linked.Count; i++)
        {
            EntityRenderer.Write(buffer, linked[i].Entity, options with { Projection = linked[i].Members });
            buffer.Write(i < linked.Count - 1 ? ","u8 : "]"u8);
        }
    }

    private readonly record struct Linked(EntityDocument Entity, Projection Members);
}
