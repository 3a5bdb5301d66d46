using Twin.NgsiLd.Contexts;

namespace Twin.ScenarioEngine.District;

/// <summary>The types and attributes that a district's inputs are read from, as ids of <see cref="Terms"/>.</summary>
internal static class DistrictTerms
{
    /// <summary>Smart Data Models, Building.</summary>
    public const string Building = "https://smartdatamodels.org/dataModel.Building/Building";

    /// <summary>Smart Data Models, PhotovoltaicDevice.</summary>
    public const string PhotovoltaicDevice = "https://smartdatamodels.org/dataModel.GreenEnergy/PhotovoltaicDevice";

    /// <summary>The relationship from a thing to its district.</summary>
    public const string ContainedInPlace = "https://schema.org/containedInPlace";

    /// <summary>The relationship from a device to its building.</summary>
    public const string InstalledOn = "https://twin.federation/ns#installedOn";

    /// <summary>Conditioned floor area is in the thermal zone; this is the floor area of the plan.</summary>
    public static readonly int FloorArea = Terms.Intern("https://schema.org/floorSize");

    /// <summary>Peak power of a system under standard test conditions, kW.</summary>
    public static readonly int NominalPower = Terms.Intern("https://smartdatamodels.org/dataModel.GreenEnergy/NominalPower");

    /// <summary>The building as a thermal zone.</summary>
    public static readonly int ThermalZone = Own("thermalZone");

    /// <summary>What heats a building.</summary>
    public static readonly int HeatSupply = Own("heatSupply");

    /// <summary>What cools a building.</summary>
    public static readonly int CoolingSupply = Own("coolingSupply");

    /// <summary>Electricity of appliances and light.</summary>
    public static readonly int ElectricityUse = Own("electricityUse");

    /// <summary>Heat for hot water.</summary>
    public static readonly int HotWaterUse = Own("hotWaterUse");

    /// <summary>Photovoltaic systems that belong to a building.</summary>
    public static readonly int Photovoltaics = Own("photovoltaics");

    /// <summary>The weather year of a district.</summary>
    public static readonly int Climate = Own("climate");

    /// <summary>How a district's energy is converted and paid.</summary>
    public static readonly int EnergyTerms = Own("energyTerms");

    private static int Own(string term) => Terms.Intern(JsonLdContext.DefaultVocabulary + term);
}
