namespace Twin.Tests.Unit.ScenarioEngine.Traffic;

/// <summary>
/// The method of Frank and Wolfe (1956) with bisection for the step, plainly written and sharing nothing with the product:
/// the oracle on networks without a closed form, and the naive reference of the benchmark.
/// </summary>
public static class FrankWolfe
{
    public sealed record Link(int From, int To, double Time, double Capacity, double B, double Power);

    public static (double[] Flows, double Gap, int Iterations) Solve(int nodes, Link[] links, (int Origin, int Destination, double Trips)[] demand, double gap, int most)
    {
        var flows = AllOrNothing(nodes, links, demand, new double[links.Length]).Flows;
        for (var iteration = 1; ; iteration++)
        {
            var (target, cheapest) = AllOrNothing(nodes, links, demand, flows);
            var total = links.Select((link, i) => flows[i] * Cost(link, flows[i])).Sum();
            var reached = (total - cheapest) / total;
            if (reached <= gap || iteration == most)
            {
                return (flows, reached, iteration);
            }

            var (low, high) = (0.0, 1.0);
            for (var i = 0; i < 50; i++)
            {
                var middle = (low + high) / 2;
                var slope = links.Select((link, j) => (target[j] - flows[j]) * Cost(link, flows[j] + (middle * (target[j] - flows[j])))).Sum();
                (low, high) = slope > 0 ? (low, middle) : (middle, high);
            }

            flows = [.. flows.Select((flow, i) => flow + (low * (target[i] - flow)))];
        }
    }

    public static double Objective(Link[] links, IReadOnlyList<double> flows) =>
        links.Select((link, i) => link.Time * (flows[i] + (link.B * link.Capacity / (link.Power + 1) * Math.Pow(flows[i] / link.Capacity, link.Power + 1)))).Sum();

    private static double Cost(Link link, double flow) => link.Time * (1 + (link.B * Math.Pow(flow / link.Capacity, link.Power)));

    private static (double[] Flows, double Cost) AllOrNothing(int nodes, Link[] links, (int Origin, int Destination, double Trips)[] demand, double[] at)
    {
        var costs = links.Select((link, i) => Cost(link, at[i])).ToArray();
        var outgoing = links.Select(static (link, i) => (link.From, i)).ToLookup(static pair => pair.From, static pair => pair.i);
        var (flows, sum) = (new double[links.Length], 0.0);
        foreach (var group in demand.GroupBy(static trips => trips.Origin))
        {
            var (cost, by) = (Enumerable.Repeat(double.PositiveInfinity, nodes).ToArray(), Enumerable.Repeat(-1, nodes).ToArray());
            var queue = new PriorityQueue<int, double>([(group.Key, 0.0)]);
            cost[group.Key] = 0;
            while (queue.TryDequeue(out var node, out var reached))
            {
                foreach (var i in reached > cost[node] ? [] : outgoing[node])
                {
                    if (reached + costs[i] < cost[links[i].To])
                    {
                        (cost[links[i].To], by[links[i].To]) = (reached + costs[i], i);
                        queue.Enqueue(links[i].To, reached + costs[i]);
                    }
                }
            }

            foreach (var (_, destination, trips) in group)
            {
                sum += trips * cost[destination];
                for (var node = destination; node != group.Key; node = links[by[node]].From)
                {
                    flows[by[node]] += trips;
                }
            }
        }

        return (flows, sum);
    }
}
