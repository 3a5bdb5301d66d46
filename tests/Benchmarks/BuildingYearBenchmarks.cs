using BenchmarkDotNet.Attributes;
using Twin.ScenarioEngine.Buildings;
using Twin.ScenarioEngine.Solar;
using Twin.Tests.Unit.ScenarioEngine;

namespace Twin.Tests.Benchmarks;

/// <summary>
/// The year of a district of 1,000 buildings with eight surfaces each and hourly loads, cold (the sun of the weather year
/// and of its planes is computed too) and warm; beside it one building in the plain form of the standard.
/// </summary>
[MemoryDiagnoser]
public class BuildingYearBenchmarks
{
    private const int Count = 1000;
    private static readonly Twin.ScenarioEngine.Weather.WeatherYear Weather = SyntheticWeather.Clear();
    private readonly DistrictYear _district = new(Weather, 0.2);
    private readonly BuildingZone[] _zones = [.. Enumerable.Range(0, Count).Select(Zone)];

    [Benchmark]
    public int ThousandBuildingsColdTwoThreads() => new DistrictYear(Weather, 0.2).Run(_zones, withLoads: true, threads: 2).Length;

    [Benchmark]
    public int ThousandBuildingsTwoThreads() => _district.Run(_zones, withLoads: true, threads: 2).Length;

    [Benchmark]
    public int ThousandBuildingsOneThread() => _district.Run(_zones, withLoads: true, threads: 1).Length;

    [Benchmark]
    public int OneBuilding() => _district.Run(_zones.AsSpan(0, 1).ToArray(), withLoads: true, threads: 1).Length;

    [Benchmark]
    public double OneBuildingPlainly() => _district.RunPlainly(_zones[0]).HeatingKwh;

    private static BuildingZone Zone(int number) => new()
    {
        Id = $"urn:ngsi-ld:Building:{number}",
        Variant = NetworkVariant.Iso13790,
        FloorArea = 400 + number,
        Volume = 3 * (400 + number),
        InternalSurfaceArea = 4.5 * (400 + number),
        MassArea = 2.5 * (400 + number),
        HeatCapacity = 165000.0 * (400 + number),
        SurfaceCoefficient = 3.45,
        Opaque = [Wall(80, 0), Wall(60, 90), Wall(80, 180), Wall(60, 270), new() { Area = 200, UValue = 0.3, TemperatureFactor = 1, Plane = new SurfacePlane(30, 180), SolarAbsorptance = 0.6 }],
        Windows = [Glass(20, 90), Glass(30, 180), Glass(20, 270)],
        Ventilation = 0.3,
        Infiltration = 0.2,
        HeatRecovery = 0,
        SkyTemperatureDifference = 11,
        InternalGains = DayProfile.Constant(3 * (400 + number)),
        HeatingSetPoint = DayProfile.Constant(20),
        CoolingSetPoint = DayProfile.Constant(26),
        HeatingCapacity = double.PositiveInfinity,
        CoolingCapacity = double.PositiveInfinity,
    };

    private static OpaqueElement Wall(double area, double azimuth) =>
        new() { Area = area, UValue = 0.8, TemperatureFactor = 1, Plane = new SurfacePlane(90, azimuth), SolarAbsorptance = 0.6 };

    private static Window Glass(double area, double azimuth) => new()
    {
        Area = area, UValue = 1.6, Plane = new SurfacePlane(90, azimuth), SolarTransmittance = 0.6, FrameFraction = 0.25, ShadingFactor = 0.8,
        Angular = new AngularTransmittance(1, -0.189, 0.644, -0.596),
    };
}
