using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Twin.NgsiLd;
using Twin.NgsiLd.Contexts;
using Twin.NgsiLd.Queries;
using Twin.NgsiLd.Representations;

namespace Twin.EntityRegistry.Registrations;

/// <summary>Reads a context source registration (GS CIM 009 5.2.9) and refuses what the standard does not allow.</summary>
internal static class RegistrationParser
{
    private const string Type = "ContextSourceRegistration";
    private const int MostInformation = 256;
    private static readonly string[] TermLists = ["propertyNames", "relationshipNames"];

    /// <summary>Members whose values are data, not terms.</summary>
    private static readonly string[] Known =
    [
        "id", "type", "registrationName", "description", "information", "tenant", "observationInterval", "managementInterval",
        "location", "observationSpace", "operationSpace", "expiresAt", "endpoint", "contextSourceInfo", "scope", "mode",
        "operations", "refreshRate", "management", "datasetId", "contextSourceAlias",
    ];

    /// <summary>Members that the node writes and ignores when they are sent.</summary>
    private static readonly string[] Output =
        ["status", "timesSent", "timesFailed", "lastSuccess", "lastFailure", "createdAt", "modifiedAt", "@context"];

    /// <summary>Reads a whole registration.</summary>
    /// <param name="body">The registration with terms of <paramref name="context"/>.</param>
    /// <param name="context">The @context of the request.</param>
    /// <param name="now">The time, for expiresAt.</param>
    /// <exception cref="NgsiLdException">BadRequestData, naming the member.</exception>
    public static ContextSourceRegistration Parse(JsonObject body, JsonLdContext context, DateTimeOffset now)
    {
        JsonObject expanded = Expand(body, context);
        if (Text(expanded, "type") is not Type)
        {
            throw NgsiLdException.BadRequest($"A registration has \"type\": \"{Type}\".", "/type");
        }

        RegistrationShape.Check(expanded);
        expanded["id"] ??= $"urn:ngsi-ld:{Type}:{Guid.CreateVersion7(now)}";
        return Read(expanded, now);
    }

    /// <summary>Reads a registration whose names are IRIs: one that was stored, or changed by a patch.</summary>
    public static ContextSourceRegistration Read(JsonObject expanded, DateTimeOffset? now)
    {
        RegistrationMode mode = Mode(expanded);
        RegistrationInfo[] information = Information(expanded);
        if (mode == RegistrationMode.Exclusive)
        {
            RequireExclusive(information);
        }

        JsonObject? management = Object(expanded, "management");
        return new ContextSourceRegistration
        {
            Id = RequireUri(expanded, "id"),
            Endpoint = Endpoint(expanded),
            Mode = mode,
            Information = information,
            Operations = Operations(expanded),
            Tenant = Text(expanded, "tenant"),
            Alias = Text(expanded, "contextSourceAlias"),
            ExpiresAt = ExpiresAt(expanded, now),
            Timeout = Milliseconds(management, "timeout"),
            Cooldown = Milliseconds(management, "cooldown"),
            IsTemporal = expanded["observationInterval"] is not null || expanded["managementInterval"] is not null,
            LocalOnly = management?["localOnly"]?.GetValueKind() == JsonValueKind.True,
            Headers = [.. HeadersOf(expanded)],
            Document = expanded,
            Properties = now is null ? RegistrationProperties.OfStored(expanded) : RegistrationProperties.Of(expanded),
        };
    }

    /// <summary>Applies a fragment (5.9.3): its members replace ours, <c>urn:ngsi-ld:null</c> or null removes.</summary>
    public static ContextSourceRegistration Patch(ContextSourceRegistration current, JsonObject fragment, JsonLdContext context, DateTimeOffset now)
    {
        if (fragment.Count == 0 || fragment.All(m => m.Key == "@context"))
        {
            throw NgsiLdException.BadRequest("The fragment names no member to be changed.");
        }

        if (fragment["id"] is not null && Text(fragment, "id") != current.Id)
        {
            throw NgsiLdException.BadRequest("The id of a registration cannot be changed.", "/id");
        }

        if (fragment["type"] is not null && Text(fragment, "type") is not Type)
        {
            throw NgsiLdException.BadRequest("The type of a registration cannot be changed.", "/type");
        }

        var next = (JsonObject)current.Document.DeepClone();
        foreach ((string name, JsonNode? value) in Expand(fragment, context))
        {
            if (value is null || value.GetValueKind() == JsonValueKind.String && value.GetValue<string>() == "urn:ngsi-ld:null")
            {
                if (name is "id" or "type" or "endpoint" or "information")
                {
                    throw NgsiLdException.BadRequest("This member is mandatory and cannot be removed.", "/" + name);
                }

                next.Remove(name);
            }
            else
            {
                next[name] = value.DeepClone();
            }
        }

        RegistrationShape.Check(next);
        return Read(next, now);
    }

