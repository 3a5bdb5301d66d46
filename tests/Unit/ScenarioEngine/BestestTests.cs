using Twin.ScenarioEngine.Buildings;
using Xunit;

namespace Twin.Tests.Unit.ScenarioEngine;

/// <summary>
/// ANSI/ASHRAE Standard 140-2020. Levels lie within the limits that LBNL prints for the standard; peaks, temperatures
/// and differences between cases within the least and the greatest of the six programs of RESULTS5-2A. What lies outside
/// is named in the service's README, under "What is missed".
/// </summary>
public sealed class BestestTests
{
    [Theory]
    [InlineData(600, 3.75, 4.98, 5.00, 6.83)]
    [InlineData(620, 3.67, 5.38, 2.76, 5.19)]
    [InlineData(640, 1.58, 3.76, 4.44, 6.86)]
    [InlineData(660, 2.68, 4.82, 1.91, 4.33)]
    [InlineData(680, 1.21, 3.08, 5.13, 7.70)]
    [InlineData(685, 4.08, 5.75, 7.70, 10.14)]
    [InlineData(695, 1.70, 3.81, 7.49, 10.58)]
    [InlineData(900, 1.04, 2.28, 2.35, 2.60)]
    [InlineData(920, 2.55, 4.20, 2.43, 3.08)]
    [InlineData(940, 0.22, 1.91, 2.24, 3.14)]
    [InlineData(980, -0.61, 1.28, 3.52, 4.49)]
    [InlineData(985, 1.68, 3.09, 5.95, 7.26)]
    [InlineData(995, -0.15, 2.02, 6.58, 8.41)]
    public void A_case_needs_heating_and_cooling_within_the_limits(int number, double leastHeating, double mostHeating, double leastCooling, double mostCooling)
    {
        var year = Run(Bestest.Case(number));

        Within($"{number} heating, MWh", year.Heating / 1000, leastHeating, mostHeating);
        Within($"{number} cooling, MWh", year.Cooling / 1000, leastCooling, mostCooling);
    }

    [Theory]
    [InlineData(900, 600, -2.777, -2.324)]
    [InlineData(620, 600, 0.101, 0.320)]
    [InlineData(640, 600, -1.851, -1.368)]
    [InlineData(680, 600, -2.315, -1.831)]
    [InlineData(695, 685, -2.261, -1.823)]
    [InlineData(920, 900, 1.577, 1.793)]
    [InlineData(985, 900, 0.688, 1.075)]
    public void A_change_moves_the_heating_as_in_the_six_programs(int number, int from, double least, double most) =>
        Within($"{number} - {from} heating, MWh", (Run(Bestest.Case(number)).Heating - Run(Bestest.Case(from)).Heating) / 1000, least, most);

    [Theory]
    [InlineData(900, 600, -3.674, -3.049)]
    [InlineData(620, 600, -1.967, -1.418)]
    [InlineData(640, 600, -0.303, -0.018)]
    [InlineData(660, 600, -2.943, -2.172)]
    [InlineData(685, 600, 2.806, 3.308)]
    [InlineData(920, 900, 0.242, 0.414)]
    [InlineData(940, 900, -0.101, -0.040)]
    [InlineData(980, 900, 0.787, 1.531)]
    [InlineData(985, 900, 3.497, 4.559)]
    [InlineData(995, 985, 0.209, 0.968)]
    public void A_change_moves_the_cooling_as_in_the_six_programs(int number, int from, double least, double most) =>
        Within($"{number} - {from} cooling, MWh", (Run(Bestest.Case(number)).Cooling - Run(Bestest.Case(from)).Cooling) / 1000, least, most);

    [Fact]
    public void The_peak_of_cooling_of_case_600_is_that_of_the_six_programs() =>
        Within("600 peak cooling, kW", Run(Bestest.Case(600)).PeakCooling.Power / 1000, 5.422, 6.481);

    [Theory]
    [InlineData(600, 62.4, 68.4)]
    [InlineData(680, 69.8, 78.5)]
    [InlineData(900, 43.3, 46.0)]
    [InlineData(980, 48.5, 52.8)]
    public void Left_to_itself_a_case_gets_as_hot_as_in_the_six_programs(int number, double least, double most) =>
        Within($"{number}FF highest, °C", Run(Bestest.FreeFloating(number)).Air.Highest, least, most);

    [Theory]
    [InlineData(600, -13.8, -9.9)]
    [InlineData(680, -8.1, -5.7)]
    public void Left_to_itself_a_light_case_gets_as_cold_as_in_the_six_programs(int number, double least, double most) =>
        Within($"{number}FF lowest, °C", Run(Bestest.FreeFloating(number)).Air.Lowest, least, most);

    private static ZoneYear Run(BuildingZone zone)
    {
        Assert.SkipWhen(Bestest.District is null, Bestest.Absent);
        return Bestest.District!.Run([zone], withLoads: false, threads: 1)[0];
    }

    private static void Within(string what, double value, double least, double most) =>
        Assert.True(value >= least && value <= most, $"{what}: {value:F3}, published {least} to {most}");
}
