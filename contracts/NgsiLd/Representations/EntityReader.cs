using System.Text;
using System.Text.Json;
using Twin.NgsiLd.Entities;

namespace Twin.NgsiLd.Representations;

/// <summary>The members of an entity itself (5.2.4): id, type, scope, expiresAt, and its attributes.</summary>
internal static class EntityReader
{
    private enum Member : byte
    {
        Attribute,
        Id,
        Type,
        Scope,
        ExpiresAt,
        CreatedAt,
        ModifiedAt,
        DeletedAt,
        Context,
    }

    public static EntityNode Read(ParseState state, ref Utf8JsonReader reader)
    {
        long start = reader.TokenStartIndex;
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw NgsiLdException.Invalid("An entity is a JSON object (5.2.4).", JsonPointers.At(state.Body.Span, (int)start));
        }

        var node = new EntityNode { Id = string.Empty };
        HashSet<int>? names = null;
        uint seen = 0;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            int at = (int)reader.TokenStartIndex;
            ReadOnlySpan<byte> text = state.Text(ref reader);
            Member member = MemberOf(text);
            if (member == Member.Attribute)
            {
                if (!state.Options.HasExpandedNames && AttributeMembers.IsReserved(AttributeMembers.Of(text)))
                {
                    throw state.Fault(at, "The core @context keeps this name for a member of attributes (4.5.1); name the attribute otherwise.");
                }

                int name = state.Name(text, at);
                AttributeParser.RefuseTwice(state, node.Attributes, ref names, name, at);
                reader.Read();
                AttributeParser.Read(state, ref reader, name, node.Attributes);
                state.Bound(node.Attributes.Count, at, "attribute instances");
                continue;
            }

            uint bit = 1u << (int)member;
            if ((seen & bit) != 0)
            {
                throw state.Fault(at, "The member is there twice.");
            }

