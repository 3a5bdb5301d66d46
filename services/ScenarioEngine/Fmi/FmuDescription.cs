namespace Twin.ScenarioEngine.Fmi;

/// <summary>What a co-simulation FMU says of itself in <c>modelDescription.xml</c> (FMI 2.0.4 and 3.0.2, clause 2.4).</summary>
public sealed record FmuDescription
{
    /// <summary>2 or 3.</summary>
    public required int FmiVersion { get; init; }

    /// <summary>Its name for people.</summary>
    public required string ModelName { get; init; }

    /// <summary>Its author's version, when there is one.</summary>
    public string? ModelVersion { get; init; }

    /// <summary>What it is, by its author.</summary>
    public string? Description { get; init; }

    /// <summary>What made it.</summary>
    public string? GenerationTool { get; init; }

    /// <summary>What the licence field says.</summary>
    public string? License { get; init; }

    /// <summary>The guid (FMI 2) or instantiation token (FMI 3), by which library and description know each other.</summary>
    public required string Token { get; init; }

    /// <summary>Name of the library within <c>binaries/</c>: a C identifier.</summary>
    public required string ModelIdentifier { get; init; }

    /// <summary>Whether the step size may change (our last step may be shorter).</summary>
    public required bool VariableStep { get; init; }

    /// <summary>The step that must be kept, in seconds (FMI 3), or null.</summary>
    public double? FixedStep { get; init; }

    /// <summary>Whether events are told and handled between steps (FMI 3).</summary>
    public required bool HasEventMode { get; init; }

    /// <summary>Step size that its author suggests, in seconds.</summary>
    public double? SuggestedStep { get; init; }

    /// <summary>Units by name.</summary>
    public required IReadOnlyDictionary<string, FmuUnit> Units { get; init; }

    /// <summary>Variables by name; aliases stand beside what they are aliases of.</summary>
    public required IReadOnlyDictionary<string, FmuVariable> Variables { get; init; }

    /// <summary>A variable by its name.</summary>
    /// <exception cref="ModelInputException">There is none.</exception>
    public FmuVariable Variable(string name) => Variables.TryGetValue(name, out var found)
        ? found
        : throw new ModelInputException(name, $"the FMU '{ModelName}' has no variable of this name");
}

/// <summary>A variable of an FMU.</summary>
/// <param name="Name">Its name, with dots and brackets as it stands.</param>
/// <param name="Reference">The handle by which the library knows it.</param>
/// <param name="Type">Its C type.</param>
/// <param name="Causality">What it is for.</param>
/// <param name="Discrete">Whether it changes at events alone.</param>
/// <param name="Unit">Unit by the name in the description, or null when none is said.</param>
/// <param name="IsArray">Whether it has dimensions (FMI 3).</param>
/// <param name="Least">Least value that its author allows, in its unit.</param>
/// <param name="Most">Greatest value that its author allows, in its unit.</param>
/// <param name="Description">What it is, by its author.</param>
public sealed record FmuVariable(
    string Name, uint Reference, FmuType Type, FmuCausality Causality, bool Discrete, string? Unit, bool IsArray, double? Least, double? Most, string? Description);

/// <summary>Types of variables; those of FMI 2 are <see cref="Float64"/>, <see cref="Int32"/>, <see cref="Boolean"/>, <see cref="Text"/>.</summary>
public enum FmuType : byte
{
    Float64,
    Float32,
    Int8,
    UInt8,
    Int16,
    UInt16,
    Int32,
    UInt32,
    Int64,
    UInt64,
    Boolean,
    Text,

    /// <summary>Bytes (FMI 3): never set or read here.</summary>
    Binary,

    /// <summary>A clock (FMI 3): never set or read here.</summary>
    Clock,
}

/// <summary>What a variable is for.</summary>
public enum FmuCausality
{
    Local,
    Parameter,
    CalculatedParameter,
    StructuralParameter,
    Input,
    Output,
    Independent,
}

/// <summary>A unit: <c>value in SI base units = Factor × value + Offset</c> (FMI 2.0.4, 2.2.2).</summary>
/// <param name="Name">As variables name it.</param>
/// <param name="Base">Exponents of kg, m, s, A, K, mol, cd, rad with factor and offset; null when the description does not say.</param>
/// <param name="Displays">Units for people that go with it: <c>display = Factor × value + Offset</c>.</param>
public sealed record FmuUnit(string Name, FmuBaseUnit? Base, IReadOnlyDictionary<string, (double Factor, double Offset)> Displays);

/// <summary>A unit in SI base units.</summary>
/// <param name="Kg">Exponent of the kilogram.</param>
/// <param name="M">Exponent of the metre.</param>
/// <param name="S">Exponent of the second.</param>
/// <param name="A">Exponent of the ampere.</param>
/// <param name="K">Exponent of the kelvin.</param>
/// <param name="Mol">Exponent of the mole.</param>
/// <param name="Cd">Exponent of the candela.</param>
/// <param name="Rad">Exponent of the radian.</param>
/// <param name="Factor">SI base units in one of it.</param>
/// <param name="Offset">Its zero in SI base units.</param>
public sealed record FmuBaseUnit(int Kg, int M, int S, int A, int K, int Mol, int Cd, int Rad, double Factor, double Offset)
{
    /// <summary>Whether both measure the same.</summary>
    public bool Fits(FmuBaseUnit other) => this with { Factor = 1, Offset = 0 } == other with { Factor = 1, Offset = 0 };
}
