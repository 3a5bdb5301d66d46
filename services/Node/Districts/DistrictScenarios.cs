using System.Text.Json.Nodes;

namespace Twin.Node.Districts;

/// <summary>A scenario of a district: what the service of scenarios takes.</summary>
/// <param name="Key">Short name, such as <c>green-commons</c>.</param>
/// <param name="Name">In the language of the city.</param>
/// <param name="Description">In the language of the city.</param>
/// <param name="Interventions">In their order.</param>
internal sealed record DistrictScenario(string Key, string Name, string Description, JsonArray Interventions);

/// <summary>
/// What there is in a district of the demo, and three ways on, each a pure function of plan and seed: the halls renovated
/// soberly, the ground and what people share first, or more people and uses on the same ground. Sizes and values are invented.
/// </summary>
internal sealed class DistrictScenarios
{
    private readonly Quarter _q;
    private readonly LocalFrame _frame;

    private DistrictScenarios(DistrictPlan plan, ulong seed)
    {
        _frame = new LocalFrame(plan);
        _q = new Quarter(plan, new EntityWriter(plan, _frame), DistrictLayout.Of(plan, seed, 0), seed, 0, plan.Weather(seed).Hash);
    }

    /// <summary>All four, for the first district of the plan.</summary>
    public static IReadOnlyList<DistrictScenario> Of(DistrictPlan plan, ulong seed)
    {
        var district = new DistrictScenarios(plan, seed);
        string Say(Wording wording) => plan.Country == "DE" ? wording.De : wording.Fr;
        return
        [
            new(
                "as-it-is",
                Say(new("L'existant", "Wie es ist", "As it is")),
                Say(new("Le quartier sans intervention, pour comparer.", "Das Quartier ohne Eingriff, zum Vergleich.", "The district without interventions, to compare with.")),
                []),
            new(
                "sober-renovation",
                Say(new("Rénovation sobre", "Genügsame Sanierung", "Sober renovation")),
                Say(new(
                    "Les halles sont isolées et chauffées par des pompes à chaleur ; leurs toits produisent, le quartier partage.",
                    "Die Hallen werden gedämmt und mit Wärmepumpen beheizt; ihre Dächer erzeugen Strom, das Quartier teilt ihn.",
                    "The halls are insulated and heated by heat pumps; their roofs produce, the district shares.")),
                [.. district.Sober()]),
            new(
                "green-commons",
                Say(new("Communs verts", "Grüne Allmende", "Green commons")),
                Say(new(
                    "Les cours sont désimperméabilisées et plantées ; outils, vélos-cargos et navette se partagent.",
                    "Die Höfe werden entsiegelt und bepflanzt; Werkzeug, Lastenräder und Shuttle werden geteilt.",
                    "The yards are unsealed and planted; tools, cargo bicycles and a shuttle are shared.")),
                [.. district.Green()]),
            new(
                "dense-and-mixed",
                Say(new("Dense et mixte", "Dicht und gemischt", "Dense and mixed")),
                Say(new(
                    "Une halle fait place à deux immeubles, d'autres deviennent logements et bureaux ; des bornes de recharge s'ajoutent.",
                    "Eine Halle weicht zwei Wohnhäusern, andere werden Wohnungen und Büros; Ladepunkte kommen hinzu.",
                    "A hall makes way for two houses, others become homes and offices; charge points are added.")),
                [.. district.Dense()]),
        ];
    }

    private IEnumerable<JsonNode> Sober()
    {
        foreach (var hall in _q.Of(StripUse.Halls))
        {
            yield return Retrofit(hall, wall: 0.25);
            yield return new JsonObject { ["type"] = "heatSupply", ["entity"] = _q.BuildingId(hall), ["kind"] = "groundHeatPump", ["flowTemperature"] = 45, ["hotWaterTemperature"] = 55, ["groundTemperature"] = 8 };
            yield return new JsonObject { ["type"] = "addPhotovoltaics", ["entity"] = _q.BuildingId(hall), ["peakPower"] = Math.Round(hall.Footprint * 60), ["tilt"] = 10, ["azimuth"] = 180, ["losses"] = 0.14 };
        }

        yield return Sharing();
        yield return new JsonObject { ["type"] = "battery", ["entity"] = _q.BuildingId(_q.Of(StripUse.Halls).First()), ["capacity"] = 400, ["power"] = 150, ["chargeEfficiency"] = 0.96, ["dischargeEfficiency"] = 0.96 };
    }

    private IEnumerable<JsonNode> Green()
    {
        foreach (var hall in _q.Of(StripUse.Halls))
        {
            // Half of the paved yard: the other half carries deliveries and fire engines.
            yield return new JsonObject { ["type"] = "unseal", ["entity"] = _q.Id("CadastralParcel", _q.Local(hall)), ["area"] = Math.Round(hall.ParcelArea * 0.11), ["cover"] = hall.Index % 2 == 0 ? "planting" : "meadow" };
            yield return new JsonObject { ["type"] = "plantTrees", ["area"] = Ring(Yard(hall)), ["count"] = 4, ["species"] = "Acer campestre", ["height"] = 6, ["crownDiameter"] = 3.5 };
        }

        foreach (var (category, units) in new[] { ("tools", 12), ("cargoBike", 8) })
        {
            yield return new JsonObject { ["type"] = "sharedPool", ["category"] = category, ["units"] = units, ["place"] = Place(Hub.Inside), ["locatedIn"] = _q.BuildingId(Hub) };
        }

        yield return new JsonObject
        {
            ["type"] = "shuttleLine", ["name"] = "Ligne des communs", ["headway"] = 12, ["fleet"] = 2, ["speed"] = 12, ["capacity"] = 10,
            ["stops"] = new JsonArray(Stop("Pôle", Hub.Inside), Stop("Ateliers", _q.Of(StripUse.Halls).First().Inside), Stop("Parc", _q.Layout.Greens[0].Ring[0])),
            ["hours"] = new JsonObject { ["from"] = 6.5, ["until"] = 21.5 },
        };
        yield return Sharing();
    }

