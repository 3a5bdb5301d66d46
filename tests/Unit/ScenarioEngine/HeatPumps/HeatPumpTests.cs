using Twin.ScenarioEngine;
using Twin.ScenarioEngine.HeatPumps;
using Twin.Tests.Support;
using Xunit;

namespace Twin.Tests.Unit.ScenarioEngine.HeatPumps;

public sealed class HeatPumpTests
{
    private static readonly ValidationRecord Record = new("heat-pump");

    [Theory]
    [InlineData(HeatPumpSource.Air, 30, 3.747)]
    [InlineData(HeatPumpSource.Ground, 30, 4.9306)]
    [InlineData(HeatPumpSource.Air, 50, 2.335)]
    [InlineData(HeatPumpSource.Ground, 50, 3.105)]
    public void The_regressions_of_Staffell_give_the_performance_of_a_lift(HeatPumpSource source, double lift, double expected) =>
        Record.Near($"{source}, a lift of {lift} K", HeatPump.Performance(source, 0, lift), expected, 0.00005, "1", "Staffell et al. 2012, doi:10.1039/c2ee22653g, as in RC_BuildingSimulator supply_system.py");

    [Fact]
    public void A_lift_over_60_kelvin_is_refused_and_one_below_15_counts_as_15()
    {
        Assert.Equal("flowTemperature", Assert.Throws<ModelInputException>(() => HeatPump.Performance(HeatPumpSource.Air, -10, 51)).Input);
        Assert.Throws<ModelInputException>(() => HeatPump.Performance(HeatPumpSource.Air, double.NaN, 35));
        Assert.Equal(HeatPump.Performance(HeatPumpSource.Air, 20, 35), HeatPump.Performance(HeatPumpSource.Air, 30, 35));
    }
}
