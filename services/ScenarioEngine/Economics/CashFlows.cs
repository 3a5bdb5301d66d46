namespace Twin.ScenarioEngine.Economics;

/// <summary>Payments that recur, and loans, as entries of a ledger, rounded to the cent (halves away from zero).</summary>
public static class CashFlows
{
    /// <summary>A payment in each year of a span, in prices that follow an index.</summary>
    /// <param name="from">Who pays.</param>
    /// <param name="to">Who receives.</param>
    /// <param name="kind">For what.</param>
    /// <param name="amount">A year's, in the prices of the index's base year, 0 or more.</param>
    /// <param name="firstYear">The first year.</param>
    /// <param name="lastYear">The last year, itself included.</param>
    /// <param name="index">Prices.</param>
    /// <param name="memo">Which measure or contract it belongs to.</param>
    /// <exception cref="ModelInputException">The amount is negative, the years are not in order, or the index lacks one.</exception>
    public static IReadOnlyList<CashEntry> Yearly(string from, string to, CashFlowKind kind, decimal amount, int firstYear, int lastYear, PriceIndex index, string memo)
    {
        if (amount < 0)
        {
            throw new ModelInputException("amount", $"{amount} is negative; the direction says who pays.");
        }

        if (lastYear < firstYear)
        {
            throw new ModelInputException("lastYear", $"{lastYear} is before {firstYear}.");
        }

        EconomicInputs.Money("amount", amount);
        return [.. Enumerable.Range(firstYear, EconomicInputs.Periods("years", lastYear - firstYear + 1))
            .Select(year => new CashEntry(year, from, to, kind, Cents(amount * index[year]), memo))
            .Where(static entry => entry.Amount > 0)];
    }

    /// <summary>A loan with level yearly payments in arrears: paid out in a year, repaid in the following ones; the last
    /// repayment takes what rounding has left, so that the repayments are the loan to the cent.</summary>
    /// <param name="lender">Who lends.</param>
    /// <param name="borrower">Who borrows.</param>
    /// <param name="amount">Over 0, in whole cents.</param>
    /// <param name="rate">Per year, 0 or more.</param>
    /// <param name="year">When it is paid out.</param>
    /// <param name="years">Over how many years it is repaid.</param>
    /// <param name="memo">Which measure it belongs to.</param>
    /// <exception cref="ModelInputException">An input is out of its range.</exception>
    public static IReadOnlyList<CashEntry> Loan(string lender, string borrower, decimal amount, decimal rate, int year, int years, string memo)
    {
        if (amount <= 0 || Cents(amount) != amount)
        {
            throw new ModelInputException("amount", $"{amount} is not over 0 in whole cents.");
        }

        if (EconomicInputs.Rate("rate", rate) < 0)
        {
            throw new ModelInputException("rate", $"{rate} is negative.");
        }

        var payment = Cents(-TimeValue.Payment(rate, years, amount, 0, PaymentTime.End));
        List<CashEntry> entries = [new(year, lender, borrower, CashFlowKind.Loan, amount, memo)];
        var owed = amount;
        for (var t = 1; t <= years; t++)
        {
            var interest = Cents(owed * rate);
            var principal = t == years ? owed : Math.Clamp(payment - interest, 0, owed);
            owed -= principal;
            entries.Add(new CashEntry(year + t, borrower, lender, CashFlowKind.Interest, interest, memo));
            entries.Add(new CashEntry(year + t, borrower, lender, CashFlowKind.Repayment, principal, memo));
        }

        return [.. entries.Where(static entry => entry.Amount > 0)];
    }

    /// <summary>To the cent, halves away from zero, as invoices do.</summary>
    public static decimal Cents(decimal amount) => decimal.Round(amount, 2, MidpointRounding.AwayFromZero);
}
