using Twin.ScenarioEngine.Models;

namespace Twin.ScenarioEngine.Sharing;

/// <summary>What one use needs over time.</summary>
/// <param name="Name">Of the use, such as offices.</param>
/// <param name="Places">Needed in each period, at least 0.</param>
public sealed record UseProfile(string Name, IReadOnlyList<double> Places);

/// <summary>How many places uses need apart and together.</summary>
/// <param name="Apart">The sum of each use's greatest need, rounded up use by use.</param>
/// <param name="Together">The greatest sum of their needs, rounded up.</param>
/// <param name="Saved">Places that sharing spares.</param>
/// <param name="Busiest">The period of the greatest sum; the first of several.</param>
public sealed record SharedPlaces(int Apart, int Together, int Saved, int Busiest);

/// <summary>Places (parking, rooms) that serve several uses at different times: offices by day, residents by night.</summary>
public static class ComplementaryUse
{
    /// <summary>What it is.</summary>
    public static ModelCard Card { get; } = new()
    {
        Id = "complementary-use",
        Version = "1.0.0",
        Title = "Places shared by uses at different times",
        Use = ModelUse.Prospective,
        Inputs = [new("profiles", "1", "Places needed by each use in each period")],
        Outputs = [new("apart", "1", "Places if each use has its own"), new("together", "1", "Places if all share"), new("saved", "1", "Difference")],
        Sources = ["Urban Land Institute, ICSC, NPA 2020, Shared Parking, 3rd edition (the method of hourly sums)"],
        ValidFor = "An upper bound of what sharing can spare, with profiles of typical days.",
        NotValidFor = "Places reserved for someone, walking distances, single days that differ from the profile: add a margin.",
        Uncertainty = "Exact for the profiles given; those are commonly known to a tenth or worse.",
    };

    /// <summary>Compares places apart with places together.</summary>
    /// <param name="profiles">1 to 1,000 uses with the same periods, 1 to 100,000.</param>
    /// <exception cref="ModelInputException">Periods differ, or a need is impossible.</exception>
    public static SharedPlaces Compare(IReadOnlyList<UseProfile> profiles)
    {
        ArgumentNullException.ThrowIfNull(profiles);
        if (profiles.Count is < 1 or > 1000)
        {
            throw new ModelInputException("profiles", $"{profiles.Count} uses are not between 1 and 1,000.");
        }

        for (var i = 0; i < profiles.Count; i++)
        {
            Check(i, profiles[i], profiles[0].Places.Count);
        }

        var apart = profiles.Sum(static profile => WholePlaces(profile.Places.Max()));
        var sums = Enumerable.Range(0, profiles[0].Places.Count).Select(period => profiles.Sum(profile => profile.Places[period])).ToArray();
        var busiest = Array.IndexOf(sums, sums.Max());
        var together = WholePlaces(sums[busiest]);
        return new SharedPlaces(apart, together, apart - together, busiest);
    }

    /// <summary>Rounded up, but for what only the sum's rounding added.</summary>
    private static int WholePlaces(double places) => checked((int)Math.Ceiling(places - 1e-9));

    private static void Check(int i, UseProfile profile, int periods)
    {
        if (profile.Places.Count != periods || periods is < 1 or > 100_000)
        {
            throw new ModelInputException($"profiles[{i}].places", $"{profile.Places.Count} periods of '{profile.Name}' do not fit the {periods} of the first use (1 to 100,000).");
        }

        for (var period = 0; period < periods; period++)
        {
            if (!(profile.Places[period] is >= 0 and <= 1_000_000))
            {
                throw new ModelInputException($"profiles[{i}].places[{period}]", $"{profile.Places[period]} places is not between 0 and 1,000,000.");
            }
        }
    }
}
