using Twin.ScenarioEngine.Models;

namespace Twin.ScenarioEngine.Economics;

/// <summary>A part of a programme: floor area of one use that is delivered at once.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Use">What for, such as <c>office</c> or <c>workshop</c>.</param>
/// <param name="FloorArea">m², over 0.</param>
/// <param name="DeliveryYear">Its first year of letting.</param>
/// <param name="Rent">Per m² and year, in prices of the index's base year, without charges.</param>
/// <param name="OccupancyRamp">Share let in the first, second … year from 0 to 1; the last holds for ever after.</param>
/// <param name="VacancyCost">Per m² that is not let and year, in prices of the base year: what the owner bears for it.</param>
public sealed record ProgrammePhase(string Name, string Use, decimal FloorArea, int DeliveryYear, decimal Rent, IReadOnlyList<decimal> OccupancyRamp, decimal VacancyCost);

/// <summary>A year of a programme.</summary>
/// <param name="Year">Calendar year.</param>
/// <param name="Delivered">m² there are.</param>
/// <param name="Let">m² let.</param>
/// <param name="Rent">Nominal.</param>
/// <param name="VacancyCost">Nominal.</param>
public sealed record ProgrammeYear(int Year, decimal Delivered, decimal Let, decimal Rent, decimal VacancyCost)
{
    /// <summary>Share let; none when nothing is delivered.</summary>
    public decimal? Occupancy => Delivered == 0 ? null : Let / Delivered;
}

/// <summary>The ramp-up of a programme: phases delivered one after the other, let little by little, at rents that follow an index.</summary>
public static class RentProgramme
{
    /// <summary>What it is, and what it must not be used for.</summary>
    public static ModelCard Card { get; } = new()
    {
        Id = "rent-programme",
        Version = "1.0.0",
        Title = "Rents of a programme delivered in phases",
        Use = ModelUse.Prospective,
        Inputs =
        [
            new("floorArea", "m2", "by phase"),
            new("rent", "EUR/(m2.a)", "by phase, in prices of the base year"),
            new("occupancyRamp", "1", "share let by year since delivery, by phase"),
            new("vacancyCost", "EUR/(m2.a)", "by phase, for what is not let"),
            new("index", "1", "rents relative to the base year, by year"),
        ],
        Outputs =
        [
            new("delivered", "m2", "by year"),
            new("let", "m2", "by year"),
            new("rent", "EUR", "by year, nominal"),
            new("vacancyCost", "EUR", "by year, nominal"),
        ],
        Sources = ["Definition: area × occupancy × rent × index"],
        ValidFor = "The cash of phases, rents and occupancy that a programme assumes, and what a later delivery or a slower ramp costs.",
        NotValidFor = "Forecasting demand: occupancy is an assumption, not a result. Lease terms, rent-free periods and bad debt unless they are in the ramp.",
        Uncertainty = "Exact for its assumptions. Ramps of real programmes differ by years: vary them.",
    };

    /// <summary>The years of a programme.</summary>
    /// <param name="phases">The phases, with different names.</param>
    /// <param name="firstYear">The first year told.</param>
    /// <param name="lastYear">The last year told.</param>
    /// <param name="index">Rents and costs; must reach each year in which something is delivered.</param>
    /// <exception cref="ModelInputException">An input is out of its range, or the index lacks a year.</exception>
    public static IReadOnlyList<ProgrammeYear> Run(IReadOnlyList<ProgrammePhase> phases, int firstYear, int lastYear, PriceIndex index)
    {
        Check(phases, firstYear, lastYear);
        return [.. Enumerable.Range(firstYear, lastYear - firstYear + 1).Select(year =>
        {
            var there = phases.Where(phase => phase.DeliveryYear <= year).ToList();
            var rent = there.Sum(phase => CashFlows.Cents(Let(phase, year) * phase.Rent * index[year]));
            var vacancy = there.Sum(phase => CashFlows.Cents((phase.FloorArea - Let(phase, year)) * phase.VacancyCost * index[year]));
            return new ProgrammeYear(year, there.Sum(static phase => phase.FloorArea), there.Sum(phase => Let(phase, year)), rent, vacancy);
        })];
    }

    /// <summary>The same as payments: tenants pay rent to the owner, the owner pays what is vacant to the outside.</summary>
    /// <exception cref="ModelInputException">An input is out of its range, or the index lacks a year.</exception>
    public static IReadOnlyList<CashEntry> Entries(IReadOnlyList<ProgrammePhase> phases, int firstYear, int lastYear, PriceIndex index, string owner, string tenants, string memo) =>
        [.. Run(phases, firstYear, lastYear, index).SelectMany(year => new CashEntry[]
        {
            new(year.Year, tenants, owner, CashFlowKind.Rent, year.Rent, memo),
            new(year.Year, owner, CashLedger.Outside, CashFlowKind.Maintenance, year.VacancyCost, memo),
        }).Where(static entry => entry.Amount > 0)];

    private static decimal Let(ProgrammePhase phase, int year) =>
        phase.FloorArea * phase.OccupancyRamp[Math.Min(year - phase.DeliveryYear, phase.OccupancyRamp.Count - 1)];

    private static void Check(IReadOnlyList<ProgrammePhase> phases, int firstYear, int lastYear)
    {
        if (firstYear is < 1900 or > 2300 || lastYear < firstYear || lastYear > firstYear + 300)
        {
            throw new ModelInputException("lastYear", $"{firstYear} to {lastYear} is no span of at most 300 years from 1900.");
        }

        if (phases.Count is 0 or > 10_000)
        {
            throw new ModelInputException("phases", $"{phases.Count} are not from 1 to 10,000.");
        }

        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < phases.Count; i++)
        {
            var phase = phases[i];
            Holds(i, "name", names.Add(phase.Name), $"'{phase.Name}' stands twice");
            Holds(i, "floorArea", phase.FloorArea is > 0 and <= 100_000_000, $"{phase.FloorArea} m² is not over 0 and at most 100 km²");
            Holds(i, "rent", phase.Rent is >= 0 and <= 100_000, $"{phase.Rent} per m² and year is not from 0 to 100,000");
            Holds(i, "vacancyCost", phase.VacancyCost is >= 0 and <= 100_000, $"{phase.VacancyCost} per m² and year is not from 0 to 100,000");
            Holds(i, "occupancyRamp", phase.OccupancyRamp.Count is > 0 and <= 300 && phase.OccupancyRamp.All(static share => share is >= 0 and <= 1), "it is empty, longer than 300 years, or a share is not from 0 to 1");
        }
    }

    private static void Holds(int phase, string input, bool holds, string fault)
    {
        if (!holds)
        {
            throw new ModelInputException($"phases[{phase}].{input}", fault + ".");
        }
    }
}
