namespace Twin.ScenarioEngine.Results;

/// <summary>Which way is good.</summary>
internal enum Better
{
    /// <summary>Neither: it says what is.</summary>
    Neither,

    /// <summary>Less.</summary>
    Less,

    /// <summary>More.</summary>
    More,
}

/// <summary>A figure of a scenario.</summary>
/// <param name="Name">In camel case.</param>
/// <param name="Value">Its value.</param>
/// <param name="Unit">UCUM code; EUR for money.</param>
/// <param name="Better">Which way is good.</param>
/// <param name="Model">The id of the card of the model that gives it.</param>
internal readonly record struct Indicator(string Name, double Value, string Unit, Better Better, string Model);
