using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Twin.EntityRegistry.Contexts;
using Twin.EntityRegistry.Http;
using Twin.EntityRegistry.Index;
using Twin.EntityRegistry.OpenApi;
using Twin.EntityRegistry.Tenants;
using Twin.Hosting.Authentication;
using Twin.NgsiLd;
using Twin.NgsiLd.Contexts;
using Twin.NgsiLd.Queries;
using Twin.NgsiLd.Representations;

namespace Twin.EntityRegistry.Discovery;

/// <summary>Which entity types and attributes there are: GS CIM 009 5.7.5 to 5.7.10 over 6.25 to 6.28.</summary>
internal sealed class DiscoveryEndpoints(TenantDirectory tenants, ContextResolver contexts, EntityAccess access, TimeProvider clock)
{
    /// <summary>The route table.</summary>
    public void Map(IEndpointRouteBuilder api)
    {
        RouteGroupBuilder reads = api.MapGroup("");
        reads.RequireAuthorization(TwinPolicies.ReadEntities).WithTags("Discovery");
        reads.MapGet("/types", NgsiLdProblems.Guard(TypesAsync))
            .Operation("retrieveEntityTypes", "Retrieve Available Entity Types", "5.7.5, 5.7.6, 6.25.3.1").Reads("details", "local").Answers("The types", "EntityTypes").FindsTenant();
        reads.MapGet("/types/{type}", NgsiLdProblems.Guard(TypeAsync))
            .Operation("retrieveEntityTypeInfo", "Retrieve Entity Type Information", "5.7.7, 6.26.3.1").Reads("local").Answers("The type", "EntityTypeInfo").Finds();
        reads.MapGet("/attributes", NgsiLdProblems.Guard(AttributesAsync))
            .Operation("retrieveAttrTypes", "Retrieve Available Attributes", "5.7.8, 5.7.9, 6.27.3.1").Reads("details", "local").Answers("The attributes", "Attributes").FindsTenant();
        reads.MapGet("/attributes/{attrId}", NgsiLdProblems.Guard(AttributeAsync))
            .Operation("retrieveAttrTypeInfo", "Retrieve Attribute Information", "5.7.10, 6.28.3.1").Reads("local").Answers("The attribute", "AttributeInfo").Finds();
    }