    /// <summary>The registration in the terms of a request.</summary>
    public static JsonObject Compact(JsonObject expanded, JsonLdContext context)
    {
        var compact = new JsonObject();
        foreach ((string name, JsonNode? value) in expanded)
        {
            compact[Known.Contains(name) || Output.Contains(name) ? name : context.CompactIri(name)] = value?.DeepClone();
        }

        foreach (JsonObject info in Objects(compact, "information"))
        {
            foreach (string list in TermLists)
            {
                if (info[list] is JsonArray terms)
                {
                    info[list] = new JsonArray([.. terms.Select(t => (JsonNode?)context.CompactIri(t!.GetValue<string>()))]);
                }
            }

            foreach (JsonObject entity in Objects(info, "entities"))
            {
                entity["type"] = entity["type"] is JsonArray many
                    ? new JsonArray([.. many.Select(t => (JsonNode?)context.CompactIri(t!.GetValue<string>()))])
                    : context.CompactIri(Text(entity, "type")!);
            }
        }

        return compact;
    }

    private static JsonObject Expand(JsonObject body, JsonLdContext context)
    {
        var expanded = new JsonObject();
        foreach ((string name, JsonNode? value) in body)
        {
            string key = name switch { "@id" => "id", "@type" => "type", _ => name };
            if (key.Length == 0)
            {
                throw NgsiLdException.BadRequest("A member has no name.", "/");
            }

            if (!Output.Contains(key))
            {
                expanded[Known.Contains(key) ? key : context.ExpandTerm(key)] = value?.DeepClone();
            }
        }

        if (expanded["operations"] is JsonValue operation)
        {
            // JSON-LD writes an array of one as its element.
            expanded["operations"] = new JsonArray(operation.DeepClone());
        }

        foreach (JsonObject info in Objects(expanded, "information"))
        {
            foreach (string list in TermLists)
            {
                if (info[list] is { } terms)
                {
                    info[list] = new JsonArray([.. Texts(terms, "/information/" + list).Select(t => (JsonNode?)context.ExpandTerm(t))]);
                }
            }

            foreach (JsonObject entity in Objects(info, "entities"))
            {
                string[] types = entity["type"] is { } type ? [.. Texts(type, "/information/entities/type")] : [];
                if (types.Length == 0)
                {
                    throw NgsiLdException.BadRequest("Each element of entities names a type.", "/information/entities/type");
                }

                entity["type"] = types.Length == 1 ? context.ExpandTerm(types[0]) : new JsonArray([.. types.Select(t => (JsonNode?)context.ExpandTerm(t))]);
            }
        }

        return expanded;
    }

    private static RegistrationInfo[] Information(JsonObject expanded)
    {
        if (expanded["information"] is not JsonArray { Count: > 0 and <= MostInformation } array || array.Any(i => i is not JsonObject))
        {
            throw NgsiLdException.BadRequest($"information is an array of 1 to {MostInformation} objects that say which entities the source holds.", "/information");
        }

        return [.. array.Select((info, i) => Info((JsonObject)info!, $"/information/{i}"))];
    }

    private static RegistrationInfo Info(JsonObject info, string at)
    {
        EntityInfo[] entities = info["entities"] is null ? [] : [.. Objects(info, "entities").Select((e, i) => Entity(e, $"{at}/entities/{i}"))];
        if (info["entities"] is not null && (info["entities"] is not JsonArray { Count: > 0 } list || list.Count != entities.Length))
        {
            throw NgsiLdException.BadRequest("entities is a non-empty array of objects.", at + "/entities");
        }

        int[] attributes = [.. TermLists.Where(l => info[l] is not null).SelectMany(l => Texts(info[l]!, $"{at}/{l}")).Select(Terms.Intern)];
        if (entities.Length == 0 && attributes.Length == 0)
        {
            throw NgsiLdException.BadRequest("An element of information names entities, propertyNames or relationshipNames.", at);
        }

        return new RegistrationInfo(entities, attributes);
    }

    private static EntityInfo Entity(JsonObject entity, string at)
    {
        string? id = Text(entity, "id");
        if (id is not null && !Uris.IsAbsolute(id))
        {
            throw NgsiLdException.BadRequest("An entity id is a URI.", at + "/id");
        }

        Regex? pattern = Text(entity, "idPattern") is { } text ? Patterns.Parse(text, at + "/idPattern") : null;
        return new EntityInfo([.. Texts(entity["type"]!, at + "/type").Select(Terms.Intern)], id, pattern);
    }

