namespace Twin.ScenarioEngine.Fmi;

/// <summary>One FMU of a co-simulation, with what is given to it and wanted of it.</summary>
public sealed record FmuComponent
{
    /// <summary>Its name in this co-simulation, unique.</summary>
    public required string Name { get; init; }

    /// <summary>The FMU.</summary>
    public required FmuArchive Fmu { get; init; }

    /// <summary>Parameters and start values; what is not named keeps the value that its author gave it in the file.</summary>
    public IReadOnlyList<FmuParameter> Parameters { get; init; } = [];

    /// <summary>Inputs by series. Every input of the FMU has a series or a connection.</summary>
    public IReadOnlyList<FmuSeries> Inputs { get; init; } = [];

    /// <summary>What is wanted.</summary>
    public IReadOnlyList<FmuWanted> Outputs { get; init; } = [];
}

/// <summary>A value that is set before the initialisation.</summary>
/// <param name="Variable">Name of the variable.</param>
/// <param name="Unit">Unit of the value; <c>1</c> for a variable without one.</param>
/// <param name="Value">The value.</param>
public sealed record FmuParameter(string Variable, string Unit, FmuValue Value);

/// <summary>An input over time: value k holds from the beginning to the end of step k.</summary>
/// <param name="Variable">Name of the input.</param>
/// <param name="Unit">Unit of the values; <c>1</c> for a variable without one.</param>
/// <param name="Values">As many as there are steps.</param>
public sealed record FmuSeries(string Variable, string Unit, IReadOnlyList<double> Values);

/// <summary>An output that is wanted.</summary>
/// <param name="Variable">Name of the variable: any that can be read, output or not.</param>
/// <param name="Unit">Unit in which it is wanted; <c>1</c> for a variable without one.</param>
public sealed record FmuWanted(string Variable, string Unit);

/// <summary>An output of one FMU that is an input of another.</summary>
/// <param name="From">Name of the component that gives.</param>
/// <param name="Output">Its variable.</param>
/// <param name="To">Name of the component that takes.</param>
/// <param name="Input">Its input.</param>
public sealed record FmuConnection(string From, string Output, string To, string Input);

/// <summary>The communication points: <c>Start + k × StepSize</c>, k from 0 to <c>Steps</c>.</summary>
/// <param name="Start">Seconds.</param>
/// <param name="StepSize">Seconds.</param>
/// <param name="Steps">How many steps.</param>
public sealed record FmuTimes(double Start, double StepSize, int Steps)
{
    /// <summary>Point k, in seconds; never a sum of steps, so that no error grows.</summary>
    public double At(int k) => Start + (k * StepSize);
}

/// <summary>What a co-simulation gave.</summary>
/// <param name="Times">Communication points, in seconds.</param>
/// <param name="Series">Of each component, by its name, each output by its name: a value at each communication point.</param>
public sealed record CoSimulationResult(IReadOnlyList<double> Times, IReadOnlyDictionary<string, IReadOnlyDictionary<string, double[]>> Series);
