namespace Twin.Node.Districts;

/// <summary>The autonomous shuttle with its line and stops, bicycle stations, charging points.</summary>
internal static class Mobility
{
    public static IEnumerable<DistrictEntity> Of(Quarter q) => Shuttle(q).Concat(Bicycles(q)).Concat(Charging(q));

    private static IEnumerable<DistrictEntity> Shuttle(Quarter q)
    {
        var (south, north) = (q.Layout.Streets[0], q.Layout.Streets[^1]);
        Spot[] stops =
        [
            Along(south, 0.1), Along(south, 0.5), Along(south, 0.9), Along(north, 0.9), Along(north, 0.5), Along(north, 0.1),
        ];
        var stopIds = Enumerable.Range(1, stops.Length).Select(i => q.Id("GtfsStop", $"stop-{i}")).ToArray();
        for (var i = 0; i < stops.Length; i++)
        {
            var street = q.Plan.Streets[i < 3 ? 0 : ^1];
            var end = (i % 3) switch { 0 => new Wording("ouest", "West", "west"), 1 => new Wording("milieu", "Mitte", "middle"), _ => new Wording("est", "Ost", "east") };
            yield return q
                .Begin("GtfsStop", $"stop-{i + 1}", "Mobility")
                .Named("name", new($"{street} ({end.Fr})", $"{street} ({end.De})", $"{street} ({end.En})"))
                .Text("code", $"S{i + 1}")
                .Point(stops[i])
                .Relates("operatedBy", q.Body(q.Plan.Roles.Mobility))
                .End();
        }

        yield return q
            .Begin("GtfsRoute", "shuttle", "Mobility")
            .Named("name", q.Plan.ShuttleLine)
            .Text("shortName", "N1")
            .Text("routeType", "3")
            .Line([.. stops, stops[0]])
            .RelatesAll("hasStop", stopIds)
            .Relates("operatedBy", q.Body(q.Plan.Roles.Mobility))
            .End();

        for (var i = 1; i <= 2; i++)
        {
            var draws = q.Draws(q.Id("Vehicle", $"shuttle-{i}"));
            yield return q
                .Begin("Vehicle", $"shuttle-{i}", "Mobility")
                .Named("name", new($"Navette {i}", $"Shuttle {i}", $"Shuttle {i}"))
                .Text("vehicleType", "minibus")
                .Texts("vehicleCategory", "public")
                .Texts("serviceProvided", "urbanTransit")
                .Text("serviceStatus", "onRoute")
                .Text("automationLevel", "SAE J3016 level 4")
                .Point(Along(i == 1 ? south : north, draws.Between(0.15, 0.85)))
                .Number("speed", draws.Between(6, 15), "KMH", 1, observed: true)
                .Number("heading", draws.Between(0, 359), "DD", 0, observed: true)
                .Number("battery", draws.Between(0.35, 0.95), "C62", 2, observed: true)
                .Relates("servesRoute", q.Id("GtfsRoute", "shuttle"))
                .Relates("operatedBy", q.Body(q.Plan.Roles.Mobility))
                .End();
        }
    }

    private static IEnumerable<DistrictEntity> Bicycles(Quarter q) => Enumerable.Range(0, 3).Select(i =>
    {
        var draws = q.Draws(q.Id("BikeHireDockingStation", $"{i}"));
        var total = draws.Whole(10, 20);
        var here = draws.Whole(1, total - 1);
        return q
            .Begin("BikeHireDockingStation", $"bikes-{i + 1}", "Mobility")
            .Named("name", new($"Station vélos {i + 1}", $"Radstation {i + 1}", $"Bicycle station {i + 1}"))
            .Point(Along(q.Layout.Streets[i], 0.3 + (0.2 * i)))
            .Number("totalSlotNumber", total, "C62", 0)
            .Number("availableBikeNumber", here, "C62", 0, observed: true)
            .Number("freeSlotNumber", total - here, "C62", 0, observed: true)
            .Text("status", "working")
            .Relates("operatedBy", q.Body(q.Plan.Roles.Mobility))
            .End();
    });

    private static IEnumerable<DistrictEntity> Charging(Quarter q) => q.Layout.Streets.Select(street =>
    {
        var draws = q.Draws(q.Id("EVChargingStation", $"{street.Index}"));
        var capacity = draws.Whole(2, 6);
        return q
            .Begin("EVChargingStation", $"charging-{street.Index + 1}", "Mobility")
            .Named("name", new($"Bornes {q.Plan.Streets[street.Index]}", $"Ladepunkte {q.Plan.Streets[street.Index]}", $"Charging points {q.Plan.Streets[street.Index]}"))
            .Point(Along(street, 0.7))
            .Texts("socketType", "Type2")
            .Number("capacity", capacity, "C62", 0)
            .Number("availableCapacity", draws.Whole(0, capacity), "C62", 0, observed: true)
            .Relates("operator", q.Body(q.Plan.Roles.Mobility))
            .End();
    });

    /// <summary>At the kerb, <paramref name="share"/> of the way along the street.</summary>
    private static Spot Along(Street street, double share) => street.From.Shift((street.To.U - street.From.U) * share, -2);
}
