using CsCheck;
using Twin.ScenarioEngine;
using Twin.ScenarioEngine.Economics;
using Twin.Tests.Support;
using Xunit;

namespace Twin.Tests.Unit.ScenarioEngine.Economics;

/// <summary>The time value of money against the vectors of numpy-financial's tests (tests/test_financial.py at f47e8af, BSD), typed here.</summary>
public sealed class TimeValueTests
{
    private const string Source = "numpy-financial f47e8af, tests/test_financial.py";
    private static readonly ValidationRecord Page = new("discounted-cash-flow");

    [Fact]
    public void Decimal_vectors_hold_to_twenty_digits()
    {
        Exact(-127128.1709461939327295222005m, TimeValue.PresentValue(0.07m, 20, 12000, 0, PaymentTime.End));
        Exact(-304.1459143262052370338701494m, TimeValue.Payment(0.08m / 12, 60, 15000, 0, PaymentTime.End));
        Exact(-250m, TimeValue.Payment(0, 60, 15000, 0, PaymentTime.End));
        Exact(-166.6666666666666666666666667m, TimeValue.Payment(0, 12, 2000, 0, PaymentTime.End));
        Exact(-19311.25827814569536423841060m, TimeValue.Payment(0.8m, 3, 20000, 0, PaymentTime.End));
        Exact(-626.9081401700757748402586600m, TimeValue.Payment(0.3m, 12, 2000, 0, PaymentTime.End));
        Exact(-710.2541257864217612489830917m, TimeValue.Principal(0.1m / 12, 1, 60, 55000, 0, PaymentTime.End));
        Exact(-16.66666666666666666666666667m, TimeValue.Interest(0.1m / 12, 1, 24, 2000, 0, PaymentTime.End));
        Exact(86609.36267304300040536731624m, TimeValue.FutureValue(0.075m, 20, -2000, 0, PaymentTime.End));
    }

    [Fact]
    public void Vectors_of_a_spreadsheet_hold()
    {
        Page.Near("NPV, 5 %, six amounts", (double)TimeValue.NetPresentValue(0.05m, [-15000, 1500, 2500, 3500, 4500, 6000]), 122.894854950942692, 1e-12, "EUR", Source + ", value of the documentation");
        Page.Near("PV, 7 %, 20 periods", (double)TimeValue.PresentValue(0.07m, 20, 12000, 0, PaymentTime.End), -127128.1709461939, 1e-9, "EUR", Source);
        Page.Near("FV in arrears", (double)TimeValue.FutureValue(0.075m, 20, -2000, 0, PaymentTime.End), 86609.362673, 1e-6, "EUR", Source);
        Page.Near("FV in advance", (double)TimeValue.FutureValue(0.075m, 20, -2000, 0, PaymentTime.Beginning), 93105.064874, 1e-6, "EUR", Source);
        Page.Near("FV in advance, 20 %", (double)TimeValue.FutureValue(0.2m, 5, 100, 0, PaymentTime.Beginning), -892.992, 1e-9, "EUR", Source);
        Page.Near("PMT, 8 %/12, 60 months", (double)TimeValue.Payment(0.08m / 12, 60, 15000, 0, PaymentTime.End), -304.145914, 5e-7, "EUR", Source);
        Page.Near("PPMT in arrears", (double)TimeValue.Principal(0.1m / 12, 1, 60, 55000, 0, PaymentTime.End), -710.254126, 5e-7, "EUR", Source);
        Page.Near("PPMT in advance", (double)TimeValue.Principal(0.1m / 12, 1, 60, 55000, 0, PaymentTime.Beginning), -1158.929712, 1e-6, "EUR", Source);
        Page.Near("PPMT in advance, 8 %", (double)TimeValue.Principal(0.08m / 12, 1, 60, 15000, 0, PaymentTime.Beginning), -302.131703, 1e-6, "EUR", Source);
        Page.Near("IPMT in advance, second month", (double)TimeValue.Interest(0.001988079518355057m, 2, 360, 300000, 0, PaymentTime.Beginning), -594.107158, 1e-6, "EUR", Source);
        Page.Near("IPMT in advance, third month", (double)TimeValue.Interest(0.001988079518355057m, 3, 360, 300000, 0, PaymentTime.Beginning), -592.971592, 1e-6, "EUR", Source);
        Assert.Equal(0, TimeValue.Interest(0.1m / 12, 1, 24, 2000, 0, PaymentTime.Beginning));

        double[] principals = [-75.62318601, -76.25337923, -76.88882405, -77.52956425];
        double[] interests = [-16.66666667, -16.03647345, -15.40102862, -14.76028842];
        for (var month = 1; month <= 4; month++)
        {
            Page.Near($"PPMT of month {month} of 24", (double)TimeValue.Principal(0.1m / 12, month, 24, 2000, 0, PaymentTime.End), principals[month - 1], 1e-8, "EUR", Source);
            Page.Near($"IPMT of month {month} of 24", (double)TimeValue.Interest(0.1m / 12, month, 24, 2000, 0, PaymentTime.End), interests[month - 1], 1e-8, "EUR", Source);
        }
    }

