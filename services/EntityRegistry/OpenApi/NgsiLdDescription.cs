using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Twin.EntityRegistry.Http;
using Twin.Hosting.OpenApi;

namespace Twin.EntityRegistry.OpenApi;

/// <summary>
/// Says of NGSI-LD operations what the OpenAPI document needs, by the names of the components in the JSON files beside
/// it. What every operation shares (GS CIM 009 6.3) is said here once.
/// </summary>
internal static class NgsiLdDescription
{
    private static readonly string[] Bodies = [MediaTypes.Json, MediaTypes.JsonLd];
    private static readonly string[] Patches = [.. Bodies, MediaTypes.MergePatch];

    private static readonly string[] OfEntities = ["NGSILD-Warning", "NGSILD-EntityMap", "Preference-Applied"];

    /// <summary>Adds the components, once in a process.</summary>
    public static void AddNgsiLdComponents(this IHostApplicationBuilder builder)
    {
        if (builder.Properties.TryAdd(typeof(NgsiLdDescription), true) is false)
        {
            return;
        }

        foreach (string file in (ReadOnlySpan<string>)["parameters.json", "attributes.json", "entities.json", "sources.json"])
        {
            builder.AddOpenApiComponents(typeof(NgsiLdDescription).Assembly, file);
        }
    }

    /// <summary>Names an operation as 4.20 does, with its title and the clauses of the operation and of its HTTP binding.</summary>
    public static IEndpointConventionBuilder Operation(this IEndpointConventionBuilder endpoint, string name, string title, string clauses) =>
        endpoint.Operation(name, $"{title} (GS CIM 009 {clauses})")
            .WithMetadata(new DescribedParameters("Link", "NGSILD-Tenant"))
            .Shares(504, "ContextNotAvailable");

    /// <summary>Declares the components of its parameters; <c>name.variant</c> is a meaning of its own of <c>name</c>.</summary>
    public static IEndpointConventionBuilder Reads(this IEndpointConventionBuilder endpoint, params string[] parameters) =>
        endpoint.WithMetadata(new DescribedParameters(parameters));

    /// <summary>Declares the body, and what 6.3.4 asks of it.</summary>
    public static IEndpointConventionBuilder Takes(this IEndpointConventionBuilder endpoint, string schema, bool mergePatch = false) =>
        endpoint.WithMetadata(new DescribedBody(schema, mergePatch ? Patches : Bodies))
            .Shares(411, "LengthRequired").Shares(415, "MediaTypeNotTaken");

    /// <summary>Declares an answer in JSON whose @context travels as 6.3.6 says.</summary>
    public static IEndpointConventionBuilder Answers(this IEndpointConventionBuilder endpoint, string description, string schema, params string[] headers) =>
        endpoint.WithMetadata(Answer(StatusCodes.Status200OK, description, schema, null, headers)).Shares(406, "NotAcceptable");

    /// <summary>Declares an answer with entities, also in GeoJSON, also for an older version of NGSI-LD.</summary>
    public static IEndpointConventionBuilder AnswersEntities(this IEndpointConventionBuilder endpoint, string description, string schema, string feature, params string[] headers) =>
        endpoint.WithMetadata(
                new DescribedParameters("Prefer", "NGSILD-EntityMap"),
                Answer(StatusCodes.Status200OK, description, schema, feature, [.. headers, .. OfEntities]),
                Answer(StatusCodes.Status203NonAuthoritative, "The same, with attribute types turned into those of the version that Prefer names", schema, feature, [.. headers, .. OfEntities]))
            .Shares(403, "TooComplexQuery").Shares(406, "NotAcceptable");

    /// <summary>Declares that 201 says that an entity map was made for a query, with the answer of 200.</summary>
    public static IEndpointConventionBuilder MakesMaps(this IEndpointConventionBuilder endpoint) =>
        endpoint.WithMetadata(Answer(StatusCodes.Status201Created, "The same, and an entity map was made of what was found", "EntityAnswers", "FeatureCollection", ["NGSILD-Results-Count", "Twin-Next", .. OfEntities]));

    /// <summary>Declares an answer with an entity map.</summary>
    public static IEndpointConventionBuilder AnswersMap(this IEndpointConventionBuilder endpoint, int status, string description) =>
        endpoint.WithMetadata(Answer(status, description, "EntityMap", null, ["NGSILD-EntityMap", "NGSILD-Warning"])).Shares(406, "NotAcceptable");

    /// <summary>Declares 201 with the Location of what was made.</summary>
    public static IEndpointConventionBuilder Creates(this IEndpointConventionBuilder endpoint, string description) =>
        endpoint.Gives(StatusCodes.Status201Created, description, null, MediaTypes.Json, "Location", "NGSILD-Tenant").Shares(409, "Conflict");

    /// <summary>Declares 204, and 404 for what is not there: the tenant or what the path names.</summary>
    public static IEndpointConventionBuilder Changes(this IEndpointConventionBuilder endpoint, string description) =>
        endpoint.Gives(StatusCodes.Status204NoContent, description, null, MediaTypes.Json, "NGSILD-Tenant").Finds();

    /// <summary>Declares 207 for what was done in part.</summary>
    public static IEndpointConventionBuilder InPart(this IEndpointConventionBuilder endpoint, string schema) =>
        endpoint.Gives(StatusCodes.Status207MultiStatus, "Something was refused; the rest is done", schema, MediaTypes.Json, "NGSILD-Tenant");

    /// <summary>Declares 404.</summary>
    public static IEndpointConventionBuilder Finds(this IEndpointConventionBuilder endpoint) => endpoint.Shares(404, "NotFound");

    /// <summary>Declares 404 for a tenant alone.</summary>
    public static IEndpointConventionBuilder FindsTenant(this IEndpointConventionBuilder endpoint) => endpoint.Shares(404, "NoSuchTenant");

    private static DescribedAnswer Answer(int status, string description, string schema, string? feature, string[] headers) =>
        new(status, description, [.. headers, "Link", "NGSILD-Tenant"])
        {
            Content = feature is null
                ? [(MediaTypes.Json, schema), (MediaTypes.JsonLd, schema)]
                : [(MediaTypes.Json, schema), (MediaTypes.JsonLd, schema), (MediaTypes.GeoJson, feature)],
        };
}
