using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;
using Twin.EntityRegistry.Contexts;
using Twin.EntityRegistry.Entities;
using Twin.EntityRegistry.Http;
using Twin.EntityRegistry.OpenApi;
using Twin.Hosting.Authentication;
using Twin.Hosting.OpenApi;
using Twin.Hosting.Problems;
using Twin.NgsiLd;
using Twin.NgsiLd.Representations;
using Twin.ScenarioEngine.State;
using Twin.ScenarioEngine.Storage;

namespace Twin.ScenarioEngine.Scenarios;

/// <summary><c>/scenarios</c>: create, read, list, fork, change, compare, delete.</summary>
internal sealed class ScenarioEndpoints(
    ScenarioStore store, StateReader state, EntityBodies bodies, ContextResolver contexts, IOptions<ScenarioOptions> options, TimeProvider clock)
{
    private const string Path = "/scenarios";

    /// <summary>The route table.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        var reads = routes.MapGroup(Path);
        reads.RequireAuthorization(TwinPolicies.ReadScenarios).WithTags("Scenarios");
        Describe(reads.MapGet("", NgsiLdProblems.Guard(ListAsync)).Operation("listScenarios", "The scenarios of a tenant"), "limit", "offset", "count")
            .Gives(StatusCodes.Status200OK, "A page, in the order in which they were created", "Scenarios", MediaTypes.Json, "NGSILD-Results-Count", "NGSILD-Tenant", "Link");
        Describe(reads.MapGet("/{scenarioId}", NgsiLdProblems.Guard(GetAsync)).Operation("getScenario", "A scenario with its interventions"), "revision").Finds()
            .Gives(StatusCodes.Status200OK, "The head, or the revision that is asked for", "Scenario", MediaTypes.Json, "ETag", "NGSILD-Tenant");
        Describe(reads.MapGet("/{scenarioId}/revisions", NgsiLdProblems.Guard(RevisionsAsync)).Operation("listRevisions", "The revisions of a scenario"), "limit", "offset").Finds()
            .Gives(StatusCodes.Status200OK, "A page, the newest first", "ScenarioRevisions", MediaTypes.Json, "NGSILD-Tenant", "Link");
        Describe(reads.MapGet("/{scenarioId}/diff", NgsiLdProblems.Guard(DiffAsync)).Operation("compareScenarios", "How a scenario becomes another one"), "with", "revision", "withRevision").Finds()
            .Gives(StatusCodes.Status200OK, "The interventions of both, and what is to be done with each", "ScenarioDiff", MediaTypes.Json, "NGSILD-Tenant");
        var writes = routes.MapGroup(Path);
        writes.RequireAuthorization(TwinPolicies.WriteScenarios).WithTags("Scenarios");
        Describe(writes.MapPost("", NgsiLdProblems.Guard(CreateAsync)).Operation("createScenario", "Begins a scenario on the twin as it is, as it was, or as it is forecast"))
            .Takes("NewScenario").Creates("It is there").Shares(403, "Forbidden");
        Describe(writes.MapPost("/{scenarioId}/fork", NgsiLdProblems.Guard(ForkAsync)).Operation("forkScenario", "Begins a scenario on a revision of another one"), "revision").Finds()
            .Takes("ScenarioFork").Creates("It is there");
        Changes(writes.MapPost("/{scenarioId}/interventions", NgsiLdProblems.Guard(http => ChangeAsync(http, append: true))).Operation("appendInterventions", "Adds interventions behind the others"));
        Changes(writes.MapPut("/{scenarioId}/interventions", NgsiLdProblems.Guard(http => ChangeAsync(http, append: false))).Operation("replaceInterventions", "Puts interventions in the place of all"));
        Preconditions(writes.MapDelete("/{scenarioId}", NgsiLdProblems.Guard(DeleteAsync)).Operation("deleteScenario", "Deletes a scenario with its revisions; forks stay").WithMetadata(new DescribedParameters("NGSILD-Tenant", "If-Match")))
            .Gives(StatusCodes.Status204NoContent, "Deleted", null, MediaTypes.Json, "NGSILD-Tenant").Finds();
    }

    private static IEndpointConventionBuilder Describe(IEndpointConventionBuilder endpoint, params string[] parameters) =>
        endpoint.WithMetadata(new DescribedParameters(["Link", "NGSILD-Tenant", .. parameters])).Shares(504, "ContextNotAvailable");

    private static void Changes(IEndpointConventionBuilder endpoint) =>
        Preconditions(Describe(endpoint, "If-Match")).Takes("Interventions").Finds()
            .Gives(StatusCodes.Status204NoContent, "The new revision is the one of ETag; the same content makes no new one", null, MediaTypes.Json, "ETag", "NGSILD-Tenant");

    private static IEndpointConventionBuilder Preconditions(IEndpointConventionBuilder endpoint) => endpoint
        .Gives(StatusCodes.Status412PreconditionFailed, "If-Match names another revision than the head", "ProblemDetails", "application/problem+json")
        .Gives(StatusCodes.Status428PreconditionRequired, "There is no If-Match", "ProblemDetails", "application/problem+json");

    private async Task ListAsync(HttpContext http)
    {
        NgsiLdRequest.AllowParameters(http, ["limit", "offset", "count"]);
        var (tenant, paging) = (ScenarioRequest.Tenant(http), Paging.Of(http));
        var found = await store.ListAsync(tenant, paging.Offset, paging.Limit + 1, http.RequestAborted);
        paging.WriteHeaders(http, Path, paging.Count ? await store.CountAsync(tenant, http.RequestAborted) : 0, found.Count > paging.Limit);
        await ScenarioRequest.AnswerAsync(http, contexts, (json, name) =>
        {
            json.WriteStartArray();
            foreach (var scenario in found.Take(paging.Limit))
            {
                ScenarioJson.Write(json, scenario, scenario.Head, null, name);
            }

            json.WriteEndArray();
        });
    }

    private async Task GetAsync(HttpContext http)
    {
        NgsiLdRequest.AllowParameters(http, ["revision"]);
        var tenant = ScenarioRequest.Tenant(http);
        var scenario = await ScenarioRequest.FindAsync(http, store, tenant);
        var (revision, content) = await ScenarioRequest.RevisionAsync(http, store, tenant, scenario);
        http.Response.Headers.ETag = revision.Tag;
        await ScenarioRequest.AnswerAsync(http, contexts, (json, name) => ScenarioJson.Write(json, scenario, revision, content, name));
    }

    private async Task RevisionsAsync(HttpContext http)
    {
        NgsiLdRequest.AllowParameters(http, ["limit", "offset"]);
        var (tenant, paging) = (ScenarioRequest.Tenant(http), Paging.Of(http));
        var scenario = await ScenarioRequest.FindAsync(http, store, tenant);
        var found = await store.RevisionsAsync(tenant, scenario.Id, paging.Offset, paging.Limit + 1, http.RequestAborted);
        paging.WriteHeaders(http, NgsiLdResponse.Location(Path, scenario.Id) + "/revisions", 0, found.Count > paging.Limit);
        await ScenarioRequest.AnswerAsync(http, contexts, (json, _) =>
        {
            json.WriteStartArray();
            found.Take(paging.Limit).ToList().ForEach(revision => ScenarioJson.Write(json, revision));
            json.WriteEndArray();
        });
    }

    private async Task DiffAsync(HttpContext http)
    {
        NgsiLdRequest.AllowParameters(http, ["with", "revision", "withRevision"]);
        var tenant = ScenarioRequest.Tenant(http);
        var scenario = await ScenarioRequest.FindAsync(http, store, tenant);
        var (_, from) = await ScenarioRequest.RevisionAsync(http, store, tenant, scenario);
        var other = (string?)http.Request.Query["with"] is { } with
            ? ScenarioRequest.IsId(with) && await store.FindAsync(tenant, with, http.RequestAborted) is { } found ? found : throw NgsiLdException.NotFound($"There is no scenario {with}.")
            : throw NgsiLdException.BadRequest("'with' is the id of the scenario to compare with.", "with");
        var (_, to) = await ScenarioRequest.RevisionAsync(http, store, tenant, other, "withRevision");
        var lines = ScenarioDiff.Between(from, to);
        await ScenarioRequest.AnswerAsync(http, contexts, (json, name) => ScenarioJson.Write(json, lines, name));
    }

    private async Task CreateAsync(HttpContext http)
    {
        if (!NgsiLdRequest.AcceptsBody(http))
        {
            return;
        }

        NgsiLdRequest.AllowParameters(http, []);
        var tenant = ScenarioRequest.Tenant(http);
        var (body, context) = await ScenarioRequest.BodyAsync(http, bodies);
        using (body)
        {
            var (name, description) = ScenarioBody.Head(body.RootElement, "base", "interventions", "@context");
            var interventions = body.RootElement.TryGetProperty("interventions", out var list)
                ? InterventionReader.ReadAll(list, context, "/interventions", options.Value.MostInterventions) : [];
            var content = ScenarioContent.Of(ScenarioBase.Read(tenant, body.RootElement, Now()), interventions);
            await state.CheckAsync(content, Now(), http.RequestAborted);
            await AddAsync(http, tenant, name, description, null, content);
        }
    }

    private async Task ForkAsync(HttpContext http)
    {
        if (!NgsiLdRequest.AcceptsBody(http))
        {
            return;
        }

        NgsiLdRequest.AllowParameters(http, ["revision"]);
        var tenant = ScenarioRequest.Tenant(http);
        var parent = await ScenarioRequest.FindAsync(http, store, tenant);
        var (revision, content) = await ScenarioRequest.RevisionAsync(http, store, tenant, parent);
        var (body, _) = await ScenarioRequest.BodyAsync(http, bodies);
        using (body)
        {
            var (name, description) = ScenarioBody.Head(body.RootElement, "@context");
            await AddAsync(http, tenant, name, description, (parent.Id, revision.Number), content);
        }
    }

    private async Task AddAsync(HttpContext http, string tenant, string name, string description, (string, int)? forkOf, ScenarioContent content)
    {
        if (await store.CountAsync(tenant, http.RequestAborted) >= options.Value.MostScenarios)
        {
            throw new NgsiLdException(NgsiLdErrorType.TooManyResults, $"A tenant has at most {options.Value.MostScenarios} scenarios (Twin:Scenarios:MostScenarios); delete some.");
        }

        var now = Now();
        var scenario = new Scenario($"urn:ngsi-ld:Scenario:{Guid.CreateVersion7(clock.GetUtcNow())}", name, description, forkOf, new Revision(1, now, content.Hash), now);
        await store.AddAsync(tenant, scenario, content, http.RequestAborted);
        http.Response.StatusCode = StatusCodes.Status201Created;
        http.Response.Headers.Location = NgsiLdResponse.Location(Path, scenario.Id);
        http.Response.Headers.ETag = scenario.Head.Tag;
    }

    private async Task ChangeAsync(HttpContext http, bool append)
    {
        if (!NgsiLdRequest.AcceptsBody(http))
        {
            return;
        }

        NgsiLdRequest.AllowParameters(http, []);
        var tenant = ScenarioRequest.Tenant(http);
        var scenario = await ScenarioRequest.FindAsync(http, store, tenant);
        ScenarioRequest.Require(http, scenario);
        var (body, context) = await ScenarioRequest.BodyAsync(http, bodies);
        using (body)
        {
            var given = InterventionReader.ReadAll(body.RootElement, context, "", options.Value.MostInterventions);
            var (_, before) = await store.ContentAsync(tenant, scenario.Id, scenario.Head.Number, http.RequestAborted) ?? throw ScenarioRequest.Moved(null);
            List<Intervention> all = append ? [.. before.Interventions, .. given] : given;
            if (all.Count > options.Value.MostInterventions)
            {
                throw NgsiLdException.BadRequest($"A scenario has at most {options.Value.MostInterventions} interventions; it has {before.Interventions.Count} already.");
            }

            var content = ScenarioContent.Of(before.Base, all);
            await CheckAsync(content, append ? before.Interventions.Count : 0, http.RequestAborted);
            var next = content.Hash == before.Hash ? scenario.Head : new Revision(scenario.Head.Number + 1, Now(), content.Hash);
            if (next != scenario.Head && !await store.AdvanceAsync(tenant, scenario.Id, scenario.Head.Number, next, content, http.RequestAborted))
            {
                throw ScenarioRequest.Moved(null);
            }

            http.Response.StatusCode = StatusCodes.Status204NoContent;
            http.Response.Headers.ETag = next.Tag;
        }
    }

    /// <summary>Faults are told by their place in the body, which begins behind the interventions that were there.</summary>
    private async Task CheckAsync(ScenarioContent content, int skipped, CancellationToken cancel)
    {
        try
        {
            await state.CheckAsync(content, Now(), cancel);
        }
        catch (NgsiLdException fault) when (fault.Member?.Split('/') is ["", "interventions", var at, .. var rest])
        {
            var place = int.Parse(at, System.Globalization.CultureInfo.InvariantCulture) - skipped;
            throw place >= 0
                ? NgsiLdException.BadRequest(fault.Message, string.Join('/', ["", place.ToString(System.Globalization.CultureInfo.InvariantCulture), .. rest]))
                : new NgsiLdException(NgsiLdErrorType.Conflict, $"The twin has changed under the scenario: {fault.Message} Replace its interventions.", fault.Member);
        }
    }

    private async Task DeleteAsync(HttpContext http)
    {
        NgsiLdRequest.AllowParameters(http, []);
        var tenant = ScenarioRequest.Tenant(http);
        var scenario = await ScenarioRequest.FindAsync(http, store, tenant);
        ScenarioRequest.Require(http, scenario);
        if (!await store.RemoveAsync(tenant, scenario.Id, scenario.Head.Number, http.RequestAborted))
        {
            throw ScenarioRequest.Moved(null);
        }

        http.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private long Now() => Timestamps.FromInstant(clock.GetUtcNow());
}
