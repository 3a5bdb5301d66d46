using Twin.Node.Districts;
using Twin.ScenarioEngine.Weather;
using Xunit;

namespace Twin.Tests.Unit.Districts;

public sealed class SyntheticWeatherTests
{
    [Fact]
    public void A_synthetic_year_is_a_whole_epw_file_with_the_means_of_the_upper_rhine()
    {
        var year = EpwReader.Read(new StringReader(SyntheticWeather.Of(DistrictPlans.Dmc, 20260618, 240, 0)), "DMC", 1);

        // TRY 2010 region 12: 11.1 °C, 1,089 kWh/m².
        Assert.InRange(year.DryBulb.Average(), 10.3, 11.9);
        var global = Enumerable.Range(0, WeatherYear.Hours).Sum(h => year.DiffuseHorizontal[h] + (year.DirectNormal[h] * Math.Max(0, Math.Sin(year.SunAt(h).Elevation * Math.PI / 180)))) / 1000;
        Assert.InRange(global, 1020, 1160);
        Assert.InRange(year.DryBulb.Min(), -16, -4);
        Assert.InRange(year.DryBulb.Max(), 28, 39);
    }

    [Fact]
    public void The_same_seed_gives_the_same_file_and_warming_moves_every_hour()
    {
        var now = SyntheticWeather.Of(DistrictPlans.Dmc, 1, 240, 0);
        Assert.Equal(now, SyntheticWeather.Of(DistrictPlans.Dmc, 1, 240, 0));

        var (a, b) = (EpwReader.Read(new StringReader(now), "now", 1), EpwReader.Read(new StringReader(SyntheticWeather.Of(DistrictPlans.Dmc, 1, 240, 2)), "later", 1));
        Assert.All(Enumerable.Range(0, WeatherYear.Hours), h => Assert.Equal(2, b.DryBulb[h] - a.DryBulb[h], 0.11));
    }
}
