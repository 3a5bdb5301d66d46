using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;
using Twin.EntityRegistry;
using Twin.EntityRegistry.Entities;
using Twin.EntityRegistry.Http;
using Twin.EntityRegistry.OpenApi;
using Twin.Hosting.Authentication;
using Twin.Hosting.OpenApi;
using Twin.Hosting.Problems;
using Twin.NgsiLd;
using Twin.NgsiLd.Representations;
using Twin.ScenarioEngine.Models;
using Twin.ScenarioEngine.Scenarios;
using Twin.ScenarioEngine.State;
using Twin.ScenarioEngine.Storage;

namespace Twin.ScenarioEngine.Results;

/// <summary><c>/scenarios/{id}/results</c>: what a scenario comes to, and what it would come to with a few interventions more.</summary>
internal sealed class ResultEndpoints(ScenarioStore store, ScenarioResults results, EntityBodies bodies, EntityAccess access, StateReader states, IOptions<ScenarioOptions> options)
{
    private const int MostCompared = 20;
    private static readonly string[] Which = ["district", "revision", "validAt"];

    /// <summary>The route table.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/scenarios");
        api.RequireAuthorization(TwinPolicies.ReadScenarios).WithTags("Scenarios");
        Describe(api.MapGet("/{scenarioId}/results", ModelProblems.Guard(GetAsync)).Operation("getResults", "What a scenario comes to"), Which)
            .Gives(StatusCodes.Status200OK, "The indicators of a district", "ScenarioResults", MediaTypes.Json, "ETag", "NGSILD-Tenant");
        Describe(api.MapPost("/{scenarioId}/results", ModelProblems.Guard(TryAsync)).Operation("tryInterventions", "What a scenario would come to with interventions more; nothing is kept"), Which)
            .Takes("Interventions").Gives(StatusCodes.Status200OK, "The indicators of a district", "ScenarioResults", MediaTypes.Json, "ETag", "NGSILD-Tenant");
        Describe(api.MapGet("/{scenarioId}/results/buildings", ModelProblems.Guard(BuildingsAsync)).Operation("getBuildingResults", "What a scenario comes to building by building"), [.. Which, "limit", "offset", "count"])
            .Gives(StatusCodes.Status200OK, "A page of buildings, by id", "BuildingResults", MediaTypes.Json, "ETag", "NGSILD-Tenant", "NGSILD-Results-Count", "Link");
        Describe(api.MapGet("/{scenarioId}/results/hours", ModelProblems.Guard(HoursAsync)).Operation("getHourlyResults", "A district's year in a scenario, hour by hour"), [.. Which, "series"])
            .Gives(StatusCodes.Status200OK, "8,760 values, W, from the first hour of January, local standard time", "HourlyResults", MediaTypes.Json, "ETag", "NGSILD-Tenant");
        Describe(api.MapGet("/results", ModelProblems.Guard(CompareAsync)).Operation("compareResults", "What several scenarios come to, beside the first of them"), ["scenarios", "district"])
            .Gives(StatusCodes.Status200OK, "Each indicator with its value in each, and its difference from the first", "ComparedResults", MediaTypes.Json, "NGSILD-Tenant");
    }

    private static IEndpointConventionBuilder Describe(IEndpointConventionBuilder endpoint, params string[] parameters) => endpoint
        .WithMetadata(new DescribedParameters(["Link", "NGSILD-Tenant", .. parameters])).Finds().Shares(409, "Conflict").Shares(504, "ContextNotAvailable")
        .Gives(StatusCodes.Status422UnprocessableEntity, "An input of a model is missing or wrong; member names it", "ProblemDetails", "application/problem+json");

    private async Task GetAsync(HttpContext http)
    {
        NgsiLdRequest.AllowParameters(http, Which);
        var (scenario, revision, result) = await ComputeAsync(http);
        await AnswerAsync(http, json => ResultJson.Write(json, scenario.Id, revision.Number, result));
    }

    private async Task TryAsync(HttpContext http)
    {
        if (!NgsiLdRequest.AcceptsBody(http))
        {
            return;
        }

        NgsiLdRequest.AllowParameters(http, Which);
        var (body, context) = await ScenarioRequest.BodyAsync(http, bodies);
        using (body)
        {
            var more = InterventionReader.ReadAll(body.RootElement, context, "", options.Value.MostInterventions);
            var (scenario, revision, result) = await ComputeAsync(http, more);
            await AnswerAsync(http, json => ResultJson.Write(json, scenario.Id, revision.Number, result));
        }
    }

    private async Task BuildingsAsync(HttpContext http)
    {
        NgsiLdRequest.AllowParameters(http, [.. Which, "limit", "offset", "count"]);
        var paging = Paging.Of(http);
        var (scenario, _, result) = await ComputeAsync(http);
        var page = result.Energy.Buildings.Skip(paging.Offset).Take(paging.Limit).ToList();
        paging.WriteHeaders(http, NgsiLdResponse.Location("/scenarios", scenario.Id) + "/results/buildings", result.Energy.Buildings.Count, paging.Offset + page.Count < result.Energy.Buildings.Count);
        await AnswerAsync(http, json =>
        {
            json.WriteStartArray();
            page.ForEach(year => ResultJson.Write(json, year));
            json.WriteEndArray();
        });
    }

    private async Task HoursAsync(HttpContext http)
    {
        NgsiLdRequest.AllowParameters(http, [.. Which, "series"]);
        string? series = http.Request.Query["series"];
        if (series is not ("demand" or "surplus" or "heat"))
        {
            throw NgsiLdException.BadRequest("'series' is demand, surplus (electricity from and to outside the buildings) or heat.", "series");
        }

        var (_, _, result) = await ComputeAsync(http);
        var hours = series switch { "demand" => result.Energy.Hours.Demand, "surplus" => result.Energy.Hours.Surplus, _ => result.Energy.Hours.Heat };
        await AnswerAsync(http, json =>
        {
            json.WriteStartObject();
            json.WriteString("series"u8, series);
            json.WriteString("unit"u8, "W");
            json.WriteStartArray("values"u8);
            foreach (var hour in hours)
            {
                json.WriteNumberValue(Math.Round(hour, 1));
            }

            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    private async Task CompareAsync(HttpContext http)
    {
        NgsiLdRequest.AllowParameters(http, ["scenarios", "district"]);
        var tenant = ScenarioRequest.Tenant(http);
        var ids = ((string?)http.Request.Query["scenarios"] ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Distinct().ToList();
        if (ids.Count is < 2 or > MostCompared)
        {
            throw NgsiLdException.BadRequest($"'scenarios' names 2 to {MostCompared} different scenarios, with commas between; the first is what the others are compared with.", "scenarios");
        }

        var compared = new List<(Scenario Scenario, DistrictResult Result)>();
        foreach (var id in ids)
        {
            var scenario = ScenarioRequest.IsId(id) && await store.FindAsync(tenant, id, http.RequestAborted) is { } found ? found : throw NgsiLdException.NotFound($"There is no scenario {id}.");
            var (_, content) = await store.ContentAsync(tenant, id, scenario.Head.Number, http.RequestAborted) ?? throw NgsiLdException.NotFound($"There is no scenario {id}.");
            compared.Add((scenario, await ResultAsync(http, tenant, new ScenarioState(content, scenario.Head.RecordedAt, null))));
        }

        await AnswerAsync(http, json => ComparedResults.Write(json, compared));
    }

    private async Task<(Scenario Scenario, Revision Revision, DistrictResult Result)> ComputeAsync(HttpContext http, IReadOnlyList<Intervention>? more = null)
    {
        var (tenant, validAt) = (ScenarioRequest.Tenant(http), ScenarioRequest.ValidAt(http));
        var scenario = await ScenarioRequest.FindAsync(http, store, tenant);
        var (revision, content) = await ScenarioRequest.RevisionAsync(http, store, tenant, scenario);
        http.Response.Headers.ETag = revision.Tag;
        if (more is null)
        {
            return (scenario, revision, await ResultAsync(http, tenant, new ScenarioState(content, revision.RecordedAt, validAt)));
        }

        var state = new ScenarioState(ScenarioContent.Of(content.Base, [.. content.Interventions, .. more]), revision.RecordedAt, validAt);
        await CheckAsync(state, more, content.Interventions.Count, http.RequestAborted);
        return (scenario, revision, await ResultAsync(http, tenant, state));
    }

    /// <summary>Refuses interventions that do not fit the twin, by their place in the body.</summary>
    private async Task CheckAsync(ScenarioState state, IReadOnlyList<Intervention> more, int before, CancellationToken cancel)
    {
        try
        {
            foreach (var entity in more.SelectMany(static one => one.Touches).Distinct())
            {
                await states.FindAsync(state, entity, cancel);
            }
        }
        catch (NgsiLdException fault) when (fault.Member?.Split('/') is ["", "interventions", var at, .. var rest] && int.Parse(at, CultureInfo.InvariantCulture) is var place && place >= before)
        {
            throw NgsiLdException.BadRequest(fault.Message, string.Join('/', ["", (place - before).ToString(CultureInfo.InvariantCulture), .. rest]));
        }
    }

    private Task<DistrictResult> ResultAsync(HttpContext http, string tenant, ScenarioState state)
    {
        // A result is made of all that the district has: who sees a part of it would see through it.
        if (!access.Of(http).IsEverything)
        {
            throw new ProblemException(StatusCodes.Status403Forbidden, "access-in-part", "The caller sees only a part of the twin", "Results are computed from everything in the district, of which you may see a part. Ask the city for the role of a planner.");
        }

        return (string?)http.Request.Query["district"] is { } district && Uris.IsAbsolute(district) && !district.Contains('"', StringComparison.Ordinal)
            ? results.OfAsync(tenant, state, district, http.RequestAborted)
            : throw NgsiLdException.BadRequest("'district' is the id of the AdministrativeArea whose buildings are computed.", "district");
    }

    private static async Task AnswerAsync(HttpContext http, Action<Utf8JsonWriter> write)
    {
        http.Response.ContentType = MediaTypes.Json;
        await using var json = new Utf8JsonWriter(http.Response.BodyWriter, NgsiLdResponse.JsonOptions);
        write(json);
        await json.FlushAsync(http.RequestAborted);
    }
}
