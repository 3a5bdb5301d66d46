namespace Twin.ScenarioEngine.Economics;

/// <summary>When in its period a payment falls.</summary>
public enum PaymentTime
{
    /// <summary>At the end, in arrears.</summary>
    End,

    /// <summary>At the beginning, in advance.</summary>
    Beginning,
}

/// <summary>
/// The time value of money in decimal: present and future value, level payments and their parts. Signs are those of a
/// spreadsheet: what is received is positive, what is paid negative, and
/// <c>pv·(1+i)^n + pmt·(1+i·when)·((1+i)^n − 1)/i + fv = 0</c>.
/// Source: the functions of OpenDocument v1.2 part 2, 6.12 (FV, IPMT, NPER, PMT, PPMT, PV). Rates are per period.
/// </summary>
public static class TimeValue
{
    /// <summary>What payments and a last amount are worth today.</summary>
    /// <param name="rate">Per period, over -1.</param>
    /// <param name="periods">1 to 1,200.</param>
    /// <param name="payment">Each period's, in the currency.</param>
    /// <param name="futureValue">After the last period.</param>
    /// <param name="when">When in its period each payment falls.</param>
    /// <exception cref="ModelInputException">An input is out of its range.</exception>
    public static decimal PresentValue(decimal rate, int periods, decimal payment, decimal futureValue, PaymentTime when)
    {
        Check(rate, periods, payment, futureValue);
        var growth = Growth(rate, periods);
        return -(futureValue + payment * Accumulation(rate, periods, growth, when)) / growth;
    }

    /// <summary>What is there after payments on top of a first amount.</summary>
    /// <inheritdoc cref="PresentValue"/>
    public static decimal FutureValue(decimal rate, int periods, decimal payment, decimal presentValue, PaymentTime when)
    {
        Check(rate, periods, payment, presentValue);
        var growth = Growth(rate, periods);
        return -(presentValue * growth + payment * Accumulation(rate, periods, growth, when));
    }

    /// <summary>The level payment (PMT) that turns a present into a future value.</summary>
    /// <inheritdoc cref="PresentValue"/>
    public static decimal Payment(decimal rate, int periods, decimal presentValue, decimal futureValue, PaymentTime when)
    {
        Check(rate, periods, presentValue, futureValue);
        var growth = Growth(rate, periods);
        return -(futureValue + presentValue * growth) / Accumulation(rate, periods, growth, when);
    }

    /// <summary>The interest in the payment of a period (IPMT).</summary>
    /// <param name="period">From 1 to <paramref name="periods"/>.</param>
    /// <inheritdoc cref="PresentValue"/>
    public static decimal Interest(decimal rate, int period, int periods, decimal presentValue, decimal futureValue, PaymentTime when)
    {
        var payment = Payment(rate, periods, presentValue, futureValue, when);
        if (period < 1 || period > periods)
        {
            throw new ModelInputException("period", $"{period} is not from 1 to {periods}.");
        }

        // A payment in advance bears no interest in the first period, and in the others one period less of it.
        if (when == PaymentTime.Beginning && period == 1)
        {
            return 0;
        }

        var owed = period == 1 ? -presentValue : FutureValue(rate, period - 1, payment, presentValue, when);
        return when == PaymentTime.Beginning ? owed * rate / (1 + rate) : owed * rate;
    }

    /// <summary>The repayment in the payment of a period (PPMT): the payment without its interest.</summary>
    /// <inheritdoc cref="Interest"/>
    public static decimal Principal(decimal rate, int period, int periods, decimal presentValue, decimal futureValue, PaymentTime when) =>
        Payment(rate, periods, presentValue, futureValue, when) - Interest(rate, period, periods, presentValue, futureValue, when);

    /// <summary>
    /// How many periods (NPER) it takes; none when no number of them does, such as payments below the interest. A
    /// logarithm, so a double: it counts time, not money.
    /// </summary>
    /// <inheritdoc cref="PresentValue"/>
    public static double? Periods(decimal rate, decimal payment, decimal presentValue, decimal futureValue, PaymentTime when)
    {
        Check(rate, 1, payment, presentValue);
        EconomicInputs.Money("futureValue", futureValue);
        if (rate == 0)
        {
            return payment == 0 ? null : (double)(-(presentValue + futureValue) / payment);
        }

        var perpetual = payment * (when == PaymentTime.Beginning ? 1 + rate : 1) / rate;
        if (presentValue + perpetual == 0 || (perpetual - futureValue) / (presentValue + perpetual) <= 0)
        {
            return null;
        }

        return Math.Log((double)((perpetual - futureValue) / (presentValue + perpetual))) / Math.Log((double)(1 + rate));
    }

    /// <summary>Net present value: the first amount is today's, each following one a period later. Not the NPV of a
    /// spreadsheet, which discounts the first too.</summary>
    /// <param name="rate">Per period, over -1.</param>
    /// <param name="flows">1 to 1,200 amounts; what is paid is negative.</param>
    /// <exception cref="ModelInputException">An input is out of its range.</exception>
    public static decimal NetPresentValue(decimal rate, IReadOnlyList<decimal> flows)
    {
        EconomicInputs.Rate("rate", rate);
        EconomicInputs.Series("flows", flows);
        var (sum, growth) = (0m, 1m);
        for (var t = 0; t < flows.Count; t++)
        {
            sum += flows[t] / growth;
            growth = t + 1 < flows.Count ? Times("rate", growth, 1 + rate) : growth;
        }

        return sum;
    }

    /// <summary>The rate of money's own prices from a nominal one: (1 + nominal)/(1 + inflation) − 1 (Fisher 1930).</summary>
    /// <exception cref="ModelInputException">A rate is out of its range.</exception>
    public static decimal RealRate(decimal nominal, decimal inflation) =>
        (1 + EconomicInputs.Rate("nominal", nominal)) / (1 + EconomicInputs.Rate("inflation", inflation)) - 1;

    /// <summary>(1 + rate)^periods.</summary>
    internal static decimal Growth(decimal rate, int periods)
    {
        var (power, factor) = (1m, 1 + rate);
        for (var rest = periods; rest > 0; rest >>= 1)
        {
            power = (rest & 1) == 1 ? Times("rate", power, factor) : power;
            factor = rest > 1 ? Times("rate", factor, factor) : factor;
        }

        return power;
    }

    /// <summary>What payments of 1 have grown to at the end.</summary>
    private static decimal Accumulation(decimal rate, int periods, decimal growth, PaymentTime when) =>
        rate == 0 ? periods : (when == PaymentTime.Beginning ? 1 + rate : 1) * (growth - 1) / rate;

    private static decimal Times(string input, decimal left, decimal right)
    {
        // Beyond this, decimal keeps too few digits, either way, for a quotient to mean money.
        var product = Math.Abs(left) <= 1e12m ? left * right : decimal.MaxValue;
        return product is > 1e-10m and < 1e12m ? product : throw new ModelInputException(input, "so many periods at this rate change money by more than decimal tells: the factor leaves 1e-10 to 1e12.");
    }

    private static void Check(decimal rate, int periods, decimal first, decimal second)
    {
        EconomicInputs.Rate("rate", rate);
        EconomicInputs.Periods("periods", periods);
        EconomicInputs.Money("payment or value", first);
        EconomicInputs.Money("payment or value", second);
    }
}
