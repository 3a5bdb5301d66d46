using System.Text.Json.Nodes;

namespace Twin.Node.Districts;

/// <summary>The buildings: halls that are kept, new apartment houses, terraced houses, shared buildings.</summary>
internal static class Buildings
{
    private static readonly string[] NewHousing = ["timber", "brick", "concrete", "straw"];

    public static IEnumerable<DistrictEntity> Of(Quarter q) => q.Layout.Plots.Select(plot =>
    {
        var draws = q.Draws(q.BuildingId(plot));
        var facts = Describe(q, plot, ref draws);
        var entity = q
            .Begin("Building", q.Local(plot), "Buildings")
            .Named("name", facts.Name)
            .Texts("category", facts.Category)
            .Address($"{q.Plan.Streets[StreetOf(q, plot)]} {1 + (2 * plot.Index)}")
            .Polygon(plot.Building)
            .Number("floorsAboveGround", facts.Floors, "C62", 0)
            .Number("height", facts.Height, "MTR")
            .Number("footprintArea", plot.Footprint, "MTK")
            .Number("floorArea", plot.Footprint * facts.Floors, "MTK", 0)
            .Number("yearBuilt", facts.Year, null, 0)
            .Text("structure", facts.Structure)
            .Flag("heritage", plot.Use == StripUse.Halls)
            .Number("annualHeatingDemand", plot.Footprint * facts.Floors * facts.HeatPerArea, "KWH", 0)
            .Relates("parcel", q.Id("CadastralParcel", q.Local(plot)))
            .Relates("containedInArea", q.District)
            .Relates("owner", plot.Use == StripUse.Halls ? q.TownHall : q.Owner(plot));
        BuildingPhysics.Describe(entity, q, plot, facts.Category, facts.Floors, facts.Height, facts.Year);
        if (Energy.RoofOf(q, plot) is { } roof)
        {
            entity.Value("photovoltaics", new JsonArray((JsonNode)new JsonObject { ["peakPower"] = Math.Round(roof.Power * 1000), ["tilt"] = roof.Tilt, ["azimuth"] = roof.Azimuth, ["losses"] = 0.14 }));
        }

        return (plot.Use == StripUse.Halls ? entity.RelatesAll("occupier", [q.Owner(plot)]) : entity).End();
    });

    /// <summary>The street south of the plot's strip.</summary>
    private static int StreetOf(Quarter q, Plot plot)
    {
        var strips = q.Plan.Strips;
        var perStrip = q.Of(plot.Use).Count() / strips.Count(s => s.Use == plot.Use);
        var nth = plot.Index / perStrip;
        var strip = Enumerable.Range(0, strips.Count).Where(i => strips[i].Use == plot.Use).ElementAt(nth);
        return strip - 1;
    }

    private static Facts Describe(Quarter q, Plot plot, ref Draws draws)
    {
        switch (plot.Use)
        {
            case StripUse.Halls:
                var hall = q.Plan.Halls[plot.Index];
                return new(hall.Name, hall.Category, hall.Floors, (hall.Floors * 4.4) + draws.Between(0.8, 2), draws.Whole(1880, 1932), "brick", draws.Whole(95, 180));
            case StripUse.Apartments:
                var floors = draws.Whole(3, 5);
                var letter = (char)('A' + plot.Index);
                return new(
                    new($"Résidence {letter}", $"Wohnhaus {letter}", $"Apartments {letter}"), "apartments", floors, (floors * 3.05) + draws.Between(0.5, 1.2),
                    draws.Whole(2021, 2025), draws.Pick(NewHousing), draws.Whole(18, 38));
            case StripUse.Houses:
                var storeys = draws.Whole(2, 3);
                return new(
                    new($"Maison {plot.Index + 1}", $"Reihenhaus {plot.Index + 1}", $"Terraced house {plot.Index + 1}"), "terrace", storeys,
                    (storeys * 2.9) + draws.Between(0.6, 2.4), draws.Whole(2019, 2025), draws.Pick(NewHousing), draws.Whole(20, 45));
            default:
                var commons = q.Plan.Commons[plot.Index];
                return new(commons.Name, commons.Category, 2, draws.Between(7, 8.5), draws.Whole(2022, 2025), "timber", draws.Whole(15, 30));
        }
    }

    private readonly record struct Facts(Wording Name, string Category, int Floors, double Height, int Year, string Structure, int HeatPerArea);
}
