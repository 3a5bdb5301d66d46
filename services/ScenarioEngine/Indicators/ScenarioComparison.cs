using Twin.ScenarioEngine.Models;

namespace Twin.ScenarioEngine.Indicators;

/// <summary>The values of a scenario.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Values">One for each indicator of the set, by id, in its unit.</param>
public sealed record ScenarioValues(string Name, IReadOnlyDictionary<string, double> Values);

/// <summary>A cell of the table: one indicator of one scenario.</summary>
/// <param name="Indicator">Which.</param>
/// <param name="Value">In its unit.</param>
/// <param name="Score">0 to 1.</param>
/// <param name="Delta">Value less the base's, in its unit.</param>
/// <param name="Good">1 better than the base, -1 worse, 0 the same.</param>
/// <param name="Capped">Whether the value is beyond a goalpost, so that the score hides how far.</param>
public sealed record IndicatorCell(Indicator Indicator, double Value, double Score, double Delta, int Good, bool Capped);

/// <summary>A row: a scenario.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Cells">In the order of the set.</param>
/// <param name="Challenges">The score of each challenge.</param>
/// <param name="Composite">The score of the whole.</param>
/// <param name="Rank">1 is best; equal scores share a rank.</param>
/// <param name="DominatedBy">Scenarios that are no worse in any indicator and better in one: no weights can put it before them.</param>
public sealed record ScenarioRow(string Name, IReadOnlyList<IndicatorCell> Cells, IReadOnlyDictionary<Challenge, double> Challenges, double Composite, int Rank, IReadOnlyList<string> DominatedBy);

/// <summary>The weight at which two scenarios tie, the other weights kept in proportion.</summary>
/// <param name="Indicator">Whose weight is changed.</param>
/// <param name="Weight">Its weight in the whole now.</param>
/// <param name="Tie">The weight of the tie; on its other side the ranking is flipped.</param>
public sealed record RankingFlip(Indicator Indicator, double Weight, double Tie)
{
    /// <summary>How much it must change.</summary>
    public double Change => Tie - Weight;
}

/// <summary>Compares scenarios by composite indicators (OECD/JRC Handbook on Constructing Composite Indicators, 2008).</summary>
public static class ScenarioComparison
{
    /// <summary>What it is, and what it must not be used for.</summary>
    public static ModelCard Card { get; } = new()
    {
        Id = "composite-indicators",
        Version = "1.0.0",
        Title = "Composite indicators of the four challenges and comparison of scenarios",
        Use = ModelUse.Prospective,
        Inputs =
        [
            new("values", "1", "of each indicator in its own unit, by scenario"),
            new("goalposts", "1", "of each indicator in its own unit: what scores 0 and what 1"),
            new("weights", "1", "of indicators in their challenge and of challenges; each add up to 1"),
        ],
        Outputs =
        [
            new("score", "1", "0 to 1, by indicator, challenge and scenario"),
            new("rank", "1", "1 is best"),
            new("dominatedBy", "1", "scenarios better whatever the weights"),
            new("tie", "1", "the weight at which two scenarios change places"),
        ],
        Sources = ["OECD/JRC, Handbook on Constructing Composite Indicators, 2008, steps 5 to 7, doi 10.1787/9789264043466-en"],
        ValidFor = "Showing how scenarios compare under stated goalposts and weights, and whether the ranking hangs on them.",
        NotValidFor = "A judgement in itself: goalposts and weights are choices. A score between districts whose goalposts differ. Indicators that count the same thing twice.",
        Uncertainty = "That of the values, and of the weights: see the change that flips the ranking. Scores at a goalpost hide how far beyond a value is; they are marked.",
    };

