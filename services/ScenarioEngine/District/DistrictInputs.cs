using System.Text.Json;
using Twin.NgsiLd.Entities;

namespace Twin.ScenarioEngine.District;

/// <summary>What the models take of a district in the state of a scenario.</summary>
/// <param name="Id">The district's AdministrativeArea.</param>
/// <param name="Weather">The hash of its weather year.</param>
/// <param name="Terms">How its energy is weighed and paid.</param>
/// <param name="Buildings">Its buildings, by id.</param>
internal sealed record DistrictInputs(string Id, string Weather, EnergyTerms Terms, IReadOnlyList<BuildingInputs> Buildings)
{
    /// <summary>Reads what stands on the district itself.</summary>
    /// <exception cref="ModelInputException">An attribute is missing or wrong.</exception>
    public static (string Weather, EnergyTerms Terms) Read(EntityDocument area)
    {
        using var climate = Value(area, DistrictTerms.Climate, "climate");
        using var terms = Value(area, DistrictTerms.EnergyTerms, "energyTerms");
        return (new JsonInput(climate.RootElement, $"{area.Id}/climate", "weather").Text("weather"), EnergyTerms.Read(terms.RootElement, area.Id));
    }

    private static JsonDocument Value(EntityDocument area, int attribute, string name) => area.TryFind(attribute, out var view) && !view.HasDatasetId
        ? JsonDocument.Parse(view.Value.ToArray())
        : throw new ModelInputException($"{area.Id}/{name}", "the district has no such attribute.");
}
