namespace Twin.ScenarioEngine.Indicators;

/// <summary>What a scenario changes for a member of a group, such as a household of tenants.</summary>
/// <param name="Group">Such as tenants, owners, town hall or neighbours.</param>
/// <param name="Member">Who, without a name that identifies a person.</param>
/// <param name="Before">In the base.</param>
/// <param name="After">In the scenario, in the same unit.</param>
public sealed record MemberChange(string Group, string Member, double Before, double After);

/// <summary>How the changes of a group are distributed; over 0 is better.</summary>
/// <param name="Group">Which.</param>
/// <param name="Members">How many.</param>
/// <param name="Gain">How many are better off by more than is material.</param>
/// <param name="Lose">How many are worse off by more than is material.</param>
/// <param name="Least">The worst change.</param>
/// <param name="Quartile1">A quarter fare no better.</param>
/// <param name="Median">Half fare no better.</param>
/// <param name="Quartile3">Three quarters fare no better.</param>
/// <param name="Most">The best change.</param>
/// <param name="Mean">Of all.</param>
public sealed record GroupGain(string Group, int Members, int Gain, int Lose, double Least, double Quartile1, double Median, double Quartile3, double Most, double Mean);

/// <summary>Who gains and who loses by group: a mean can hide that some lose.</summary>
public static class GroupGains
{
    /// <summary>The distribution in each group, in the order of their names. Quartiles as Hyndman and Fan's type 7.</summary>
    /// <param name="changes">At most 1,000,000; a member stands once in a group.</param>
    /// <param name="direction">Whether more is better.</param>
    /// <param name="material">A smaller change is none, 0 or more.</param>
    /// <exception cref="ModelInputException">A value is no number, or a member stands twice.</exception>
    public static IReadOnlyList<GroupGain> Of(IReadOnlyList<MemberChange> changes, Direction direction, double material)
    {
        if (!(material >= 0) || changes.Count > 1_000_000)
        {
            throw new ModelInputException("material", $"{material} is negative, or {changes.Count} changes are more than 1,000,000.");
        }

        var seen = new HashSet<(string, string)>();
        foreach (var change in changes)
        {
            if (!double.IsFinite(change.After - change.Before) || !seen.Add((change.Group, change.Member)))
            {
                throw new ModelInputException($"{change.Group}/{change.Member}", $"{change.Before} to {change.After} is no change, or it stands twice.");
            }
        }

        return [.. changes.GroupBy(static change => change.Group).OrderBy(static group => group.Key, StringComparer.Ordinal).Select(group =>
        {
            double[] sorted = [.. group.Select(change => direction == Direction.MoreIsBetter ? change.After - change.Before : change.Before - change.After).Order()];
            return new GroupGain(group.Key, sorted.Length, sorted.Count(delta => delta > material), sorted.Count(delta => delta < -material), sorted[0], Quantile(sorted, 0.25), Quantile(sorted, 0.5), Quantile(sorted, 0.75), sorted[^1], sorted.Sum() / sorted.Length);
        })];
    }

    private static double Quantile(double[] sorted, double share)
    {
        var at = share * (sorted.Length - 1);
        var low = (int)at;
        return low + 1 < sorted.Length ? sorted[low] + (at - low) * (sorted[low + 1] - sorted[low]) : sorted[low];
    }
}
