using Twin.ScenarioEngine.Models;

namespace Twin.ScenarioEngine.Economics;

/// <summary>
/// What an investment is worth: levelised cost of energy, payback, equivalent annual cost. The rate and the amounts are
/// both nominal or both in the prices of one year; nothing here mixes them.
/// </summary>
public static class DiscountedCashFlow
{
    /// <summary>What it is, and what it must not be used for.</summary>
    public static ModelCard Card { get; } = new()
    {
        Id = "discounted-cash-flow",
        Version = "1.0.0",
        Title = "Value of money over time: net present value, rates of return, loans, levelised cost, payback",
        Use = ModelUse.Prospective,
        Inputs =
        [
            new("flows", "EUR", "amounts one period apart, the first today's; what is paid is negative"),
            new("rate", "1", "per period, over -1 and at most 10; nominal with nominal amounts, real with real ones"),
            new("energy", "kWh", "by period, for the levelised cost"),
        ],
        Outputs =
        [
            new("netPresentValue", "EUR", "today's value"),
            new("internalRates", "1", "every rate over -1 at which the present value is zero: none, one or several"),
            new("levelisedCost", "EUR/kWh", "discounted costs by discounted energy"),
            new("discountedPayback", "1", "periods until the sum of discounted amounts stays 0 or more"),
            new("payment", "EUR", "level payment of a loan, its interest and its principal by period"),
        ],
        Sources =
        [
            "OpenDocument v1.2 part 2, 6.12 (PMT, IPMT, PPMT, PV, FV, NPER, MIRR)",
            "Short, Packey, Holt 1995, NREL/TP-462-5173 (levelised cost, discounted payback)",
            "Sturm's theorem (1835) for the number of rates of return",
        ],
        ValidFor = "Comparing amounts whose years and whose rate are stated; money is decimal, so that sums are exact.",
        NotValidFor = "Forecasting prices or choosing the rate, which is a judgement that must be shown with the result. Taxes and depreciation only where they are given as amounts. An internal rate when there are several: none of them ranks a project.",
        Uncertainty = "The arithmetic is exact to 1e-15 of a result. All uncertainty is that of the amounts, years and rate that go in.",
    };

    /// <summary>Levelised cost of energy, currency per kWh: Σ costs·(1+r)^-t by Σ energy·(1+r)^-t.</summary>
    /// <param name="rate">Per period.</param>
    /// <param name="costs">What is paid, positive, the first today; of the same length as <paramref name="energy"/>.</param>
    /// <param name="energy">kWh by period, 0 or more.</param>
    /// <exception cref="ModelInputException">The lengths differ, energy is negative, or there is none.</exception>
    public static decimal LevelisedCost(decimal rate, IReadOnlyList<decimal> costs, IReadOnlyList<decimal> energy)
    {
        if (costs.Count != energy.Count)
        {
            throw new ModelInputException("energy", $"{energy.Count} periods do not fit the {costs.Count} of the costs.");
        }

        if (energy.Any(static kilowattHours => kilowattHours < 0))
        {
            throw new ModelInputException("energy", "a period's is negative.");
        }

        var discounted = TimeValue.NetPresentValue(rate, energy);
        return discounted > 0
            ? TimeValue.NetPresentValue(rate, costs) / discounted
            : throw new ModelInputException("energy", "there is none to bear the costs.");
    }

    /// <summary>
    /// Periods until the sum of discounted amounts is 0 or more and stays so, within a period by proportion; 0 when it
    /// never is below, none when it ends below. With a rate of 0 it is the simple payback.
    /// </summary>
    /// <exception cref="ModelInputException">An input is out of its range.</exception>
    public static decimal? DiscountedPayback(decimal rate, IReadOnlyList<decimal> flows)
    {
        EconomicInputs.Rate("rate", rate);
        EconomicInputs.Series("flows", flows);
        decimal? payback = 0;
        var sum = 0m;
        for (var t = 0; t < flows.Count; t++)
        {
            var amount = t == 0 ? flows[0] : flows[t] / TimeValue.Growth(rate, t);
            var before = sum;
            sum += amount;
            if (sum < 0)
            {
                payback = null;
            }
            else if (payback is null)
            {
                payback = t - 1 + -before / amount;
            }
        }

        return payback;
    }

    /// <summary>The level amount at the end of each of so many periods that is worth the same today.</summary>
    /// <exception cref="ModelInputException">An input is out of its range.</exception>
    public static decimal EquivalentAnnuity(decimal rate, int periods, decimal presentValue) =>
        -TimeValue.Payment(rate, periods, presentValue, 0, PaymentTime.End);
}
