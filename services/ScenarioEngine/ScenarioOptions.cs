using System.ComponentModel.DataAnnotations;

namespace Twin.ScenarioEngine;

/// <summary>Bounds of scenarios (<c>Twin:Scenarios</c>).</summary>
internal sealed class ScenarioOptions
{
    /// <summary>The section of the settings.</summary>
    public const string Section = "Twin:Scenarios";

    /// <summary>Interventions of one scenario.</summary>
    [Range(1, 10_000)]
    public int MostInterventions { get; set; } = 1000;

    /// <summary>Entities that one scenario changes, adds or removes.</summary>
    [Range(1, 100_000)]
    public int MostEntities { get; set; } = 10_000;

    /// <summary>Scenarios of one tenant.</summary>
    [Range(1, 1_000_000)]
    public int MostScenarios { get; set; } = 10_000;

    /// <summary>Buildings of one district.</summary>
    [Range(1, 100_000)]
    public int MostBuildings { get; set; } = 5000;

    /// <summary>Memory for what was computed, so that it need not be again, MB.</summary>
    [Range(1, 65_536)]
    public int CacheMegabytes { get; set; } = 512;
}
