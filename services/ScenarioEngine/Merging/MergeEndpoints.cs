using System.Text.Json;
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
using Twin.NgsiLd;
using Twin.NgsiLd.Contexts;
using Twin.NgsiLd.Representations;
using Twin.ScenarioEngine.Scenarios;
using Twin.ScenarioEngine.State;
using Twin.ScenarioEngine.Storage;

namespace Twin.ScenarioEngine.Merging;

/// <summary><c>/scenarios/{scenarioId}/merge</c>: what another scenario has changed, brought into this one.</summary>
internal sealed class MergeEndpoints(ScenarioStore store, Ancestry ancestry, StateReader state, EntityBodies bodies, IOptions<ScenarioOptions> options, TimeProvider clock)
{
    /// <summary>The route table.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        var writes = routes.MapGroup("/scenarios/{scenarioId}/merge");
        writes.RequireAuthorization(TwinPolicies.WriteScenarios).WithTags("Scenarios");
        writes.MapPost("", NgsiLdProblems.Guard(MergeAsync)).Operation("mergeScenario", "Merges a revision of another scenario into this one")
            .WithMetadata(new DescribedParameters("Link", "NGSILD-Tenant", "If-Match")).Shares(504, "ContextNotAvailable").Takes("ScenarioMerge").Finds()
            .Gives(StatusCodes.Status204NoContent, "The new revision, which has two parents, is the one of ETag; the same content makes no new one", null, MediaTypes.Json, "ETag", "NGSILD-Tenant")
            .Gives(StatusCodes.Status409Conflict, "Both sides have changed the same, or what comes out does not fit the twin", "MergeConflicts", "application/problem+json")
            .Gives(StatusCodes.Status412PreconditionFailed, "If-Match names another revision than the head", "ProblemDetails", "application/problem+json")
            .Gives(StatusCodes.Status428PreconditionRequired, "There is no If-Match", "ProblemDetails", "application/problem+json");
    }

    private async Task MergeAsync(HttpContext http)
    {
        if (!NgsiLdRequest.AcceptsBody(http))
        {
            return;
        }

        NgsiLdRequest.AllowParameters(http, []);
        var (tenant, cancel) = (ScenarioRequest.Tenant(http), http.RequestAborted);
        var scenario = await ScenarioRequest.FindAsync(http, store, tenant);
        ScenarioRequest.Require(http, scenario);
        var (json, context) = await ScenarioRequest.BodyAsync(http, bodies);
        using (json)
        {
            var body = MergeBody.Read(json.RootElement, context, options.Value.MostInterventions);
            var (_, ours) = await store.ContentAsync(tenant, scenario.Id, scenario.Head.Number, cancel) ?? throw ScenarioRequest.Moved(null);
            var other = await store.FindAsync(tenant, body.From, cancel) ?? throw NgsiLdException.BadRequest($"There is no scenario {body.From}.", "/from");
            var (theirRevision, theirs) = await store.ContentAsync(tenant, other.Id, body.FromRevision ?? other.Head.Number, cancel)
                ?? throw NgsiLdException.BadRequest($"The scenario {other.Id} has no revision {body.FromRevision}.", "/fromRevision");
            if (ours.Base != theirs.Base)
            {
                throw new NgsiLdException(NgsiLdErrorType.Conflict, "The two scenarios are laid over different bases; interventions can be appended instead.", "/from");
            }

            var ancestor = await AncestorAsync(tenant, body, (scenario.Id, scenario.Head.Number), (other.Id, theirRevision.Number), cancel);
            var outcome = ThreeWayMerge.Run(ancestor, ours.Interventions, theirs.Interventions, body.Resolutions);
            if (outcome.Conflicts.Count > 0)
            {
                await ConflictsAsync(http, outcome.Conflicts, context);
                return;
            }

            foreach (var (at, conflict) in body.Resolutions.Keys.Index())
            {
                if (!outcome.Decided.Contains(conflict))
                {
                    throw NgsiLdException.BadRequest($"There is no conflict {conflict}.", $"/resolutions/{at}/conflict");
                }
            }

            await AdvanceAsync(http, tenant, scenario, ours, ScenarioContent.Of(ours.Base, outcome.Interventions), (other.Id, theirRevision.Number));
        }
    }

    /// <summary>The interventions that both come from: scenarios that have nothing in common come from the twin as it is.</summary>
    private async Task<IReadOnlyList<Intervention>> AncestorAsync(string tenant, MergeBody body, (string Id, int Revision) ours, (string Id, int Revision) theirs, CancellationToken cancel)
    {
        if (body.Base is not { } given)
        {
            return (await ancestry.NearestAsync(tenant, ours, theirs, cancel))?.Content.Interventions ?? [];
        }

        var (_, content) = await store.ContentAsync(tenant, given.Id, given.Revision, cancel)
            ?? throw NgsiLdException.BadRequest($"There is no revision {given.Revision} of a scenario {given.Id}.", "/base");
        return content.Interventions;
    }

    private async Task AdvanceAsync(HttpContext http, string tenant, Scenario scenario, ScenarioContent ours, ScenarioContent merged, (string Id, int Revision) from)
    {
        if (merged.Interventions.Count > options.Value.MostInterventions)
        {
            throw NgsiLdException.BadRequest($"A scenario has at most {options.Value.MostInterventions} interventions; these would be {merged.Interventions.Count}.");
        }

        var now = Timestamps.FromInstant(clock.GetUtcNow());
        try
        {
            await state.CheckAsync(merged, now, http.RequestAborted);
        }
        catch (NgsiLdException fault) when (fault.ErrorType == NgsiLdErrorType.BadRequestData)
        {
            throw new NgsiLdException(NgsiLdErrorType.Conflict, $"Nobody contradicts the other, but what comes out does not fit the twin: {fault.Message} Change one of the scenarios first.", fault.Member);
        }

        var next = merged.Hash == ours.Hash ? scenario.Head : new Revision(scenario.Head.Number + 1, now, merged.Hash, from);
        if (next != scenario.Head && !await store.AdvanceAsync(tenant, scenario.Id, scenario.Head.Number, next, merged, http.RequestAborted))
        {
            throw ScenarioRequest.Moved(null);
        }

        http.Response.StatusCode = StatusCodes.Status204NoContent;
        http.Response.Headers.ETag = next.Tag;
    }

    private static async Task ConflictsAsync(HttpContext http, IReadOnlyList<MergeConflict> conflicts, JsonLdContext context)
    {
        http.Response.StatusCode = StatusCodes.Status409Conflict;
        http.Response.ContentType = "application/problem+json";
        await using var json = new Utf8JsonWriter(http.Response.BodyWriter, NgsiLdResponse.JsonOptions);
        MergeConflictJson.Write(json, conflicts, context.CompactIri);
        await json.FlushAsync(http.RequestAborted);
    }
}
