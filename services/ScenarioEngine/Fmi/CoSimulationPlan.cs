namespace Twin.ScenarioEngine.Fmi;

/// <summary>A co-simulation whose names, units and counts have been looked at; nothing has run yet.</summary>
internal sealed class CoSimulationPlan
{
    private CoSimulationPlan(FmuTimes times, IReadOnlyList<PlannedComponent> components) => (Times, Components) = (times, components);

    public FmuTimes Times { get; }

    public IReadOnlyList<PlannedComponent> Components { get; }

    /// <exception cref="ModelInputException">Something is missing, unknown, given twice, or in a unit that does not fit.</exception>
    public static CoSimulationPlan Of(IReadOnlyList<FmuComponent> components, IReadOnlyList<FmuConnection> connections, FmuTimes times)
    {
        CheckTimes(times);
        if (components.Count is 0 or > 64)
        {
            throw new ModelInputException("components", $"there are {components.Count}; 1 to 64 are simulated together");
        }

        var byName = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var component in components)
        {
            if (!byName.TryAdd(component.Name, byName.Count))
            {
                throw new ModelInputException($"components.{component.Name}", "two have this name");
            }
        }

        var planned = components.Select(component => new PlannedComponent(component, times)).ToList();
        var results = components.Sum(component => (long)component.Outputs.Count) * (times.Steps + 1L);
        var most = components.Min(component => component.Fmu.Bounds.MostResults);
        if (results > most)
        {
            throw new ModelInputException("outputs", $"{results} numbers would come of it; {most} is the most");
        }

        foreach (var connection in connections)
        {
            Connect(planned[Index(connection.From)], planned[Index(connection.To)], Index(connection.From), connection);
        }

        foreach (var component in planned)
        {
            component.CheckComplete();
        }

        return new CoSimulationPlan(times, planned);

        int Index(string name) => byName.TryGetValue(name, out var index) ? index : throw new ModelInputException($"connections.{name}", "there is no component of this name");
    }

    private static void CheckTimes(FmuTimes times)
    {
        if (!double.IsFinite(times.Start))
        {
            throw new ModelInputException("start", "it is no finite number of seconds");
        }

        if (!(times.StepSize > 0) || !double.IsFinite(times.StepSize))
        {
            throw new ModelInputException("stepSize", "it is no positive number of seconds");
        }

        if (times.Steps is < 1 or > 10_000_000)
        {
            throw new ModelInputException("steps", $"there are {times.Steps}; 1 to 10,000,000 are made");
        }
    }

    private static void Connect(PlannedComponent from, PlannedComponent to, int fromIndex, FmuConnection connection)
    {
        var output = from.Readable(connection.Output);
        var input = to.Input(connection.Input);
        var conversion = UnitConversion.Between(from.Component.Fmu.Description, output, to.Component.Fmu.Description, input);
        to.Links.Add(new PlannedLink(fromIndex, from.ReadIndex(output), input.Name, PlannedComponent.Handle(input), conversion));
    }
}

/// <summary>A connection, seen from whoever takes.</summary>
internal sealed record PlannedLink(int From, int ReadIndex, string Input, FmuHandle Handle, UnitConversion Conversion);

/// <summary>A component whose names and units have been looked at.</summary>
internal sealed class PlannedComponent
{
    private readonly List<FmuVariable> _read = [];

    public PlannedComponent(FmuComponent component, FmuTimes times)
    {
        Component = component;
        var fmu = component.Fmu.Description;
        if (fmu.FixedStep is { } step && Math.Abs((times.StepSize / step) - Math.Round(times.StepSize / step)) > 1e-9)
        {
            throw new ModelInputException("stepSize", $"'{component.Name}' steps by whole multiples of {step} s only");
        }

        foreach (var parameter in component.Parameters)
        {
            Parameters.Add(Parameter(fmu, parameter));
        }

        foreach (var series in component.Inputs)
        {
            Series.Add(new PlannedSeries(series, Handle(Input(series.Variable)), Checked(series, times)));
        }

        foreach (var wanted in component.Outputs)
        {
            var variable = Readable(wanted.Variable);
            Outputs.Add((wanted.Variable, ReadIndex(variable), UnitConversion.ToVariable(fmu, variable, wanted.Unit).Inverse));
        }
    }

    public FmuComponent Component { get; }

    public List<FmuSetting> Parameters { get; } = [];

    public List<PlannedSeries> Series { get; } = [];

    public List<PlannedLink> Links { get; } = [];

    public List<(string Name, int ReadIndex, UnitConversion Conversion)> Outputs { get; } = [];

    /// <summary>What is read at each communication point.</summary>
    public IReadOnlyList<FmuVariable> Read => _read;

    public static FmuHandle Handle(FmuVariable variable) => new(variable.Reference, variable.Type, variable.Discrete);

    public int ReadIndex(FmuVariable variable)
    {
        var index = _read.IndexOf(variable);
        if (index >= 0)
        {
            return index;
        }

        _read.Add(variable);
        return _read.Count - 1;
    }