    /// <summary>5.7.5 and 5.7.6: an EntityTypeList, or with details=true an array of EntityType.</summary>
    private Task TypesAsync(HttpContext http) => AnswerAsync(http, listing: true, (survey, context, writer, details) =>
    {
        if (!details)
        {
            WriteList(writer, "EntityTypeList", "typeList"u8, survey.Types.Keys, context);
            return;
        }

        writer.WriteStartArray();
        foreach ((int type, TypeSurvey.TypeFacts facts) in survey.Types.OrderBy(t => Terms.Iri(t.Key), StringComparer.Ordinal))
        {
            writer.WriteStartObject();
            WriteHead(writer, type, "EntityType", "typeName"u8, context);
            WriteNames(writer, "attributeNames"u8, facts.Attributes, context);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    });

    /// <summary>5.7.7: an EntityTypeInfo.</summary>
    private Task TypeAsync(HttpContext http) => AnswerAsync(http, listing: false, (survey, context, writer, _) =>
    {
        string name = NgsiLdRequest.Segment(http, "type");
        if (!context.TryExpand(name, out int type) || !survey.Types.TryGetValue(type, out TypeSurvey.TypeFacts? facts))
        {
            throw NgsiLdException.NotFound($"No entity has the type '{name}'. Is the @context given?");
        }

        writer.WriteStartObject();
        WriteHead(writer, type, "EntityTypeInfo", "typeName"u8, context);
        writer.WriteNumber("entityCount"u8, facts.Entities);
        writer.WriteStartArray("attributeDetails"u8);
        foreach (int attribute in facts.Attributes)
        {
            writer.WriteStartObject();
            WriteHead(writer, attribute, "Attribute", "attributeName"u8, context);
            WriteKinds(writer, survey.Attributes[attribute]);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    });

    /// <summary>5.7.8 and 5.7.9: an AttributeList, or with details=true an array of Attribute.</summary>
    private Task AttributesAsync(HttpContext http) => AnswerAsync(http, listing: true, (survey, context, writer, details) =>
    {
        if (!details)
        {
            WriteList(writer, "AttributeList", "attributeList"u8, survey.Attributes.Keys, context);
            return;
        }

        writer.WriteStartArray();
        foreach ((int attribute, TypeSurvey.AttributeFacts facts) in survey.Attributes.OrderBy(a => Terms.Iri(a.Key), StringComparer.Ordinal))
        {
            writer.WriteStartObject();
            WriteHead(writer, attribute, "Attribute", "attributeName"u8, context);
            WriteNames(writer, "typeNames"u8, facts.Types, context);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    });

    /// <summary>5.7.10: an Attribute with its counts.</summary>
    private Task AttributeAsync(HttpContext http) => AnswerAsync(http, listing: false, (survey, context, writer, _) =>
    {
        string name = NgsiLdRequest.Segment(http, "attrId");
        if (!context.TryExpand(name, out int attribute) || !survey.Attributes.TryGetValue(attribute, out TypeSurvey.AttributeFacts? facts))
        {
            throw NgsiLdException.NotFound($"No entity has the attribute '{name}'. Is the @context given?");
        }

        writer.WriteStartObject();
        WriteHead(writer, attribute, "Attribute", "attributeName"u8, context);
        writer.WriteNumber("attributeCount"u8, facts.Entities);
        WriteKinds(writer, facts);
        WriteNames(writer, "typeNames"u8, facts.Types, context);
        writer.WriteEndObject();
    });

    private async Task AnswerAsync(HttpContext http, bool listing, Action<TypeSurvey, JsonLdContext, Utf8JsonWriter, bool> write)
    {
        if (!NgsiLdRequest.Negotiate(http, geoJson: false, out MediaType type))
        {
            return;
        }

        NgsiLdRequest.AllowParameters(http, listing ? ["details", "local"] : ["local"]);
        bool details = listing && NgsiLdRequest.Flag(http, "details");
        Tenant tenant = tenants.Get(NgsiLdRequest.TenantName(http));
        JsonLdContext context = await contexts.FromLinkAsync(http.Request, http.RequestAborted);
        ResidentIndex index = tenant.Index;
        TypeSurvey survey = TypeSurvey.Of(index, index.All, access.Of(http), Timestamps.FromInstant(clock.GetUtcNow()));

        // Into memory first: what is not there is found out while writing, and a refusal needs an untouched answer.
        using var buffer = new MemoryStream();
        await using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            write(survey, context, writer, details);
        }

        NgsiLdResponse.WriteContextHeaders(http, type, context);
        await NgsiLdResponse.WriteWithContextAsync(http, type, context, buffer.GetBuffer().AsMemory(0, (int)buffer.Length));
    }

    private static void WriteList(Utf8JsonWriter writer, string type, ReadOnlySpan<byte> list, IEnumerable<int> names, JsonLdContext context)
    {
        writer.WriteStartObject();
        writer.WriteString("id"u8, $"urn:ngsi-ld:{type}:{Guid.CreateVersion7()}");
        writer.WriteString("type"u8, type);
        WriteNames(writer, list, names.OrderBy(Terms.Iri, StringComparer.Ordinal), context);
        writer.WriteEndObject();
    }

    private static void WriteHead(Utf8JsonWriter writer, int term, string type, ReadOnlySpan<byte> name, JsonLdContext context)
    {
        writer.WriteString("id"u8, Terms.Utf8(term));
        writer.WriteString("type"u8, type);
        writer.WriteString(name, context.CompactUtf8(term));
    }

    private static void WriteKinds(Utf8JsonWriter writer, TypeSurvey.AttributeFacts facts)
    {
        writer.WriteStartArray("attributeTypes"u8);
        foreach (Twin.NgsiLd.Entities.AttributeKind kind in facts.Kinds)
        {
            writer.WriteStringValue(kind.ToString());
        }

        writer.WriteEndArray();
    }

    private static void WriteNames(Utf8JsonWriter writer, ReadOnlySpan<byte> member, IEnumerable<int> names, JsonLdContext context)
    {
        writer.WriteStartArray(member);
        foreach (int name in names)
        {
            writer.WriteStringValue(context.CompactUtf8(name));
        }

        writer.WriteEndArray();
    }
}
