using Twin.ScenarioEngine.Models;

namespace Twin.ScenarioEngine.Carbon;

/// <summary>Climate zones of France.</summary>
public enum ClimateZone
{
    /// <summary>North and Île-de-France.</summary>
    H1a,

    /// <summary>East: Alsace is here.</summary>
    H1b,

    /// <summary>Rhône-Alpes, Auvergne.</summary>
    H1c,

    /// <summary>Brittany.</summary>
    H2a,

    /// <summary>Loire and west.</summary>
    H2b,

    /// <summary>South-west.</summary>
    H2c,

    /// <summary>Inner south-east.</summary>
    H2d,

    /// <summary>Mediterranean.</summary>
    H3,
}

/// <summary>The label of a home (DPE): the worse of its classes for primary energy and for greenhouse gas.</summary>
/// <param name="Energy">A to G.</param>
/// <param name="Climate">A to G.</param>
public sealed record EnergyLabel(char Energy, char Climate)
{
    private static readonly double[] EnergyLimits = [70, 110, 180, 250, 330, 420];
    private static readonly double[] EnergyLimitsHigh = [70, 110, 180, 250, 390, 500];
    private static readonly double[] ClimateLimits = [6, 11, 30, 50, 70, 100];
    private static readonly double[] ClimateLimitsHigh = [6, 11, 30, 50, 80, 110];

    /// <summary>What it is, and what it must not be used for.</summary>
    public static ModelCard Card { get; } = new()
    {
        Id = "energy-label",
        Version = "1.0.0",
        Title = "Classes of the French label of homes (DPE 2021)",
        Use = ModelUse.Prospective,
        Inputs = [new("primaryEnergy", "kW.h/m2", "a year's, five uses"), new("greenhouseGas", "kg/m2", "a year's, five uses"), new("floorArea", "m2", "over 40.5"), new("zone", "1", "climate zone"), new("altitude", "m", "of the building")],
        Outputs = [new("energy", "1", "A to G"), new("climate", "1", "A to G"), new("label", "1", "the worse of both")],
        Sources = ["French order of 31 March 2021, article R126-16 of the code de la construction; thresholds as in @open3cl/engine 1.4.6"],
        ValidFor = "The class that given yearly values fall into.",
        NotValidFor = "An official label, which only a certified diagnostician issues from the 3CL inputs. Homes of 40 m² or less, which have limits of their own since July 2024. The simulated energy of a scenario is not the conventional energy of 3CL.",
        Uncertainty = "The classes are exact; near a limit a percent of energy changes the class.",
    };

    /// <summary>The worse of both.</summary>
    public char Class => Energy > Climate ? Energy : Climate;

    /// <summary>The classes.</summary>
    /// <param name="primaryEnergy">kWh of primary energy per m² and year of the five uses, 0 or more; whole kWh count, as in the label.</param>
    /// <param name="greenhouseGas">kg CO₂ equivalent per m² and year of the five uses, 0 or more.</param>
    /// <param name="floorArea">m², over 40.5.</param>
    /// <param name="zone">Climate zone.</param>
    /// <param name="altitude">m.</param>
    /// <exception cref="ModelInputException">A value is negative or no number, or the home is a small one.</exception>
    public static EnergyLabel Of(double primaryEnergy, double greenhouseGas, double floorArea, ClimateZone zone, double altitude)
    {
        Check("primaryEnergy", primaryEnergy, 0, "kWh/m²");
        Check("greenhouseGas", greenhouseGas, 0, "kg/m²");
        Check("altitude", altitude, -500, "m");
        Check("floorArea", floorArea, 40.5, "m², below which other limits hold");
        var high = altitude > 800 && zone is (ClimateZone.H1b or ClimateZone.H1c or ClimateZone.H2d);
        return new EnergyLabel(
            ClassOf(Math.Floor(primaryEnergy), high ? EnergyLimitsHigh : EnergyLimits),
            ClassOf(Math.Floor(greenhouseGas), high ? ClimateLimitsHigh : ClimateLimits));
    }

    /// <summary>Primary energy of a kWh of electricity: 2.3 until the end of 2025, 1.9 from 2026 (order of 13 August 2025).</summary>
    /// <exception cref="ModelInputException">The day is before the label's method or after what was checked.</exception>
    public static double ElectricityPrimaryFactor(DateOnly day) => day switch
    {
        _ when day < new DateOnly(2021, 7, 1) || day > new DateOnly(2026, 12, 31) => throw new ModelInputException("day", $"{day:O} is not from 2021-07-01 to 2026-12-31; nothing is extrapolated."),
        _ when day < new DateOnly(2026, 1, 1) => 2.3,
        _ => 1.9,
    };

    private static char ClassOf(double value, double[] limits) => (char)('A' + limits.Count(limit => value >= limit));

    private static void Check(string input, double value, double least, string unit)
    {
        if (!double.IsFinite(value) || value < least)
        {
            throw new ModelInputException(input, $"{value} is not {least} or more {unit}.");
        }
    }
}
