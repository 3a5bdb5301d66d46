using System.Text.Json;
using Twin.NgsiLd;
using Twin.NgsiLd.Contexts;
using Twin.NgsiLd.Entities;

namespace Twin.EntityRegistry.Discovery;

/// <summary>
/// Reads what another context source answers to a question of discovery (GS CIM 009 5.2.24 to 5.2.28): lists of names,
/// or objects with details, told apart by their <c>type</c>.
/// </summary>
internal static class SurveyReader
{
    /// <summary>Reads an answer.</summary>
    /// <param name="body">JSON without an @context.</param>
    /// <param name="context">The @context of the question, by which names were compacted.</param>
    /// <exception cref="NgsiLdException">InvalidRequest: it is none of the answers that the clause knows.</exception>
    public static TypeSurvey Read(ReadOnlyMemory<byte> body, JsonLdContext context)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = 16 });
            var survey = new TypeSurvey();
            if (document.RootElement.ValueKind == JsonValueKind.Array)
            {
                foreach (JsonElement element in document.RootElement.EnumerateArray())
                {
                    ReadOne(survey, element, context);
                }
            }
            else
            {
                ReadOne(survey, document.RootElement, context);
            }

            return survey;
        }
        catch (Exception malformed) when (malformed is JsonException or InvalidOperationException)
        {
            // The second is half a character in a string.
            throw NgsiLdException.Invalid($"it is not JSON: {malformed.Message}");
        }
    }

    private static void ReadOne(TypeSurvey survey, JsonElement json, JsonLdContext context)
    {
        switch (Text(json, "type"))
        {
            case "EntityTypeList":
                foreach (int type in Names(json, "typeList", context))
                {
                    survey.Type(type);
                }

                break;
            case "AttributeList":
                foreach (int attribute in Names(json, "attributeList", context))
                {
                    survey.Attribute(attribute);
                }

                break;
            case "EntityType":
                survey.Type(Name(json, "typeName", context)).Attributes.UnionWith(Names(json, "attributeNames", context));
                break;
            case "EntityTypeInfo":
                ReadType(survey, json, context);
                break;
            case "Attribute":
                ReadAttribute(survey, json, context);
                break;
            case var other:
                throw NgsiLdException.Invalid($"'{other}' is no answer to a question about types and attributes");
        }
    }

    private static void ReadType(TypeSurvey survey, JsonElement json, JsonLdContext context)
    {
        TypeSurvey.TypeFacts facts = survey.Type(Name(json, "typeName", context));
        facts.Entities += Count(json, "entityCount");
        foreach (JsonElement detail in Array(json, "attributeDetails"))
        {
            facts.Attributes.Add(ReadAttribute(survey, detail, context));
        }
    }

    private static int ReadAttribute(TypeSurvey survey, JsonElement json, JsonLdContext context)
    {
        int name = Name(json, "attributeName", context);
        TypeSurvey.AttributeFacts facts = survey.Attribute(name);
        facts.Entities += Count(json, "attributeCount");
        facts.Types.UnionWith(Names(json, "typeNames", context));
        foreach (JsonElement kind in Array(json, "attributeTypes"))
        {
            if (kind.ValueKind == JsonValueKind.String && Enum.TryParse(kind.GetString(), out AttributeKind known) && Enum.IsDefined(known))
            {
                facts.Kinds.Add(known);
            }
        }

        return name;
    }

    /// <summary>The IRI is in <c>id</c>; a source that leaves it out has compacted the name by the @context that we sent.</summary>
    private static int Name(JsonElement json, string member, JsonLdContext context) =>
        (Text(json, "id") ?? Text(json, member)) is { Length: > 0 } name
            ? context.Expand(name)
            : throw NgsiLdException.Invalid($"an element has neither id nor {member}");

    private static IEnumerable<int> Names(JsonElement json, string member, JsonLdContext context) =>
        Array(json, member).Select(name => name.ValueKind == JsonValueKind.String && name.GetString() is { Length: > 0 } text
            ? context.Expand(text)
            : throw NgsiLdException.Invalid($"{member} is an array of names"));

    private static JsonElement.ArrayEnumerator Array(JsonElement json, string member) =>
        json.TryGetProperty(member, out JsonElement value) && value.ValueKind == JsonValueKind.Array ? value.EnumerateArray() : default;

    private static string? Text(JsonElement json, string member) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(member, out JsonElement value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;

    private static long Count(JsonElement json, string member) =>
        json.TryGetProperty(member, out JsonElement value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out long count) && count is >= 0 and <= MostEntities
            ? count
            : 0;

    /// <summary>More than any source has; keeps sums from running over.</summary>
    private const long MostEntities = 1L << 40;
}
