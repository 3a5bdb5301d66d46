using CsCheck;
using Twin.ScenarioEngine;
using Twin.ScenarioEngine.Carbon;
using Twin.Tests.Support;
using Xunit;

namespace Twin.Tests.Unit.ScenarioEngine.Carbon;

/// <summary>Classes against those that @open3cl/engine 1.4.6 gave, run apart over all zones and altitudes.</summary>
public sealed class EnergyLabelTests
{
    private static readonly int[] Energy = [0, 69, 70, 109, 110, 179, 180, 249, 250, 329, 330, 389, 390, 419, 420, 499, 500, 900];
    private static readonly int[] Gas = [0, 5, 6, 10, 11, 29, 30, 49, 50, 69, 70, 79, 80, 99, 100, 109, 110, 300];

    [Fact]
    public void Every_limit_of_every_zone_and_altitude_is_that_of_the_engine()
    {
        var equal = 0;
        foreach (var zone in Enum.GetValues<ClimateZone>())
        {
            foreach (var altitude in (double[])[300, 600, 900])
            {
                // The engine gave these two rows and no other, for both classes.
                var row = altitude > 800 && zone is (ClimateZone.H1b or ClimateZone.H1c or ClimateZone.H2d) ? "AABBCCDDEEEEFFFFGG" : "AABBCCDDEEFFFFGGGG";
                for (var i = 0; i < row.Length; i++)
                {
                    var label = EnergyLabel.Of(Energy[i], Gas[i], 60, zone, altitude);
                    equal += label.Energy == row[i] ? 1 : 0;
                    equal += label.Climate == row[i] ? 1 : 0;
                }
            }
        }

        new ValidationRecord("energy-label").Near("classes equal at the limits, 8 zones, 3 altitudes, energy and gas", equal, 864, 0, "1", "@open3cl/engine 1.4.6, classe_bilan_dpe and classe_emission_ges");
    }

    [Fact]
    public void The_label_is_the_worse_class_and_never_better_for_more() => Gen.Select(Gen.Double[0, 700], Gen.Double[0, 200], Gen.Double[0, 100]).Sample((energy, gas, more) =>
    {
        var label = EnergyLabel.Of(energy, gas, 60, ClimateZone.H1b, 240);
        Assert.Equal((char)Math.Max(label.Energy, label.Climate), label.Class);
        Assert.True(EnergyLabel.Of(energy + more, gas + more, 60, ClimateZone.H1b, 240).Class >= label.Class);
    });

    [Fact]
    public void What_the_order_does_not_cover_is_refused_by_name()
    {
        Assert.Equal("floorArea", Assert.Throws<ModelInputException>(static () => EnergyLabel.Of(100, 10, 30, ClimateZone.H1b, 240)).Input);
        Assert.Equal("primaryEnergy", Assert.Throws<ModelInputException>(static () => EnergyLabel.Of(-1, 10, 60, ClimateZone.H1b, 240)).Input);
        Assert.Equal("greenhouseGas", Assert.Throws<ModelInputException>(static () => EnergyLabel.Of(1, double.NaN, 60, ClimateZone.H1b, 240)).Input);
        Assert.Equal((2.3, 1.9), (EnergyLabel.ElectricityPrimaryFactor(new(2025, 12, 31)), EnergyLabel.ElectricityPrimaryFactor(new(2026, 1, 1))));
        Assert.Equal("day", Assert.Throws<ModelInputException>(static () => EnergyLabel.ElectricityPrimaryFactor(new(2027, 1, 1))).Input);
    }
}
