using Twin.ScenarioEngine.Solar;

namespace Twin.ScenarioEngine.Buildings;

/// <summary>
/// A building as one thermal zone of the simple hourly method of EN ISO 13790:2008 (5R1C). Nothing has a default: what is
/// not known is not computed. <see cref="ZoneInputs.Check"/> says whether it can be.
/// </summary>
public sealed record BuildingZone
{
    /// <summary>Which building; results are known by it.</summary>
    public required string Id { get; init; }

    /// <summary>How the network couples mass and outside.</summary>
    public required NetworkVariant Variant { get; init; }

    /// <summary>Conditioned floor area A_f, m².</summary>
    public required double FloorArea { get; init; }

    /// <summary>Air volume, m³.</summary>
    public required double Volume { get; init; }

    /// <summary>Area of all surfaces that face the zone, A_t, m²; 4.5 times the floor area in 7.2.2.2.</summary>
    public required double InternalSurfaceArea { get; init; }

    /// <summary>Effective mass area A_m, m²; 2.5 to 3.5 times the floor area in table 12.</summary>
    public required double MassArea { get; init; }

    /// <summary>Internal heat capacity C_m, J/K; 80,000 to 370,000 a square metre of floor in table 12.</summary>
    public required double HeatCapacity { get; init; }

    /// <summary>Heat transfer between surfaces and air, h_is, W/(m²·K); 3.45 in 7.2.2.2.</summary>
    public required double SurfaceCoefficient { get; init; }

    /// <summary>Walls, roofs and floors.</summary>
    public required IReadOnlyList<OpaqueElement> Opaque { get; init; }

    /// <summary>Windows.</summary>
    public required IReadOnlyList<Window> Windows { get; init; }

    /// <summary>Air that a ventilation system changes, 1/h.</summary>
    public required double Ventilation { get; init; }

    /// <summary>Air that comes in by itself, 1/h.</summary>
    public required double Infiltration { get; init; }

    /// <summary>What the ventilation system gives back of the heat of its exhaust, from 0 to 1.</summary>
    public required double HeatRecovery { get; init; }

    /// <summary>How much colder than the air the sky is, K; 11 in intermediate zones (11.4.6), 0 to leave the loss out.</summary>
    public required double SkyTemperatureDifference { get; init; }

    /// <summary>Sensible heat of people, appliances and light, W.</summary>
    public required DayProfile InternalGains { get; init; }

    /// <summary>Air temperature below which it is heated, °C.</summary>
    public required DayProfile HeatingSetPoint { get; init; }

    /// <summary>Air temperature above which it is cooled, °C.</summary>
    public required DayProfile CoolingSetPoint { get; init; }

    /// <summary>The most that heats it, W; 0 is no heating, infinity an ideal one.</summary>
    public required double HeatingCapacity { get; init; }

    /// <summary>The most that cools it, W; 0 is no cooling, infinity an ideal one.</summary>
    public required double CoolingCapacity { get; init; }
}

/// <summary>A wall, a roof or a floor.</summary>
public sealed record OpaqueElement
{
    /// <summary>m².</summary>
    public required double Area { get; init; }

    /// <summary>Thermal transmittance, W/(m²·K).</summary>
    public required double UValue { get; init; }

    /// <summary>The share of the temperature difference to the outside air that lies across it (b_tr), from 0 to 1; 1 outdoors.</summary>
    public required double TemperatureFactor { get; init; }

    /// <summary>Where it faces; null when neither sun nor sky reach it.</summary>
    public required SurfacePlane? Plane { get; init; }

    /// <summary>Share of the sun's radiation that it absorbs outside, from 0 to 1.</summary>
    public required double SolarAbsorptance { get; init; }
}

/// <summary>A window, or all of one façade.</summary>
public sealed record Window
{
    /// <summary>m² with the frame.</summary>
    public required double Area { get; init; }

    /// <summary>Thermal transmittance, W/(m²·K).</summary>
    public required double UValue { get; init; }

    /// <summary>Where it faces.</summary>
    public required SurfacePlane Plane { get; init; }

    /// <summary>Total solar energy transmittance at normal incidence, g, from 0 to 1.</summary>
    public required double SolarTransmittance { get; init; }

    /// <summary>Share of the frame in the area, from 0 to 1.</summary>
    public required double FrameFraction { get; init; }

    /// <summary>What shades leave of the sun, F_sh, from 0 to 1.</summary>
    public required double ShadingFactor { get; init; }

    /// <summary>How the transmittance of the beam falls with its angle.</summary>
    public required AngularTransmittance Angular { get; init; }
}

/// <summary>
/// The transmittance of a glazing for a beam at an angle θ (radians) from its normal, over that at normal incidence:
/// <c>A0 + A1·θ + A2·θ² + A3·θ³</c>, never below 0.
/// </summary>
public readonly record struct AngularTransmittance(double A0, double A1, double A2, double A3)
{
    /// <summary>The same at every angle.</summary>
    public static AngularTransmittance Constant { get; } = new(1, 0, 0, 0);

    /// <summary>The factor at an angle whose cosine is given.</summary>
    public double At(double cosine)
    {
        var angle = Math.Acos(Math.Clamp(cosine, 0, 1));
        return Math.Max(0, A0 + angle * (A1 + angle * (A2 + angle * A3)));
    }
}

/// <summary>How the conductance between mass and outside is taken.</summary>
public enum NetworkVariant
{
    /// <summary>H_em in series with H_ms makes up that of the opaque elements (EN ISO 13790:2008, 12.2.2).</summary>
    Iso13790,

    /// <summary>H_em is that of the opaque elements itself, as RC_BuildingSimulator (ETH Zürich) has it.</summary>
    RcBuildingSimulator,
}
