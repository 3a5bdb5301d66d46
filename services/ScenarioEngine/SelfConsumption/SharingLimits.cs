namespace Twin.ScenarioEngine.SelfConsumption;

/// <summary>
/// What the law allows an extended operation (autoconsommation collective étendue) in continental France, by date: a
/// scenario of another year is held to the limits of that year.
/// </summary>
/// <param name="From">The first day on which they hold.</param>
/// <param name="MostDistance">Between the two participants that are farthest apart, m.</param>
/// <param name="MostPower">Of all installations together, less than this, W of peak power.</param>
/// <param name="MostPublicPower">The same where all participants are public bodies within one EPCI, by derogation, W; null: there is none.</param>
/// <param name="Source">The text.</param>
public sealed record SharingLimits(DateOnly From, double MostDistance, double MostPower, double? MostPublicPower, string Source)
{
    /// <summary>The limits, the oldest first.</summary>
    public static IReadOnlyList<SharingLimits> All { get; } =
    [
        new(new DateOnly(2019, 11, 25), 2000, 3e6, null, "Arrêté du 21 novembre 2019 (TRER1932009A), JO du 24 novembre 2019"),
        new(new DateOnly(2025, 3, 6), 2000, 5e6, 10e6, "Arrêté du 21 février 2025, JO du 5 mars 2025"),
    ];

    /// <summary>Those of a day.</summary>
    /// <exception cref="ModelInputException">There were none yet.</exception>
    public static SharingLimits On(DateOnly day) => All.LastOrDefault(limits => limits.From <= day)
        ?? throw new ModelInputException("day", $"extended collective self-consumption has limits from {All[0].From:yyyy-MM-dd} on, not on {day:yyyy-MM-dd}.");

    /// <summary>What an operation breaks; nothing when it keeps within.</summary>
    /// <param name="distance">Between the two participants that are farthest apart, m.</param>
    /// <param name="power">Peak power of all installations, W.</param>
    /// <param name="publicBodies">Whether all participants are public bodies within one EPCI.</param>
    public IReadOnlyList<string> Broken(double distance, double power, bool publicBodies)
    {
        var broken = new List<string>();
        var most = publicBodies && MostPublicPower is { } wider ? wider : MostPower;
        if (power >= most)
        {
            broken.Add($"The installations have {power / 1e6:0.##} MW together; less than {most / 1e6:0.##} MW are allowed ({Source}).");
        }

        if (distance > MostDistance && !(publicBodies && MostPublicPower is not null))
        {
            broken.Add($"Two participants are {distance:0} m apart; {MostDistance:0} m are allowed ({Source}).");
        }

        return broken;
    }
}
