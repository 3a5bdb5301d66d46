using CsCheck;
using Twin.ScenarioEngine;
using Twin.ScenarioEngine.Economics;
using Twin.Tests.Support;
using Xunit;

namespace Twin.Tests.Unit.ScenarioEngine.Economics;

/// <summary>Rates of return: every one, counted exactly; vectors of numpy-financial's tests (f47e8af, BSD), typed here.</summary>
public sealed class InternalRateOfReturnTests
{
    private const string Source = "numpy-financial f47e8af, tests/test_financial.py";
    private static readonly ValidationRecord Page = new("discounted-cash-flow");

    [Fact]
    public void The_only_rate_is_that_of_the_vectors()
    {
        Only("IRR of six amounts", [-150000, 15000, 25000, 35000, 45000, 60000], 0.0524, 5e-5);
        Only("IRR of a loss", [-100, 0, 0, 74], -0.0955, 5e-5);
        Only("IRR of Gitman's example", [-100, 39, 59, 55, 20], 0.28095, 5e-6);
        Only("IRR with a small tail", [-100, 100, 0, 7], 0.06206, 5e-6);
        // The vector's Decimal value, 0.11069085371427, is where Newton's method stopped; the closed form ends in 1075.
        Only("RATE of ten periods, 3,500 to 10,000", [-3500, 0, 0, 0, 0, 0, 0, 0, 0, 0, 10000], 0.1107, 1.107e-5);
        Page.Near("RATE of ten periods, closed form", InternalRateOfReturn.Of([-3500, 0, 0, 0, 0, 0, 0, 0, 0, 0, 10000]).Only!.Value, 0.11069085371075282, 1e-15, "1", "(10000/3500)^(1/10) − 1, computed apart with 50 digits");
    }

    [Fact]
    public void Where_several_rates_solve_all_are_told_and_the_one_a_peer_chose_is_among_them()
    {
        // numpy-financial chooses one by its nearness to zero and says nothing of the others.
        Among("IRR with two, -100 100 0 -7", [-100, 100, 0, -7], -0.0833, 5e-5, 2);
        Among("IRR with three sign changes", [-5, 10.5m, 1, -8, 1], 0.0886, 5e-5, 3);
        Among("IRR with trailing zeros", [-5, 10.5m, 1, -8, 1, 0, 0, 0], 0.0886, 5e-5, 3);
        Among("IRR of eight amounts, last negative", [-1678.87m, 771.96m, 1814.05m, 3520.30m, 3552.95m, 3584.99m, 4789.91m, -1], 1.00426, 1.00426e-4, 2);
        Among("IRR of 27 years that end in costs", Restored, 0.12, 1e-8, 2);
    }

    [Fact]
    public void There_is_none_where_all_is_received_or_the_curve_stays_on_one_side()
    {
        Assert.Empty(InternalRateOfReturn.Of([1, 2, 3]).Rates);
        Assert.Empty(InternalRateOfReturn.Of([-1, -2, -3]).Rates);
        Assert.Empty(InternalRateOfReturn.Of([40000, 5000, 8000, 12000, 30000]).Rates);
        Assert.Empty(InternalRateOfReturn.Of([1, -2, 2]).Rates);
    }

    [Fact]
    public void A_double_rate_is_told_once_and_close_ones_are_told_apart()
    {
        // (1.1x − 1)², (1.1x − 1)²(1.2x − 1) and rates of 10 % and 10.000001 %.
        Assert.Equal(0.1, Assert.Single(InternalRateOfReturn.Of([1, -2.2m, 1.21m]).Rates), 1e-15);
        Close([0.1, 0.2], InternalRateOfReturn.Of([-1, 3.4m, -3.85m, 1.452m]).Rates);
        Close([0.1, 0.10000001], InternalRateOfReturn.Of([1, -2.20000001m, 1.1m * 1.10000001m]).Rates);
    }

    [Fact]
    public void Rates_put_into_a_product_are_found_again() => Gen.Int[-90, 300].Array[1, 7].Sample(percents =>
    {
        var flows = new[] { 1m };
        foreach (var percent in percents)
        {
            var growth = 1 + percent / 100m;
            var next = new decimal[flows.Length + 1];
            for (var t = 0; t < flows.Length; t++)
            {
                next[t] += flows[t];
                next[t + 1] -= flows[t] * growth;
            }

            flows = next;
        }

        Close([.. percents.Distinct().Order().Select(static percent => percent / 100.0)], InternalRateOfReturn.Of(flows).Rates);
    }, iter: 300);

