namespace Twin.ScenarioEngine.Indicators;

/// <summary>The challenges of the programme of the DMC district in Mulhouse.</summary>
public enum Challenge
{
    /// <summary>Using less.</summary>
    Sobriety,

    /// <summary>Standing heat, water and shortage.</summary>
    Resilience,

    /// <summary>For whom.</summary>
    Inclusion,

    /// <summary>What it yields.</summary>
    Productivity,
}

/// <summary>Whether more of it is better.</summary>
public enum Direction
{
    /// <summary>More is better.</summary>
    MoreIsBetter,

    /// <summary>Less is better.</summary>
    LessIsBetter,
}

/// <summary>How scores are put together.</summary>
public enum Aggregation
{
    /// <summary>Weighted sum: a bad score is made up for by a good one in full.</summary>
    Arithmetic,

    /// <summary>Weighted product: a bad score is made up for less; one of 0 makes all 0.</summary>
    Geometric,
}

/// <summary>A named indicator with the goalposts between which it is scored.</summary>
/// <param name="Id">Stable name in camel case.</param>
/// <param name="Title">What people call it.</param>
/// <param name="Challenge">The challenge that it counts for.</param>
/// <param name="Unit">UCUM code.</param>
/// <param name="Direction">Whether more is better.</param>
/// <param name="Worst">The goalpost that scores 0.</param>
/// <param name="Best">The goalpost that scores 1.</param>
/// <param name="Weight">In its challenge; the weights of a challenge add up to 1.</param>
public sealed record Indicator(string Id, string Title, Challenge Challenge, string Unit, Direction Direction, double Worst, double Best, double Weight)
{
    /// <summary>Min-max between the goalposts, capped to 0 and 1.</summary>
    public double Score(double value) => Math.Clamp((value - Worst) / (Best - Worst), 0, 1);

    /// <summary>Over 0 when the first value is the better one.</summary>
    internal int Better(double one, double other) => Direction == Direction.MoreIsBetter ? one.CompareTo(other) : other.CompareTo(one);
}

/// <summary>Indicators with their weights and those of their challenges, in the order of their ids.</summary>
public sealed class IndicatorSet
{
    /// <summary>Checks them.</summary>
    /// <param name="indicators">With different ids; 1 to 200.</param>
    /// <param name="challenges">The weight of each challenge that has indicators; they add up to 1.</param>
    /// <exception cref="ModelInputException">An indicator or a weight is none, or weights do not add up to 1.</exception>
    public IndicatorSet(IReadOnlyList<Indicator> indicators, IReadOnlyDictionary<Challenge, double> challenges)
    {
        var ids = new HashSet<string>(StringComparer.Ordinal);
        foreach (var one in indicators)
        {
            Holds(one.Id, ids.Add(one.Id), "it stands twice");
            Holds($"{one.Id}.unit", one.Unit.Length > 0, "there is none; 1 is a unit too");
            Holds($"{one.Id}.weight", one.Weight is >= 0 and <= 1, $"{one.Weight} is not from 0 to 1");
            Holds($"{one.Id}.best", double.IsFinite(one.Worst) && double.IsFinite(one.Best) && one.Best != one.Worst && one.Best > one.Worst == (one.Direction == Direction.MoreIsBetter), $"{one.Best} against {one.Worst} contradicts that {(one.Direction == Direction.MoreIsBetter ? "more" : "less")} is better");
            Holds($"challenges.{one.Challenge}", challenges.ContainsKey(one.Challenge), "it has indicators but no weight");
        }

        Holds("indicators", indicators.Count is >= 1 and <= 200, $"{indicators.Count} are not from 1 to 200");
        Holds("challenges", challenges.Values.All(static weight => weight is >= 0 and <= 1) && Math.Abs(challenges.Values.Sum() - 1) < 1e-9, "weights are not from 0 to 1 with the sum 1");
        foreach (var challenge in challenges.Keys)
        {
            Holds($"challenges.{challenge}", Math.Abs(indicators.Where(one => one.Challenge == challenge).Sum(static one => one.Weight) - 1) < 1e-9, "the weights of its indicators do not add up to 1");
        }

        Indicators = [.. indicators.OrderBy(static one => one.Id, StringComparer.Ordinal)];
        Challenges = new SortedDictionary<Challenge, double>(challenges.ToDictionary());
        Weights = [.. Indicators.Select(one => one.Weight * challenges[one.Challenge])];
    }

    /// <summary>In the order of their ids.</summary>
    public IReadOnlyList<Indicator> Indicators { get; }

    /// <summary>The weight of each challenge.</summary>
    public IReadOnlyDictionary<Challenge, double> Challenges { get; }

    /// <summary>The weight of each indicator in the whole: its own times its challenge's.</summary>
    public IReadOnlyList<double> Weights { get; }

    /// <summary>
    /// A proposal for the four challenges with equal weights. Goalposts and weights are choices to be made with those
    /// concerned, not findings; the programme names the challenges, not these numbers.
    /// </summary>
    public static IndicatorSet Proposal { get; } = new(
    [
        new("finalEnergy", "Final energy of buildings", Challenge.Sobriety, "kW.h/m2", Direction.LessIsBetter, 250, 50, 1 / 3.0),
        new("greenhouseGas", "Greenhouse gas of their energy", Challenge.Sobriety, "kg/m2", Direction.LessIsBetter, 50, 6, 1 / 3.0),
        new("sealedShare", "Sealed share of the ground", Challenge.Sobriety, "1", Direction.LessIsBetter, 1, 0.3, 1 / 3.0),
        new("selfSufficiency", "Electricity covered by local sun", Challenge.Resilience, "1", Direction.MoreIsBetter, 0, 0.6, 1 / 3.0),
        new("nightCooling", "Cooling of summer nights by vegetation", Challenge.Resilience, "K", Direction.MoreIsBetter, 0, 2, 1 / 3.0),
        new("runoffCoefficient", "Rain that runs off", Challenge.Resilience, "1", Direction.LessIsBetter, 0.9, 0.2, 1 / 3.0),
        new("energyBurden", "Energy bill by income of tenants", Challenge.Inclusion, "1", Direction.LessIsBetter, 0.15, 0.03, 1 / 3.0),
        new("greenPerResident", "Public green by resident", Challenge.Inclusion, "m2", Direction.MoreIsBetter, 0, 12, 1 / 3.0),
        new("accessibleShare", "Residents within ten minutes of services", Challenge.Inclusion, "1", Direction.MoreIsBetter, 0.4, 1, 1 / 3.0),
        new("occupancy", "Floor area let", Challenge.Productivity, "1", Direction.MoreIsBetter, 0.4, 0.95, 1 / 3.0),
        new("localJobs", "Jobs by 1,000 m2", Challenge.Productivity, "1", Direction.MoreIsBetter, 0, 40, 1 / 3.0),
        new("sharedUse", "Hours of use of shared rooms by week", Challenge.Productivity, "h", Direction.MoreIsBetter, 0, 60, 1 / 3.0),
    ], Enum.GetValues<Challenge>().ToDictionary(static challenge => challenge, static _ => 0.25));

    private static void Holds(string input, bool holds, string fault)
    {
        if (!holds)
        {
            throw new ModelInputException(input, fault + ".");
        }
    }
}
