namespace Twin.Node.Districts;

/// <summary>
/// Makes a synthetic district: a pure function of plan and seed, byte for byte. Entities are NGSI-LD with Smart Data
/// Models terms, to be read with the context <see cref="ContextUrl"/>; a relationship only points to what is generated
/// too; organisations and places come before what points to them.
/// </summary>
public static class DistrictGenerator
{
    /// <summary>The @context of the generated entities; bundled with the node.</summary>
    public const string ContextUrl = "https://twin.federation/contexts/district.jsonld";

    /// <summary>The types that a district has, as <see cref="ContextUrl"/> names them.</summary>
    public static IReadOnlyList<string> Types { get; } =
    [
        "ACMeasurement", "AdministrativeArea", "AirQualityObserved", "BikeHireDockingStation", "Building", "CadastralParcel", "Device",
        "DeviceMeasurement", "EVChargingStation", "Garden", "GtfsRoute", "GtfsStop", "MeetingRoom", "NoiseLevelObserved", "Organization",
        "PhotovoltaicDevice", "RiverBodyOfWater", "RoadSegment", "SharedEquipment", "Tree", "Vehicle", "WaterConsumptionObserved",
        "WaterObserved", "WeatherObserved",
    ];

    /// <summary>Generates the district, and <see cref="DistrictPlan.Scale"/> - 1 more of its shape around it.</summary>
    public static IEnumerable<DistrictEntity> Generate(DistrictPlan plan, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(plan);
        var weather = plan.Weather(seed).Hash;
        using var writer = new EntityWriter(plan, new LocalFrame(plan));
        for (var tile = 0; tile < Math.Max(1, plan.Scale); tile++)
        {
            var quarter = new Quarter(plan, writer, DistrictLayout.Of(plan, seed, tile), seed, tile, weather);
            foreach (var entity in Land.Of(quarter)
                .Concat(Buildings.Of(quarter))
                .Concat(Energy.Of(quarter))
                .Concat(Sensing.Of(quarter))
                .Concat(Mobility.Of(quarter))
                .Concat(Sharing.Of(quarter)))
            {
                yield return entity;
            }
        }
    }
}

/// <summary>One district being written: its plan, where things lie, and how they are called.</summary>
internal sealed record Quarter(DistrictPlan Plan, EntityWriter Writer, DistrictLayout Layout, ulong Seed, int Tile, string Weather)
{
    /// <summary>Scope of this district: the first is the real place, the others are the city around it.</summary>
    public string Scope { get; } = Tile == 0 ? Plan.Scope : $"/{Plan.Scope.Split('/')[1]}/Quartier_{Tile + 1}";

    public string TownHall => Body(Plan.Bodies[0].Key);

    public string Id(string type, string local) =>
        Tile == 0 ? $"urn:ngsi-ld:{type}:{Plan.Key}:{local}" : $"urn:ngsi-ld:{type}:{Plan.Key}-{Tile + 1}:{local}";

    public string Body(string key) => Id("Organization", key);

    public string District => Id("AdministrativeArea", "district");

    public Draws Draws(string id) => new(Seed, id);

    public EntityWriter Begin(string type, string local, string area) => Writer.Begin(Id(type, local), type, Scope, area);

    /// <summary>Local name of a plot's building and parcel, such as <c>hall-75</c> or <c>house-012</c>.</summary>
    public string Local(Plot plot) => plot.Use switch
    {
        StripUse.Halls => $"hall-{Plan.Halls[plot.Index].Number:00}",
        StripUse.Apartments => $"apartments-{plot.Index + 1:00}",
        StripUse.Houses => $"house-{plot.Index + 1:000}",
        StripUse.Commons => Plan.Commons[plot.Index].Key,
        _ => throw new InvalidOperationException($"No building stands on {plot.Use}."),
    };

    /// <summary>Who owns a plot.</summary>
    public string Owner(Plot plot) => plot.Use switch
    {
        StripUse.Halls => Body(Plan.Halls[plot.Index].Occupier),
        StripUse.Apartments => Body(Plan.Roles.Housing),
        StripUse.Houses => Body(Plan.Roles.Housing),
        _ => TownHall,
    };

    public string BuildingId(Plot plot) => Id("Building", Local(plot));

    public string BuildingId(string local) => Id("Building", local);

    public IEnumerable<Plot> Of(StripUse use) => Layout.Plots.Where(p => p.Use == use);
}
