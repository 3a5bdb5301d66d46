using Twin.ScenarioEngine.Models;

namespace Twin.ScenarioEngine.HeatPumps;

/// <summary>Where a heat pump takes its heat from.</summary>
public enum HeatPumpSource
{
    /// <summary>Outdoor air.</summary>
    Air,

    /// <summary>The ground, through a brine.</summary>
    Ground,
}

/// <summary>
/// The coefficient of performance of domestic heat pumps as a function of the temperature lift: regressions over
/// measurements of many products (Staffell, Brett, Brandon, Hawkes 2012, doi:10.1039/c2ee22653g).
/// </summary>
public static class HeatPump
{
    /// <summary>The least lift for which the regressions hold, K; below it the performance of that lift is taken.</summary>
    public const double LeastLift = 15;

    /// <summary>The greatest lift for which they hold, K.</summary>
    public const double MostLift = 60;

    /// <summary>What it is.</summary>
    public static ModelCard Card { get; } = new()
    {
        Id = "heat-pump",
        Version = "1.0.0",
        Title = "Performance of heat pumps",
        Use = ModelUse.Prospective,
        Inputs = [new("source", "1", "air or ground"), new("sourceTemperature", "Cel", "Of the air or the brine"), new("flowTemperature", "Cel", "Of the water that it gives")],
        Outputs = [new("coefficientOfPerformance", "1", "Heat over electricity")],
        Sources = ["Staffell, Brett, Brandon, Hawkes 2012, Energy Environ. Sci. 5, 9291, doi:10.1039/c2ee22653g"],
        ValidFor = "Typical domestic heat pumps of about 2012 at lifts from 15 to 60 K.",
        NotValidFor = "A certain product, part load, defrosting, lifts over 60 K (refused); below 15 K the performance at 15 K is taken, which is on the low side.",
        Uncertainty = "Single products scatter by about a fifth around the regression; those of today are better.",
    };

    /// <summary>Heat over electricity.</summary>
    /// <param name="source">Where the heat comes from.</param>
    /// <param name="sourceTemperature">°C.</param>
    /// <param name="flowTemperature">°C.</param>
    /// <exception cref="ModelInputException">The lift is over 60 K or no number.</exception>
    public static double Performance(HeatPumpSource source, double sourceTemperature, double flowTemperature)
    {
        var lift = flowTemperature - sourceTemperature;
        if (!(lift <= MostLift))
        {
            throw new ModelInputException("flowTemperature", $"{flowTemperature} °C from a source of {sourceTemperature} °C is a lift of {lift:0.#} K, over the {MostLift} K for which the regression holds.");
        }

        lift = Math.Max(LeastLift, lift);
        return source == HeatPumpSource.Air
            ? 6.81 - (0.121 * lift) + (0.000630 * lift * lift)
            : 8.77 - (0.150 * lift) + (0.000734 * lift * lift);
    }
}
