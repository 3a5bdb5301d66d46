namespace Twin.ScenarioEngine.Fmi;

/// <summary>How much an FMU may take. What goes beyond is refused or ended, by name.</summary>
public sealed record FmuBounds
{
    /// <summary>Bytes of the file.</summary>
    public long MostFileBytes { get; init; } = 256L << 20;

    /// <summary>Bytes that come out of it, whatever its directory says.</summary>
    public long MostUnpackedBytes { get; init; } = 1L << 30;

    /// <summary>Entries of the file.</summary>
    public int MostEntries { get; init; } = 10_000;

    /// <summary>Characters of <c>modelDescription.xml</c>.</summary>
    public int MostDescriptionCharacters { get; init; } = 32 << 20;

    /// <summary>Variables.</summary>
    public int MostVariables { get; init; } = 200_000;

    /// <summary>Memory that the foreign code may hold, beyond what its host holds when it begins.</summary>
    public long MostMemoryBytes { get; init; } = 512L << 20;

    /// <summary>How long loading, instantiation and initialisation may take.</summary>
    public TimeSpan StartDeadline { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long one step, with what is set and read, may take.</summary>
    public TimeSpan StepDeadline { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long all of a run may take.</summary>
    public TimeSpan RunDeadline { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Numbers that a run may give.</summary>
    public long MostResults { get; init; } = 50_000_000;
}