    [Fact]
    public void The_present_value_at_each_rate_is_zero() =>
        Gen.Int[-100_000, 100_000].Array[2, 40].Where(static flows => flows.Any(static amount => amount != 0)).Sample(amounts =>
        {
            var flows = amounts.Select(static amount => (decimal)amount).ToArray();
            foreach (var rate in InternalRateOfReturn.Of(flows).Rates)
            {
                var (value, size) = (0.0, 0.0);
                for (var t = 0; t < flows.Length; t++)
                {
                    value += (double)flows[t] / Math.Pow(1 + rate, t);
                    size += Math.Abs((double)flows[t]) * (t + 1) / Math.Pow(1 + rate, t);
                }

                Assert.True(Math.Abs(value) <= 1e-13 * size, $"{value} at {rate}");
            }
        }, iter: 300);

    [Fact]
    public void The_modified_rate_is_that_of_the_vectors()
    {
        Page.Near("MIRR of ten amounts", InternalRateOfReturn.Modified([-4500, -800, 800, 800, 600, 600, 800, 800, 700, 3000], 0.08m, 0.055m)!.Value, 0.0666, 5e-5, "1", Source);
        Page.Near("MIRR of six amounts", InternalRateOfReturn.Modified([-120000, 39000, 30000, 21000, 37000, 46000], 0.10m, 0.12m)!.Value, 0.126094, 5e-7, "1", Source);
        Page.Near("MIRR with mixed signs", InternalRateOfReturn.Modified([100, 200, -50, 300, -200], 0.05m, 0.06m)!.Value, 0.3428, 5e-5, "1", Source);
        Page.Near("MIRR, 8 % and 10 %", InternalRateOfReturn.Modified([-120000, 39000, 30000, 21000, 37000], 0.08m, 0.10m)!.Value, 0.05437856, 5e-9, "1", Source + " (Google Sheets)");
        Assert.Null(InternalRateOfReturn.Modified([39000, 30000, 21000, 37000, 46000], 0.10m, 0.12m));
    }

    [Fact]
    public void Nothing_and_too_much_are_refused_by_name()
    {
        Assert.Equal("flows", Assert.Throws<ModelInputException>(() => InternalRateOfReturn.Of([1])).Input);
        Assert.Equal("flows", Assert.Throws<ModelInputException>(() => InternalRateOfReturn.Of([0, 0])).Input);
        Assert.Equal("flows", Assert.Throws<ModelInputException>(() => InternalRateOfReturn.Of([.. Enumerable.Range(0, 122).Select(static t => t % 2 == 0 ? 1m : -1m)])).Input);
        Assert.Single(InternalRateOfReturn.Of([-1_000_000, .. Enumerable.Repeat(2_000.15m, 1199)]).Rates);
        Assert.NotEmpty(InternalRateOfReturn.Of([-1_000_000, .. Enumerable.Range(0, 120).Select(static t => t % 7 == 0 ? -1_234.56m : 12_345.67m + t)]).Rates);
    }

    private static decimal[] Restored =>
    [
        -217500.0m, -217500.0m, 108466.80462450592m, 101129.96439328062m, 93793.12416205535m, 86456.28393083003m, 79119.44369960476m,
        71782.60346837944m, 64445.76323715414m, 57108.92300592884m, 49772.08277470355m, 42435.24254347826m, 35098.40231225296m,
        27761.56208102766m, 20424.721849802358m, 13087.88161857707m, 5751.041387351768m, -1585.7988438735192m, -8922.639075098821m,
        -16259.479306324123m, -23596.31953754941m, -30933.159768774713m, -38270.0m, -45606.8402312253m, -52943.680462450604m,
        -60280.520693675906m, -67617.36092490121m,
    ];

    private static void Only(string name, decimal[] flows, double rate, double tolerance) =>
        Page.Near(name, InternalRateOfReturn.Of(flows).Only!.Value, rate, tolerance, "1", Source);

    private static void Among(string name, decimal[] flows, double rate, double tolerance, int count)
    {
        var found = InternalRateOfReturn.Of(flows);
        Assert.Equal(count, found.Rates.Count);
        Assert.Null(found.Only);
        Page.Near(name, found.Rates.MinBy(one => Math.Abs(one - rate)), rate, tolerance, "1", Source);
    }

    private static void Close(double[] expected, IReadOnlyList<double> rates)
    {
        Assert.Equal(expected.Length, rates.Count);
        Assert.All(expected.Zip(rates), static pair => Assert.Equal(pair.First, pair.Second, 1e-14 * (1 + pair.First)));
    }
}
