using Twin.ScenarioEngine.Models;

namespace Twin.ScenarioEngine.Carbon;

/// <summary>Final energy of one carrier and use over a period.</summary>
/// <param name="Carrier">As in the factor table.</param>
/// <param name="Use">For what.</param>
/// <param name="Energy">kWh of final energy, lower heating value, 0 or more.</param>
public sealed record EnergyAmount(string Carrier, EnergyUse Use, double Energy);

/// <summary>Emissions by one method.</summary>
/// <param name="Method">Which.</param>
/// <param name="Total">kg CO₂ equivalent.</param>
/// <param name="Factors">The row used for each amount, in their order.</param>
public sealed record MethodEmissions(string Method, double Total, IReadOnlyList<EmissionFactor> Factors);

/// <summary>What the choice of a method changes.</summary>
/// <param name="Least">The method that gives least.</param>
/// <param name="Most">The method that gives most.</param>
/// <param name="Methods">All that have a factor for each amount, least first.</param>
/// <param name="Lacking">Methods without one, with the first that lacks.</param>
public sealed record MethodSpread(MethodEmissions Least, MethodEmissions Most, IReadOnlyList<MethodEmissions> Methods, IReadOnlyDictionary<string, string> Lacking);

/// <summary>A retrofit item whose embodied carbon a source states.</summary>
/// <param name="Item">What is put in.</param>
/// <param name="Quantity">How much, in the unit of the factor, 0 or more.</param>
/// <param name="Factor">kg CO₂ equivalent per unit over the life cycle; negative where a source credits stored carbon.</param>
/// <param name="Unit">UCUM code of the quantity.</param>
/// <param name="ValidTo">The last day of the declaration.</param>
/// <param name="Source">Environmental declaration (FDES, PEP, EPD) with its number.</param>
public sealed record EmbodiedItem(string Item, double Quantity, double Factor, string Unit, DateOnly ValidTo, string Source);

/// <summary>Emissions of the energy that buildings use, by method and day, and how far methods differ.</summary>
public static class OperationalCarbon
{
    /// <summary>What it is, and what it must not be used for.</summary>
    public static ModelCard Card { get; } = new()
    {
        Id = "operational-carbon",
        Version = "1.0.0",
        Title = "Greenhouse gas of energy use, by method",
        Use = ModelUse.Prospective,
        Inputs =
        [
            new("energy", "kW.h", "final energy by carrier and use, or by hour"),
            new("factors", EmissionFactor.Unit, "dated rows with source"),
            new("method", "1", "whose convention"),
            new("day", "d", "for which the factors hold"),
        ],
        Outputs = [new("total", "kg", "CO2 equivalent"), new("spread", "kg", "least and most of all methods, by name")],
        Sources = ["French orders of 8 February 2012, 31 March 2021 (DPE), 4 August 2021 (RE2020)", "ADEME, Base Carbone, documentation of electricity mixes"],
        ValidFor = "Comparing scenarios by one stated method on a day for which it has factors, and showing what another method would say.",
        NotValidFor = "A greenhouse gas account of an organisation, which needs the average mix of its year (a row to be added with its vintage). Future years: factors are not extrapolated. Consequences at the margin of the grid. Hourly content of the grid unless hourly factors are given. District heat, whose factor is that of the network.",
        Uncertainty = "The choice of method outweighs the arithmetic: 79 against 180 g/kWh for the same electric heating. Show the spread.",
    };

    /// <summary>Emissions by a method, kg.</summary>
    /// <exception cref="ModelInputException">An amount is negative or no number, or the method has no factor for it on that day.</exception>
    public static MethodEmissions Annual(IReadOnlyList<EnergyAmount> amounts, FactorTable table, string method, DateOnly day)
    {
        Check(amounts);
        return Of(method, amounts, [.. amounts.Select(amount => table.Get(amount.Carrier, amount.Use, method, day))]);
    }

