using Twin.ScenarioEngine;
using Twin.ScenarioEngine.Traffic;
using Twin.Tests.Support;
using Xunit;

namespace Twin.Tests.Unit.ScenarioEngine.Traffic;

public sealed class UserEquilibriumTests
{
    private static readonly ValidationRecord Record = new("traffic-equilibrium");

    // Braess 1968: costs 10 v and 50 + v, 6 vehicles; the bridge 2 -> 3 costs 10 + v.
    private static readonly RoadLink[] WithoutBridge = [Linear(0, 2, 0, 10), Linear(0, 3, 50, 1), Linear(2, 1, 50, 1), Linear(3, 1, 0, 10)];

    [Fact]
    public void A_new_bridge_makes_everyone_slower_as_Braess_found()
    {
        var before = Assign(new RoadNetwork(4, WithoutBridge, []), [new(0, 1, 6)], 1e-12);
        var after = Assign(new RoadNetwork(4, [.. WithoutBridge, Linear(2, 3, 10, 1)], []), [new(0, 1, 6)], 1e-12);
        Record.Near("Braess, without the bridge: total cost", before.TotalCost, 498, 1e-6, "min", "Braess 1968, closed form: 6 x 83");
        Record.Near("Braess, with the bridge: total cost", after.TotalCost, 552, 1e-6, "min", "Braess 1968, closed form: 6 x 92");
        Assert.Equal([4, 2, 2, 4, 2], after.Flows.Select(static flow => Math.Round(flow, 6)));
    }

    [Fact]
    public void Two_routes_split_where_the_formula_says()
    {
        // 10 (1 + 0.15 (v/100)^4) = 11: v = 100 (2/3)^(1/4); the second route costs 11 at any flow.
        var flows = Assign(new RoadNetwork(2, [new(0, 1, 10, 100, 0.15, 4, 0), new(0, 1, 11, 1, 0, 0, 0)], []), [new(0, 1, 250)], 1e-13);
        Record.Near("two routes: flow on the road of rising cost", flows.Flows[0], 100 * Math.Pow(2.0 / 3, 0.25), 1e-6, "1", "closed form");
        Record.Near("two routes: cost", flows.Costs[0], 11, 1e-8, "min", "closed form");
    }

    [Fact]
    public void Parallel_links_cost_the_same_when_found_by_bisection()
    {
        (double T0, double Capacity, double B, double Power)[] roads = [(5, 400, 0.15, 4), (6, 700, 0.5, 2), (7, 500, 1, 1), (8, 900, 0.3, 5.5), (30, 900, 0.15, 4)];
        var (low, high) = (5.0, 1000.0);
        double Flow((double T0, double Capacity, double B, double Power) road, double cost) =>
            cost <= road.T0 ? 0 : road.Capacity * Math.Pow(((cost / road.T0) - 1) / road.B, 1 / road.Power);
        for (var i = 0; i < 200; i++)
        {
            var middle = (low + high) / 2;
            (low, high) = roads.Sum(road => Flow(road, middle)) > 3000 ? (low, middle) : (middle, high);
        }

        var found = Assign(new RoadNetwork(2, [.. roads.Select(static road => new RoadLink(0, 1, road.T0, road.Capacity, road.B, road.Power, 0))], []), [new(0, 1, 3000)], 1e-13);
        for (var i = 0; i < roads.Length; i++)
        {
            Record.Near($"five parallel links: flow on link {i + 1}", found.Flows[i], Flow(roads[i], low), 1e-6, "1", "bisection on the common cost to 1e-12");
        }
    }

    [Fact]
    public void A_grid_has_the_objective_of_Frank_and_Wolfe()
    {
        var town = new SeededNetwork(6, 90, 6, 110, 7);
        var (flows, gap, _) = FrankWolfe.Solve(town.Nodes, town.Links, town.Demand, 1e-5, 20_000);
        var found = Assign(town.Network, town.Trips, 1e-12);
        var (reference, total) = (FrankWolfe.Objective(town.Links, flows), found.TotalCost);

        // The gap bounds how far the objective of either may lie above the least one.
        Record.Within("grid of 36 nodes: objective", found.Objective, reference - (gap * total * 1.01), reference + (1e-12 * total), "min", "Frank-Wolfe in the test, to a gap of 1e-5, which bounds the objective from below");
        Assert.Equal(FrankWolfe.Objective(town.Links, found.Flows), found.Objective, found.Objective * 1e-12);
    }

    [Fact]
    public void Four_hundred_nodes_come_to_a_gap_of_1e_12_and_all_trips_arrive()
    {
        var town = new SeededNetwork(20, 900, 38, 12, 1);
        Assert.Equal((400, 900), (town.Nodes, town.Links.Length));
        var found = Assign(town.Network, town.Trips, 1e-12);
        Assert.True(found.Reached && found.TotalCost > 1.05 * Assign(town.Network, [.. town.Trips.Select(static trips => trips with { Trips = trips.Trips / 1e6 })], 1e-6).TotalCost * 1e6, "It is congested.");
        for (var node = 0; node < town.Nodes; node++)
        {
            var balance = town.Links.Select((link, i) => (link.From == node ? found.Flows[i] : 0) - (link.To == node ? found.Flows[i] : 0)).Sum();
            var wanted = town.Demand.Sum(trips => (trips.Origin == node ? trips.Trips : 0) - (trips.Destination == node ? trips.Trips : 0));
            Assert.Equal(wanted, balance, 1e-6);
        }
    }

