namespace Twin.ScenarioEngine.Carbon;

/// <summary>What a kilowatt-hour of final energy is used for; some methods tell the uses of electricity apart.</summary>
public enum EnergyUse
{
    /// <summary>Space heating.</summary>
    Heating,

    /// <summary>Domestic hot water.</summary>
    HotWater,

    /// <summary>Space cooling.</summary>
    Cooling,

    /// <summary>Lighting.</summary>
    Lighting,

    /// <summary>Fans and pumps.</summary>
    Auxiliaries,
}

/// <summary>A row of a factor table: what a kWh of final energy (lower heating value) emits, by whom and when it is said.</summary>
/// <param name="Carrier">Such as <c>electricity</c> or <c>natural-gas</c>.</param>
/// <param name="Use">For what.</param>
/// <param name="Method">Whose convention, such as <c>3cl-2021</c>.</param>
/// <param name="Value">kg CO₂ equivalent per kWh, 0 or more.</param>
/// <param name="ValidFrom">The first day.</param>
/// <param name="ValidTo">The last day for which the source was checked: nothing is extrapolated beyond.</param>
/// <param name="Source">Order, publication or database with its vintage.</param>
public sealed record EmissionFactor(string Carrier, EnergyUse Use, string Method, double Value, DateOnly ValidFrom, DateOnly ValidTo, string Source)
{
    /// <summary>UCUM code of <see cref="Value"/>.</summary>
    public const string Unit = "kg/(kW.h)";
}

/// <summary>Dated factors; for a carrier, use, method and day there is one or none.</summary>
public sealed class FactorTable
{
    private readonly ILookup<(string Carrier, EnergyUse Use, string Method), EmissionFactor> _rows;

    /// <summary>Checks the rows.</summary>
    /// <exception cref="ModelInputException">A row is not whole, or two rows hold on one day.</exception>
    public FactorTable(IReadOnlyList<EmissionFactor> rows)
    {
        for (var i = 0; i < rows.Count; i++)
        {
            var row = rows[i];
            if (!(row.Value is >= 0 and < 10) || row.ValidTo < row.ValidFrom || row.Source.Length == 0)
            {
                throw new ModelInputException($"factors[{i}]", $"{row.Value} {EmissionFactor.Unit} from {row.ValidFrom:O} to {row.ValidTo:O} by '{row.Source}' is no factor: from 0 to 10, days in order, with a source.");
            }
        }

        _rows = rows.OrderBy(static row => row.ValidFrom).ToLookup(static row => (row.Carrier, row.Use, row.Method));
        foreach (var group in _rows)
        {
            if (group.Zip(group.Skip(1)).Any(static pair => pair.Second.ValidFrom <= pair.First.ValidTo))
            {
                throw new ModelInputException("factors", $"two rows of {group.Key.Carrier}, {group.Key.Use}, {group.Key.Method} hold on one day.");
            }
        }

        Methods = [.. rows.Select(static row => row.Method).Distinct().Order(StringComparer.Ordinal)];
        Rows = rows;
    }

    /// <summary>In the order of their names.</summary>
    public IReadOnlyList<string> Methods { get; }

    /// <summary>As they were given.</summary>
    public IReadOnlyList<EmissionFactor> Rows { get; }

    /// <summary>The row of a day, if there is one.</summary>
    public EmissionFactor? Find(string carrier, EnergyUse use, string method, DateOnly day) =>
        _rows[(carrier, use, method)].FirstOrDefault(row => row.ValidFrom <= day && day <= row.ValidTo);

    /// <summary>The row of a day.</summary>
    /// <exception cref="ModelInputException">There is none; what there is for other days is named.</exception>
    public EmissionFactor Get(string carrier, EnergyUse use, string method, DateOnly day) => Find(carrier, use, method, day)
        ?? throw new ModelInputException("factor", $"{method} has none for {carrier}, {use} on {day:O}" + string.Concat(_rows[(carrier, use, method)].Select(static row => $"; one from {row.ValidFrom:O} to {row.ValidTo:O}")) + ". Nothing is extrapolated.");
}
