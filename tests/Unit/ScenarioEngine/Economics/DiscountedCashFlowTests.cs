using CsCheck;
using Twin.ScenarioEngine;
using Twin.ScenarioEngine.Economics;
using Twin.Tests.Support;
using Xunit;

namespace Twin.Tests.Unit.ScenarioEngine.Economics;

/// <summary>Levelised cost, payback, annuities.</summary>
public sealed class DiscountedCashFlowTests
{
    private static readonly ValidationRecord Page = new("discounted-cash-flow");

    [Fact]
    public void The_levelised_cost_of_a_roof_is_that_of_an_independent_computation()
    {
        decimal[] costs = [1000, .. Enumerable.Repeat(15m, 25)];
        var energy = new decimal[26];
        energy[1] = 1100;
        for (var year = 2; year <= 25; year++)
        {
            energy[year] = energy[year - 1] * 0.995m;
        }

        Page.Near("LCOE of a roof, 25 years, 5 %", (double)DiscountedCashFlow.LevelisedCost(0.05m, costs, energy), 0.0819098, 5e-8, "EUR/kWh", "computed apart in Python for this project: capex 1000, opex 15, 1100 kWh less 0.5 % a year");
    }

    [Fact]
    public void The_levelised_cost_is_the_price_at_which_nothing_is_gained() =>
        Gen.Select(Gen.Int[0, 1500], Gen.Int[1, 5_000].Array[2, 30]).Sample((basisPoints, yields) =>
        {
            var rate = basisPoints / 10_000m;
            decimal[] energy = [.. yields.Select(static one => (decimal)one)];
            decimal[] costs = [.. yields.Select(static (one, t) => t == 0 ? 7000m : one % 90)];
            var price = DiscountedCashFlow.LevelisedCost(rate, costs, energy);
            Assert.Equal(0, Math.Round(TimeValue.NetPresentValue(rate, [.. energy.Zip(costs, (sold, paid) => sold * price - paid)]), 10));
        }, iter: 200);

    [Fact]
    public void Payback_is_the_year_after_which_the_sum_stays_positive()
    {
        Assert.Equal(4, DiscountedCashFlow.DiscountedPayback(0, [-1000, 250, 250, 250, 250, 250]));
        Assert.Equal(3.5m, DiscountedCashFlow.DiscountedPayback(0, [-875, 250, 250, 250, 250]));
        // 100 at 10 %: 90.909, 82.645, 75.131; 248.685 in three years, so 173.554 + 0.5 of 75.131 is 211.119.
        Page.Near("discounted payback, 10 %", (double)DiscountedCashFlow.DiscountedPayback(0.1m, [-211.119m, 100, 100, 100])!.Value, 2.5, 1e-4, "1", "by hand: 211.119 = 100/1.1 + 100/1.21 + 50/1.331");
        Assert.Equal(0, DiscountedCashFlow.DiscountedPayback(0.05m, [0, 100]));
        Assert.Null(DiscountedCashFlow.DiscountedPayback(0.05m, [-1000, 100, 100]));
        // Paid back in the second year, then a new roof: only what stays counts.
        Assert.Equal(5, DiscountedCashFlow.DiscountedPayback(0, [-100, 60, 60, -100, 40, 40]));
    }

    [Fact]
    public void An_annuity_is_worth_what_it_replaces() => Gen.Select(Gen.Int[0, 1500], Gen.Int[1, 50], Gen.Int[1, 1_000_000]).Sample((basisPoints, years, value) =>
    {
        var rate = basisPoints / 10_000m;
        var annuity = DiscountedCashFlow.EquivalentAnnuity(rate, years, value);
        Assert.Equal(value, Math.Round(TimeValue.NetPresentValue(rate, [0, .. Enumerable.Repeat(annuity, years)]), 10));
    }, iter: 200);

    [Fact]
    public void Inputs_that_do_not_fit_are_refused_by_name()
    {
        Assert.Equal("energy", Assert.Throws<ModelInputException>(() => DiscountedCashFlow.LevelisedCost(0.05m, [1, 2], [1])).Input);
        Assert.Equal("energy", Assert.Throws<ModelInputException>(() => DiscountedCashFlow.LevelisedCost(0.05m, [1, 2], [0, 0])).Input);
        Assert.Equal("energy", Assert.Throws<ModelInputException>(() => DiscountedCashFlow.LevelisedCost(0.05m, [1, 2], [5, -1])).Input);
    }
}
