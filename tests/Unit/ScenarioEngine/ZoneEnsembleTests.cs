using Twin.ScenarioEngine.Buildings;
using Twin.ScenarioEngine.Solar;
using Xunit;

namespace Twin.Tests.Unit.ScenarioEngine;

public sealed class ZoneEnsembleTests
{
    [Fact]
    public void Variations_of_a_building_have_the_years_of_buildings_that_are_so()
    {
        var weather = SyntheticWeather.Clear();
        var sun = new SolarYear(weather, 0.2);
        var zone = Bestest.Case(900);
        ZoneVariation[] variations = [ZoneVariation.None, new(1.2, 1, 1, 0), new(1, 0.5, 1, 0), new(1, 1, 1.5, 0), new(1, 1, 1, 0.7), new(0.8, 1.3, 0.9, -1), new(1.1, 2, 0, 1), new(0.5, 0, 1, 0), new(1.3, 1.3, 1.3, 1.3)];
        var totals = new (double Heating, double Cooling)[variations.Length];

        new ZoneEnsemble(zone, new PlaneYears(sun), weather.DryBulb).Run(variations, totals);

        var district = new DistrictYear(weather, sun);
        for (var i = 0; i < variations.Length; i++)
        {
            var year = district.Run([Varied(zone, variations[i])], false, 1)[0];
            Assert.Equal(year.Heating, totals[i].Heating, Math.Max(1e-9, year.Heating * 1e-12));
            Assert.Equal(year.Cooling, totals[i].Cooling, Math.Max(1e-9, year.Cooling * 1e-12));
        }
    }

    private static BuildingZone Varied(BuildingZone zone, ZoneVariation v) => zone with
    {
        Opaque = [.. zone.Opaque.Select(e => e with { UValue = e.UValue * v.Envelope })],
        Windows = [.. zone.Windows.Select(w => w with { UValue = w.UValue * v.Envelope })],
        Infiltration = zone.Infiltration * v.Infiltration,
        InternalGains = new DayProfile(zone.InternalGains.Hours.Select(g => g * v.Gains)),
        HeatingSetPoint = new DayProfile(zone.HeatingSetPoint.Hours.Select(t => t + v.SetPoint)),
        CoolingSetPoint = new DayProfile(zone.CoolingSetPoint.Hours.Select(t => t + v.SetPoint)),
    };
}
