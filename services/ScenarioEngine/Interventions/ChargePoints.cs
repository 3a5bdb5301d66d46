using System.Text.Json;
using Twin.NgsiLd.Entities;
using Twin.ScenarioEngine.Scenarios;

namespace Twin.ScenarioEngine.Interventions;

/// <summary>Adds a charging station for electric vehicles.</summary>
/// <param name="Entity">Its id.</param>
/// <param name="ValidFrom">When it takes effect.</param>
/// <param name="Station">What it is called; null for nothing.</param>
/// <param name="Place">Where it is.</param>
/// <param name="Count">Its points.</param>
/// <param name="Power">Of each point, kW.</param>
internal sealed record ChargePoints(string Entity, long? ValidFrom, string? Station, Place Place, int Count, double Power) : EntityAddition(Entity, ValidFrom)
{
    /// <summary>The word for it in JSON.</summary>
    public const string Name = "chargePoints";

    /// <inheritdoc />
    public override string Type => Name;

    /// <inheritdoc />
    protected override string EntityType => "EVChargingStation";

    /// <summary>Reads it.</summary>
    public static ChargePoints Read(InterventionMembers members) => new(
        members.NewEntity, members.ValidFrom, members.OptionalText("name"), Place.Read(members, "place"), members.Whole("count", 1, 1000), members.Number("power", 0.1, 1000));

    /// <inheritdoc />
    protected override EntityNode Make(string id) => new NewEntity(id, EntityType)
        .Property("name", Station).Location("Point", Place.Node()).Property("capacity", Count, "C62").Property("chargingPower", Power, "KWT").Node();

    /// <inheritdoc />
    protected override void WriteMembers(Utf8JsonWriter json, Func<string, string> name)
    {
        Optional.Write(json, "name", Station);
        json.WritePropertyName("place"u8);
        Place.Write(json);
        json.WriteNumber("count"u8, Count);
        json.WriteNumber("power"u8, Power);
    }
}
