namespace Twin.ScenarioEngine.Fmi;

/// <summary>How a number in one unit becomes one in another: <c>Factor × value + Offset</c>.</summary>
/// <param name="Factor">Its factor.</param>
/// <param name="Offset">Its offset.</param>
internal readonly record struct UnitConversion(double Factor, double Offset)
{
    public static readonly UnitConversion None = new(1, 0);

    /// <summary>The converted number; without a conversion the very same bits.</summary>
    public double Of(double value) => this == None ? value : (Factor * value) + Offset;

    public UnitConversion Inverse => this == None ? None : new(1 / Factor, -Offset / Factor);

    /// <summary>From the unit that somebody names to that of the variable.</summary>
    /// <param name="fmu">Whose variable it is; its unit definitions alone say what converts.</param>
    /// <param name="variable">The variable.</param>
    /// <param name="unit">The unit that is named: <c>1</c> for a variable without one.</param>
    /// <exception cref="ModelInputException">The units do not fit.</exception>
    public static UnitConversion ToVariable(FmuDescription fmu, FmuVariable variable, string unit)
    {
        if (string.IsNullOrEmpty(unit))
        {
            throw new ModelInputException(variable.Name, "no unit is said");
        }

        if (unit == (variable.Unit ?? "1"))
        {
            return None;
        }

        var own = variable.Unit is null ? null : fmu.Units.GetValueOrDefault(variable.Unit);
        if (own is not null && own.Displays.TryGetValue(unit, out var display))
        {
            return new UnitConversion(display.Factor, display.Offset).Inverse;
        }

        return own?.Base is { } to && fmu.Units.GetValueOrDefault(unit)?.Base is { } from && from.Fits(to)
            ? Between(from, to)
            : throw new ModelInputException(variable.Name, $"the unit given is '{unit}', that of the FMU is {(variable.Unit is null ? "none ('1')" : $"'{variable.Unit}'")}, and it defines no conversion");
    }

    /// <summary>From an output of one FMU to an input of another.</summary>
    /// <exception cref="ModelInputException">The units do not fit, or have one name and two meanings.</exception>
    public static UnitConversion Between(FmuDescription from, FmuVariable output, FmuDescription to, FmuVariable input)
    {
        var (given, taken) = (Base(from, output), Base(to, input));
        if (given is not null && taken is not null)
        {
            return given.Fits(taken)
                ? given == taken ? None : Between(given, taken)
                : throw new ModelInputException(input.Name, $"'{output.Name}' is in '{output.Unit}', which measures something else than '{input.Unit}'");
        }

        return output.Unit == input.Unit ? None : throw new ModelInputException(input.Name, $"'{output.Name}' is in '{output.Unit ?? "1"}', taken is '{input.Unit ?? "1"}', and nothing says how they convert");
    }

    private static UnitConversion Between(FmuBaseUnit from, FmuBaseUnit to) => new(from.Factor / to.Factor, (from.Offset - to.Offset) / to.Factor);

    private static FmuBaseUnit? Base(FmuDescription fmu, FmuVariable variable) => variable.Unit is null ? null : fmu.Units.GetValueOrDefault(variable.Unit)?.Base;
}
