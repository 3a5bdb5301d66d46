using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Twin.EntityRegistry.Contexts;
using Twin.EntityRegistry.Http;
using Twin.NgsiLd;
using Twin.NgsiLd.Contexts;
using Twin.NgsiLd.Representations;

namespace Twin.EntityRegistry.Entities;

/// <summary>
/// Reads the array of a batch: what is wrong with one entity is that entity's, what is wrong with the array is the
/// request's.
/// </summary>
internal sealed class BatchBody(ContextResolver contexts)
{
    /// <summary>Elements that one batch may hold; a larger one is to be sent in parts.</summary>
    public const int MostElements = 20_000;

    /// <summary>Reads the entities of a batch.</summary>
    /// <exception cref="NgsiLdException">InvalidRequest or BadRequestData: the request as a whole is refused.</exception>
    public async ValueTask<List<ParsedEntity>> ReadAsync(HttpContext http, ReadOnlyMemory<byte> json, ParseOptions options)
    {
        if (MediaTypes.OfBody(http.Request) != MediaTypes.JsonLd)
        {
            JsonLdContext shared = await contexts.FromLinkAsync(http.Request, http.RequestAborted);
            if (json.Span.IndexOf("\"@context\""u8) < 0)
            {
                return Bounded(EntityParser.ParseEntities(json, shared, options));
            }

            List<ReadOnlyMemory<byte>> misplaced = EntityParser.ReadContexts(json);
            return Bounded(EntityParser.ParseEntities(
                json,
                i => i >= misplaced.Count || misplaced[i].IsEmpty ? shared : throw NgsiLdException.BadRequest("A body of application/json has its @context in a Link header, not in itself.", "/@context"),
                options));
        }

        if (contexts.HasLink(http.Request))
        {
            throw NgsiLdException.BadRequest("Entities of application/ld+json carry their @context themselves; leave the Link header out.", "Link");
        }

        List<ReadOnlyMemory<byte>> own = EntityParser.ReadContexts(json);
        var resolved = new (JsonLdContext? Context, NgsiLdException? Error)[own.Count];
        for (int i = 0; i < own.Count; i++)
        {
            try
            {
                // The entities of a batch nearly always share one @context.
                resolved[i] = i > 0 && own[i].Span.SequenceEqual(own[i - 1].Span) ? resolved[i - 1]
                    : own[i].IsEmpty ? throw NgsiLdException.BadRequest("An entity of application/ld+json has an @context.", "/@context")
                    : (await contexts.FromJsonAsync(http.Request, own[i], http.RequestAborted), null);
            }
            catch (NgsiLdException refusal)
            {
                resolved[i] = (null, refusal);
            }
        }

        return Bounded(EntityParser.ParseEntities(json, i => (i < resolved.Length ? resolved[i] : default) is { Error: { } error } ? throw error : i < resolved.Length ? resolved[i].Context! : JsonLdContext.Core, options));
    }

    /// <summary>Reads an array of ids.</summary>
    /// <exception cref="NgsiLdException">InvalidRequest or BadRequestData.</exception>
    public static List<string> ReadIds(ReadOnlySpan<byte> json)
    {
        var ids = new List<string>();
        NgsiLdException? wrong = null;
        try
        {
            var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 64 });
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartArray)
            {
                throw NgsiLdException.BadRequest("The body is an array of entity ids.");
            }

            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                if (reader.TokenType == JsonTokenType.String)
                {
                    ids.Add(reader.GetString()!);
                    continue;
                }

                // Whether the whole is JSON is asked first: the other elements are still read.
                wrong ??= NgsiLdException.BadRequest("Each element of the array is an entity id, a string.", $"/{ids.Count}");
                reader.Skip();
            }

            if (reader.Read())
            {
                throw NgsiLdException.Invalid("Something follows the array.");
            }

            if (wrong is not null)
            {
                throw wrong;
            }
        }
        catch (JsonException malformed)
        {
            throw NgsiLdException.Invalid($"The body is not JSON: {malformed.Message}");
        }

        return Bounded(ids);
    }

    private static List<T> Bounded<T>(List<T> elements) => elements.Count switch
    {
        0 => throw NgsiLdException.BadRequest("The array is empty."),
        > MostElements => throw NgsiLdException.BadRequest($"A batch holds at most {MostElements} elements; send it in parts."),
        _ => elements,
    };
}
