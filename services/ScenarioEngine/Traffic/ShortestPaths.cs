namespace Twin.ScenarioEngine.Traffic;

/// <summary>Cheapest paths from one node at given link costs (Dijkstra); one object serves search after search.</summary>
internal sealed class ShortestPaths(RoadNetwork network)
{
    private readonly PriorityQueue<int, double> _queue = new();
    private readonly double[] _cost = new double[network.Nodes];
    private readonly int[] _arrivingLink = new int[network.Nodes];

    /// <summary>Searches from an origin to all nodes.</summary>
    public void Search(int origin, ReadOnlySpan<double> linkCosts)
    {
        Array.Fill(_cost, double.PositiveInfinity);
        Array.Fill(_arrivingLink, -1);
        _queue.Clear();
        _cost[origin] = 0;
        _queue.Enqueue(origin, 0);
        while (_queue.TryDequeue(out var node, out var cost))
        {
            if (cost > _cost[node] || (node != origin && !network.MayPass(node)))
            {
                continue;
            }

            for (var i = network.FirstOut[node]; i < network.FirstOut[node + 1]; i++)
            {
                var link = network.Out[i];
                var (to, through) = (network.Links[link].To, cost + linkCosts[link]);
                if (through < _cost[to])
                {
                    (_cost[to], _arrivingLink[to]) = (through, link);
                    _queue.Enqueue(to, through);
                }
            }
        }
    }

    /// <summary>Cost to a node, min; infinite when no path leads there.</summary>
    public double CostTo(int node) => _cost[node];

    /// <summary>The links to a node, the last one first.</summary>
    public int[] PathTo(int node)
    {
        var path = new List<int>();
        for (var link = _arrivingLink[node]; link >= 0; link = _arrivingLink[network.Links[link].From])
        {
            path.Add(link);
        }

        return [.. path];
    }
}
