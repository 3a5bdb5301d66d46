namespace Twin.ScenarioEngine.Economics;

/// <summary>What must hold of rates, periods and amounts before anything is computed; each fault names the input.</summary>
internal static class EconomicInputs
{
    /// <summary>The most periods of a series: 100 years by months.</summary>
    public const int MostPeriods = 1200;

    /// <summary>A greater amount is a slip of units; below it no sum of a ledger can leave what decimal holds exactly.</summary>
    public const decimal MostMoney = 1_000_000_000_000_000m;

    public static decimal Rate(string input, decimal rate) =>
        rate > -1 && rate <= 10 ? rate : throw new ModelInputException(input, $"{rate} is not over -1 and at most 10; a rate of 5 % is 0.05.");

    public static int Periods(string input, int periods) =>
        periods is >= 1 and <= MostPeriods ? periods : throw new ModelInputException(input, $"{periods} is not from 1 to {MostPeriods}.");

    public static decimal Money(string input, decimal amount) =>
        Math.Abs(amount) <= MostMoney ? amount : throw new ModelInputException(input, $"{amount} is beyond {MostMoney}.");

    public static void Series(string input, IReadOnlyList<decimal> amounts)
    {
        if (amounts.Count is 0 or > MostPeriods)
        {
            throw new ModelInputException(input, $"{amounts.Count} amounts are not from 1 to {MostPeriods}.");
        }

        for (var t = 0; t < amounts.Count; t++)
        {
            Money($"{input}[{t}]", amounts[t]);
        }
    }
}
