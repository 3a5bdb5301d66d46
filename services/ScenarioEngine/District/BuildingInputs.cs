using System.Text.Json;
using Twin.NgsiLd.Contexts;
using Twin.NgsiLd.Entities;
using Twin.ScenarioEngine.Buildings;
using Twin.ScenarioEngine.Results;
using Twin.ScenarioEngine.Scenarios;
using Twin.ScenarioEngine.Solar;

namespace Twin.ScenarioEngine.District;

/// <summary>A photovoltaic system.</summary>
/// <param name="PeakPower">Under standard test conditions, W.</param>
/// <param name="Plane">Where it faces.</param>
/// <param name="Losses">Of the system between cells and inverter, from 0 to 1.</param>
internal readonly record struct PhotovoltaicSystem(double PeakPower, SurfacePlane Plane, double Losses);

/// <summary>What the energy models take of a building.</summary>
internal sealed record BuildingInputs
{
    /// <summary>The building's id.</summary>
    public required string Id { get; init; }

    /// <summary>The thermal zone.</summary>
    public required BuildingZone Zone { get; init; }

    /// <summary>The hash of the zone's inputs, without the building's id: equal buildings are computed once.</summary>
    public required InputHash ZoneHash { get; init; }

    /// <summary>What heats it.</summary>
    public required HeatSupply Heat { get; init; }

    /// <summary>Heat taken out over electricity; 0 when nothing cools it.</summary>
    public required double CoolingPerformance { get; init; }

    /// <summary>Electricity of appliances and light, W.</summary>
    public required DayProfile Electricity { get; init; }

    /// <summary>Heat for hot water, W.</summary>
    public required DayProfile HotWater { get; init; }

    /// <summary>Its own systems.</summary>
    public required IReadOnlyList<PhotovoltaicSystem> Photovoltaics { get; init; }

    /// <summary>The hash of all of it.</summary>
    public required InputHash Hash { get; init; }

    /// <summary>Reads them of an entity; every attribute must be there.</summary>
    /// <exception cref="ModelInputException">The first that is missing or wrong.</exception>
    public static BuildingInputs Read(EntityDocument entity)
    {
        var id = entity.Id;
        using var zone = Value(entity, DistrictTerms.ThermalZone, "thermalZone");
        using var heat = Value(entity, DistrictTerms.HeatSupply, "heatSupply");
        using var cooling = Value(entity, DistrictTerms.CoolingSupply, "coolingSupply");
        using var electricity = Value(entity, DistrictTerms.ElectricityUse, "electricityUse");
        using var water = Value(entity, DistrictTerms.HotWaterUse, "hotWaterUse");
        using var systems = entity.TryFind(DistrictTerms.Photovoltaics, out var some) ? JsonDocument.Parse(some.Value.ToArray()) : null;
        var zoneHash = InputHash.Of(zone.RootElement);
        return new BuildingInputs
        {
            Id = id,
            Zone = ThermalZoneReader.Read(zone.RootElement, id),
            ZoneHash = zoneHash,
            Heat = HeatSupply.Read(heat.RootElement, $"{id}/heatSupply"),
            CoolingPerformance = Performance(cooling.RootElement, $"{id}/coolingSupply"),
            Electricity = Positive(new JsonInput(electricity.RootElement, $"{id}/electricityUse", "power").Profile("power"), $"{id}/electricityUse/power"),
            HotWater = Positive(new JsonInput(water.RootElement, $"{id}/hotWaterUse", "heat").Profile("heat"), $"{id}/hotWaterUse/heat"),
            Photovoltaics = systems is null ? [] : Systems(systems.RootElement, $"{id}/photovoltaics"),
            Hash = InputHash.Of(
                zoneHash, InputHash.Of(heat.RootElement), InputHash.Of(cooling.RootElement), InputHash.Of(electricity.RootElement), InputHash.Of(water.RootElement),
                systems is null ? default : InputHash.Of(systems.RootElement)),
        };
    }

    private static JsonDocument Value(EntityDocument entity, int attribute, string name) => entity.TryFind(attribute, out var view) && !view.HasDatasetId
        ? JsonDocument.Parse(view.Value.ToArray())
        : throw new ModelInputException($"{entity.Id}/{name}", "the building has no such attribute.");

    private static double Performance(JsonElement json, string path)
    {
        var ratio = new JsonInput(json, path, "performance").Number("performance");
        return ratio is 0 or (>= 1 and <= 20) ? ratio : throw new ModelInputException($"{path}/performance", $"{ratio} is neither 0, for none, nor from 1 to 20 (heat taken out over electricity).");
    }

    private static DayProfile Positive(DayProfile profile, string path) =>
        profile.Hours.All(static hour => hour is >= 0 and <= 1e9) ? profile : throw new ModelInputException(path, "an hour is not from 0 to 1,000,000,000 W.");

    private static List<PhotovoltaicSystem> Systems(JsonElement json, string path) => json.ValueKind == JsonValueKind.Array
        ? [.. json.EnumerateArray().Select((item, i) => System($"{path}[{i}]", new JsonInput(item, $"{path}[{i}]", "peakPower", "tilt", "azimuth", "losses")))]
        : throw new ModelInputException(path, "it is no array of systems.");

    private static PhotovoltaicSystem System(string path, JsonInput input)
    {
        var system = new PhotovoltaicSystem(input.Number("peakPower"), new SurfacePlane(input.Number("tilt"), input.Number("azimuth")), input.Number("losses"));
        return system is { PeakPower: > 0 and <= 1e9, Losses: >= 0 and < 1, Plane.Tilt: >= 0 and <= 90 }
            ? system
            : throw new ModelInputException(path, "peakPower is over 0 W, tilt from 0° to 90°, losses from 0 to below 1.");
    }
}