    /// <summary>The table, in the order the scenarios were given.</summary>
    /// <param name="set">Indicators and weights.</param>
    /// <param name="scenarios">With different names, 1 to 1,000.</param>
    /// <param name="baseName">The one that deltas are told from.</param>
    /// <param name="aggregation">How scores are put together.</param>
    /// <exception cref="ModelInputException">A value is missing, unknown or no number, or the base is none of the scenarios.</exception>
    public static IReadOnlyList<ScenarioRow> Compare(IndicatorSet set, IReadOnlyList<ScenarioValues> scenarios, string baseName, Aggregation aggregation)
    {
        if (scenarios.Count is 0 or > 1_000 || scenarios.DistinctBy(static one => one.Name).Count() != scenarios.Count)
        {
            throw new ModelInputException("scenarios", $"{scenarios.Count} are not from 1 to 1,000, or two have one name.");
        }

        var values = scenarios.Select(scenario => Values(set, scenario)).ToArray();
        var at = scenarios.ToList().FindIndex(one => one.Name == baseName);
        if (at < 0)
        {
            throw new ModelInputException("base", $"'{baseName}' is none of the scenarios.");
        }

        var composites = values.Select(own => Aggregate(set.Weights, Scores(set, own), aggregation)).ToArray();
        return [.. scenarios.Select((scenario, i) => new ScenarioRow(
            scenario.Name,
            [.. set.Indicators.Select((indicator, k) => Cell(indicator, values[i][k], values[at][k]))],
            set.Challenges.Keys.ToDictionary(static challenge => challenge, challenge => OfChallenge(set, challenge, Scores(set, values[i]), aggregation)),
            composites[i],
            1 + composites.Count(other => other > composites[i]),
            [.. scenarios.Where((_, j) => Dominates(set, values[j], values[i])).Select(static other => other.Name).Order(StringComparer.Ordinal)]))];
    }

    /// <summary>
    /// What would change the ranking of two scenarios under the weighted sum: for each indicator the weight at which they
    /// tie, exactly, the least change first. Empty when no single weight flips them, as when one dominates the other.
    /// </summary>
    /// <exception cref="ModelInputException">A value is missing, unknown or no number.</exception>
    public static IReadOnlyList<RankingFlip> Flips(IndicatorSet set, ScenarioValues one, ScenarioValues other)
    {
        var (first, second) = (Scores(set, Values(set, one)), Scores(set, Values(set, other)));
        List<RankingFlip> flips = [];
        for (var k = 0; k < first.Length; k++)
        {
            var weight = set.Weights[k];
            if (weight >= 1)
            {
                continue;
            }

            // The lead is w·own + (1 − w)·rest, a line in the weight w.
            var own = first[k] - second[k];
            var rest = 0.0;
            for (var i = 0; i < first.Length; i++)
            {
                rest += i == k ? 0 : set.Weights[i] / (1 - weight) * (first[i] - second[i]);
            }

            if (own * rest < 0)
            {
                flips.Add(new RankingFlip(set.Indicators[k], weight, rest / (rest - own)));
            }
        }

        return [.. flips.OrderBy(static flip => Math.Abs(flip.Change)).ThenBy(static flip => flip.Indicator.Id, StringComparer.Ordinal)];
    }

    /// <summary>Σ w·s, or Π s^w; weights add up to 1.</summary>
    internal static double Aggregate(IReadOnlyList<double> weights, IReadOnlyList<double> scores, Aggregation aggregation)
    {
        var (sum, product) = (0.0, 1.0);
        for (var i = 0; i < scores.Count; i++)
        {
            sum += weights[i] * scores[i];
            product *= weights[i] == 0 ? 1 : Math.Pow(scores[i], weights[i]);
        }

        return aggregation == Aggregation.Arithmetic ? sum : product;
    }

    private static double OfChallenge(IndicatorSet set, Challenge challenge, double[] scores, Aggregation aggregation) => Aggregate(
        [.. set.Indicators.Select(one => one.Challenge == challenge ? one.Weight : 0)], scores, aggregation);

    private static IndicatorCell Cell(Indicator indicator, double value, double reference)
    {
        var position = (value - indicator.Worst) / (indicator.Best - indicator.Worst);
        return new IndicatorCell(indicator, value, indicator.Score(value), value - reference, Math.Sign(indicator.Better(value, reference)), position is < 0 or > 1);
    }

    private static bool Dominates(IndicatorSet set, double[] one, double[] other)
    {
        var better = false;
        for (var k = 0; k < one.Length; k++)
        {
            var sign = set.Indicators[k].Better(one[k], other[k]);
            if (sign < 0)
            {
                return false;
            }

            better |= sign > 0;
        }

        return better;
    }

    private static double[] Scores(IndicatorSet set, double[] values) => [.. set.Indicators.Select((indicator, k) => indicator.Score(values[k]))];

    private static double[] Values(IndicatorSet set, ScenarioValues scenario)
    {
        foreach (var id in scenario.Values.Keys)
        {
            if (set.Indicators.All(one => one.Id != id))
            {
                throw new ModelInputException($"{scenario.Name}.{id}", "the set has no such indicator.");
            }
        }

        return [.. set.Indicators.Select(indicator => scenario.Values.TryGetValue(indicator.Id, out var value) && double.IsFinite(value)
            ? value
            : throw new ModelInputException($"{scenario.Name}.{indicator.Id}", $"there is no number in {indicator.Unit}."))];
    }
}
