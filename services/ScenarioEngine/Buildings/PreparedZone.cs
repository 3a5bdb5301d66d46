namespace Twin.ScenarioEngine.Buildings;

/// <summary>A building that was checked, with the response of its network.</summary>
internal readonly record struct PreparedZone(BuildingZone Zone, ZoneResponse Response)
{
    /// <summary>Checks a building and derives its response.</summary>
    /// <exception cref="ModelInputException">Its inputs are not whole.</exception>
    public static PreparedZone Of(BuildingZone zone)
    {
        ZoneInputs.Check(zone);
        return new PreparedZone(zone, ZoneResponse.Of(ZoneConductances.Of(zone)));
    }
}