    private IEnumerable<JsonNode> Dense()
    {
        var warehouse = HallOf("warehouse");
        yield return Demolish(warehouse);
        foreach (var (house, letter) in Halves(warehouse).Zip("AB"))
        {
            const int Floors = 6;
            yield return new JsonObject
            {
                ["type"] = "build", ["entity"] = _q.BuildingId($"new-{letter}"), ["name"] = $"Habitat {letter}", ["category"] = "apartments", ["footprint"] = Ring(house.Building[0]), ["floors"] = Floors, ["height"] = Floors * 3.1,
                ["thermalZone"] = BuildingPhysics.NewHome(_q, house, Floors, Floors * 3.1, out var area), ["heatSupply"] = new JsonObject { ["kind"] = "districtHeat", ["efficiency"] = 0.97 },
                ["coolingPerformance"] = 0, ["electricityUse"] = BuildingPhysics.HomeElectricity(area), ["hotWaterUse"] = BuildingPhysics.HomeHotWater(area),
                ["district"] = _q.District, ["parcel"] = _q.Id("CadastralParcel", _q.Local(warehouse)),
            };
        }

        var lofts = HallOf("construction", "service");
        yield return Retrofit(lofts, wall: 0.3);
        yield return BuildingPhysics.ConvertToHomes(_q.BuildingId(lofts), Area(lofts));
        var offices = HallOf("industrial");
        yield return Retrofit(offices, wall: 0.3);
        yield return BuildingPhysics.ConvertToOffices(_q.BuildingId(offices), Area(offices));
        yield return new JsonObject { ["type"] = "population", ["entity"] = _q.District, ["residents"] = (int)((Area(lofts) + (2 * Area(warehouse))) / 38), ["jobs"] = (int)(Area(offices) / 22) };
        yield return new JsonObject { ["type"] = "chargePoints", ["place"] = Place(Hub.Inside), ["count"] = 16, ["power"] = 11 };
    }

    private Plot Hub => _q.Of(StripUse.Commons).First(plot => _q.Plan.Commons[plot.Index].Category == "transportation");

    private Plot HallOf(params string[] categories) => _q.Of(StripUse.Halls).First(plot => categories.Contains(_q.Plan.Halls[plot.Index].Category, StringComparer.Ordinal));

    private double Area(Plot hall) => hall.Footprint * _q.Plan.Halls[hall.Index].Floors * 0.88;

    private JsonObject Retrofit(Plot hall, double wall) => new()
    {
        ["type"] = "retrofit", ["entity"] = _q.BuildingId(hall),
        // Brick façades that are kept are insulated from inside.
        ["wall"] = new JsonObject { ["uValue"] = wall }, ["roof"] = new JsonObject { ["uValue"] = 0.15 },
        ["window"] = new JsonObject { ["uValue"] = 1.2, ["solarTransmittance"] = 0.5 }, ["infiltration"] = 0.15, ["heatRecovery"] = 0.7,
    };

    private JsonObject Sharing()
    {
        var terms = Land.EnergyTerms();
        terms["sharing"] = "dynamic";
        return new JsonObject { ["type"] = "changeAttribute", ["entity"] = _q.District, ["attribute"] = "energyTerms", ["value"] = terms };
    }

    /// <summary>Takes a hall down with the modules on its roof.</summary>
    private JsonObject Demolish(Plot hall)
    {
        var demolish = new JsonObject { ["type"] = "demolish", ["entity"] = _q.BuildingId(hall) };
        if (Energy.RoofOf(_q, hall) is not null)
        {
            demolish["with"] = new JsonArray(_q.Id("PhotovoltaicDevice", _q.Local(hall)));
        }

        return demolish;
    }

    /// <summary>The strip of a hall's parcel along the street.</summary>
    private static Spot[] Yard(Plot hall)
    {
        var (corner, far) = (hall.Parcel[0], hall.Parcel[2]);
        return Shapes.Rectangle(corner.Shift(1, 0.3), far.U - corner.U - 2, 3.2);
    }

    /// <summary>Two houses on a hall's footprint, with a lane between.</summary>
    private static IEnumerable<Plot> Halves(Plot hall)
    {
        var (corner, far) = (hall.Building[0][0], hall.Building[0][2]);
        var (wide, deep) = ((far.U - corner.U - 8) / 2, far.V - corner.V);
        foreach (var shift in new[] { 0, wide + 8 })
        {
            var at = corner.Shift(shift, 0);
            yield return new Plot(StripUse.Apartments, hall.Index, hall.Parcel, [Shapes.Rectangle(at, wide, deep)], at.Shift(wide / 2, deep / 2));
        }
    }

    private JsonArray Ring(Spot[] ring) => [new JsonArray([.. ring.Select(spot => (JsonNode)Place(spot))])];

    private JsonObject Stop(string name, Spot spot) => new() { ["name"] = name, ["place"] = Place(spot) };

    private JsonArray Place(Spot spot)
    {
        var (longitude, latitude) = _frame.ToDegrees(spot);
        return [longitude, latitude];
    }
}
