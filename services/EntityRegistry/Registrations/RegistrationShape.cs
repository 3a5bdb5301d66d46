using System.Text.Json;
using System.Text.Json.Nodes;
using Twin.NgsiLd;
using Twin.NgsiLd.Representations;

namespace Twin.EntityRegistry.Registrations;

/// <summary>
/// What the members of a registration may look like (GS CIM 009 5.2.9 to 5.2.11), asked of what clients send; what they
/// mean is <see cref="RegistrationParser"/>'s. A registration that passes is answered as it was sent.
/// </summary>
internal static class RegistrationShape
{
    private static readonly (string Member, Func<JsonNode, bool> Holds, string Is)[] Members =
    [
        ("id", IsUri, "a URI"),
        ("registrationName", IsText, "a string"),
        ("description", IsText, "a string"),
        ("tenant", static node => IsLine(node) && node.GetValue<string>().Length is > 0 and <= 128, "the name of a tenant"),
        ("contextSourceAlias", IsText, "a string"),
        ("refreshRate", IsText, "a duration, a string"),
        ("endpoint", IsUri, "a URI"),
        ("expiresAt", static node => IsText(node) && Timestamps.TryParse(node.GetValue<string>(), out _), "a DateTime such as 2030-01-01T00:00:00Z"),
        ("management", IsObject, "an object"),
        ("location", IsObject, "a geometry"),
        ("observationSpace", IsObject, "a geometry"),
        ("operationSpace", IsObject, "a geometry"),
        ("observationInterval", IsObject, "an object with startAt"),
        ("managementInterval", IsObject, "an object with startAt"),
        ("operations", AreTexts, "an array of names of operations"),
        ("contextSourceInfo", AreHeaders, "an array of objects with a key, the name of a header, and a value of one line of ASCII"),
    ];

    private static readonly (string Member, Func<JsonNode, bool> Holds, string Is)[] Management =
    [
        ("localOnly", static node => node.GetValueKind() is JsonValueKind.True or JsonValueKind.False, "true or false"),
        ("cacheDuration", IsText, "a duration, a string"),
    ];

    private static readonly (string Member, Func<JsonNode, bool> Holds, string Is)[] Information =
    [
        ("propertyNames", AreTexts, "an array of names that is not empty"),
        ("relationshipNames", AreTexts, "an array of names that is not empty"),
    ];

    private static readonly (string Member, Func<JsonNode, bool> Holds, string Is)[] Entity =
    [
        ("idPattern", IsText, "a regular expression, a string"),
    ];

    /// <summary>Refuses a registration, with names as IRIs, of which a member cannot be what it is.</summary>
    /// <exception cref="NgsiLdException">BadRequestData, naming the member.</exception>
    public static void Check(JsonObject registration)
    {
        RefuseNulls(registration, "");
        Check(registration, Members, "");
        Check(registration["management"], Management, "/management");
        int i = 0;
        foreach (JsonNode? info in registration["information"] as JsonArray ?? [])
        {
            Check(info, Information, $"/information/{i}");
            int j = 0;
            foreach (JsonNode? entity in (info as JsonObject)?["entities"] as JsonArray ?? [])
            {
                Check(entity, Entity, $"/information/{i}/entities/{j++}");
            }

            i++;
        }
    }

    private static void Check(JsonNode? node, (string Member, Func<JsonNode, bool> Holds, string Is)[] members, string at)
    {
        if (node is not JsonObject json)
        {
            return;
        }

        foreach ((string member, Func<JsonNode, bool> holds, string what) in members)
        {
            if (json[member] is { } value && !holds(value))
            {
                throw NgsiLdException.BadRequest($"{member} is {what}.", $"{at}/{member}");
            }
        }
    }

    /// <summary>JSON-LD takes null for absent (4.5.0), and would answer otherwise than it was asked.</summary>
    private static void RefuseNulls(JsonNode? node, string at)
    {
        switch (node)
        {
            case null:
                throw NgsiLdException.BadRequest("null says nothing here; leave the member out.", at);
            case JsonObject json:
                foreach ((string name, JsonNode? value) in json)
                {
                    RefuseNulls(value, $"{at}/{name}");
                }

                break;
            case JsonArray array:
                for (int i = 0; i < array.Count; i++)
                {
                    RefuseNulls(array[i], $"{at}/{i}");
                }

                break;
            default:
                break;
        }
    }

    private static bool IsObject(JsonNode node) => node is JsonObject;

    private static bool IsText(JsonNode node) => node.GetValueKind() == JsonValueKind.String;

    /// <summary>ASCII alone: what is sent to a source and named in headers has no other letters.</summary>
    private static bool IsUri(JsonNode node) => IsText(node) && Uris.IsAbsolute(node.GetValue<string>()) && IsLine(node);

    private static bool AreTexts(JsonNode node) => node is JsonArray { Count: > 0 } array && array.All(static item => IsText(item!) && item!.GetValue<string>().Length > 0);

    private static bool IsLine(JsonNode node) => IsText(node) && node.GetValue<string>().All(static c => c is >= ' ' and < (char)127);

    private static bool AreHeaders(JsonNode node)
    {
        using var probe = new HttpRequestMessage();
        return node is JsonArray array && array.All(item =>
            item is JsonObject pair && pair["key"] is { } key && IsText(key) && pair["value"] is { } value && IsLine(value)
            && probe.Headers.TryAddWithoutValidation(key.GetValue<string>(), value.GetValue<string>()));
    }
}
