using CsCheck;
using Twin.ScenarioEngine;
using Twin.ScenarioEngine.Indicators;
using Twin.Tests.Support;
using Xunit;

namespace Twin.Tests.Unit.ScenarioEngine.Indicators;

/// <summary>Composite indicators by hand, their invariants, and what flips a ranking.</summary>
public sealed class ScenarioComparisonTests
{
    private const string Hand = "by hand, formulas of OECD/JRC 2008, steps 5 and 6";
    private static readonly ValidationRecord Page = new("composite-indicators");
    private static readonly Indicator Energy = new("energy", "Energy", Challenge.Sobriety, "kW.h/m2", Direction.LessIsBetter, 200, 0, 0.5);
    private static readonly Indicator Gas = new("gas", "Gas", Challenge.Sobriety, "kg/m2", Direction.LessIsBetter, 50, 0, 0.5);
    private static readonly Indicator Green = new("green", "Green", Challenge.Inclusion, "m2", Direction.MoreIsBetter, 0, 10, 1);
    private static readonly IndicatorSet Set = new([Energy, Gas, Green], new Dictionary<Challenge, double> { [Challenge.Sobriety] = 0.6, [Challenge.Inclusion] = 0.4 });

    private static readonly Gen<double[]> Values = Gen.Double[-50, 250].Array[3];

    [Fact]
    public void Two_scenarios_score_as_by_hand()
    {
        // Scores 0.75, 0.6, 0.2 and 0.25, 0.4, 0.9; weights 0.3, 0.3, 0.4.
        var rows = ScenarioComparison.Compare(Set, [Of("sober", 50, 20, 2), Of("green", 150, 30, 9)], "sober", Aggregation.Arithmetic);
        var products = ScenarioComparison.Compare(Set, [Of("sober", 50, 20, 2), Of("green", 150, 30, 9)], "sober", Aggregation.Geometric);

        Page.Near("weighted sum of 0.75, 0.6, 0.2", rows[0].Composite, 0.485, 1e-12, "1", Hand);
        Page.Near("weighted sum of 0.25, 0.4, 0.9", rows[1].Composite, 0.555, 1e-12, "1", Hand);
        Page.Near("sobriety, weighted sum", rows[0].Challenges[Challenge.Sobriety], 0.675, 1e-12, "1", Hand);
        Page.Near("sobriety, weighted product", products[0].Challenges[Challenge.Sobriety], 0.6708204, 5e-8, "1", Hand + ": √0.45");
        Page.Near("weighted product of 0.75, 0.6, 0.2", products[0].Composite, 0.4134050, 5e-8, "1", Hand + ": (0.75·0.6)^0.3·0.2^0.4");
        Assert.Equal((2, 1), (rows[0].Rank, rows[1].Rank));
        Assert.Equal((100, -1, false), (rows[1].Cells[0].Delta, rows[1].Cells[0].Good, rows[1].Cells[0].Capped));
        Assert.Equal((7, 1), (rows[1].Cells[2].Delta, rows[1].Cells[2].Good));
        Assert.Empty(rows[0].DominatedBy);
    }

    [Fact]
    public void The_weight_that_flips_a_ranking_is_exact()
    {
        // Leads 0.5, 0.2, -0.7: with w for green, 0.35(1 − w) − 0.7w is 0 at 1/3; for energy, 0.5w − (1 − w)·0.22/0.7 at 22/57.
        var flips = ScenarioComparison.Flips(Set, Of("sober", 50, 20, 2), Of("green", 150, 30, 9));

        Assert.Equal(["green", "energy", "gas"], flips.Select(static flip => flip.Indicator.Id));
        Page.Near("weight of green at which two scenarios tie", flips[0].Tie, 1 / 3.0, 1e-12, "1", "by hand: 0.35(1 − w) = 0.7w");
        Page.Near("weight of energy at which two scenarios tie", flips[1].Tie, 22 / 57.0, 1e-12, "1", "by hand: 0.5w = (1 − w)·0.22/0.7");
    }

    [Fact]
    public void A_tie_is_one_and_each_side_of_it_ranks_the_other_way() => Gen.Select(Gen.Double[1, 199].Array[3], Gen.Double[1, 199].Array[3]).Sample((a, b) =>
    {
        foreach (var flip in ScenarioComparison.Flips(Set, Of("a", a), Of("b", b)))
        {
            double Lead(double weight)
            {
                var k = Set.Indicators.ToList().FindIndex(one => one.Id == flip.Indicator.Id);
                return Set.Indicators.Select((one, i) => (i == k ? weight : Set.Weights[i] * (1 - weight) / (1 - Set.Weights[k])) * (one.Score(a[i]) - one.Score(b[i]))).Sum();
            }

            Assert.Equal(0, Lead(flip.Tie), 1e-12);
            Assert.True(Lead(0) * Lead(1) < 0);
        }
    }, iter: 500);

