using System.Text.Json.Nodes;

namespace Twin.Node.Districts;

/// <summary>
/// What the energy models take of a building: its zone, systems and use, derived from its shape, age and use with typical
/// values. Invented as everything of the district, and complete, since the models put nothing in the place of what is missing.
/// </summary>
internal static class BuildingPhysics
{
    /// <summary>Envelope and air of an age: transmittances of wall, roof, floor and window (W/(m²·K)), g, infiltration (1/h), heat recovery.</summary>
    private readonly record struct Age(double Wall, double Roof, double Floor, double Window, double Transmittance, double Infiltration, double Recovery);

    /// <summary>Use of a floor area: gains and electricity by day and night (W/m²), set points by day and night (°C), hot water (W/m²), windows in a façade, cooled or not.</summary>
    private readonly record struct Use(double Day, double Night, double Warm, double Cool, double Water, double Glazed, bool Chilled);

    private static readonly Age Old = new(1.4, 1.1, 0.9, 3.6, 0.65, 0.7, 0);
    private static readonly Age New = new(0.18, 0.13, 0.22, 1.1, 0.5, 0.08, 0.75);
    private static readonly Use Home = new(3.2, 2.4, 20, 18, 2.3, 0.22, false);
    private static readonly Use Workplace = new(9, 1.2, 20, 16, 0.3, 0.28, true);
    private static readonly Use Workshop = new(12, 2, 17, 12, 0.2, 0.2, false);
    private static readonly Use Public = new(5, 0.8, 20, 15, 0.6, 0.26, false);

    /// <summary>Writes the attributes of a building.</summary>
    public static EntityWriter Describe(EntityWriter entity, Quarter q, Plot plot, string category, int floors, double height, int year)
    {
        var draws = q.Draws($"{q.BuildingId(plot)}/physics");
        var age = year < 1950 ? Old : New;
        var use = UseOf(plot.Use, category);
        var area = Math.Round(plot.Footprint * floors * 0.88, 1);
        entity
            .Value("thermalZone", Zone(q, plot, age, use, area, height, year))
            .Value("heatSupply", Supply(plot.Use, ref draws))
            .Value("coolingSupply", new JsonObject { ["performance"] = use.Chilled ? 3.2 : 0 })
            .Value("electricityUse", new JsonObject { ["power"] = Profile(area * use.Day, area * use.Night) })
            .Value("hotWaterUse", new JsonObject { ["heat"] = Math.Round(area * use.Water, 1) });
        return entity;
    }

    /// <summary>The zone of a house of homes as it is built now.</summary>
    /// <param name="area">Its floor area, m².</param>
    public static JsonObject NewHome(Quarter q, Plot plot, int floors, double height, out double area)
    {
        area = Math.Round(plot.Footprint * floors * 0.88, 1);
        return Zone(q, plot, New, Home, area, height, q.Plan.ObservedAt.Year);
    }

    /// <summary>Electricity of homes, W by the hour.</summary>
    public static JsonArray HomeElectricity(double area) => Profile(area * Home.Day, area * Home.Night);

    /// <summary>Heat for hot water of homes, W.</summary>
    public static double HomeHotWater(double area) => Math.Round(area * Home.Water, 1);

    /// <summary>The intervention that makes homes of a building.</summary>
    public static JsonObject ConvertToHomes(string building, double area) => Convert(building, "apartments", Home, area, (int)(area / 38));

    /// <summary>The intervention that makes offices of a building.</summary>
    public static JsonObject ConvertToOffices(string building, double area) => Convert(building, "office", Workplace, area, (int)(area / 22));

    private static JsonObject Convert(string building, string category, Use use, double area, int occupants) => new()
    {
        ["type"] = "convertUse", ["entity"] = building, ["category"] = category,
        ["internalGains"] = Profile(area * use.Day * 0.8, area * use.Night * 0.8), ["heatingSetPoint"] = Profile(use.Warm, use.Cool), ["coolingSetPoint"] = 26,
        ["electricityUse"] = Profile(area * use.Day, area * use.Night), ["hotWaterUse"] = Math.Round(area * use.Water, 1), ["occupants"] = occupants,
    };

    private static Use UseOf(StripUse strip, string category) => strip switch
    {
        StripUse.Apartments or StripUse.Houses => Home,
        StripUse.Commons => Public,
        _ => category is "office" or "university" or "commercial" ? Workplace : category is "industrial" or "construction" or "warehouse" ? Workshop : Public,
    };

