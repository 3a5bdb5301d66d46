namespace Twin.ScenarioEngine;

/// <summary>
/// An input of a model that is missing, out of its range or does not fit the others. It names the input, since nothing is
/// ever put in its place.
/// </summary>
public sealed class ModelInputException : Exception
{
    /// <summary>Names the input and what is wrong with it.</summary>
    /// <param name="input">Where it stands, as a path: <c>windows[2].area</c>, or the name of a file with a line.</param>
    /// <param name="fault">What is wrong, with the value and its unit.</param>
    public ModelInputException(string input, string fault)
        : base($"{input}: {fault}") => (Input, Fault) = (input, fault);

    /// <summary>The input at fault.</summary>
    public string Input { get; }

    /// <summary>What is wrong with it.</summary>
    public string Fault { get; }
}
