using Twin.ScenarioEngine.Models;

namespace Twin.ScenarioEngine.SelfConsumption;

/// <summary>What a period of collective self-consumption comes to; energies in kWh.</summary>
/// <param name="Production">Of all producers.</param>
/// <param name="Consumption">Of each participant.</param>
/// <param name="Allotted">What each was given of the production.</param>
/// <param name="Surplus">What was left over, step by step.</param>
/// <param name="PeakImport">The most that all participants took from their suppliers in a step, kWh.</param>
public sealed record SharedPeriod(double Production, IReadOnlyList<double> Consumption, IReadOnlyList<double> Allotted, IReadOnlyList<double> Surplus, double PeakImport)
{
    /// <summary>Taux d'autoconsommation: what is consumed of the production; not a number without production.</summary>
    public double SelfConsumptionRate => Allotted.Sum() / Production;

    /// <summary>Taux d'autoproduction: what the production covers of the consumption; not a number without consumption.</summary>
    public double SelfProductionRate => Allotted.Sum() / Consumption.Sum();

    /// <summary>Taux de couverture: production over consumption, whether it came in time or not.</summary>
    public double CoverageRate => Production / Consumption.Sum();
}

/// <summary>
/// Collective self-consumption (Code de l'énergie L315-2, D315-1 to D315-9): the production of a district allotted to its
/// participants step by step.
/// </summary>
public static class CollectiveSelfConsumption
{
    /// <summary>What it is.</summary>
    public static ModelCard Card { get; } = new()
    {
        Id = "collective-self-consumption",
        Version = "1.0.0",
        Title = "Collective self-consumption",
        Use = ModelUse.Prospective,
        Inputs = [new("production", "kWh", "Of each step"), new("consumption", "kWh", "Of each participant in each step"), new("key", "1", "static, default dynamic, simple dynamic or full dynamic")],
        Outputs = [new("allotted", "kWh", "To each participant"), new("surplus", "kWh", "Of each step"), new("selfConsumptionRate", "1", "Taux d'autoconsommation"), new("selfProductionRate", "1", "Taux d'autoproduction"), new("coverageRate", "1", "Taux de couverture"), new("peakImport", "kWh", "Greatest step from suppliers")],
        Sources = ["Code de l'énergie, articles L315-2 and D315-1 to D315-9", "Décret n° 2017-676 du 28 avril 2017", "Enedis, clés de répartition"],
        ValidFor = "How the production of a period is allotted under each key, at any step.",
        NotValidFor = "Grid tariffs, taxes and the contract between participants; whether an operation is allowed is for SharingLimits and a lawyer.",
        Uncertainty = "None of its own: it is bookkeeping. Hours in the place of quarter hours overstate self-consumption by a few per cent.",
    };

    /// <summary>Allots a period.</summary>
    /// <param name="production">Of each step, kWh.</param>
    /// <param name="consumption">Of each participant the steps, kWh.</param>
    /// <param name="key">How.</param>
    /// <exception cref="ModelInputException">Lengths differ, an energy is negative or no number, or the key does not fit.</exception>
    public static SharedPeriod Run(IReadOnlyList<double> production, IReadOnlyList<IReadOnlyList<double>> consumption, SharingKey key)
    {
        Check(production, "production", production.Count);
        for (var i = 0; i < consumption.Count; i++)
        {
            Check(consumption[i], $"consumption[{i}]", production.Count);
        }

        key.Check(consumption.Count, production.Count);
        var (step, given) = (new double[consumption.Count], new double[consumption.Count]);
        var (consumed, allotted, surplus) = (new double[consumption.Count], new double[consumption.Count], new double[production.Count]);
        double produced = 0, peak = 0;
        for (var at = 0; at < surplus.Length; at++)
        {
            var (left, import) = (production[at], 0.0);
            for (var i = 0; i < step.Length; i++)
            {
                step[i] = consumption[i][at];
            }

            key.Allot(at, production[at], step, given);
            for (var i = 0; i < step.Length; i++)
            {
                consumed[i] += step[i];
                allotted[i] += given[i];
                left -= given[i];
                import += step[i] - given[i];
            }

            produced += production[at];
            surplus[at] = Math.Max(0, left);
            peak = Math.Max(peak, import);
        }

        return new SharedPeriod(produced, consumed, allotted, surplus, peak);
    }

    private static void Check(IReadOnlyList<double> energies, string name, int steps)
    {
        if (energies.Count != steps)
        {
            throw new ModelInputException(name, $"it has {energies.Count} steps, the production has {steps}.");
        }

        for (var i = 0; i < energies.Count; i++)
        {
            if (energies[i] is not (>= 0 and < double.PositiveInfinity))
            {
                throw new ModelInputException($"{name}[{i}]", $"{energies[i]} kWh is no energy of 0 or more.");
            }
        }
    }
}
