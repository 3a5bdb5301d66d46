namespace Twin.ScenarioEngine.Traffic;

/// <summary>A directed link with its cost function: <c>fixed + t0 (1 + b (v/c)^p)</c> of the Bureau of Public Roads.</summary>
/// <param name="From">Number of the node where it begins, from 0.</param>
/// <param name="To">Number of the node where it ends.</param>
/// <param name="FreeFlowTime">t0, min, at least 0.</param>
/// <param name="Capacity">c, vehicles in the period of the demand, over 0. A "practical" capacity: flow may exceed it.</param>
/// <param name="B">b, at least 0; 0.15 in the formula of 1964.</param>
/// <param name="Power">p, 0 or at least 1; 4 in the formula of 1964.</param>
/// <param name="FixedCost">What does not depend on the flow besides, such as a toll, in min; at least 0.</param>
public sealed record RoadLink(int From, int To, double FreeFlowTime, double Capacity, double B, double Power, double FixedCost);

/// <summary>Trips from one node to another.</summary>
/// <param name="Origin">Number of the node.</param>
/// <param name="Destination">Number of the node; trips to the origin itself enter no link and are counted apart.</param>
/// <param name="Trips">Vehicles in the period, at least 0.</param>
public sealed record TripDemand(int Origin, int Destination, double Trips);

/// <summary>Links between numbered nodes, checked, in the order in which searches read them.</summary>
public sealed class RoadNetwork
{
    private readonly bool[] _noThrough;

    /// <summary>Checks a network.</summary>
    /// <param name="nodes">How many nodes there are, 1 to 1,000,000.</param>
    /// <param name="links">In any order; their places number the flows of results. At most 4,000,000.</param>
    /// <param name="noThroughNodes">Nodes at which trips only begin and end (the centroids of zones).</param>
    /// <exception cref="ModelInputException">A link or node is impossible.</exception>
    public RoadNetwork(int nodes, IReadOnlyList<RoadLink> links, IReadOnlyCollection<int> noThroughNodes)
    {
        ArgumentNullException.ThrowIfNull(links);
        ArgumentNullException.ThrowIfNull(noThroughNodes);
        if (nodes is < 1 or > 1_000_000)
        {
            throw new ModelInputException("nodes", $"{nodes} is not between 1 and 1,000,000.");
        }

        if (links.Count > 4_000_000)
        {
            throw new ModelInputException("links", $"{links.Count} links are more than 4,000,000.");
        }

        (Nodes, Links, _noThrough) = (nodes, [.. links], new bool[nodes]);
        foreach (var node in noThroughNodes)
        {
            CheckNode("noThroughNodes", node);
            _noThrough[node] = true;
        }

        FirstOut = new int[nodes + 1];
        for (var i = 0; i < Links.Length; i++)
        {
            Check(i);
            FirstOut[Links[i].From + 1]++;
        }

        for (var node = 0; node < nodes; node++)
        {
            FirstOut[node + 1] += FirstOut[node];
        }

        Out = new int[Links.Length];
        var next = FirstOut[..nodes];
        for (var i = 0; i < Links.Length; i++)
        {
            Out[next[Links[i].From]++] = i;
        }
    }

    /// <summary>How many nodes there are.</summary>
    public int Nodes { get; }

    /// <summary>The links, in the order given.</summary>
    internal RoadLink[] Links { get; }

    /// <summary>Where the links of a node begin in <see cref="Out"/>.</summary>
    internal int[] FirstOut { get; }

    /// <summary>Numbers of links, by the node where they begin.</summary>
    internal int[] Out { get; }

    /// <summary>Whether trips may pass a node.</summary>
    internal bool MayPass(int node) => !_noThrough[node];

    /// <summary>Refuses a node that the network does not have.</summary>
    internal void CheckNode(string input, int node)
    {
        if (node < 0 || node >= Nodes)
        {
            throw new ModelInputException(input, $"There is no node {node}; nodes are numbered from 0 to {Nodes - 1}.");
        }
    }

    private void Check(int i)
    {
        var link = Links[i] ?? throw new ModelInputException($"links[{i}]", "It is missing.");
        CheckNode($"links[{i}].from", link.From);
        CheckNode($"links[{i}].to", link.To);
        AtLeastZero($"links[{i}].freeFlowTime", link.FreeFlowTime, "min");
        AtLeastZero($"links[{i}].b", link.B, "(no unit)");
        AtLeastZero($"links[{i}].fixedCost", link.FixedCost, "min");
        if (!(link.Capacity > 0 && double.IsFinite(link.Capacity)))
        {
            throw new ModelInputException($"links[{i}].capacity", $"{link.Capacity} vehicles is not over 0 and finite.");
        }

        if (!(link.Power == 0 || (link.Power >= 1 && link.Power <= 100)))
        {
            throw new ModelInputException($"links[{i}].power", $"{link.Power} is neither 0 nor between 1 and 100: with another the slope of the cost at no flow is not finite.");
        }
    }

    private static void AtLeastZero(string input, double value, string unit)
    {
        if (!(value >= 0 && double.IsFinite(value)))
        {
            throw new ModelInputException(input, $"{value} {unit} is not at least 0 and finite.");
        }
    }
}
