using Twin.ScenarioEngine.Models;

namespace Twin.ScenarioEngine.Traffic;

/// <summary>How far an assignment has come.</summary>
/// <param name="Iteration">Searches for new paths so far.</param>
/// <param name="RelativeGap">See <see cref="EquilibriumFlows.RelativeGap"/>.</param>
public sealed record EquilibriumProgress(int Iteration, double RelativeGap);

/// <summary>Flows at which nobody gains by another path.</summary>
/// <param name="Flows">Vehicles on each link, in the order of the links.</param>
/// <param name="Costs">Cost of each link at its flow, min.</param>
/// <param name="Objective">Of Beckmann: the sum of the integrals of the cost functions, vehicle-min.</param>
/// <param name="TotalCost">Vehicle-min of all trips.</param>
/// <param name="RelativeGap">(total cost - total cost if all took the cheapest path at these costs) / total cost.</param>
/// <param name="Iterations">Searches for new paths that were needed.</param>
/// <param name="Reached">Whether the gap asked for was reached; if not, these flows are not an equilibrium to that gap.</param>
/// <param name="TripsWithin">Trips that end where they begin and enter no link.</param>
public sealed record EquilibriumFlows(
    IReadOnlyList<double> Flows, IReadOnlyList<double> Costs, double Objective, double TotalCost, double RelativeGap, int Iterations, bool Reached, double TripsWithin);

/// <summary>
/// Static traffic assignment in the user equilibrium of Wardrop (1952), as the convex programme of Beckmann, McGuire and
/// Winsten (1956): gradient projection on path flows (Jayakrishnan et al. 1994; Xie, Nie and Liu 2018,
/// doi:10.1287/trsc.2017.0767), pair of nodes by pair of nodes with the costs kept up to date, paths found as they become cheapest. One
/// thread, one order: the same bits everywhere.
/// </summary>
public static class UserEquilibrium
{
    private const int Sweeps = 20;

    /// <summary>What it is.</summary>
    public static ModelCard Card { get; } = new()
    {
        Id = "traffic-equilibrium",
        Version = "1.0.0",
        Title = "Traffic: user equilibrium",
        Use = ModelUse.Prospective,
        Inputs =
        [
            new("links", "1", "From, to, free-flow time (min), capacity (vehicles a period), b, power, fixed cost (min)"),
            new("demand", "1", "Vehicles a period from node to node"),
            new("relativeGap", "1", "At which to stop"),
        ],
        Outputs =
        [
            new("flows", "1", "Vehicles a period on each link"), new("costs", "min", "Of each link"), new("objective", "min", "Of Beckmann"),
            new("totalCost", "min", "Vehicle-minutes"), new("relativeGap", "1", "That was reached"),
        ],
        Sources =
        [
            "Bureau of Public Roads 1964, Traffic Assignment Manual", "Wardrop 1952, Proc. ICE 1(3), 325-362", "Beckmann, McGuire, Winsten 1956, Studies in the Economics of Transportation",
            "Xie, Nie, Liu 2018, Transportation Science 52(6), doi:10.1287/trsc.2017.0767",
        ],
        ValidFor = "Comparing networks and demands of a peak period by link flows and times, where everybody knows the network.",
        NotValidFor = "Queues and spill-back, traffic lights, the course within the period, demand that reacts to the times, emissions by speed. Flow may exceed capacity: it is then a sign, not a forecast.",
        Uncertainty = "The equilibrium is exact to the gap; the formula and the demand are not: modelled flows commonly differ from counts by tens of percent. Link flows are unique only where costs rise with the flow.",
    };

    /// <summary>Assigns trips to a network.</summary>
    /// <param name="network">The network.</param>
    /// <param name="demand">Each pair of nodes at most once.</param>
    /// <param name="relativeGap">At which to stop, 1e-14 to 1.</param>
    /// <param name="mostIterations">After which to stop in any case, 1 to 100,000.</param>
    /// <param name="progress">Told after every search for paths; may be null.</param>
    /// <param name="cancellation">Looked at between sweeps.</param>
    /// <exception cref="ModelInputException">Impossible demand, or demand without a path.</exception>
    public static EquilibriumFlows Assign(
        RoadNetwork network, IReadOnlyList<TripDemand> demand, double relativeGap, int mostIterations, IProgress<EquilibriumProgress>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(demand);
        Check(network, demand, relativeGap, mostIterations);
        var (state, search) = (new LinkState(network), new ShortestPaths(network));
        var pairs = Begin(network, demand, state, search, cancellation);
        for (var iteration = 1; ; iteration++)
        {
            var total = state.TotalCost();
            var cheapest = OfferCheapest(pairs, state, search, cancellation);
            var gap = total > 0 ? Math.Max(0, (total - cheapest) / total) : 0;
            progress?.Report(new EquilibriumProgress(iteration, gap));
            if (gap <= relativeGap || iteration == mostIterations)
            {
                var within = demand.Where(static trips => trips.Origin == trips.Destination).Sum(static trips => trips.Trips);
                return new EquilibriumFlows(state.Flows, state.Costs, state.Objective(), total, gap, iteration, gap <= relativeGap, within);
            }

            Sweep(pairs, state, gap * total, relativeGap * total, cancellation);
        }
    }