    /// <summary>4.3.6.3: an exclusive registration is for attributes of single, named entities.</summary>
    private static void RequireExclusive(RegistrationInfo[] information)
    {
        for (int i = 0; i < information.Length; i++)
        {
            if (information[i].Attributes.Length == 0)
            {
                throw NgsiLdException.BadRequest("An exclusive registration names the attributes that it claims.", $"/information/{i}/propertyNames");
            }

            if (information[i].Entities.Length == 0 || information[i].Entities.Any(e => e.Id is null || e.IdPattern is not null))
            {
                throw NgsiLdException.BadRequest("An exclusive registration names its entity by id, without idPattern.", $"/information/{i}/entities");
            }
        }
    }

    private static RegistrationMode Mode(JsonObject expanded) => Text(expanded, "mode") switch
    {
        null or "inclusive" => RegistrationMode.Inclusive,
        "exclusive" => RegistrationMode.Exclusive,
        "redirect" => RegistrationMode.Redirect,
        "auxiliary" => RegistrationMode.Auxiliary,
        _ => throw NgsiLdException.BadRequest("mode is inclusive, exclusive, redirect or auxiliary.", "/mode"),
    };

    private static System.Collections.Frozen.FrozenSet<string> Operations(JsonObject expanded)
    {
        string[] names = expanded["operations"] is { } list ? [.. Texts(list, "/operations")] : [RegistrationOperations.DefaultGroup];
        return names.FirstOrDefault(n => !RegistrationOperations.IsKnown(n)) is { } unknown
            ? throw NgsiLdException.BadRequest($"'{unknown}' is not an operation or a group of operations (GS CIM 009 4.20).", "/operations")
            : RegistrationOperations.Resolve(names);
    }

    private static Uri Endpoint(JsonObject expanded) =>
        Uri.TryCreate(Text(expanded, "endpoint"), UriKind.Absolute, out Uri? uri) && uri.Scheme is "http" or "https" && uri.UserInfo.Length == 0
            ? uri
            : throw NgsiLdException.BadRequest("endpoint is an absolute http or https URI without user information.", "/endpoint");

    private static long ExpiresAt(JsonObject expanded, DateTimeOffset? now)
    {
        if (expanded["expiresAt"] is null)
        {
            return 0;
        }

        if (!DateTimeOffset.TryParse(Text(expanded, "expiresAt"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset at))
        {
            throw NgsiLdException.BadRequest("expiresAt is a DateTime such as 2030-01-01T00:00:00Z.", "/expiresAt");
        }

        return at <= now
            ? throw NgsiLdException.BadRequest("expiresAt lies in the past.", "/expiresAt")
            : (at.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks) / TimeSpan.TicksPerMicrosecond;
    }

    private static IEnumerable<KeyValuePair<string, string>> HeadersOf(JsonObject expanded)
    {
        foreach (JsonObject pair in Objects(expanded, "contextSourceInfo"))
        {
            if (Text(pair, "key") is not { Length: > 0 } key || Text(pair, "value") is not { } value || value.AsSpan().ContainsAny('\r', '\n'))
            {
                throw NgsiLdException.BadRequest("contextSourceInfo holds objects with a key and a value, both strings of one line.", "/contextSourceInfo");
            }

            yield return KeyValuePair.Create(key, value);
        }
    }

    private static TimeSpan? Milliseconds(JsonObject? management, string name) => management?[name] switch
    {
        null => null,
        JsonValue value when value.TryGetValue(out double ms) && ms is > 0 and < 86_400_000 => TimeSpan.FromMilliseconds(ms),
        _ => throw NgsiLdException.BadRequest("This is a positive number of milliseconds.", "/management/" + name),
    };

    private static string RequireUri(JsonObject json, string name) =>
        Text(json, name) is { } text && Uri.TryCreate(text, UriKind.Absolute, out _)
            ? text
            : throw NgsiLdException.BadRequest("This is a URI.", "/" + name);

    private static string? Text(JsonObject json, string name) => json[name] switch
    {
        null => null,
        JsonValue value when value.TryGetValue(out string? text) => text,
        _ => throw NgsiLdException.BadRequest("This is a string.", "/" + name),
    };

    private static JsonObject? Object(JsonObject json, string name) => json[name] switch
    {
        null => null,
        JsonObject value => value,
        _ => throw NgsiLdException.BadRequest("This is an object.", "/" + name),
    };

    private static IEnumerable<JsonObject> Objects(JsonObject json, string name) => json[name] switch
    {
        null => [],
        JsonArray array when array.All(e => e is JsonObject) => array.Cast<JsonObject>(),
        _ => throw NgsiLdException.BadRequest("This is an array of objects.", "/" + name),
    };

    private static IEnumerable<string> Texts(JsonNode node, string at)
    {
        JsonNode?[] all = node is JsonArray array ? [.. array] : [node];
        foreach (JsonNode? one in all)
        {
            yield return one is JsonValue value && value.TryGetValue(out string? text) && text.Length > 0
                ? text
                : throw NgsiLdException.BadRequest("This is a non-empty string or an array of them.", at);
        }
    }
}