    [Fact]
    public void The_order_of_indicators_and_scenarios_changes_no_bit() => Gen.Select(Values, Values, Gen.Bool).Sample((a, b, geometric) =>
    {
        var aggregation = geometric ? Aggregation.Geometric : Aggregation.Arithmetic;
        var turned = new IndicatorSet([Green, Gas, Energy], new Dictionary<Challenge, double> { [Challenge.Inclusion] = 0.4, [Challenge.Sobriety] = 0.6 });
        var one = ScenarioComparison.Compare(Set, [Of("a", a), Of("b", b)], "a", aggregation);
        var other = ScenarioComparison.Compare(turned, [Of("b", b), Of("a", a)], "a", aggregation);
        Assert.Equal((one[0].Composite, one[0].Rank), (other[1].Composite, other[1].Rank));
    });

    [Fact]
    public void What_is_better_never_scores_less_and_no_weight_puts_a_dominated_scenario_first() => Gen.Select(Values, Gen.Double[0, 30].Array[3], Gen.Bool).Sample((a, more, geometric) =>
    {
        double[] better = [a[0] - more[0], a[1] - more[1], a[2] + more[2]];
        var rows = ScenarioComparison.Compare(Set, [Of("a", a), Of("better", better)], "a", geometric ? Aggregation.Geometric : Aggregation.Arithmetic);
        Assert.True(rows[1].Composite >= rows[0].Composite - 1e-12);
        Assert.Empty(ScenarioComparison.Flips(Set, Of("a", a), Of("better", better)));
        Assert.Equal(!a.SequenceEqual(better) ? ["better"] : [], rows[0].DominatedBy);
        Assert.Empty(rows[1].DominatedBy);
    });

    [Fact]
    public void A_product_is_never_over_the_sum_and_zero_when_one_score_is() => Values.Sample(a =>
    {
        var sum = ScenarioComparison.Compare(Set, [Of("a", a)], "a", Aggregation.Arithmetic)[0];
        var product = ScenarioComparison.Compare(Set, [Of("a", a)], "a", Aggregation.Geometric)[0];
        Assert.True(product.Composite <= sum.Composite + 1e-12);
        Assert.Equal(product.Cells.Any(static cell => cell.Score == 0), product.Composite == 0);
    });

    [Fact]
    public void Groups_tell_the_losers_that_a_mean_hides()
    {
        var changes = new[] { 1000.0, 900, 800, 700 }.Select(static (before, i) => new MemberChange("tenants", $"{i}", before, before - (i == 0 ? -100 : 200)))
            .Append(new MemberChange("owners", "0", 10, 10));
        var groups = GroupGains.Of([.. changes], Direction.LessIsBetter, 1);

        // Changes -100, 200, 200, 200.
        Assert.Equal(new GroupGain("tenants", 4, 3, 1, -100, 125, 200, 200, 200, 125), groups[1]);
        Assert.Equal(("owners", 0, 0), (groups[0].Group, groups[0].Gain, groups[0].Lose));
        Page.Near("first quartile of -100, 200, 200, 200", groups[1].Quartile1, 125, 1e-12, "EUR", "by hand, type 7");
        Assert.Equal("a/x", Assert.Throws<ModelInputException>(static () => GroupGains.Of([new("a", "x", 1, 2), new("a", "x", 1, 2)], Direction.MoreIsBetter, 0)).Input);
    }

    [Fact]
    public void What_is_missing_unknown_or_contradictory_is_refused_by_name()
    {
        var weights = new Dictionary<Challenge, double> { [Challenge.Inclusion] = 1 };
        Assert.Equal("a.green", Assert.Throws<ModelInputException>(static () => ScenarioComparison.Compare(Set, [Of("a", 1, 1, double.NaN)], "a", Aggregation.Arithmetic)).Input);
        Assert.Equal("a.noise", Assert.Throws<ModelInputException>(static () => ScenarioComparison.Compare(Set, [new("a", new Dictionary<string, double> { ["noise"] = 1 })], "a", Aggregation.Arithmetic)).Input);
        Assert.Equal("base", Assert.Throws<ModelInputException>(static () => ScenarioComparison.Compare(Set, [Of("a", 1, 1, 1)], "b", Aggregation.Arithmetic)).Input);
        Assert.Equal("green.best", Assert.Throws<ModelInputException>(() => new IndicatorSet([Green with { Best = -1 }], weights)).Input);
        Assert.Equal("green.unit", Assert.Throws<ModelInputException>(() => new IndicatorSet([Green with { Unit = "" }], weights)).Input);
        Assert.Equal("challenges.Inclusion", Assert.Throws<ModelInputException>(() => new IndicatorSet([Green with { Weight = 0.9 }], weights)).Input);
        Assert.Equal("challenges.Sobriety", Assert.Throws<ModelInputException>(() => new IndicatorSet([Energy], weights)).Input);
        Assert.Equal(12, IndicatorSet.Proposal.Indicators.Count);
        Assert.Equal(1, IndicatorSet.Proposal.Weights.Sum(), 1e-12);
    }

    private static ScenarioValues Of(string name, params double[] values) =>
        new(name, new Dictionary<string, double> { ["energy"] = values[0], ["gas"] = values[1], ["green"] = values[2] });
}
