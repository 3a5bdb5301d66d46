using Twin.ScenarioEngine;
using Twin.ScenarioEngine.Buildings;
using Xunit;

namespace Twin.Tests.Unit.ScenarioEngine;

/// <summary>The fast year: what the plain form gives, the same bits in any company, and inputs that are refused by name.</summary>
public sealed class DistrictYearTests
{
    private static readonly DistrictYear District = new(SyntheticWeather.Clear(), 0.2);

    [Theory]
    [InlineData(NetworkVariant.Iso13790)]
    [InlineData(NetworkVariant.RcBuildingSimulator)]
    public void It_is_the_plain_form_of_the_standard(NetworkVariant variant)
    {
        foreach (var zone in Zones(7).Select(zone => zone with { Variant = variant }))
        {
            var (heating, cooling) = District.RunPlainly(zone);
            var year = District.Run([zone], withLoads: false, threads: 1)[0];

            Assert.Equal(heating, year.Heating, heating * 1e-9);
            Assert.Equal(cooling, year.Cooling, cooling * 1e-9);
        }
    }

    [Fact]
    public void One_thread_many_threads_and_a_shuffled_order_give_the_same_bits()
    {
        var zones = Zones(61);
        var expected = District.Run(zones, withLoads: true, threads: 1).ToDictionary(year => year.Id);
        var shuffled = zones.ToArray();
        new Random(7).Shuffle(shuffled);

        Same(expected, District.Run(zones, withLoads: true, threads: 8));
        Same(expected, District.Run(shuffled, withLoads: true, threads: 3));
        Same(expected, [.. zones.Select(zone => District.Run([zone], withLoads: true, threads: 1)[0])]);
    }

    [Fact]
    public void The_hourly_loads_add_up_to_the_year()
    {
        var year = District.Run(Zones(1), withLoads: true, threads: 1)[0];

        Assert.Equal(8760, year.Loads!.Length);
        Assert.Equal(year.Heating, year.Loads.Sum(static load => (double)Math.Max(0, load)) / 1000, year.Heating * 1e-6);
        Assert.Equal(year.Cooling, year.Loads.Sum(static load => (double)Math.Max(0, -load)) / 1000, year.Cooling * 1e-6);
        Assert.Equal((float)year.PeakHeating.Power, year.Loads.Max());
        Assert.Equal((float)year.PeakHeating.Power, year.Loads[year.PeakHeating.Hour]);
        Assert.Equal((float)-year.PeakCooling.Power, year.Loads[year.PeakCooling.Hour]);
    }

    [Fact]
    public void A_capacity_caps_the_load_and_lets_the_air_go()
    {
        var zone = Zones(1)[0];

        var capped = District.Run([zone with { HeatingCapacity = 500 }], withLoads: false, threads: 1)[0];

        Assert.Equal(500, capped.PeakHeating.Power);
        Assert.True(capped.Air.Lowest < 19, $"{capped.Air.Lowest} °C");
        Assert.Equal(20, District.Run([zone], withLoads: false, threads: 1)[0].Air.Lowest, 1e-9);
    }

    [Fact]
    public void Without_heating_and_cooling_there_is_neither()
    {
        var year = District.Run([Bestest.FreeFloating(600)], withLoads: false, threads: 1)[0];

        Assert.Equal((0.0, 0.0, -1, -1), (year.Heating, year.Cooling, year.PeakHeating.Hour, year.PeakCooling.Hour));
    }

    [Fact]
    public void An_airtight_building_is_computed_too()
    {
        var year = District.Run([Zones(1)[0] with { Infiltration = 0, Ventilation = 0 }], withLoads: false, threads: 1)[0];

        Assert.True(double.IsFinite(year.Heating) && year.Heating < District.Run(Zones(1), false, 1)[0].Heating);
    }

    public static TheoryData<string, Func<BuildingZone, BuildingZone>> Faults => new()
    {
        { "floorArea", static zone => zone with { FloorArea = -48 } },
        { "volume", static zone => zone with { Volume = 0 } },
        { "heatCapacity", static zone => zone with { HeatCapacity = double.NaN } },
        { "massArea", static zone => zone with { MassArea = 1 } },
        { "infiltration", static zone => zone with { Infiltration = double.NaN } },
        { "heatRecovery", static zone => zone with { HeatRecovery = 1.1 } },
        { "heatingSetPoint[0]", static zone => zone with { HeatingSetPoint = DayProfile.Constant(28) } },
        { "heatingCapacity", static zone => zone with { HeatingCapacity = -1 } },
        { "internalGains[0]", static zone => zone with { InternalGains = DayProfile.Constant(-5) } },
        { "opaque", static zone => zone with { Opaque = [] } },
        { "opaque[1].area", static zone => zone with { Opaque = [zone.Opaque[0], zone.Opaque[1] with { Area = -3 }] } },
        { "windows[0].uValue", static zone => zone with { Windows = [zone.Windows[0] with { UValue = 0 }] } },
        { "windows[0].solarTransmittance", static zone => zone with { Windows = [zone.Windows[0] with { SolarTransmittance = 1.2 }] } },
    };

    [Theory]
    [MemberData(nameof(Faults), DisableDiscoveryEnumeration = true)]
    public void A_building_that_cannot_be_computed_is_refused_by_the_name_of_the_input(string input, Func<BuildingZone, BuildingZone> break_)
    {
        var zones = Zones(3);
        zones[1] = break_(zones[1]);

        var fault = Assert.Throws<ModelInputException>(() => District.Run(zones, withLoads: false, threads: 1));

        Assert.Equal($"{zones[1].Id}/{input}", fault.Input);
    }

    [Fact]
    public void A_day_has_24_hours() => Assert.Throws<ModelInputException>(() => new DayProfile(new double[23]));

    private static List<BuildingZone> Zones(int count) =>
        [.. Enumerable.Range(0, count).Select(static i => Bestest.Case(i % 3 == 0 ? 600 : i % 3 == 1 ? 940 : 685) with
        {
            Id = $"urn:ngsi-ld:Building:{i:D3}",
            Infiltration = 0.2 + 0.01 * i,
            InternalGains = new DayProfile(Enumerable.Range(0, 24).Select(hour => 100.0 + 10 * i + hour)),
        })];

    private static void Same(Dictionary<string, ZoneYear> expected, ZoneYear[] actual)
    {
        Assert.Equal(expected.Count, actual.Length);
        foreach (var year in actual)
        {
            var other = expected[year.Id];
            Assert.Equal(other with { Loads = null }, year with { Loads = null });
            Assert.True(other.Loads.AsSpan().SequenceEqual(year.Loads), year.Id);
        }
    }
}
