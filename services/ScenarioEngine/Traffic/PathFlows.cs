namespace Twin.ScenarioEngine.Traffic;

/// <summary>The paths that the trips of one pair of nodes use, and how many use each.</summary>
internal sealed class PathFlows(TripDemand demand)
{
    private readonly List<int[]> _paths = [];
    private readonly List<double> _flows = [];

    /// <summary>The pair and its trips.</summary>
    public TripDemand Demand { get; } = demand;

    /// <summary>Whether there is anything to shift.</summary>
    public bool HasChoice => _paths.Count > 1;

    /// <summary>Puts all trips on a first path.</summary>
    public void Begin(int[] path, LinkState state)
    {
        _paths.Add(path);
        _flows.Add(Demand.Trips);
        Load(state);
    }

    /// <summary>Adds a path unless it is known.</summary>
    public void Offer(int[] path)
    {
        foreach (var known in _paths)
        {
            if (known.AsSpan().SequenceEqual(path))
            {
                return;
            }
        }

        _paths.Add(path);
        _flows.Add(0);
    }

    /// <summary>Adds the flows to the links, and forgets paths without any.</summary>
    public void Load(LinkState state)
    {
        for (var i = _paths.Count - 1; i >= 0; i--)
        {
            if (_flows[i] == 0)
            {
                _paths.RemoveAt(i);
                _flows.RemoveAt(i);
            }
        }

        for (var i = 0; i < _paths.Count; i++)
        {
            state.Add(_paths[i], _flows[i]);
        }
    }

    /// <summary>
    /// Shifts trips from each dearer path to the cheapest one until both cost the same or the dearer one is empty. Every
    /// shift lowers the objective of Beckmann, so that the whole cannot cycle.
    /// </summary>
    /// <returns>Vehicle-minutes above the cheapest known path, before the shifts.</returns>
    public double Equilibrate(LinkState state, double negligible)
    {
        Span<double> costs = _paths.Count <= 64 ? stackalloc double[_paths.Count] : new double[_paths.Count];
        var cheapest = 0;
        for (var i = 0; i < _paths.Count; i++)
        {
            costs[i] = state.Cost(_paths[i]);
            cheapest = costs[i] < costs[cheapest] ? i : cheapest;
        }

        var excess = 0.0;
        for (var i = 0; i < _paths.Count; i++)
        {
            var above = _flows[i] * (costs[i] - costs[cheapest]);
            excess += above;
            if (above > negligible)
            {
                var shift = state.Shift(_paths[i], _paths[cheapest], _flows[i]);
                _flows[i] -= shift;
                _flows[cheapest] += shift;
            }
        }

        return excess;
    }
}