    /// <summary>Everybody on the path that is cheapest when they come, by origin.</summary>
    private static PathFlows[] Begin(RoadNetwork network, IReadOnlyList<TripDemand> demand, LinkState state, ShortestPaths search, CancellationToken cancellation)
    {
        var ordered = demand.Select(static (trips, place) => (Trips: trips, Place: place)).Where(static item => item.Trips.Trips > 0 && item.Trips.Origin != item.Trips.Destination)
            .OrderBy(static item => item.Trips.Origin).ThenBy(static item => item.Trips.Destination).ToArray();
        var pairs = new PathFlows[ordered.Length];
        for (var i = 0; i < ordered.Length; i++)
        {
            var (trips, place) = ordered[i];
            if (i == 0 || trips.Origin != ordered[i - 1].Trips.Origin)
            {
                cancellation.ThrowIfCancellationRequested();
                state.Reprice();
                search.Search(trips.Origin, state.Costs);
            }

            if (double.IsPositiveInfinity(search.CostTo(trips.Destination)))
            {
                throw new ModelInputException($"demand[{place}]", $"No path leads from node {trips.Origin} to node {trips.Destination} of {network.Nodes}, for {trips.Trips} trips.");
            }

            pairs[i] = new PathFlows(trips);
            pairs[i].Begin(search.PathTo(trips.Destination), state);
        }

        state.Reprice();
        return pairs;
    }

    /// <summary>Offers every pair its cheapest path; gives the cost if all took it.</summary>
    private static double OfferCheapest(PathFlows[] pairs, LinkState state, ShortestPaths search, CancellationToken cancellation)
    {
        var (sum, origin) = (0.0, -1);
        foreach (var pair in pairs)
        {
            if (pair.Demand.Origin != origin)
            {
                cancellation.ThrowIfCancellationRequested();
                origin = pair.Demand.Origin;
                search.Search(origin, state.Costs);
            }

            sum += pair.Demand.Trips * search.CostTo(pair.Demand.Destination);
            pair.Offer(search.PathTo(pair.Demand.Destination));
        }

        return sum;
    }

    /// <summary>
    /// Brings the known paths into balance, pair after pair, until what remains is small beside what was there: better
    /// would be in vain before new paths are known. Then the flows are summed anew, so that no rounding adds up.
    /// </summary>
    private static void Sweep(PathFlows[] pairs, LinkState state, double excess, double aim, CancellationToken cancellation)
    {
        var enough = Math.Max(excess * 0.02, aim * 0.1);
        var negligible = enough * 0.1 / Math.Max(1, pairs.Length);
        for (var sweep = 0; sweep < Sweeps; sweep++)
        {
            cancellation.ThrowIfCancellationRequested();
            var remaining = 0.0;
            foreach (var pair in pairs)
            {
                remaining += pair.HasChoice ? pair.Equilibrate(state, negligible) : 0;
            }

            if (remaining <= enough)
            {
                break;
            }
        }

        state.Clear();
        foreach (var pair in pairs)
        {
            pair.Load(state);
        }

        state.Reprice();
    }

    private static void Check(RoadNetwork network, IReadOnlyList<TripDemand> demand, double relativeGap, int mostIterations)
    {
        if (!(relativeGap is >= 1e-14 and <= 1))
        {
            throw new ModelInputException("relativeGap", $"{relativeGap} is not between 1e-14 and 1.");
        }

        if (mostIterations is < 1 or > 100_000)
        {
            throw new ModelInputException("mostIterations", $"{mostIterations} is not between 1 and 100,000.");
        }

        var seen = new HashSet<(int, int)>();
        for (var i = 0; i < demand.Count; i++)
        {
            var trips = demand[i] ?? throw new ModelInputException($"demand[{i}]", "It is missing.");
            network.CheckNode($"demand[{i}].origin", trips.Origin);
            network.CheckNode($"demand[{i}].destination", trips.Destination);
            if (!(trips.Trips >= 0 && double.IsFinite(trips.Trips)))
            {
                throw new ModelInputException($"demand[{i}].trips", $"{trips.Trips} vehicles is not at least 0 and finite.");
            }

            if (!seen.Add((trips.Origin, trips.Destination)))
            {
                throw new ModelInputException($"demand[{i}]", $"The trips from node {trips.Origin} to node {trips.Destination} are given twice.");
            }
        }
    }
}
