namespace Twin.ScenarioEngine.Buildings;

/// <summary>The network's conductances and what is derived of them, W/K, with the names of EN ISO 13790:2008 annex C.</summary>
internal readonly record struct ZoneConductances
{
    /// <summary>Between mass and surfaces, W/(m²·K) (12.2.2).</summary>
    private const double MassCoefficient = 9.1;

    /// <summary>Heat capacity of air by volume, J/(m³·K) (9.3.1).</summary>
    private const double AirCapacity = 1200;

    /// <summary>Ventilation.</summary>
    public required double Hve { get; init; }

    /// <summary>Air to surfaces.</summary>
    public required double His { get; init; }

    /// <summary>Windows.</summary>
    public required double Hw { get; init; }

    /// <summary>Surfaces to mass.</summary>
    public required double Hms { get; init; }

    /// <summary>Mass to outside.</summary>
    public required double Hem { get; init; }

    /// <summary>Heat capacity over an hour, W/K.</summary>
    public required double CmPerHour { get; init; }

    /// <summary>Share of the mass area in the internal surfaces, A_m/A_t.</summary>
    public required double MassShare { get; init; }

    /// <summary>Share of radiant gains that leaves through windows, H_w/(9.1·A_t).</summary>
    public required double WindowShare { get; init; }

    /// <summary>C.6, and H1/H_ve, which holds also without ventilation.</summary>
    public double H1 => Hve * His / (Hve + His);

    /// <summary>H1 over H_ve.</summary>
    public double AirToSurface => His / (Hve + His);

    /// <summary>C.7.</summary>
    public double H2 => H1 + Hw;

    /// <summary>C.8.</summary>
    public double H3 => H2 * Hms / (H2 + Hms);

    /// <summary>Derives them from a building that was checked.</summary>
    /// <exception cref="ModelInputException">The mass couples less to the surfaces than the elements conduct: the ISO variant has no H_em.</exception>
    public static ZoneConductances Of(BuildingZone zone) => Of(zone, ZoneVariation.None);

    /// <summary>Derives those of a variation of it.</summary>
    /// <exception cref="ModelInputException">As above.</exception>
    public static ZoneConductances Of(BuildingZone zone, in ZoneVariation variation)
    {
        double opaque = 0, windows = 0;
        foreach (var element in zone.Opaque)
        {
            opaque += element.Area * element.UValue * element.TemperatureFactor;
        }

        foreach (var window in zone.Windows)
        {
            windows += window.Area * window.UValue;
        }

        (opaque, windows) = (opaque * variation.Envelope, windows * variation.Envelope);
        var mass = MassCoefficient * zone.MassArea;
        if (zone.Variant == NetworkVariant.Iso13790 && opaque >= mass)
        {
            throw new ModelInputException($"{zone.Id}/massArea", $"9.1 W/(m²·K) over {zone.MassArea} m² does not exceed the {opaque} W/K of the opaque elements.");
        }

        return new ZoneConductances
        {
            Hve = AirCapacity * zone.Volume * (zone.Ventilation * (1 - zone.HeatRecovery) + (zone.Infiltration * variation.Infiltration)) / 3600,
            His = zone.SurfaceCoefficient * zone.InternalSurfaceArea,
            Hw = windows,
            Hms = mass,
            Hem = zone.Variant == NetworkVariant.Iso13790 ? 1 / (1 / opaque - 1 / mass) : opaque,
            CmPerHour = zone.HeatCapacity / 3600,
            MassShare = zone.MassArea / zone.InternalSurfaceArea,
            WindowShare = windows / (MassCoefficient * zone.InternalSurfaceArea),
        };
    }
}
