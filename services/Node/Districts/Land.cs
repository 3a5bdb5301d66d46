using System.Text.Json.Nodes;

namespace Twin.Node.Districts;

/// <summary>The organisations, the district itself, its parcels, streets, green, stream and trees.</summary>
internal static class Land
{
    private static readonly string[] StreetTrees = ["Tilia cordata", "Acer campestre", "Fraxinus ornus", "Celtis australis", "Ostrya carpinifolia"];
    private static readonly string[] ParkTrees = ["Alnus glutinosa", "Salix alba", "Quercus robur", "Ulmus laevis", "Populus nigra", "Carpinus betulus"];
    private static readonly string[] YardTrees = ["Malus domestica", "Prunus avium", "Pyrus communis", "Amelanchier lamarckii"];

    public static IEnumerable<DistrictEntity> Of(Quarter q) =>
        Bodies(q).Append(District(q)).Concat(Parcels(q)).Concat(Streets(q)).Concat(Green(q)).Concat(Trees(q));

    private static IEnumerable<DistrictEntity> Bodies(Quarter q) => q.Plan.Bodies.Select(body => q
        .Begin("Organization", body.Key, "Organisations")
        .Named("name", body.Name)
        .Text("organizationType", body.Kind)
        .Address(q.Plan.Streets[0])
        .End());

    private static DistrictEntity District(Quarter q) => q
        .Begin("AdministrativeArea", "district", "Land")
        .Named("name", q.Plan.Name)
        .Polygon(q.Layout.Boundary)
        .Number("area", Shapes.Area(q.Layout.Boundary), "MTK", 0)
        .Value("climate", new JsonObject { ["weather"] = q.Weather })
        .Value("energyTerms", EnergyTerms())
        .Relates("owner", q.TownHall)
        .End();

    /// <summary>Factors of the order of France's (RE2020, 3CL-DPE 2021) and prices of 2025, for demonstration.</summary>
    public static JsonObject EnergyTerms() => new()
    {
        ["carriers"] = new JsonObject
        {
            ["electricity"] = Carrier(0.0, 2.3, 0.064, 0.21),
            ["naturalGas"] = Carrier(0, 1, 0.227, 0.11),
            ["districtHeat"] = Carrier(0.5, 0.5, 0.1, 0.10),
            ["biomass"] = Carrier(1, 0, 0.03, 0.07),
            ["oil"] = Carrier(0, 1, 0.324, 0.12),
        },
        ["exportPrice"] = 0.08,
        ["sharing"] = "none",
    };

    private static JsonObject Carrier(double renewable, double nonRenewable, double carbon, double price) =>
        new() { ["renewable"] = renewable, ["nonRenewable"] = nonRenewable, ["carbon"] = carbon, ["price"] = price };

    private static IEnumerable<DistrictEntity> Parcels(Quarter q) => q.Layout.Plots.Select(plot => q
        .Begin("CadastralParcel", q.Local(plot), "Land")
        .Text("nationalCadastralReference", $"{q.Plan.PostalCode}-{q.Tile:00}-{plot.Use.ToString()[..1]}{plot.Index + 1:0000}")
        .Polygon(plot.Parcel)
        .Number("area", plot.ParcelArea, "MTK")
        .Number("sealedShare", 100 * Math.Min(1, (plot.Footprint / plot.ParcelArea) + Paved(plot.Use)), "P1")
        .Relates("containedInArea", q.District)
        .Relates("owner", q.Owner(plot))
        .End());

    /// <summary>Share of a parcel that is sealed besides its building: yards of halls are paved, gardens of houses are not.</summary>
    private static double Paved(StripUse use) => use switch
    {
        StripUse.Halls => 0.22,
        StripUse.Apartments => 0.12,
        StripUse.Houses => 0.08,
        _ => 0.15,
    };

    private static IEnumerable<DistrictEntity> Streets(Quarter q) => q.Layout.Streets.Select(street => q
        .Begin("RoadSegment", $"street-{street.Index + 1}", "Streets")
        .Text("roadName", q.Plan.Streets[street.Index])
        .Line(street.From, street.To)
        .Number("width", DistrictPlan.StreetWidth, "MTR")
        .Number("totalLaneNumber", 2, "C62", 0)
        .Number("maximumAllowedSpeed", street.Index == 0 ? 20 : 30, "KMH", 0)
        .Relates("containedInArea", q.District)
        .End());

    private static IEnumerable<DistrictEntity> Green(Quarter q)
    {
        foreach (var green in q.Layout.Greens)
        {
            var bank = green.Key == "south" ? new Wording("rive sud", "Südufer", "south bank") : new Wording("rive nord", "Nordufer", "north bank");
            yield return q
                .Begin("Garden", green.Key, "Green")
                .Named("name", new($"Parc du {q.Plan.Stream}, {bank.Fr}", $"Park am {q.Plan.Stream}, {bank.De}", $"{q.Plan.Stream} park, {bank.En}"))
                .Texts("gardenCategory", "public")
                .Text("openingHours", "Mo-Su")
                .Polygon(green.Ring)
                .Number("area", Shapes.Area(green.Ring), "MTK")
                .Text("renaturation", green.Key == "south" ? "completed" : "planned")
                .Relates("containedInArea", q.District)
                .Relates("owner", q.TownHall)
                .End();
        }

        yield return q
            .Begin("RiverBodyOfWater", "stream", "Water")
            .Named("name", new(q.Plan.Stream, q.Plan.Stream, q.Plan.Stream))
            .Polygon(q.Layout.Stream)
            .Number("area", Shapes.Area(q.Layout.Stream), "MTK")
            .Number("width", 5, "MTR")
            .Text("renaturation", "completed")
            .Relates("containedInArea", q.District)
            .Relates("owner", q.TownHall)
            .End();
    }

    private static IEnumerable<DistrictEntity> Trees(Quarter q) => q.Layout.Trees.Select((tree, i) =>
    {
        var draws = q.Draws(q.Id("Tree", $"{i + 1:0000}"));
        var age = draws.Whole(3, tree.Place == "park" ? 90 : 45);
        var species = draws.Pick(tree.Place switch { "park" => ParkTrees, "yard" => YardTrees, _ => StreetTrees });
        var height = Math.Min(tree.Place == "yard" ? 7 : 24, 2.5 + (age * draws.Between(0.22, 0.34)));
        var entity = q
            .Begin("Tree", $"{i + 1:0000}", "Trees")
            .Texts("taxon", species)
            .Text("plantedAlong", tree.Place)
            .Point(tree.Spot)
            .Number("height", height, "MTR")
            .Number("crownDiameter", height * draws.Between(0.35, 0.6), "MTR")
            .Number("trunkCircumference", 8 + (age * draws.Between(1.6, 2.4)), "CMT", 0)
            .Number("plantingYear", q.Plan.ObservedAt.Year - age, null, 0);
        return (tree.Place == "park" ? entity.Relates("refGarden", q.Id("Garden", "north")) : entity)
            .Relates("containedInArea", q.District)
            .Relates("owner", q.TownHall)
            .End();
    });
}
