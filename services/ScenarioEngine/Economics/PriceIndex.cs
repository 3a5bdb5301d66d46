namespace Twin.ScenarioEngine.Economics;

/// <summary>Prices of each year relative to a base year, whose own is 1.</summary>
public sealed class PriceIndex
{
    private readonly decimal[] _levels;
    private readonly int _first;

    private PriceIndex(int first, decimal[] levels) => (_first, _levels) = (first, levels);

    /// <summary>The level in a year.</summary>
    /// <exception cref="ModelInputException">The index does not reach it: nothing is extrapolated.</exception>
    public decimal this[int year] => year >= _first && year < _first + _levels.Length
        ? _levels[year - _first]
        : throw new ModelInputException("index", $"it has no {year}, only {_first} to {_first + _levels.Length - 1}.");

    /// <summary>Prices that rise by one rate.</summary>
    /// <param name="first">The base year.</param>
    /// <param name="last">The last year.</param>
    /// <param name="rate">Per year.</param>
    /// <exception cref="ModelInputException">The years are not in order or the rate is out of its range.</exception>
    public static PriceIndex Constant(int first, int last, decimal rate)
    {
        EconomicInputs.Rate("rate", rate);
        return From(first, [.. Enumerable.Repeat(rate, Math.Max(0, last - first))]);
    }

    /// <summary>Prices that rise by a rate from each year to the next, such as the published rates of a rent index.</summary>
    /// <param name="first">The base year.</param>
    /// <param name="rates">From the base year to the next, and so on.</param>
    /// <exception cref="ModelInputException">A rate is out of its range, or there are over 300.</exception>
    public static PriceIndex From(int first, IReadOnlyList<decimal> rates)
    {
        if (rates.Count > 300 || first is < 1900 or > 2300)
        {
            throw new ModelInputException("index", $"{rates.Count} years from {first} are beyond 300, or not from 1900 to 2300.");
        }

        var levels = new decimal[rates.Count + 1];
        levels[0] = 1;
        for (var i = 0; i < rates.Count; i++)
        {
            levels[i + 1] = levels[i] * (1 + EconomicInputs.Rate($"rates[{i}]", rates[i]));
            if (levels[i + 1] is < 1e-6m or > 1e6m)
            {
                throw new ModelInputException($"rates[{i}]", "prices leave 1e-6 to 1e6 of the base year's.");
            }
        }

        return new PriceIndex(first, levels);
    }
}
