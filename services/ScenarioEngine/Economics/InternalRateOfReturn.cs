using System.Numerics;

namespace Twin.ScenarioEngine.Economics;

/// <summary>
/// Every internal rate of return of a series over -1: none, one or several. The rates are the positive real roots of a
/// polynomial whose coefficients, amounts of money, are exact; they are counted exactly (Descartes' rule of signs, where
/// more than one is possible Sturm's theorem) and then bracketed, so that no guess chooses one silently.
/// </summary>
/// <param name="Rates">Per period, ascending, each to 15 digits of 1 + rate.</param>
public sealed record InternalRateOfReturn(IReadOnlyList<double> Rates)
{
    /// <summary>The most amounts when more than one rate is possible: Sturm's chain grows with their square.</summary>
    public const int MostAmbiguous = 121;

    /// <summary>The only rate; none when there is none or several, which then say nothing of what the money earns.</summary>
    public double? Only => Rates.Count == 1 ? Rates[0] : null;

    /// <summary>Finds them.</summary>
    /// <param name="flows">Amounts one period apart, at least two; what is paid is negative.</param>
    /// <exception cref="ModelInputException">Too few or too many amounts, or all are zero, of which every rate is one.</exception>
    public static InternalRateOfReturn Of(IReadOnlyList<decimal> flows)
    {
        EconomicInputs.Series("flows", flows);
        if (flows.Count < 2 || flows.All(static amount => amount == 0))
        {
            throw new ModelInputException("flows", "there are less than two amounts, or all are zero.");
        }

        var polynomial = ExactPolynomial.Of(flows);
        switch (polynomial.SignChanges)
        {
            case 0:
                return new InternalRateOfReturn([]);
            case 1:
                return new InternalRateOfReturn([Rate(polynomial.Refine(polynomial.LeastRoot, polynomial.GreatestRoot))]);
            default:
                if (flows.Count > MostAmbiguous)
                {
                    throw new ModelInputException("flows", $"{flows.Count} amounts whose sign changes {polynomial.SignChanges} times; with more than one change at most {MostAmbiguous} are searched. Sum months to years.");
                }

                var roots = SturmChain.Of(polynomial);
                return new InternalRateOfReturn([.. roots.PositiveRoots().Select(Rate).Order()]);
        }
    }

    /// <summary>
    /// The modified rate (MIRR): what is paid is financed at one rate, what is received reinvested at another until the
    /// end, so that there is one. None when all amounts have one sign.
    /// </summary>
    /// <exception cref="ModelInputException">An input is out of its range.</exception>
    public static double? Modified(IReadOnlyList<decimal> flows, decimal financeRate, decimal reinvestRate)
    {
        EconomicInputs.Rate("financeRate", financeRate);
        EconomicInputs.Rate("reinvestRate", reinvestRate);
        var paid = -TimeValue.NetPresentValue(financeRate, [.. flows.Select(static amount => Math.Min(0, amount))]);
        var received = TimeValue.NetPresentValue(reinvestRate, [.. flows.Select(static amount => Math.Max(0, amount))]);
        return paid == 0 || received == 0 || flows.Count < 2
            ? null
            : Math.Pow((double)(received / paid), 1.0 / (flows.Count - 1)) * (double)(1 + reinvestRate) - 1;
    }

    private static double Rate(BigRational discount) => (double)(discount.Denominator - discount.Numerator) / (double)discount.Numerator is var rate && double.IsFinite(rate)
        ? rate
        : throw new ModelInputException("flows", "a rate is beyond what a double holds.");
}
