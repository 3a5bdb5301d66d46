using Twin.ScenarioEngine.Buildings;
using Twin.ScenarioEngine.Solar;
using Twin.ScenarioEngine.Weather;
using Twin.Tests.Support;

namespace Twin.Tests.Unit.ScenarioEngine;

/// <summary>
/// The cases of ANSI/ASHRAE Standard 140-2020 (BESTEST), with the parameters that the Buildings library of LBNL gives the
/// same 5R1C network (Buildings.ThermalZones.ISO13790.Validation.BESTEST).
/// </summary>
internal static class Bestest
{
    public const string Absent = "The reference data of TWIN_SHARED are not here: data/weather/725650TYCST.epw.";

    /// <summary>The weather of the standard, Denver; null where the shared data are not.</summary>
    public static WeatherYear? Weather { get; } = SharedTools.Find("data/weather/725650TYCST.epw") is { } path ? EpwReader.Read(path, -7) : null;

    /// <summary>The runner over it, with the standard's ground reflectance.</summary>
    public static DistrictYear? District { get; } = Weather is null ? null : new DistrictYear(Weather, 0.2);

    private static readonly DayProfile Setback = new(Enumerable.Range(0, 24).Select(static hour => hour is >= 8 and < 23 ? 20.0 : hour == 7 ? 15.0 : 10.0));

    /// <summary>A case by its number, as 600, 640 or 980.</summary>
    public static BuildingZone Case(int number, NetworkVariant variant = NetworkVariant.Iso13790, double skyDifference = 11)
    {
        var heavy = number >= 900;
        var kind = number % 100;
        var insulated = kind is 80 or 95;
        var zone = Box(
            $"urn:ngsi-ld:Building:bestest:{number}",
            heavy ? (249272, 2.7) : (51289.8, 4.522),
            insulated ? (0.15, 0.1) : (0.53, 0.33),
            kind == 20,
            kind == 60);
        return zone with
        {
            Variant = variant,
            SkyTemperatureDifference = skyDifference,
            HeatingSetPoint = kind == 40 ? Setback : DayProfile.Constant(20),
            CoolingSetPoint = DayProfile.Constant(kind is 85 or 95 ? 20 : 27),
        };
    }

    /// <summary>The same without heating or cooling.</summary>
    public static BuildingZone FreeFloating(int number) => Case(number) with { HeatingCapacity = 0, CoolingCapacity = 0 };

    private static BuildingZone Box(string id, (double HeatCapacity, double MassFactor) mass, (double Wall, double Roof) u, bool eastWest, bool lowE)
    {
        var windows = eastWest
            ? new[] { Glass(6, 90, lowE), Glass(6, 270, lowE) }
            : [Glass(12, 180, lowE)];
        return new BuildingZone
        {
            Id = id,
            Variant = NetworkVariant.Iso13790,
            FloorArea = 48,
            Volume = 129.6,
            InternalSurfaceArea = 4.5 * 48,
            MassArea = mass.MassFactor * 48,
            HeatCapacity = mass.HeatCapacity * 48,
            SurfaceCoefficient = 2.1,
            Opaque =
            [
                Wall(21.6, 0, u.Wall),
                Wall(eastWest ? 10.2 : 16.2, 90, u.Wall),
                Wall(eastWest ? 21.6 : 9.6, 180, u.Wall),
                Wall(eastWest ? 10.2 : 16.2, 270, u.Wall),
                new OpaqueElement { Area = 48, UValue = u.Roof, TemperatureFactor = 1, Plane = new SurfacePlane(0, 0), SolarAbsorptance = 0.6 },
                new OpaqueElement { Area = 48, UValue = 0.038, TemperatureFactor = 1, Plane = null, SolarAbsorptance = 0 },
            ],
            Windows = windows,
            Ventilation = 0,
            // 0.5 changes an hour in the thin air of 1,650 m.
            Infiltration = 0.414,
            HeatRecovery = 0,
            SkyTemperatureDifference = 11,
            InternalGains = DayProfile.Constant(200),
            HeatingSetPoint = DayProfile.Constant(20),
            CoolingSetPoint = DayProfile.Constant(27),
            HeatingCapacity = double.PositiveInfinity,
            CoolingCapacity = double.PositiveInfinity,
        };
    }

    private static OpaqueElement Wall(double area, double azimuth, double uValue) =>
        new() { Area = area, UValue = uValue, TemperatureFactor = 1, Plane = new SurfacePlane(90, azimuth), SolarAbsorptance = 0.6 };

    private static Window Glass(double area, double azimuth, bool lowE) => new()
    {
        Area = area,
        UValue = lowE ? 1.45 : 3.1,
        Plane = new SurfacePlane(90, azimuth),
        SolarTransmittance = lowE ? 0.44 : 0.769,
        FrameFraction = 0,
        ShadingFactor = 1,
        Angular = lowE ? new AngularTransmittance(1, -0.152, 0.51, -0.526) : new AngularTransmittance(1, -0.189, 0.644, -0.596),
    };
}
