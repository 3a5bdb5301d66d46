using Twin.ScenarioEngine.Models;

namespace Twin.ScenarioEngine.Buildings;

/// <summary>What the model of heating and cooling is.</summary>
public static class BuildingModel
{
    /// <summary>The card.</summary>
    public static ModelCard Card { get; } = new()
    {
        Id = "building-heating-cooling",
        Version = "1.0.0",
        Title = "Heating and cooling of buildings, hour by hour",
        Use = ModelUse.Prospective,
        Inputs = [new("thermalZone", "1", "Areas (m2), transmittances (W/(m2.K)), heat capacity (J/K), air changes (1/h), gains (W), set points (Cel)"), new("weather", "1", "8,760 hours")],
        Outputs = [new("heating", "kWh", "Of a year"), new("cooling", "kWh", "Of a year"), new("loads", "W", "8,760 hours, heating positive, cooling negative")],
        Sources = ["EN ISO 13790:2008, annex C (5R1C)", "Perez et al. 1990, doi:10.1016/0038-092X(90)90055-H", "ANSI/ASHRAE Standard 140-2020"],
        ValidFor = "Heating and cooling of a year, peaks, and what a change of envelope, air or set points does, of buildings that are one zone.",
        NotValidFor = "Sunspaces, night ventilation by windows, single rooms, moisture; in heavy buildings it overstates what insulation and night setback save.",
        Uncertainty = "26 of 26 levels of ASHRAE 140 within its limits, 17 of 24 differences within six programs; real use differs from the assumed by a quarter and more.",
    };
}
