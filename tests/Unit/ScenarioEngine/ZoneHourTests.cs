using Twin.ScenarioEngine.Buildings;
using Twin.ScenarioEngine.Solar;
using Xunit;

namespace Twin.Tests.Unit.ScenarioEngine;

/// <summary>One hour of the network, against the published tests of RC_BuildingSimulator (ETH Zürich, testRCmodel.py), to their hundredths.</summary>
public sealed class ZoneHourTests
{
    [Theory]
    [InlineData(10, 22, 2000, 0, 0, 22.33)]
    [InlineData(25, 24, 4000, 0, -264.75, 25.15)]
    [InlineData(10, 20, 2000, 0, 328.09, 20.46)]
    [InlineData(30, 25, 5000, 0, -411.6, 26.49)]
    [InlineData(5, 19, 2000, 0, 411.6, 19.39)]
    [InlineData(10, 22, 2000, 0.66, 0, 22.44)]
    [InlineData(25, 24, 4000, 0.6, -296.65, 25.15)]
    [InlineData(10, 20, 2000, 0.6, 9.1, 20.46)]
    [InlineData(30, 25, 5000, 0.6, -411.6, 26.48)]
    [InlineData(5, 19, 2000, 0.6, 411.6, 19.51)]
    public void An_office_of_RC_BuildingSimulator_takes_the_same_load_and_temperature(double outside, double mass, double solar, double recovery, double load, double meanMass)
    {
        var office = Office(recovery);

        var hour = ZoneHour.Step(ZoneConductances.Of(office), office, 0, mass, outside, 10, solar);

        Assert.Equal(load, hour.Load, 2);
        Assert.Equal(meanMass, hour.MassMean, 2);
    }

    [Fact]
    public void The_variants_differ_by_the_resistance_between_surface_and_mass()
    {
        var office = Office(0);

        var iso = ZoneConductances.Of(office with { Variant = NetworkVariant.Iso13790 });
        var rc = ZoneConductances.Of(office);

        Assert.Equal(0.2 * 1.69, rc.Hem, 12);
        Assert.Equal(1 / rc.Hem, 1 / iso.Hem + 1 / iso.Hms, 9);
    }

    [Fact]
    public void The_operative_temperature_lies_between_air_and_surfaces()
    {
        var office = Office(0);

        var hour = ZoneHour.Step(ZoneConductances.Of(office), office, 0, 20, 10, 10, 2000);

        Assert.Equal(0.3 * hour.Air + 0.7 * hour.Surface, hour.Operative, 12);
        Assert.Equal(20, hour.Air, 9);
    }

    private static BuildingZone Office(double recovery) => new()
    {
        Id = "office",
        Variant = NetworkVariant.RcBuildingSimulator,
        FloorArea = 34.3,
        Volume = 106.33,
        InternalSurfaceArea = 142.38,
        MassArea = 2.5 * 34.3,
        HeatCapacity = 165000 * 34.3,
        SurfaceCoefficient = 3.45,
        Opaque = [new OpaqueElement { Area = 1.69, UValue = 0.2, TemperatureFactor = 1, Plane = null, SolarAbsorptance = 0 }],
        Windows =
        [
            new Window
            {
                Area = 13.5, UValue = 1.1, Plane = new SurfacePlane(90, 180), SolarTransmittance = 0.7, FrameFraction = 0, ShadingFactor = 1,
                Angular = AngularTransmittance.Constant,
            },
        ],
        Ventilation = 1.5,
        Infiltration = 0.5,
        HeatRecovery = recovery,
        SkyTemperatureDifference = 0,
        InternalGains = DayProfile.Constant(10),
        HeatingSetPoint = DayProfile.Constant(20),
        CoolingSetPoint = DayProfile.Constant(26),
        HeatingCapacity = 12 * 34.3,
        CoolingCapacity = 12 * 34.3,
    };
}
