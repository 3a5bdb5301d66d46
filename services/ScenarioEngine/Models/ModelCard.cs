namespace Twin.ScenarioEngine.Models;

/// <summary>What a model is, what it takes and gives, and what it may be used for: shown next to every result of it.</summary>
public sealed record ModelCard
{
    /// <summary>Stable name in kebab case, such as <c>building-heating-cooling</c>.</summary>
    public required string Id { get; init; }

    /// <summary>Semantic version: changes whenever the same inputs may give other outputs.</summary>
    public required string Version { get; init; }

    /// <summary>What people call it.</summary>
    public required string Title { get; init; }

    /// <summary>The rung of the ladder it stands on.</summary>
    public required ModelUse Use { get; init; }

    /// <summary>What it takes.</summary>
    public required IReadOnlyList<Quantity> Inputs { get; init; }

    /// <summary>What it gives.</summary>
    public required IReadOnlyList<Quantity> Outputs { get; init; }

    /// <summary>Standards and papers, with clause or DOI.</summary>
    public required IReadOnlyList<string> Sources { get; init; }

    /// <summary>What it has been shown to answer well.</summary>
    public required string ValidFor { get; init; }

    /// <summary>What it must not be used for, and why.</summary>
    public required string NotValidFor { get; init; }

    /// <summary>How far off it may be, by what evidence.</summary>
    public required string Uncertainty { get; init; }
}

/// <summary>An input or output of a model.</summary>
/// <param name="Name">Its name in camel case, as in JSON.</param>
/// <param name="Unit">UCUM code, such as <c>kWh</c>, <c>m2</c>, <c>W/(m2.K)</c>, <c>1</c>; a currency by its ISO 4217 code.</param>
/// <param name="Description">What it is, with its shape when it is no single number.</param>
public sealed record Quantity(string Name, string Unit, string Description);

/// <summary>What a result says of the world: the ladder of the LDT4SSC blueprint, and the search above it.</summary>
public enum ModelUse
{
    /// <summary>What is, or was.</summary>
    Descriptive,

    /// <summary>What will probably be, when nothing is changed.</summary>
    Predictive,

    /// <summary>What would be, if something were changed.</summary>
    Prospective,

    /// <summary>What should be changed to reach an aim.</summary>
    Prescriptive,
}
