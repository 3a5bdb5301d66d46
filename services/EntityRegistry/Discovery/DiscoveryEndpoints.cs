using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Twin.EntityRegistry.Contexts;
using Twin.EntityRegistry.Federation;
using Twin.EntityRegistry.Http;
using Twin.EntityRegistry.Index;
using Twin.EntityRegistry.OpenApi;
using Twin.EntityRegistry.Registrations;
using Twin.EntityRegistry.Tenants;
using Twin.Hosting.Authentication;
using Twin.NgsiLd;
using Twin.NgsiLd.Contexts;
using Twin.NgsiLd.Queries;
using Twin.NgsiLd.Representations;

namespace Twin.EntityRegistry.Discovery;

/// <summary>Which entity types and attributes there are, here and at other context sources: GS CIM 009 5.7.5 to 5.7.10 over 6.25 to 6.28.</summary>
internal sealed class DiscoveryEndpoints(TenantDirectory tenants, ContextResolver contexts, FederatedReader federation, EntityAccess access, TimeProvider clock)
{
    /// <summary>The route table.</summary>
    public void Map(IEndpointRouteBuilder api)
    {
        RouteGroupBuilder reads = api.MapGroup("");
        reads.RequireAuthorization(TwinPolicies.ReadEntities).WithTags("Discovery");
        reads.MapGet("/types", NgsiLdProblems.Guard(TypesAsync))
            .Operation(RegistrationOperations.RetrieveEntityTypes, "Retrieve Available Entity Types", "5.7.5, 5.7.6, 6.25.3.1").Reads("details", "local").Answers("The types", "EntityTypes", "NGSILD-Warning").FindsTenant();
        reads.MapGet("/types/{type}", NgsiLdProblems.Guard(TypeAsync))
            .Operation(RegistrationOperations.RetrieveEntityTypeInfo, "Retrieve Entity Type Information", "5.7.7, 6.26.3.1").Reads("local").Answers("The type", "EntityTypeInfo", "NGSILD-Warning").Finds();
        reads.MapGet("/attributes", NgsiLdProblems.Guard(AttributesAsync))
            .Operation(RegistrationOperations.RetrieveAttributes, "Retrieve Available Attributes", "5.7.8, 5.7.9, 6.27.3.1").Reads("details", "local").Answers("The attributes", "Attributes", "NGSILD-Warning").FindsTenant();
        reads.MapGet("/attributes/{attrId}", NgsiLdProblems.Guard(AttributeAsync))
            .Operation(RegistrationOperations.RetrieveAttributeInfo, "Retrieve Attribute Information", "5.7.10, 6.28.3.1").Reads("local").Answers("The attribute", "AttributeInfo", "NGSILD-Warning").Finds();
    }

    private Task TypesAsync(HttpContext http) => AnswerAsync(http, ["details", "local"], _ => NgsiLdRequest.Flag(http, "details")
        ? new Question(RegistrationOperations.RetrieveEntityTypeDetails, "/types?details=true&", default, static answer => answer.Types())
        : new Question(RegistrationOperations.RetrieveEntityTypes, "/types?", default, static answer => answer.TypeList()));

    private Task TypeAsync(HttpContext http) => AnswerAsync(http, ["local"], context =>
    {
        (string name, string iri, int[] term) = Named(http, "type", context);
        return new Question(RegistrationOperations.RetrieveEntityTypeInfo, $"/types/{Uri.EscapeDataString(iri)}?", new WantedInformation(Types: term), answer =>
        {
            if (!answer.Type(iri))
            {
                throw NgsiLdException.NotFound($"No entity has the type '{name}'. Is the @context given?");
            }
        });
    });

    private Task AttributesAsync(HttpContext http) => AnswerAsync(http, ["details", "local"], _ => NgsiLdRequest.Flag(http, "details")
        ? new Question(RegistrationOperations.RetrieveAttributeDetails, "/attributes?details=true&", default, static answer => answer.Attributes())
        : new Question(RegistrationOperations.RetrieveAttributes, "/attributes?", default, static answer => answer.AttributeList()));

