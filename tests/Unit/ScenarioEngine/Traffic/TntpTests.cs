using System.Globalization;
using System.Text.RegularExpressions;
using Twin.ScenarioEngine.Traffic;
using Twin.Tests.Support;
using Xunit;

namespace Twin.Tests.Unit.ScenarioEngine.Traffic;

/// <summary>
/// Networks of Transportation Networks for Research, for academic use only and therefore neither here nor on the
/// validation page: read from <c>traffic/</c> of the shared folder.
/// </summary>
public sealed partial class TntpTests
{
    [Theory]
    [InlineData("SiouxFalls", 42.31335287107440e5)]
    [InlineData("Anaheim", 1286032.17110)]
    public void The_published_objective_is_met(string name, double objective)
    {
        var (net, trips) = (SharedTools.Find($"traffic/{name}_net.tntp"), SharedTools.Find($"traffic/{name}_trips.tntp"));
        Assert.SkipWhen(net is null || trips is null, $"traffic/{name}_net.tntp and _trips.tntp are not offered here.");
        var found = UserEquilibrium.Assign(Network(net!), Demand(trips!), 1e-12, 1000, null, TestContext.Current.CancellationToken);
        TestContext.Current.TestOutputHelper?.WriteLine($"{name}: {found.Objective:R} {found.TotalCost:R} gap {found.RelativeGap:R} in {found.Iterations}");
        Assert.True(found.Reached);
        Assert.Equal(objective, found.Objective, objective * 1e-9);
    }

    private static RoadNetwork Network(string file)
    {
        var lines = File.ReadAllLines(file);
        int Head(string name) => int.Parse(lines.Single(line => line.StartsWith($"<{name}>", StringComparison.Ordinal)).Split('>')[1], CultureInfo.InvariantCulture);
        var links = lines.Where(static line => line.TrimEnd().EndsWith(';') && !line.StartsWith('~') && !line.StartsWith('<'))
            .Select(static line => line.Split([' ', '\t', ';'], StringSplitOptions.RemoveEmptyEntries).Select(static word => double.Parse(word, CultureInfo.InvariantCulture)).ToArray())
            .Select(static f => new RoadLink((int)f[0] - 1, (int)f[1] - 1, f[4], f[2], f[5], f[6], 0));
        return new RoadNetwork(Head("NUMBER OF NODES"), [.. links], [.. Enumerable.Range(0, Head("FIRST THRU NODE") - 1)]);
    }

    private static TripDemand[] Demand(string file)
    {
        var (origin, demand) = (0, new List<TripDemand>());
        foreach (var line in File.ReadLines(file))
        {
            origin = line.StartsWith("Origin", StringComparison.Ordinal) ? int.Parse(line[6..], CultureInfo.InvariantCulture) : origin;
            demand.AddRange(Pair().Matches(line).Select(pair => new TripDemand(origin - 1, int.Parse(pair.Groups[1].Value, CultureInfo.InvariantCulture) - 1, double.Parse(pair.Groups[2].Value, CultureInfo.InvariantCulture))));
        }

        return [.. demand];
    }

    [GeneratedRegex(@"(\d+)\s*:\s*([\d.]+)\s*;")]
    private static partial Regex Pair();
}
