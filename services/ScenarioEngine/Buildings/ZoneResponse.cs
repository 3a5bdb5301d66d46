namespace Twin.ScenarioEngine.Buildings;

/// <summary>
/// What a building's network answers to one unit of each input: it is linear, so that an hour is
/// <c>air = AirMass·m + AirOutside·o + AirInternal·i + AirSolar·s + AirLoad·q</c> and the same for the mass at its end.
/// Five solutions of the plain form give all ten numbers.
/// </summary>
internal readonly record struct ZoneResponse
{
    private ZoneResponse(in ZoneConductances h)
    {
        (AirMass, MassMass) = Of(ZoneHour.Solve(h, 1, 0, 0, 0, 0));
        (AirOutside, MassOutside) = Of(ZoneHour.Solve(h, 0, 1, 0, 0, 0));
        (AirInternal, MassInternal) = Of(ZoneHour.Solve(h, 0, 0, 1, 0, 0));
        (AirSolar, MassSolar) = Of(ZoneHour.Solve(h, 0, 0, 0, 1, 0));
        (AirLoad, MassLoad) = Of(ZoneHour.Solve(h, 0, 0, 0, 0, 1));

        static (double Air, double Mass) Of(ZoneHour hour) => (hour.Air, hour.MassEnd);
    }

    /// <summary>Air over mass before, K/K.</summary>
    public double AirMass { get; }

    /// <summary>Air over outside, K/K.</summary>
    public double AirOutside { get; }

    /// <summary>Air over internal gains, K/W.</summary>
    public double AirInternal { get; }

    /// <summary>Air over solar gains, K/W.</summary>
    public double AirSolar { get; }

    /// <summary>Air over load, K/W.</summary>
    public double AirLoad { get; }

    /// <summary>Mass at the end over mass before, K/K.</summary>
    public double MassMass { get; }

    /// <summary>Mass at the end over outside, K/K.</summary>
    public double MassOutside { get; }

    /// <summary>Mass at the end over internal gains, K/W.</summary>
    public double MassInternal { get; }

    /// <summary>Mass at the end over solar gains, K/W.</summary>
    public double MassSolar { get; }

    /// <summary>Mass at the end over load, K/W.</summary>
    public double MassLoad { get; }

    /// <summary>Derives them.</summary>
    public static ZoneResponse Of(in ZoneConductances conductances) => new(conductances);
}
