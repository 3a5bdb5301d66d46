using BenchmarkDotNet.Attributes;
using Twin.ScenarioEngine.Traffic;
using Twin.Tests.Unit.ScenarioEngine.Traffic;

namespace Twin.Tests.Benchmarks;

/// <summary>
/// A town of 400 nodes, 900 links and 1,406 pairs: to a gap of 1e-6 (the bar is 300 ms) and 1e-12, and beside it the plain
/// method of Frank and Wolfe, to 1e-4 for both, since that one takes minutes to 1e-6.
/// </summary>
[MemoryDiagnoser]
public class EquilibriumBenchmarks
{
    private readonly SeededNetwork _town = new(20, 900, 38, 12, 1);

    [Benchmark]
    public double To1e6() => Assign(1e-6);

    [Benchmark]
    public double To1e12() => Assign(1e-12);

    [Benchmark]
    public double To1e4() => Assign(1e-4);

    [Benchmark]
    public double FrankWolfeTo1e4() => FrankWolfe.Solve(_town.Nodes, _town.Links, _town.Demand, 1e-4, 100_000).Gap;

    private double Assign(double gap) => UserEquilibrium.Assign(_town.Network, _town.Trips, gap, 1000, null, CancellationToken.None).RelativeGap;
}
