namespace Twin.ScenarioEngine.Buildings;

/// <summary>
/// One hour of the network as EN ISO 13790:2008 annex C writes it: the plain form, which the fast one of
/// <see cref="ZoneResponse"/> is derived from and tested against.
/// </summary>
/// <param name="Load">What heats the air (positive) or cools it, W.</param>
/// <param name="MassMean">Temperature of the mass over the hour, °C (C.9).</param>
/// <param name="MassEnd">Temperature of the mass at its end, °C (C.4).</param>
/// <param name="Surface">Mean of the surfaces, °C (C.10).</param>
/// <param name="Air">°C (C.11).</param>
internal readonly record struct ZoneHour(double Load, double MassMean, double MassEnd, double Surface, double Air)
{
    /// <summary>Operative temperature, °C (C.12).</summary>
    public double Operative => 0.3 * Air + 0.7 * Surface;

    /// <summary>The network with a given load.</summary>
    /// <param name="h">Its conductances.</param>
    /// <param name="mass">Temperature of the mass before, °C.</param>
    /// <param name="outside">Outside air and supply air, °C.</param>
    /// <param name="internalGains">W.</param>
    /// <param name="solarGains">W, less what is lost to the sky.</param>
    /// <param name="load">W to the air.</param>
    public static ZoneHour Solve(in ZoneConductances h, double mass, double outside, double internalGains, double solarGains, double load)
    {
        var air = 0.5 * internalGains + load;                                                          // C.1
        var radiant = 0.5 * internalGains + solarGains;
        var toMass = h.MassShare * radiant;                                                            // C.2
        var toSurface = (1 - h.MassShare - h.WindowShare) * radiant;                                   // C.3
        var total = toMass + h.Hem * outside
            + h.H3 * (toSurface + h.Hw * outside + h.H1 * outside + h.AirToSurface * air) / h.H2;      // C.5
        var half = 0.5 * (h.H3 + h.Hem);
        var end = (mass * (h.CmPerHour - half) + total) / (h.CmPerHour + half);                        // C.4
        var mean = (mass + end) / 2;                                                                   // C.9
        var surface = (h.Hms * mean + toSurface + h.Hw * outside + h.H1 * outside + h.AirToSurface * air)
            / (h.Hms + h.Hw + h.H1);                                                                   // C.10
        return new ZoneHour(load, mean, end, surface, (h.His * surface + h.Hve * outside + air) / (h.His + h.Hve)); // C.11
    }

    /// <summary>The network with the load that keeps the air between the set-points, or what the capacities allow of it (C.4.2).</summary>
    public static ZoneHour Step(in ZoneConductances h, BuildingZone zone, int hourOfDay, double mass, double outside, double internalGains, double solarGains)
    {
        var free = Solve(h, mass, outside, internalGains, solarGains, 0);
        var (lower, upper) = (zone.HeatingSetPoint[hourOfDay], zone.CoolingSetPoint[hourOfDay]);
        if (free.Air >= lower && free.Air <= upper)
        {
            return free;
        }

        var probe = 10 * zone.FloorArea;
        var warmer = Solve(h, mass, outside, internalGains, solarGains, probe).Air;
        var wanted = probe * ((free.Air < lower ? lower : upper) - free.Air) / (warmer - free.Air);   // C.13
        return Solve(h, mass, outside, internalGains, solarGains, Math.Clamp(wanted, -zone.CoolingCapacity, zone.HeatingCapacity));
    }
}
