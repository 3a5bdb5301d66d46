namespace Twin.ScenarioEngine.Buildings;

/// <summary>A building's year.</summary>
public sealed record ZoneYear
{
    /// <summary>Which building.</summary>
    public required string Id { get; init; }

    /// <summary>Heat it needs, kWh.</summary>
    public required double Heating { get; init; }

    /// <summary>Heat to be taken out of it, kWh, a positive number.</summary>
    public required double Cooling { get; init; }

    /// <summary>The hour of the greatest heating, W and the hour of the year from 0; -1 when it is never heated.</summary>
    public required (double Power, int Hour) PeakHeating { get; init; }

    /// <summary>The hour of the greatest cooling, W and the hour of the year from 0; -1 when it is never cooled.</summary>
    public required (double Power, int Hour) PeakCooling { get; init; }

    /// <summary>Lowest, mean and highest hourly air temperature, °C.</summary>
    public required (double Lowest, double Mean, double Highest) Air { get; init; }

    /// <summary>8,760 hourly loads, W: heating positive, cooling negative; null unless they were asked for.</summary>
    public required float[]? Loads { get; init; }
}