    public FmuVariable Readable(string name)
    {
        var variable = Scalar(name);
        return variable.Type == FmuType.Text ? throw new ModelInputException(name, "a text makes no series") : variable;
    }

    public FmuVariable Input(string name)
    {
        var variable = Scalar(name);
        return variable.Causality != FmuCausality.Input ? throw new ModelInputException(name, $"it is no input but {variable.Causality}")
            : variable.Type == FmuType.Text ? throw new ModelInputException(name, "a text is given as a parameter")
            : variable;
    }

    public void CheckComplete()
    {
        var given = new HashSet<string>(StringComparer.Ordinal);
        foreach (var name in Series.Select(series => series.Series.Variable).Concat(Links.Select(link => link.Input)))
        {
            if (!given.Add(name))
            {
                throw new ModelInputException($"{Component.Name}.{name}", "it is given twice");
            }
        }

        given.UnionWith(Component.Parameters.Select(parameter => parameter.Variable));
        var missing = Component.Fmu.Description.Variables.Values.FirstOrDefault(variable => variable.Causality == FmuCausality.Input && variable.Type is not (FmuType.Binary or FmuType.Clock) && !given.Contains(variable.Name));
        if (missing is not null)
        {
            throw new ModelInputException($"{Component.Name}.{missing.Name}", $"this input has neither a series nor a connection (unit: {missing.Unit ?? "1"})");
        }
    }

    private static FmuSetting Parameter(FmuDescription fmu, FmuParameter parameter)
    {
        var variable = Scalar(fmu, parameter.Variable);
        if (variable.Causality is FmuCausality.Independent or FmuCausality.CalculatedParameter or FmuCausality.StructuralParameter)
        {
            throw new ModelInputException(variable.Name, $"it is {variable.Causality} and cannot be set");
        }

        var conversion = UnitConversion.ToVariable(fmu, variable, parameter.Unit);
        if (variable.Type == FmuType.Text)
        {
            return parameter.Value.Text is null ? throw new ModelInputException(variable.Name, "it takes a text") : new FmuSetting(Handle(variable), parameter.Value);
        }

        return parameter.Value.Text is not null
            ? throw new ModelInputException(variable.Name, "it takes a number")
            : new FmuSetting(Handle(variable), Fit(variable, conversion.Of(parameter.Value.Number), variable.Name));
    }

    private double[] Checked(FmuSeries series, FmuTimes times)
    {
        var fmu = Component.Fmu.Description;
        var variable = fmu.Variable(series.Variable);
        if (series.Values.Count != times.Steps)
        {
            throw new ModelInputException(series.Variable, $"it has {series.Values.Count} values; there are {times.Steps} steps");
        }

        var conversion = UnitConversion.ToVariable(fmu, variable, series.Unit);
        var values = new double[times.Steps];
        for (var k = 0; k < values.Length; k++)
        {
            values[k] = Fit(variable, conversion.Of(series.Values[k]), $"{series.Variable}[{k}]");
        }

        return values;
    }

    private static double Fit(FmuVariable variable, double value, string place)
    {
        if (!double.IsFinite(value))
        {
            throw new ModelInputException(place, "it is no finite number");
        }

        if (value < variable.Least || value > variable.Most)
        {
            throw new ModelInputException(place, $"{value} {variable.Unit} is outside of what the FMU takes, {variable.Least} to {variable.Most}");
        }

        var (least, most) = Range(variable.Type);
        return variable.Type is FmuType.Float64 or FmuType.Float32 || (Math.Truncate(value) == value && value >= least && value <= most)
            ? value
            : throw new ModelInputException(place, $"{value} is no {variable.Type}");
    }

    // Beyond 2^53 a double skips whole numbers.
    private static (double Least, double Most) Range(FmuType type) => type switch
    {
        FmuType.Int8 => (sbyte.MinValue, sbyte.MaxValue),
        FmuType.UInt8 => (0, byte.MaxValue),
        FmuType.Int16 => (short.MinValue, short.MaxValue),
        FmuType.UInt16 => (0, ushort.MaxValue),
        FmuType.Int32 => (int.MinValue, int.MaxValue),
        FmuType.UInt32 => (0, uint.MaxValue),
        FmuType.Boolean => (0, 1),
        FmuType.UInt64 => (0, 1L << 53),
        _ => (-(1L << 53), 1L << 53),
    };

    private FmuVariable Scalar(string name) => Scalar(Component.Fmu.Description, name);

    private static FmuVariable Scalar(FmuDescription fmu, string name)
    {
        var variable = fmu.Variable(name);
        return variable.IsArray ? throw new ModelInputException(name, "it is an array; single values are read and set")
            : variable.Type is FmuType.Binary or FmuType.Clock ? throw new ModelInputException(name, $"variables of type {variable.Type} are neither read nor set")
            : variable;
    }
}

/// <summary>A series in the unit of its variable.</summary>
internal sealed record PlannedSeries(FmuSeries Series, FmuHandle Handle, double[] Values);