    [Fact]
    public void Numbers_of_periods_hold()
    {
        Page.Near("NPER in arrears", TimeValue.Periods(0.075m, -2000, 0, 100000, PaymentTime.End)!.Value, 21.5449442, 5e-8, "1", Source);
        Page.Near("NPER in advance", TimeValue.Periods(0.075m, -2000, 0, 100000, PaymentTime.Beginning)!.Value, 20.76156441, 5e-9, "1", Source);
        Page.Near("NPER without payments", TimeValue.Periods(0.1m, 0, -500, 1500, PaymentTime.End)!.Value, 11.52670461, 5e-9, "1", Source);
        Assert.Equal(50, TimeValue.Periods(0, -2000, 0, 100000, PaymentTime.End));
        Assert.Equal(10, TimeValue.Periods(0, -100, 1000, 0, PaymentTime.End));
        Assert.Null(TimeValue.Periods(0, 0, 1000, 0, PaymentTime.End));
        Assert.Null(TimeValue.Periods(0.1m, -50, 1000, 0, PaymentTime.End));
    }

    [Fact]
    public void The_principals_of_a_loan_are_the_loan_and_the_value_of_its_payments_too() =>
        Gen.Select(Gen.Int[1, 360], Gen.Int[0, 400], Gen.Int[1, 10_000_000], Gen.Bool).Sample((periods, basisPoints, euros, advance) =>
        {
            var when = advance ? PaymentTime.Beginning : PaymentTime.End;
            var rate = basisPoints / 10_000m;
            var payment = TimeValue.Payment(rate, periods, euros, 0, when);
            Assert.Equal(0, Math.Round(TimeValue.PresentValue(rate, periods, payment, 0, when) - euros, 8));
            Assert.Equal(0, Math.Round(TimeValue.FutureValue(rate, periods, payment, euros, when), 6));
            if (periods <= 60)
            {
                Assert.Equal(0, Math.Round(Enumerable.Range(1, periods).Sum(period => TimeValue.Principal(rate, period, periods, euros, 0, when)) + euros, 8));
            }
        }, iter: 300);

    [Fact]
    public void A_rate_or_a_span_that_decimal_cannot_tell_is_refused_by_name()
    {
        Assert.Equal("rate", Assert.Throws<ModelInputException>(() => TimeValue.NetPresentValue(-1, [0, 1, 2, 3, 4])).Input);
        Assert.Equal("rate", Assert.Throws<ModelInputException>(() => TimeValue.Payment(5, 60, 1000, 0, PaymentTime.End)).Input);
        Assert.Equal("periods", Assert.Throws<ModelInputException>(() => TimeValue.Payment(0.05m, 0, 1000, 0, PaymentTime.End)).Input);
        Assert.Equal("period", Assert.Throws<ModelInputException>(() => TimeValue.Interest(0.1m / 12, 0, 60, 15000, 0, PaymentTime.End)).Input);
        Assert.Equal("flows", Assert.Throws<ModelInputException>(() => TimeValue.NetPresentValue(0.05m, [])).Input);
        Assert.Equal("flows[1]", Assert.Throws<ModelInputException>(() => TimeValue.NetPresentValue(0.05m, [1, decimal.MaxValue])).Input);
    }

    private static void Exact(decimal expected, decimal actual) => Assert.True(Math.Abs(actual / expected - 1) < 1e-20m, $"{actual} is not {expected}.");
}
