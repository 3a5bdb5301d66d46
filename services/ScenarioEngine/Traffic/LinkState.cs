namespace Twin.ScenarioEngine.Traffic;

/// <summary>Flows and costs of the links, and the shift of trips between two paths.</summary>
internal sealed class LinkState
{
    private const int MostSteps = 12;
    private readonly LinkCosts _functions;
    private readonly int[] _mark;
    private readonly List<int> _left = [];
    private readonly List<int> _joined = [];
    private int _stamp;

    public LinkState(RoadNetwork network)
    {
        _functions = new LinkCosts(network);
        (Flows, Costs, _mark) = (new double[network.Links.Length], new double[network.Links.Length], new int[network.Links.Length]);
        Clear();
    }

    /// <summary>Vehicles on each link.</summary>
    public double[] Flows { get; }

    /// <summary>Cost of each link at its flow, min.</summary>
    public double[] Costs { get; }

    /// <summary>Takes all flow away.</summary>
    public void Clear()
    {
        Array.Clear(Flows);
        Reprice();
    }

    /// <summary>Puts the costs to what the flows make them.</summary>
    public void Reprice()
    {
        for (var i = 0; i < Costs.Length; i++)
        {
            Costs[i] = _functions.At(i, Flows[i]);
        }
    }

    /// <summary>Adds flow to the links of a path; the costs stay.</summary>
    public void Add(int[] path, double flow)
    {
        foreach (var link in path)
        {
            Flows[link] += flow;
        }
    }

    /// <summary>Cost of a path, min.</summary>
    public double Cost(int[] path)
    {
        var sum = 0.0;
        foreach (var link in path)
        {
            sum += Costs[link];
        }

        return sum;
    }

    /// <summary>Vehicle-minutes on all links.</summary>
    public double TotalCost()
    {
        var sum = 0.0;
        for (var i = 0; i < Flows.Length; i++)
        {
            sum += Flows[i] * Costs[i];
        }

        return sum;
    }

    /// <summary>The objective of Beckmann.</summary>
    public double Objective()
    {
        var sum = 0.0;
        for (var i = 0; i < Flows.Length; i++)
        {
            sum += _functions.Integral(i, Flows[i]);
        }

        return sum;
    }

    /// <summary>Shifts trips from one path to another, at most so many, until both cost the same; gives how many.</summary>
    public double Shift(int[] from, int[] to, double most)
    {
        Split(from, to);
        var shift = EqualCost(most);
        foreach (var link in _left)
        {
            Flows[link] = Math.Max(0, Flows[link] - shift);
            Costs[link] = _functions.At(link, Flows[link]);
        }

        foreach (var link in _joined)
        {
            Flows[link] += shift;
            Costs[link] = _functions.At(link, Flows[link]);
        }

        return shift;
    }

    /// <summary>The links that only one of two paths has.</summary>
    private void Split(int[] from, int[] to)
    {
        _left.Clear();
        _joined.Clear();
        _stamp += 2;
        foreach (var link in to)
        {
            _mark[link] = _stamp;
        }

        foreach (var link in from)
        {
            if (_mark[link] == _stamp)
            {
                _mark[link] = _stamp + 1;
            }
            else
            {
                _left.Add(link);
            }
        }

        foreach (var link in to)
        {
            if (_mark[link] == _stamp)
            {
                _joined.Add(link);
            }
        }
    }

    /// <summary>
    /// Newton's method on the difference of costs, kept between a shift too small and one too great; a step that leaves
    /// them is halved into them. Stops when the difference is a thousandth of the first, since the next sweep goes on.
    /// </summary>
    private double EqualCost(double most)
    {
        var (least, greatest, shift) = (0.0, most, 0.0);
        var first = 0.0;
        for (var step = 0; step < MostSteps; step++)
        {
            var (gain, slope) = GainAt(shift);
            first = step == 0 ? gain : first;
            if (Math.Abs(gain) <= 1e-3 * first)
            {
                return shift;
            }

            if (gain > 0)
            {
                least = shift;
                if (shift >= most)
                {
                    return most;
                }
            }
            else
            {
                greatest = shift;
            }

            var next = slope > 0 ? shift + (gain / slope) : double.PositiveInfinity;
            shift = next >= greatest && greatest == most && step < 2 ? most : next > least && next < greatest ? next : (least + greatest) / 2;
        }

        return least > 0 ? least : shift;
    }

    /// <summary>By how much the path that is left is dearer after a shift, and how fast that falls.</summary>
    private (double Gain, double Slope) GainAt(double shift)
    {
        var (gain, slope) = (0.0, 0.0);
        foreach (var link in _left)
        {
            var flow = Math.Max(0, Flows[link] - shift);
            gain += _functions.At(link, flow);
            slope += _functions.Slope(link, flow);
        }

        foreach (var link in _joined)
        {
            var flow = Flows[link] + shift;
            gain -= _functions.At(link, flow);
            slope += _functions.Slope(link, flow);
        }

        return (gain, slope);
    }
}
