namespace Twin.Node.Districts;

/// <summary>What residents share: rooms, tools, cargo bicycles.</summary>
internal static class Sharing
{
    private static readonly (string Key, string Category, Wording Name)[] Equipment =
    [
        ("cnc", "workshop", new("Fraiseuse numérique", "CNC-Fräse", "CNC mill")),
        ("laser", "workshop", new("Découpe laser", "Lasercutter", "Laser cutter")),
        ("printer", "workshop", new("Imprimante 3D", "3D-Drucker", "3D printer")),
        ("loom", "workshop", new("Métier à tisser", "Webstuhl", "Loom")),
        ("sewing", "workshop", new("Machine à coudre industrielle", "Industrienähmaschine", "Industrial sewing machine")),
        ("press", "kitchen", new("Presse à jus", "Saftpresse", "Juice press")),
        ("ladder", "tools", new("Échafaudage roulant", "Rollgerüst", "Rolling scaffold")),
        ("drill", "tools", new("Perforateur", "Bohrhammer", "Rotary hammer")),
        ("sander", "tools", new("Ponceuse à parquet", "Parkettschleifmaschine", "Floor sander")),
        ("projector", "events", new("Vidéoprojecteur", "Beamer", "Projector")),
        ("tables", "events", new("Tables et bancs", "Festzeltgarnituren", "Tables and benches")),
        ("shredder", "garden", new("Broyeur de végétaux", "Gartenhäcksler", "Garden shredder")),
    ];

    public static IEnumerable<DistrictEntity> Of(Quarter q) => Rooms(q).Concat(Things(q)).Concat(CargoBikes(q));

    private static IEnumerable<DistrictEntity> Rooms(Quarter q) => q.Of(StripUse.Commons).Concat(q.Of(StripUse.Halls).Take(2)).Select((plot, i) =>
    {
        var draws = q.Draws(q.Id("MeetingRoom", $"{i}"));
        return q
            .Begin("MeetingRoom", $"room-{i + 1}", "Sharing")
            .Named("name", new($"Salle partagée {i + 1}", $"Gemeinschaftsraum {i + 1}", $"Shared room {i + 1}"))
            .Point(plot.Inside)
            .Number("peopleCapacity", 5 * draws.Whole(2, 16), "C62", 0)
            .Number("floorArea", draws.Between(18, 140), "MTK")
            .Flag("availableForBooking", draws.Chance(0.8))
            .Relates("locatedIn", q.BuildingId(plot))
            .Relates("owner", q.Owner(plot))
            .End();
    });

    private static IEnumerable<DistrictEntity> Things(Quarter q)
    {
        var workshop = q.Of(StripUse.Commons).First(p => q.Plan.Commons[p.Index].Category == "service");
        return Equipment.Select(thing => q
            .Begin("SharedEquipment", thing.Key, "Sharing")
            .Named("name", thing.Name)
            .Text("equipmentCategory", thing.Category)
            .Point(workshop.Inside)
            .Flag("availableForBooking", q.Draws(q.Id("SharedEquipment", thing.Key)).Chance(0.7))
            .Relates("locatedIn", q.BuildingId(workshop))
            .Relates("owner", q.Body(q.Plan.Roles.Lending))
            .End());
    }

    private static IEnumerable<DistrictEntity> CargoBikes(Quarter q)
    {
        var hub = q.Of(StripUse.Commons).First(p => q.Plan.Commons[p.Index].Category == "transportation");
        return Enumerable.Range(1, 5).Select(i => q
            .Begin("Vehicle", $"cargobike-{i}", "Sharing")
            .Named("name", new($"Vélo-cargo {i}", $"Lastenrad {i}", $"Cargo bicycle {i}"))
            .Text("vehicleType", "e-bike")
            .Texts("vehicleCategory", "public")
            .Texts("serviceProvided", "cargoTransport")
            .Text("serviceStatus", "parked")
            .Point(hub.Inside)
            .Number("battery", q.Draws(q.Id("Vehicle", $"cargobike-{i}")).Between(0.3, 1), "C62", 2, observed: true)
            .Flag("availableForBooking", true)
            .Relates("locatedIn", q.BuildingId(hub))
            .Relates("owner", q.Body(q.Plan.Roles.Lending))
            .End());
    }
}