    private static JsonObject Zone(Quarter q, Plot plot, Age age, Use use, double area, double height, int year)
    {
        var footprint = Math.Round(plot.Footprint, 1);
        var opaque = new JsonArray
        {
            (JsonNode)Element("roof", footprint, age.Roof, 1, new JsonObject { ["tilt"] = 0, ["azimuth"] = 180 }),
            (JsonNode)Element("floor", footprint, age.Floor, 0.6, null),
        };
        var windows = new JsonArray();
        foreach (var (azimuth, length) in Facades(q, plot))
        {
            var facade = length * height;
            var plane = new JsonObject { ["tilt"] = 90, ["azimuth"] = azimuth };
            opaque.Add((JsonNode)Element("wall", Math.Round(facade * (1 - use.Glazed), 1), age.Wall, 1, plane));
            windows.Add((JsonNode)new JsonObject
            {
                ["area"] = Math.Round(facade * use.Glazed, 1), ["uValue"] = age.Window, ["plane"] = plane.DeepClone(), ["solarTransmittance"] = age.Transmittance,
                ["frameFraction"] = 0.25, ["shadingFactor"] = 0.7, ["angular"] = new JsonArray(1, -0.189, 0.644, -0.596),
            });
        }

        return new JsonObject
        {
            ["variant"] = "iso13790",
            ["floorArea"] = area,
            ["volume"] = Math.Round(plot.Footprint * height * 0.85, 1),
            ["internalSurfaceArea"] = Math.Round(4.5 * area, 1),
            // EN ISO 13790, table 12: medium with masonry, light with timber.
            ["massArea"] = Math.Round(2.5 * area, 1),
            ["heatCapacity"] = Math.Round((year < 1950 ? 165_000 : 110_000) * area),
            ["surfaceCoefficient"] = 3.45,
            ["opaque"] = opaque,
            ["windows"] = windows,
            ["ventilation"] = 0.4,
            ["infiltration"] = age.Infiltration,
            ["heatRecovery"] = age.Recovery,
            ["skyTemperatureDifference"] = 11,
            ["internalGains"] = Profile(area * use.Day * 0.8, area * use.Night * 0.8),
            ["heatingSetPoint"] = Profile(use.Warm, use.Cool),
            ["coolingSetPoint"] = 26,
            ["heatingCapacity"] = Math.Round(area * 120),
            ["coolingCapacity"] = use.Chilled ? Math.Round(area * 60) : 0,
        };
    }

    private static JsonObject Element(string kind, double area, double uValue, double factor, JsonObject? plane) => new()
    {
        ["kind"] = kind, ["area"] = area, ["uValue"] = uValue, ["temperatureFactor"] = factor, ["plane"] = plane?.DeepClone(), ["solarAbsorptance"] = plane is null ? 0 : 0.6,
    };

    /// <summary>The lengths of its outer walls by where they face, degrees clockwise from north.</summary>
    private static SortedDictionary<int, double> Facades(Quarter q, Plot plot)
    {
        var facades = new SortedDictionary<int, double>();
        var (sin, cos) = Math.SinCos(q.Plan.RotationDegrees * Math.PI / 180);
        foreach (var (from, to) in plot.Building[0].Zip(plot.Building[0].Skip(1)))
        {
            // An outline is counter-clockwise: outside lies to the right.
            var (u, v) = (to.V - from.V, from.U - to.U);
            var azimuth = (int)Math.Round(Math.Atan2((u * cos) - (v * sin), (u * sin) + (v * cos)) * 180 / Math.PI);
            var facing = ((azimuth % 360) + 360) % 360;
            facades[facing] = facades.GetValueOrDefault(facing) + Math.Sqrt((u * u) + (v * v));
        }

        return facades;
    }

    private static JsonObject Supply(StripUse use, ref Draws draws) => use switch
    {
        StripUse.Halls => new JsonObject { ["kind"] = "boiler", ["carrier"] = "naturalGas", ["efficiency"] = 0.86 },
        StripUse.Houses when draws.Chance(0.5) => new JsonObject { ["kind"] = "heatPump", ["source"] = "air", ["flowTemperature"] = 35, ["hotWaterTemperature"] = 45 },
        _ => new JsonObject { ["kind"] = "boiler", ["carrier"] = "districtHeat", ["efficiency"] = 0.97 },
    };

    /// <summary>From seven to nineteen by day.</summary>
    private static JsonArray Profile(double day, double night) => [.. Enumerable.Range(0, 24).Select(hour => (JsonNode)Math.Round(hour is >= 7 and < 19 ? day : night, 1))];
}
