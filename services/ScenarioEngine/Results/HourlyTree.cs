using System.Numerics;
using System.Runtime.InteropServices;
using Twin.ScenarioEngine.Weather;

namespace Twin.ScenarioEngine.Results;

/// <summary>The hours of many buildings together, W.</summary>
/// <param name="Demand">What they take from outside.</param>
/// <param name="Surplus">What they give to the outside.</param>
/// <param name="Heat">Their heat for rooms and water.</param>
internal sealed record HourlySum(double[] Demand, double[] Surplus, double[] Heat);

/// <summary>
/// Sums the hours of buildings in a tree over their order, whose nodes are kept by the hash of what is below: a building
/// that changes costs the nodes above it. The order is that of the ids, so that threads and arrival change no bit.
/// </summary>
internal sealed class HourlyTree(ResultCache cache)
{
    private const int Leaf = 8;
    private const long Size = 3 * 8 * WeatherYear.Hours;

    /// <summary>The sum.</summary>
    /// <param name="years">The buildings' years, by id.</param>
    /// <param name="hashes">The hashes that they were computed from, in the same order.</param>
    public HourlySum Sum(ReadOnlySpan<BuildingYear> years, ReadOnlySpan<InputHash> hashes)
    {
        var key = InputHash.Of(Seed, InputHash.Of(hashes));
        if (cache.TryGet<HourlySum>(key, out var kept))
        {
            return kept;
        }

        var sum = new HourlySum(new double[WeatherYear.Hours], new double[WeatherYear.Hours], new double[WeatherYear.Hours]);
        if (years.Length <= Leaf)
        {
            foreach (var year in years)
            {
                Add(sum, year);
            }
        }
        else
        {
            // Halves of whole leaves: one building more or less moves those behind it only.
            var half = (years.Length / 2 + Leaf - 1) / Leaf * Leaf;
            Add(sum, Sum(years[..half], hashes[..half]));
            Add(sum, Sum(years[half..], hashes[half..]));
        }

        cache.Keep(key, sum, Size);
        return sum;
    }

    private static InputHash Seed { get; } = InputHash.Of("hourly-tree 1"u8);

    private static void Add(HourlySum sum, HourlySum part)
    {
        Add(sum.Demand, part.Demand);
        Add(sum.Surplus, part.Surplus);
        Add(sum.Heat, part.Heat);
    }

    private static void Add(double[] sum, double[] part)
    {
        var to = MemoryMarshal.Cast<double, Vector<double>>(sum.AsSpan());
        var from = MemoryMarshal.Cast<double, Vector<double>>(part.AsSpan());
        for (var i = 0; i < to.Length; i++)
        {
            to[i] += from[i];
        }

        for (var i = to.Length * Vector<double>.Count; i < sum.Length; i++)
        {
            sum[i] += part[i];
        }
    }

    private static void Add(HourlySum sum, BuildingYear year)
    {
        for (var hour = 0; hour < WeatherYear.Hours; hour++)
        {
            sum.Demand[hour] += year.Demand[hour];
            sum.Heat[hour] += year.Heat[hour];
        }

        if (year.Surplus is { } surplus)
        {
            for (var hour = 0; hour < WeatherYear.Hours; hour++)
            {
                sum.Surplus[hour] += surplus[hour];
            }
        }
    }
}
