using System.Buffers;
using System.Text;
using System.Text.Json;
using Twin.NgsiLd.Contexts;
using Twin.NgsiLd.Entities;

namespace Twin.NgsiLd.Representations;

/// <summary>
/// Bodies to <see cref="EntityNode"/>, in one pass. Values of the nodes are slices of the body where it is compact already:
/// do not give its buffer back before the nodes are packed or done with.
/// </summary>
/// <remarks>
/// All methods throw <see cref="NgsiLdException"/>: InvalidRequest for what is not JSON, BadRequestData for what GS CIM 009
/// does not allow, with the JSON Pointer of the member.
/// </remarks>
public static class EntityParser
{
    /// <summary>Takes one entity or entity fragment.</summary>
    /// <param name="body">UTF-8 JSON, one object.</param>
    /// <param name="context">What expands its names; the body's own <c>@context</c> is passed over (see <see cref="ReadContext"/>).</param>
    /// <param name="options">What the body is for.</param>
    public static EntityNode ParseEntity(ReadOnlyMemory<byte> body, JsonLdContext context, ParseOptions options)
    {
        var state = new ParseState(body, context, options);
        try
        {
            Utf8JsonReader reader = state.Reader();
            Start(ref reader);
            EntityNode node = EntityReader.Read(state, ref reader);
            reader.Read();
            return node;
        }
        catch (JsonException e)
        {
            throw ParseState.Malformed(e);
        }
    }

    /// <summary>Takes one entity from a body that may be in several pieces.</summary>
    public static EntityNode ParseEntity(in ReadOnlySequence<byte> body, JsonLdContext context, ParseOptions options) =>
        ParseEntity(body.IsSingleSegment ? body.First : body.ToArray(), context, options);

    /// <summary>Takes a fragment that is one attribute (partial update, replace attribute): an object, a plain value or an array of instances.</summary>
    /// <param name="body">UTF-8 JSON.</param>
    /// <param name="name">The attribute's <see cref="Terms"/> id, from the URL.</param>
    /// <param name="context">What expands names.</param>
    /// <param name="options">What the body is for.</param>
    public static List<AttributeNode> ParseAttribute(ReadOnlyMemory<byte> body, int name, JsonLdContext context, ParseOptions options)
    {
        var state = new ParseState(body, context, options, isAttribute: true);
        try
        {
            Utf8JsonReader reader = state.Reader();
            Start(ref reader);
            state.AttributeBodyStart = (int)reader.TokenStartIndex;
            var attributes = new List<AttributeNode>(1);
            AttributeParser.Read(state, ref reader, name, attributes);
            reader.Read();
            if (attributes.Any(IsEmpty))
            {
                throw state.Fault(state.AttributeBodyStart, "The fragment has nothing that could change an attribute (5.6.4).");
            }

            return attributes;
        }
        catch (JsonException e)
        {
            throw ParseState.Malformed(e);
        }
    }

    /// <summary>
    /// Takes an array of entities (batch operations). What is wrong with one is told with it and the others are taken; a
    /// body that is no JSON array is refused whole.
    /// </summary>
    public static List<ParsedEntity> ParseEntities(ReadOnlyMemory<byte> body, JsonLdContext context, ParseOptions options) =>
        ParseEntities(body, _ => context, options);

