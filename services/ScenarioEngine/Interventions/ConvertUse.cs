using System.Text.Json;
using System.Text.Json.Nodes;
using Twin.NgsiLd;
using Twin.NgsiLd.Entities;
using Twin.ScenarioEngine.Scenarios;

namespace Twin.ScenarioEngine.Interventions;

/// <summary>Gives a building another use; what is null stays as it is.</summary>
/// <param name="Entity">The building, which has a <see cref="BuildingAttributes.ThermalZone"/> when gains or set-points are given.</param>
/// <param name="ValidFrom">When it takes effect.</param>
/// <param name="Category">The new use (Smart Data Models, Building: category).</param>
/// <param name="InternalGains">Heat of people, light and appliances, W by the hour of the day.</param>
/// <param name="HeatingSetPoint">°C by the hour of the day.</param>
/// <param name="CoolingSetPoint">°C by the hour of the day.</param>
/// <param name="ElectricityUse">Of appliances and light, W by the hour of the day.</param>
/// <param name="HotWaterUse">Heat for hot water, W by the hour of the day.</param>
/// <param name="Occupants">People who are there when it is in use.</param>
internal sealed record ConvertUse(
    string Entity, long? ValidFrom, string Category, DayValues? InternalGains, DayValues? HeatingSetPoint, DayValues? CoolingSetPoint,
    DayValues? ElectricityUse, DayValues? HotWaterUse, int? Occupants) : EntityAlteration(Entity, ValidFrom)
{
    /// <summary>The word for it in JSON.</summary>
    public const string Name = "convertUse";

    private const double MostPower = 1e9;

    /// <inheritdoc />
    public override string Type => Name;

    /// <inheritdoc />
    public override IReadOnlyList<string> Writes =>
    [
        DistrictVocabulary.Iri("category"),
        .. new[] { ("internalGains", InternalGains), ("heatingSetPoint", HeatingSetPoint), ("coolingSetPoint", CoolingSetPoint) }
            .Where(static part => part.Item2 is not null).Select(static part => $"{BuildingAttributes.ThermalZone}|{part.Item1}"),
        .. ElectricityUse is null ? (string[])[] : [DistrictVocabulary.Iri("electricityUse")],
        .. HotWaterUse is null ? (string[])[] : [DistrictVocabulary.Iri("hotWaterUse")],
        .. Occupants is null ? (string[])[] : [DistrictVocabulary.Iri("occupants")],
    ];

    /// <summary>Reads it.</summary>
    public static ConvertUse Read(InterventionMembers members) => new(
        members.Entity, members.ValidFrom, members.Text("category"), DayValues.Read(members, "internalGains", 0, MostPower),
        DayValues.Read(members, "heatingSetPoint", -60, 60), DayValues.Read(members, "coolingSetPoint", -60, 100),
        DayValues.Read(members, "electricityUse", 0, MostPower), DayValues.Read(members, "hotWaterUse", 0, MostPower), members.OptionalWhole("occupants", 0, 1_000_000));

    /// <inheritdoc />
    protected override EntityDocument Change(EntityDocument entity, long now)
    {
        DistrictVocabulary.Require(entity, "Building");
        entity = BuildingAttributes.With(entity, DistrictVocabulary.Iri("category"), new JsonArray(Category), now);
        entity = WithZone(entity, now);
        entity = ElectricityUse is null ? entity : BuildingAttributes.With(entity, DistrictVocabulary.Iri("electricityUse"), new JsonObject { ["power"] = ElectricityUse.Node() }, now);
        entity = HotWaterUse is null ? entity : BuildingAttributes.With(entity, DistrictVocabulary.Iri("hotWaterUse"), new JsonObject { ["heat"] = HotWaterUse.Node() }, now);
        return Occupants is { } occupants ? BuildingAttributes.With(entity, DistrictVocabulary.Iri("occupants"), JsonValue.Create(occupants), now, "C62") : entity;
    }

    /// <inheritdoc />
    protected override void WriteMembers(Utf8JsonWriter json, Func<string, string> name)
    {
        json.WriteString("category"u8, Category);
        DayValues.Write(json, "internalGains", InternalGains);
        DayValues.Write(json, "heatingSetPoint", HeatingSetPoint);
        DayValues.Write(json, "coolingSetPoint", CoolingSetPoint);
        DayValues.Write(json, "electricityUse", ElectricityUse);
        DayValues.Write(json, "hotWaterUse", HotWaterUse);
        if (Occupants is { } occupants)
        {
            json.WriteNumber("occupants"u8, occupants);
        }
    }

    private EntityDocument WithZone(EntityDocument entity, long now)
    {
        (string Member, DayValues? Values)[] changes = [("internalGains", InternalGains), ("heatingSetPoint", HeatingSetPoint), ("coolingSetPoint", CoolingSetPoint)];
        if (changes.All(static change => change.Values is null))
        {
            return entity;
        }

        if (BuildingAttributes.Find(entity, BuildingAttributes.ThermalZone) is not JsonObject zone)
        {
            throw NgsiLdException.BadRequest($"The entity {Entity} has no attribute {BuildingAttributes.ThermalZone} that could be changed.", "entity");
        }

        foreach (var (member, values) in changes)
        {
            zone[member] = values?.Node() ?? zone[member]?.DeepClone();
        }

        Ordered(zone);
        return BuildingAttributes.With(entity, BuildingAttributes.ThermalZone, zone, now);
    }

    /// <summary>A building that is heated to more than it is cooled to would do both at once.</summary>
    private void Ordered(JsonObject zone)
    {
        for (var hour = 0; hour < 24; hour++)
        {
            if (At(zone["heatingSetPoint"], hour) is { } heating && At(zone["coolingSetPoint"], hour) is { } cooling && heating > cooling)
            {
                throw NgsiLdException.BadRequest($"At hour {hour} the heating set-point of {heating} °C is above the cooling set-point of {cooling} °C.", HeatingSetPoint is null ? "coolingSetPoint" : "heatingSetPoint");
            }
        }
    }

    private static double? At(JsonNode? profile, int hour) => profile switch
    {
        JsonArray { Count: 24 } hours => At(hours[hour], hour),
        JsonValue value when value.TryGetValue(out double number) => number,
        _ => null,
    };
}