    [Fact]
    public void The_order_of_the_demand_and_company_change_no_bit()
    {
        var town = new SeededNetwork(10, 300, 12, 60, 3);
        var shuffled = town.Trips;
        new Random(5).Shuffle(shuffled);
        var first = Assign(town.Network, town.Trips, 1e-9);
        Parallel.For(0, 4, _ => Assert.Equal(first.Flows, Assign(town.Network, shuffled, 1e-9).Flows));
    }

    [Fact]
    public void Centroids_are_not_passed_and_fixed_costs_count()
    {
        // By node 1, a centroid, it would be 2 min; by node 3, it is 5 min and a toll of 4.
        var network = new RoadNetwork(4, [Constant(0, 1, 1), Constant(1, 2, 1), Constant(0, 3, 3), new(3, 2, 2, 1, 0, 0, 4)], [1]);
        var found = Assign(network, [new(0, 2, 10), new(0, 0, 3)], 1e-9);
        Assert.Equal([0, 0, 10, 10], found.Flows);
        Assert.Equal((90, 3), (found.TotalCost, found.TripsWithin));
    }

    [Fact]
    public void Progress_is_told_and_an_end_before_the_gap_is_said()
    {
        var (town, gaps) = (new SeededNetwork(10, 300, 12, 60, 3), new Gaps());
        Assert.False(UserEquilibrium.Assign(town.Network, town.Trips, 1e-12, 2, gaps, TestContext.Current.CancellationToken).Reached);
        Assert.Equal([1, 2], gaps.Seen.Select(static seen => seen.Iteration));
        Assert.True(gaps.Seen[1].RelativeGap < gaps.Seen[0].RelativeGap);
        Assert.ThrowsAny<OperationCanceledException>(() => UserEquilibrium.Assign(town.Network, town.Trips, 1e-12, 9, null, new CancellationToken(true)));
    }

    [Fact]
    public void What_is_impossible_is_refused_by_its_name()
    {
        Refused("links[0].capacity", static () => new RoadNetwork(2, [new(0, 1, 1, -5, 0.15, 4, 0)], []));
        Refused("links[0].capacity", static () => new RoadNetwork(2, [new(0, 1, 1, 0, 0.15, 4, 0)], []));
        Refused("links[0].freeFlowTime", static () => new RoadNetwork(2, [new(0, 1, double.NaN, 1, 0.15, 4, 0)], []));
        Refused("links[0].power", static () => new RoadNetwork(2, [new(0, 1, 1, 1, 0.15, 0.5, 0)], []));
        Refused("links[0].b", static () => new RoadNetwork(2, [new(0, 1, 1, 1, -0.15, 4, 0)], []));
        Refused("links[0].to", static () => new RoadNetwork(2, [new(0, 2, 1, 1, 0.15, 4, 0)], []));
        Refused("noThroughNodes", static () => new RoadNetwork(2, [], [9]));
        var network = new RoadNetwork(3, [Constant(0, 1, 1)], []);
        Refused("demand[0]", () => Assign(network, [new(1, 0, 5)], 1e-6));
        Refused("demand[1]", () => Assign(network, [new(0, 1, 5), new(0, 1, 6)], 1e-6));
        Refused("demand[0].trips", () => Assign(network, [new(0, 1, -5)], 1e-6));
        Refused("demand[0].destination", () => Assign(network, [new(0, 7, 5)], 1e-6));
        Refused("relativeGap", () => Assign(network, [], 0));
    }

    private static RoadLink Linear(int from, int to, double constant, double slope) =>
        // t0 (1 + b v/c) with t0 = 1 and the rest of the constant as the fixed cost; t0 = 1e-8 as usual where there is none.
        constant > 0 ? new(from, to, 1, 1, slope, 1, constant - 1) : new(from, to, 1e-8, 1, slope * 1e8, 1, 0);

    private static RoadLink Constant(int from, int to, double time) => new(from, to, time, 1, 0, 0, 0);

    private static EquilibriumFlows Assign(RoadNetwork network, TripDemand[] demand, double gap) =>
        UserEquilibrium.Assign(network, demand, gap, 1000, null, TestContext.Current.CancellationToken);

    private static void Refused(string input, Func<object> what) => Assert.Equal(input, Assert.Throws<ModelInputException>(what).Input);

    private sealed class Gaps : IProgress<EquilibriumProgress>
    {
        public List<EquilibriumProgress> Seen { get; } = [];

        public void Report(EquilibriumProgress value) => Seen.Add(value);
    }
}