    /// <summary>Takes an array of entities that each have a @context of their own (see <see cref="ReadContexts"/>).</summary>
    /// <param name="body">UTF-8 JSON.</param>
    /// <param name="contextOf">The @context of the element with this index; may throw <see cref="NgsiLdException"/>.</param>
    /// <param name="options">What the body is for.</param>
    public static List<ParsedEntity> ParseEntities(ReadOnlyMemory<byte> body, Func<int, JsonLdContext> contextOf, ParseOptions options)
    {
        var state = new ParseState(body, JsonLdContext.Core, options);
        try
        {
            Utf8JsonReader reader = state.Reader();
            Start(ref reader);
            if (reader.TokenType != JsonTokenType.StartArray)
            {
                throw NgsiLdException.BadRequest("The body of a batch operation is an array of entities (5.6.7).", string.Empty);
            }

            var entities = new List<ParsedEntity>();
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                if (reader.TokenType != JsonTokenType.StartObject)
                {
                    throw state.Fault(reader.TokenStartIndex, "The body of a batch operation holds entities, which are objects (5.6.7).");
                }

                entities.Add(ReadElement(state, ref reader, entities.Count, contextOf));
            }

            reader.Read();
            return entities.Count > 0 ? entities : throw NgsiLdException.BadRequest("The array has no entities (5.6.7).", string.Empty);
        }
        catch (JsonException e)
        {
            throw ParseState.Malformed(e);
        }
    }

    /// <summary>The <c>@context</c> member of an object as a slice of it; empty when there is none.</summary>
    public static ReadOnlyMemory<byte> ReadContext(ReadOnlyMemory<byte> body)
    {
        var reader = new Utf8JsonReader(body.Span, new JsonReaderOptions { MaxDepth = ParseState.MaximumDepth });
        try
        {
            Start(ref reader);
            return ContextOf(body, ref reader);
        }
        catch (JsonException e)
        {
            throw ParseState.Malformed(e);
        }
    }

    /// <summary>The <c>@context</c> members of the objects of an array, each as <see cref="ReadContext"/> gives it.</summary>
    public static List<ReadOnlyMemory<byte>> ReadContexts(ReadOnlyMemory<byte> body)
    {
        var reader = new Utf8JsonReader(body.Span, new JsonReaderOptions { MaxDepth = ParseState.MaximumDepth });
        var contexts = new List<ReadOnlyMemory<byte>>();
        try
        {
            Start(ref reader);
            while (reader.TokenType is JsonTokenType.StartArray or JsonTokenType.EndObject && reader.Read() && reader.TokenType == JsonTokenType.StartObject)
            {
                contexts.Add(ContextOf(body, ref reader));
            }

            return contexts;
        }
        catch (JsonException e)
        {
            throw ParseState.Malformed(e);
        }
    }

    private static bool IsEmpty(AttributeNode node) =>
        node is { Value.IsEmpty: true, Removed: RemovedMembers.None, UnitCode: null, ObservedAt: null, ExpiresAt: 0, ObjectTypes: null, SubAttributes: null }
        && node.Extras.Span.IndexOf("\"valueType\""u8) < 0;

    private static void Start(ref Utf8JsonReader reader)
    {
        if (!reader.Read())
        {
            throw NgsiLdException.Invalid("The body is empty.");
        }
    }

    private static ReadOnlyMemory<byte> ContextOf(ReadOnlyMemory<byte> body, ref Utf8JsonReader reader)
    {
        ReadOnlyMemory<byte> context = default;
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return context;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool mine = reader.ValueTextEquals("@context"u8);
            reader.Read();
            int start = (int)reader.TokenStartIndex;
            reader.Skip();
            if (mine)
            {
                context = body[start..(int)reader.BytesConsumed];
            }
        }

        return context;
    }

    private static ParsedEntity ReadElement(ParseState state, ref Utf8JsonReader reader, int index, Func<int, JsonLdContext> contextOf)
    {
        Utf8JsonReader start = reader;
        try
        {
            state.Context = contextOf(index);
            return new ParsedEntity(index, EntityReader.Read(state, ref reader), null, null);
        }
        catch (NgsiLdException e)
        {
            reader = start;
            reader.Skip();
            return new ParsedEntity(index, null, EntityReader.IdOf(start), e);
        }
    }
}

/// <summary>One element of a batch: an entity, or why it is refused.</summary>
/// <param name="Index">Its place in the array.</param>
/// <param name="Entity">The entity; null when it is refused.</param>
/// <param name="RefusedId">The id of a refused one, when it could be made out.</param>
/// <param name="Error">Why it is refused.</param>
public sealed record ParsedEntity(int Index, EntityNode? Entity, string? RefusedId, NgsiLdException? Error);
