namespace Twin.ScenarioEngine.Traffic;

/// <summary>The cost functions of all links in columns, with their slopes and integrals.</summary>
internal sealed class LinkCosts
{
    private readonly double[] _base;
    private readonly double[] _factor;
    private readonly double[] _inverseCapacity;
    private readonly double[] _power;

    public LinkCosts(RoadNetwork network)
    {
        var links = network.Links;
        _base = [.. links.Select(static link => link.FixedCost + link.FreeFlowTime + (link.Power == 0 ? link.FreeFlowTime * link.B : 0))];
        _factor = [.. links.Select(static link => link.Power == 0 ? 0 : link.FreeFlowTime * link.B)];
        _inverseCapacity = [.. links.Select(static link => 1 / link.Capacity)];
        _power = [.. links.Select(static link => link.Power == 0 ? 1 : link.Power)];
    }

    /// <summary>Cost at a flow, min.</summary>
    public double At(int link, double flow) => _base[link] + (_factor[link] * Power(flow * _inverseCapacity[link], _power[link]));

    /// <summary>Its slope, min a vehicle.</summary>
    public double Slope(int link, double flow) =>
        _factor[link] * _power[link] * _inverseCapacity[link] * Power(flow * _inverseCapacity[link], _power[link] - 1);

    /// <summary>Its integral from 0 to the flow: the link's part in the objective of Beckmann.</summary>
    public double Integral(int link, double flow) =>
        flow * (_base[link] + (_factor[link] * Power(flow * _inverseCapacity[link], _power[link]) / (_power[link] + 1)));

    /// <summary>By multiplication where that is exact in meaning, since almost every link has the power of 4.</summary>
    private static double Power(double x, double power) => power switch
    {
        4 => x * x * (x * x),
        3 => x * x * x,
        1 => x,
        0 => 1,
        _ => Math.Pow(x, power),
    };
}