            seen |= bit;
            reader.Read();
            Take(state, ref reader, node, member);
        }

        if (state.Options.HasExpandedNames)
        {
            TakeOwnTimes(node.Attributes, node);
        }

        if (!state.Options.IsFragment)
        {
            Need(node.Id.Length > 0, state, start, "id");
            Need(node.Types.Count > 0, state, start, "type");
        }

        return node;
    }

    /// <summary>In the stored form, times of attributes that are the entity's own are left out.</summary>
    private static void TakeOwnTimes(List<AttributeNode> attributes, EntityNode entity)
    {
        foreach (AttributeNode attribute in attributes)
        {
            attribute.CreatedAt = attribute.CreatedAt == 0 ? entity.CreatedAt : attribute.CreatedAt;
            attribute.ModifiedAt = attribute.ModifiedAt == 0 ? entity.ModifiedAt : attribute.ModifiedAt;
            if (attribute.SubAttributes is { } subs)
            {
                TakeOwnTimes(subs, entity);
            }
        }
    }

    /// <summary>The id of an object that was refused, if it has one.</summary>
    public static string? IdOf(Utf8JsonReader reader)
    {
        while (reader.TokenType == JsonTokenType.StartObject || reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.TokenType == JsonTokenType.PropertyName)
            {
                bool id = MemberOf(reader.ValueSpan) == Member.Id;
                reader.Read();
                if (id && reader.TokenType == JsonTokenType.String && !reader.ValueIsEscaped)
                {
                    return Encoding.UTF8.GetString(reader.ValueSpan);
                }

                reader.Skip();
            }

            reader.Read();
        }

        return null;
    }

    private static Member MemberOf(ReadOnlySpan<byte> name) => name.Length switch
    {
        2 when name.SequenceEqual("id"u8) => Member.Id,
        3 when name.SequenceEqual("@id"u8) => Member.Id,
        4 when name.SequenceEqual("type"u8) => Member.Type,
        5 when name.SequenceEqual("@type"u8) => Member.Type,
        5 when name.SequenceEqual("scope"u8) => Member.Scope,
        8 when name.SequenceEqual("@context"u8) => Member.Context,
        9 when name.SequenceEqual("expiresAt"u8) => Member.ExpiresAt,
        9 when name.SequenceEqual("createdAt"u8) => Member.CreatedAt,
        9 when name.SequenceEqual("deletedAt"u8) => Member.DeletedAt,
        10 when name.SequenceEqual("modifiedAt"u8) => Member.ModifiedAt,
        _ => Member.Attribute,
    };

    private static void Need(bool there, ParseState state, long start, string member)
    {
        if (!there)
        {
            NgsiLdException at = state.Fault(start, $"An entity needs the member {member} (5.2.4).");
            throw NgsiLdException.BadRequest(at.Message, $"{at.Member}/{member}");
        }
    }

    private static void Take(ParseState state, ref Utf8JsonReader reader, EntityNode node, Member member)
    {
        switch (member)
        {
            case Member.Id:
                node.Id = ReadId(state, ref reader);
                break;
            case Member.Type:
                ReadTypes(state, ref reader, node.Types);
                break;
            case Member.Scope when state.Options.IsTemporal && IsInstances(reader):
                AttributeParser.Read(state, ref reader, CoreTerms.Scope, node.Attributes);
                break;
            case Member.Scope:
                ReadScopes(state, ref reader, node);
                break;
            case Member.ExpiresAt when IsNull(ref reader) && state.Options.AllowsNull:
                node.Removed |= RemovedMembers.ExpiresAt;
                break;
            case Member.ExpiresAt:
                node.ExpiresAt = ReadTime(state, ref reader, "expiresAt");
                break;
            case Member.CreatedAt when state.Options.TakesSystemAttributes:
                node.CreatedAt = ReadTime(state, ref reader, "createdAt");
                break;
            case Member.ModifiedAt when state.Options.TakesSystemAttributes:
                node.ModifiedAt = ReadTime(state, ref reader, "modifiedAt");
                break;
            default:
                reader.Skip();
                break;
        }
    }

    /// <summary>Whether the scope at the reader is an object, or an array of objects: instances with a time.</summary>
    private static bool IsInstances(Utf8JsonReader reader) =>
        reader.TokenType == JsonTokenType.StartObject
        || (reader.TokenType == JsonTokenType.StartArray && reader.Read() && reader.TokenType == JsonTokenType.StartObject);

    private static string ReadId(ParseState state, ref Utf8JsonReader reader)
    {
        ReadOnlySpan<byte> id = reader.TokenType == JsonTokenType.String ? state.Text(ref reader) : default;
        if (!Uris.IsAbsolute(id) || id.Length > 2048 || id.SequenceEqual("urn:ngsi-ld:null"u8))
        {
            throw state.Fault(reader.TokenStartIndex, "An entity's id is a URI of at most 2,048 bytes such as urn:ngsi-ld:Building:1 (5.2.4).");
        }

        return Encoding.UTF8.GetString(id);
    }

    private static void ReadTypes(ParseState state, ref Utf8JsonReader reader, List<int> types)
    {
        bool array = reader.TokenType == JsonTokenType.StartArray;
        long start = reader.TokenStartIndex;
        while (!array || (reader.Read() && reader.TokenType != JsonTokenType.EndArray))
        {
            if (reader.TokenType != JsonTokenType.String)
            {
                throw state.Fault(reader.TokenStartIndex, "type is a name or an array of names (4.16).");
            }

            int type = state.Name(state.Text(ref reader), reader.TokenStartIndex);
            if (!types.Contains(type))
            {
                types.Add(type);
            }

            if (!array)
            {
                break;
            }

            if (types.Count > 256)
            {
                throw state.Fault(start, "An entity has at most 256 types.");
            }
        }

        if (types.Count == 0)
        {
            throw state.Fault(start, "An entity has at least one type (4.16).");
        }
    }

    private static void ReadScopes(ParseState state, ref Utf8JsonReader reader, EntityNode node)
    {
        if (IsNull(ref reader) && state.Options.AllowsNull)
        {
            node.Removed |= RemovedMembers.Scope;
            return;
        }

        bool array = reader.TokenType == JsonTokenType.StartArray;
        long start = reader.TokenStartIndex;
        while (!array || (reader.Read() && reader.TokenType != JsonTokenType.EndArray))
        {
            ReadOnlySpan<byte> scope = reader.TokenType == JsonTokenType.String ? state.Text(ref reader) : default;
            if (!Scopes.IsScope(scope))
            {
                throw state.Fault(reader.TokenStartIndex, "A scope is a path such as /Mulhouse/DMC, whose levels start with a letter and go on with letters, digits and _ (4.18).");
            }

            List<string> scopes = node.Scopes ??= [];
            string text = Encoding.UTF8.GetString(scope);
            if (!scopes.Contains(text))
            {
                scopes.Add(text);
            }

            if (!array)
            {
                break;
            }

            if (scopes.Count > 256)
            {
                throw state.Fault(start, "An entity has at most 256 scopes.");
            }
        }
    }

    private static bool IsNull(ref Utf8JsonReader reader) =>
        reader.TokenType == JsonTokenType.String && reader.ValueTextEquals("urn:ngsi-ld:null"u8);

    private static long ReadTime(ParseState state, ref Utf8JsonReader reader, string name) =>
        reader.TokenType == JsonTokenType.String && Timestamps.TryParse(state.Text(ref reader), out long micros)
            ? micros
            : throw state.Fault(reader.TokenStartIndex, $"{name} is not a date-time in UTC such as 2026-01-01T00:00:00Z (4.6.3).");
}