    /// <summary>Emissions by every method that has all factors on that day.</summary>
    /// <exception cref="ModelInputException">An amount is negative or no number, or no method has them all.</exception>
    public static MethodSpread Spread(IReadOnlyList<EnergyAmount> amounts, FactorTable table, DateOnly day)
    {
        Check(amounts);
        List<MethodEmissions> found = [];
        SortedDictionary<string, string> lacking = new(StringComparer.Ordinal);
        foreach (var method in table.Methods)
        {
            var factors = amounts.Select(amount => table.Find(amount.Carrier, amount.Use, method, day)).ToList();
            var missing = factors.IndexOf(null);
            if (missing < 0)
            {
                found.Add(Of(method, amounts, [.. factors.Select(static factor => factor!)]));
            }
            else
            {
                lacking.Add(method, $"{amounts[missing].Carrier}, {amounts[missing].Use}");
            }
        }

        found = [.. found.OrderBy(static one => one.Total).ThenBy(static one => one.Method, StringComparer.Ordinal)];
        return found.Count > 0
            ? new MethodSpread(found[0], found[^1], found, lacking)
            : throw new ModelInputException("factor", $"no method has all factors on {day:O}: " + string.Join("; ", lacking.Select(static pair => $"{pair.Key} lacks {pair.Value}")) + ".");
    }

    /// <summary>Emissions of hourly energy with hourly factors, kg; summed in the order of the hours.</summary>
    /// <param name="energy">kWh by hour.</param>
    /// <param name="factors">kg per kWh by hour, such as those of a grid; as many as there are hours.</param>
    /// <exception cref="ModelInputException">The lengths differ, or a value is negative or no number.</exception>
    public static double Hourly(ReadOnlySpan<double> energy, ReadOnlySpan<double> factors)
    {
        if (energy.Length != factors.Length || energy.IsEmpty)
        {
            throw new ModelInputException("factors", $"{factors.Length} hours do not fit the {energy.Length} of the energy.");
        }

        var sum = 0.0;
        for (var hour = 0; hour < energy.Length; hour++)
        {
            if (!(energy[hour] >= 0) || !(factors[hour] >= 0) || !double.IsFinite(energy[hour] * factors[hour]))
            {
                throw new ModelInputException($"energy[{hour}]", $"{energy[hour]} kWh at {factors[hour]} kg/kWh is not 0 or more.");
            }

            sum += energy[hour] * factors[hour];
        }

        return sum;
    }

    /// <summary>Emissions of hourly energy by a method whose factor is the same all day, kg.</summary>
    /// <exception cref="ModelInputException">A value is negative, or the method has no factor on that day.</exception>
    public static double Hourly(ReadOnlySpan<double> energy, EmissionFactor factor, DateOnly day)
    {
        if (day < factor.ValidFrom || day > factor.ValidTo)
        {
            throw new ModelInputException("factor", $"it holds from {factor.ValidFrom:O} to {factor.ValidTo:O}, not on {day:O}.");
        }

        var same = new double[energy.Length];
        Array.Fill(same, factor.Value);
        return Hourly(energy, same);
    }

    /// <summary>Embodied carbon of retrofit items, kg: only of those whose source says it.</summary>
    /// <exception cref="ModelInputException">An item has no source, an expired one, no unit, or a quantity that is none.</exception>
    public static double Embodied(IReadOnlyList<EmbodiedItem> items, DateOnly day)
    {
        var sum = 0.0;
        for (var i = 0; i < items.Count; i++)
        {
            var item = items[i];
            if (!(item.Quantity >= 0) || !double.IsFinite(item.Quantity * item.Factor) || item.Unit.Length == 0 || item.Source.Length == 0 || day > item.ValidTo)
            {
                throw new ModelInputException($"items[{i}]", $"'{item.Item}', {item.Quantity} {item.Unit} at {item.Factor} kg by '{item.Source}' until {item.ValidTo:O}, is no sourced item on {day:O}.");
            }

            sum += item.Quantity * item.Factor;
        }

        return sum;
    }

    private static MethodEmissions Of(string method, IReadOnlyList<EnergyAmount> amounts, IReadOnlyList<EmissionFactor> factors)
    {
        var sum = 0.0;
        for (var i = 0; i < amounts.Count; i++)
        {
            sum += amounts[i].Energy * factors[i].Value;
        }

        return new MethodEmissions(method, sum, factors);
    }

    private static void Check(IReadOnlyList<EnergyAmount> amounts)
    {
        for (var i = 0; i < amounts.Count; i++)
        {
            if (!(amounts[i].Energy >= 0) || !double.IsFinite(amounts[i].Energy))
            {
                throw new ModelInputException($"amounts[{i}].energy", $"{amounts[i].Energy} kWh is not 0 or more.");
            }
        }
    }
}
