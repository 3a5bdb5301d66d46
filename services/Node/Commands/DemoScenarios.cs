using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Twin.Node.Districts;
using Twin.Node.Import;

namespace Twin.Node.Commands;

/// <summary>Begins the scenarios of a demo's city; those that an earlier demo began are found by their names.</summary>
internal static class DemoScenarios
{
    /// <summary>The names and paths of the city's scenarios, what there is first.</summary>
    /// <exception cref="NodeException">The node refuses one.</exception>
    public static async Task<IReadOnlyList<(string Name, string Path)>> KeepAsync(DistrictPlan plan, NodeClient node, CancellationToken cancellationToken)
    {
        var there = await node.GetAsync("scenarios?limit=1000", NodeClient.Json, ReadAsync, cancellationToken);
        var kept = new List<(string, string)>();
        foreach (var scenario in DistrictScenarios.Of(plan, DemoDistrict.Seed))
        {
            kept.Add((scenario.Name, there.TryGetValue(scenario.Name, out var path) ? path : await BeginAsync(plan, scenario, node, cancellationToken)));
        }

        return kept;
    }

    private static async Task<Dictionary<string, string>> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var body = await response.Content.ReadAsByteArrayAsync(cancellationToken);
        if (response.StatusCode != HttpStatusCode.OK)
        {
            throw new NodeException($"The scenarios cannot be listed: {NodeClient.Explain(response.StatusCode, body)}");
        }

        var found = new Dictionary<string, string>(StringComparer.Ordinal);
        using var list = JsonDocument.Parse(body);
        foreach (var one in list.RootElement.EnumerateArray())
        {
            found.TryAdd(one.GetProperty("name").GetString()!, "scenarios/" + one.GetProperty("id").GetString());
        }

        return found;
    }

    private static async Task<string> BeginAsync(DistrictPlan plan, DistrictScenario scenario, NodeClient node, CancellationToken cancellationToken)
    {
        var body = new JsonObject { ["name"] = scenario.Name, ["description"] = scenario.Description, ["interventions"] = scenario.Interventions };
        var (status, answer) = await node.PostAsync("scenarios", Encoding.UTF8.GetBytes(body.ToJsonString()), NodeClient.Json, cancellationToken);
        if (status != HttpStatusCode.Created)
        {
            throw new NodeException($"{plan.City} refused the scenario {scenario.Key}: {NodeClient.Explain(status, answer)}");
        }

        return (await node.GetAsync("scenarios?limit=1000", NodeClient.Json, ReadAsync, cancellationToken))[scenario.Name];
    }
}
