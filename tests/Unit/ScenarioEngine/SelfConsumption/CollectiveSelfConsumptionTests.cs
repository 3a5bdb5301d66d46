using CsCheck;
using Twin.ScenarioEngine;
using Twin.ScenarioEngine.SelfConsumption;
using Twin.Tests.Support;
using Xunit;

namespace Twin.Tests.Unit.ScenarioEngine.SelfConsumption;

public sealed class CollectiveSelfConsumptionTests
{
    private const string Source = "derived by hand from the rules of the keys (Enedis) and décret 2017-676";
    private static readonly ValidationRecord Record = new("collective-self-consumption");
    private static readonly double[][] Three = [[2], [5], [9]];

    [Fact]
    public void The_four_keys_allot_ten_kilowatt_hours_to_three_neighbours_as_the_rules_say()
    {
        Matches("default dynamic, 10 kWh to 2, 5, 9", SharingKey.DefaultDynamic, 10, [1.25, 3.125, 5.625], 0);
        Matches("static 50, 30, 20 %, 10 kWh to 2, 5, 9", SharingKey.Static([0.5, 0.3, 0.2]), 10, [2, 3, 2], 3);
        Matches("simple dynamic 10, 40, 50 %, 10 kWh to 2, 5, 9", SharingKey.SimpleDynamic([[0.1, 0.4, 0.5]]), 10, [1, 4, 5], 0);
        Matches("full dynamic, third before first before second, 10 kWh to 2, 5, 9", SharingKey.FullDynamic([2, 0, 1]), 10, [1, 0, 9], 0);
        Matches("default dynamic, 20 kWh to 2, 5, 9", SharingKey.DefaultDynamic, 20, [2, 5, 9], 4);
    }

    [Fact]
    public void Nothing_is_lost_nobody_gets_more_than_it_consumes_and_the_default_key_leaves_nothing_that_is_needed() => Gen.Select(
        Gen.Double[0, 50].Array[1, 6], Gen.Int[1, 5], Gen.Int[0, 3], Gen.Int[0, 1000]).Sample((production, participants, which, seed) =>
    {
        var random = new Random(seed);
        double[][] consumption = [.. Enumerable.Range(0, participants).Select(_ => production.Select(_ => random.NextDouble() * 20).ToArray())];
        var key = Key(which, participants, production.Length, random);

        var period = CollectiveSelfConsumption.Run(production, consumption, key);

        Assert.Equal(production.Sum(), period.Allotted.Sum() + period.Surplus.Sum(), 1e-9);
        Assert.All(Enumerable.Range(0, participants), i => Assert.InRange(period.Allotted[i], 0, period.Consumption[i] + 1e-9));
        if (which is 0 or 3)
        {
            for (var step = 0; step < production.Length; step++)
            {
                Assert.Equal(Math.Max(0, production[step] - consumption.Sum(one => one[step])), period.Surplus[step], 1e-9);
            }
        }
    });

    [Fact]
    public void The_order_of_the_participants_changes_nothing_under_the_default_key()
    {
        double[] production = [3, 8];
        double[][] consumption = [[1, 7], [2, 2], [5, 4]];
        var (one, other) = (CollectiveSelfConsumption.Run(production, consumption, SharingKey.DefaultDynamic), CollectiveSelfConsumption.Run(production, [consumption[2], consumption[0], consumption[1]], SharingKey.DefaultDynamic));

        Assert.Equal(one.Allotted[2], other.Allotted[0], 1e-12);
        Assert.Equal(one.Allotted[0], other.Allotted[1], 1e-12);
    }

    [Fact]
    public void What_does_not_fit_is_refused_by_its_name()
    {
        Assert.Equal("consumption[1]", Refused([1, 2], [[1, 1], [1]], SharingKey.DefaultDynamic));
        Assert.Equal("production[1]", Refused([1, -2], [[1, 1]], SharingKey.DefaultDynamic));
        Assert.Equal("consumption[0][0]", Refused([1], [[double.NaN]], SharingKey.DefaultDynamic));
        Assert.Equal("shares[0]", Refused([1], [[1], [1]], SharingKey.Static([1])));
        Assert.Equal("order", Refused([1], [[1], [1]], SharingKey.FullDynamic([0])));
        Assert.Equal("shares", Assert.Throws<ModelInputException>(() => SharingKey.Static([0.6, 0.5])).Input);
        Assert.Equal("order", Assert.Throws<ModelInputException>(() => SharingKey.FullDynamic([0, 0])).Input);
    }

    [Theory]
    [InlineData("2024-06-01", 1500, 4e6, false, 1)]
    [InlineData("2026-06-01", 1500, 4e6, false, 0)]
    [InlineData("2026-06-01", 2500, 4e6, false, 1)]
    [InlineData("2026-06-01", 2500, 9e6, true, 0)]
    [InlineData("2026-06-01", 2500, 10e6, false, 2)]
    public void The_limits_of_an_operation_are_those_of_its_day(string day, double distance, double power, bool publicBodies, int broken) =>
        Assert.Equal(broken, SharingLimits.On(DateOnly.Parse(day, System.Globalization.CultureInfo.InvariantCulture)).Broken(distance, power, publicBodies).Count);

    [Fact]
    public void Before_the_law_there_are_no_limits_to_be_held_to() => Assert.Equal("day", Assert.Throws<ModelInputException>(() => SharingLimits.On(new DateOnly(2019, 1, 1))).Input);

    private static SharingKey Key(int which, int participants, int steps, Random random) => which switch
    {
        0 => SharingKey.DefaultDynamic,
        1 => SharingKey.Static(Shares(participants, random)),
        2 => SharingKey.SimpleDynamic([.. Enumerable.Range(0, steps).Select(_ => Shares(participants, random))]),
        _ => SharingKey.FullDynamic([.. Enumerable.Range(0, participants).Reverse()]),
    };

    private static double[] Shares(int participants, Random random)
    {
        double[] raw = [.. Enumerable.Range(0, participants).Select(_ => random.NextDouble())];
        return [.. raw.Select(one => one / (raw.Sum() + 0.01))];
    }

    private static string Refused(double[] production, double[][] consumption, SharingKey key) =>
        Assert.Throws<ModelInputException>(() => CollectiveSelfConsumption.Run(production, consumption, key)).Input;

    private static void Matches(string name, SharingKey key, double production, double[] allotted, double surplus)
    {
        var period = CollectiveSelfConsumption.Run([production], Three, key);
        for (var i = 0; i < allotted.Length; i++)
        {
            Record.Near($"{name}: participant {i + 1}", period.Allotted[i], allotted[i], 1e-12, "kWh", Source);
        }

        Record.Near($"{name}: surplus", period.Surplus[0], surplus, 1e-12, "kWh", Source);
    }
}
