using Twin.ScenarioEngine.Traffic;

namespace Twin.Tests.Unit.ScenarioEngine.Traffic;

/// <summary>A town of streets in a grid, made from a seed: the same everywhere.</summary>
public sealed class SeededNetwork
{
    /// <summary>Makes it: every street of a tree of the grid in both directions, then further directed links up to their number.</summary>
    public SeededNetwork(int width, int links, int zones, double trips, int seed)
    {
        var (random, nodes) = (new Random(seed), width * width);
        var list = new List<FrankWolfe.Link>();
        var further = new List<(int From, int To)>();
        for (var node = 0; node < nodes; node++)
        {
            foreach (var to in new[] { node % width < width - 1 ? node + 1 : -1, node < nodes - width ? node + width : -1 }.Where(static to => to >= 0))
            {
                // The comb: the first column and all rows, so that every node reaches every other.
                if (to == node + 1 || node % width == 0)
                {
                    list.Add(Make(random, node, to));
                    list.Add(Make(random, to, node));
                }
                else
                {
                    further.Add((node, to));
                    further.Add((to, node));
                }
            }
        }

        var order = further.ToArray();
        random.Shuffle(order);
        list.AddRange(order.Take(links - list.Count).Select(pair => Make(random, pair.From, pair.To)));
        var places = Enumerable.Range(0, nodes).ToArray();
        random.Shuffle(places);
        Nodes = nodes;
        Links = [.. list];
        Demand = [.. places.Take(zones).SelectMany(from => places.Take(zones).Where(to => to != from).Select(to => (from, to, trips * (0.5 + random.NextDouble()))))];
    }

    public int Nodes { get; }

    public FrankWolfe.Link[] Links { get; }

    public (int Origin, int Destination, double Trips)[] Demand { get; }

    public RoadNetwork Network => new(Nodes, [.. Links.Select(static link => new RoadLink(link.From, link.To, link.Time, link.Capacity, link.B, link.Power, 0))], []);

    public TripDemand[] Trips => [.. Demand.Select(static trips => new TripDemand(trips.Origin, trips.Destination, trips.Trips))];

    private static FrankWolfe.Link Make(Random random, int from, int to) => new(from, to, 0.5 + random.NextDouble(), 600 + (1200 * random.NextDouble()), 0.15, 4);
}