    private Task AttributeAsync(HttpContext http) => AnswerAsync(http, ["local"], context =>
    {
        (string name, string iri, int[] term) = Named(http, "attrId", context);
        return new Question(RegistrationOperations.RetrieveAttributeInfo, $"/attributes/{Uri.EscapeDataString(iri)}?", new WantedInformation(Attributes: term), answer =>
        {
            if (!answer.Attribute(iri))
            {
                throw NgsiLdException.NotFound($"No entity has the attribute '{name}'. Is the @context given?");
            }
        });
    });

    private async Task AnswerAsync(HttpContext http, string[] parameters, Func<JsonLdContext, Question> read)
    {
        if (!NgsiLdRequest.Negotiate(http, geoJson: false, out MediaType type))
        {
            return;
        }

        NgsiLdRequest.AllowParameters(http, parameters);
        bool local = NgsiLdRequest.Flag(http, "local");
        Tenant tenant = tenants.Get(NgsiLdRequest.TenantName(http));
        JsonLdContext context = await contexts.FromLinkAsync(http.Request, http.RequestAborted);
        Question question = read(context);
        TypeSurvey survey = await SurveyAsync(http, tenant, context, question, local);

        // Into memory first: what is not there is found out while writing, and a refusal needs an untouched answer.
        using var buffer = new MemoryStream();
        await using (var writer = new Utf8JsonWriter(buffer, NgsiLdResponse.JsonOptions))
        {
            question.Write(new SurveyWriter(writer, survey, context));
        }

        NgsiLdResponse.WriteContextHeaders(http, type, context);
        await NgsiLdResponse.WriteWithContextAsync(http, type, context, buffer.GetBuffer().AsMemory(0, (int)buffer.Length));
    }

    /// <summary>
    /// What we hold, and what the sources tell. They count entities without showing them, so that nobody could leave out
    /// what a caller may not see: they are asked for those alone who may see everything.
    /// </summary>
    private async Task<TypeSurvey> SurveyAsync(HttpContext http, Tenant tenant, JsonLdContext context, Question question, bool local)
    {
        AccessScope scope = access.Of(http);
        IReadOnlyList<ContextSourceRegistration> sources =
            local || !scope.IsEverything ? [] : federation.Sources(http, tenant, [question.Operation], () => question.Wanted);
        Task<SourceAnswer<TypeSurvey>[]>? asking = sources.Count == 0 ? null : federation.AskAllAsync(
            http,
            tenant,
            sources,
            context,
            source => (question.Path + (source.LocalOnly ? "local=true" : "")).TrimEnd('?', '&'),
            body => SurveyReader.Read(body, context));
        ResidentIndex index = tenant.Index;
        TypeSurvey survey = TypeSurvey.Of(index, index.All, scope, Timestamps.FromInstant(clock.GetUtcNow()));
        if (asking is not null)
        {
            SourceAnswer<TypeSurvey>[] answers = await asking;
            FederatedReader.Warn(http, answers.Select(a => a.Warning));
            foreach (SourceAnswer<TypeSurvey> answer in answers)
            {
                survey.Add(answer.Value);
            }
        }

        return survey;
    }

    /// <summary>The name in the path, what it stands for, and its <see cref="Terms"/> number when there is one.</summary>
    /// <exception cref="NgsiLdException">ResourceNotFound: a keyword names no type and no attribute.</exception>
    private static (string Name, string Iri, int[] Term) Named(HttpContext http, string segment, JsonLdContext context)
    {
        string name = NgsiLdRequest.Segment(http, segment);
        string iri = context.ExpandTerm(name);
        return iri[0] == '@'
            ? throw NgsiLdException.NotFound($"'{name}' names no type and no attribute.")
            : (name, iri, Terms.TryGet(iri, out int term) ? [term] : []);
    }

    /// <summary>What is asked, here and of the sources.</summary>
    /// <param name="Operation">The operation of <see cref="RegistrationOperations"/> that a source must offer.</param>
    /// <param name="Path">The path at a source, ready for further parameters.</param>
    /// <param name="Wanted">What a source must hold.</param>
    /// <param name="Write">Writes the answer.</param>
    private sealed record Question(string Operation, string Path, WantedInformation Wanted, Action<SurveyWriter> Write);
}
