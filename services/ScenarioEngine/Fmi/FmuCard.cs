using Twin.ScenarioEngine.Models;

namespace Twin.ScenarioEngine.Fmi;

/// <summary>The card of an FMU, made of what it says of itself: it promises nothing that its author did not.</summary>
public static class FmuCard
{
    /// <summary>The card.</summary>
    /// <param name="fmu">The FMU.</param>
    public static ModelCard Of(FmuArchive fmu)
    {
        ArgumentNullException.ThrowIfNull(fmu);
        var description = fmu.Description;
        return new ModelCard
        {
            Id = "fmu-" + fmu.Sha256[..16],
            Version = description.ModelVersion is { Length: > 0 } version ? $"{version}+{fmu.Sha256[..16]}" : fmu.Sha256[..16],
            Title = description.ModelName,
            Use = ModelUse.Prospective,
            Inputs = Quantities(description, FmuCausality.Input),
            Outputs = Quantities(description, FmuCausality.Output),
            Sources = [$"FMI {description.FmiVersion}.0 co-simulation, file with SHA-256 {fmu.Sha256}", .. description.GenerationTool is { } tool ? new[] { tool } : []],
            ValidFor = description.Description ?? "Its author does not say.",
            NotValidFor = "Anything that its author has not shown: a file of FMI says nothing of its validity. Units are those of the file, by its own names.",
            Uncertainty = "Not said by the file. Inputs hold over a step, connected outputs arrive one step late: halve the step to see what that changes.",
        };
    }

    private static Quantity[] Quantities(FmuDescription description, FmuCausality causality) =>
        [.. description.Variables.Values.Where(variable => variable.Causality == causality).OrderBy(variable => variable.Name, StringComparer.Ordinal)
            .Select(variable => new Quantity(variable.Name, variable.Unit ?? "1", variable.Description ?? "Its author does not say."))];
}
