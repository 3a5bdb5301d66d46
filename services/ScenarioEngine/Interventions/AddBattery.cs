using System.Text.Json;
using System.Text.Json.Nodes;
using Twin.NgsiLd.Entities;
using Twin.ScenarioEngine.Scenarios;

namespace Twin.ScenarioEngine.Interventions;

/// <summary>Puts a battery into a building or a district: one more in its <see cref="BuildingAttributes.Batteries"/>.</summary>
/// <param name="Entity">The building or the AdministrativeArea.</param>
/// <param name="ValidFrom">When it takes effect.</param>
/// <param name="Capacity">Usable, kWh.</param>
/// <param name="Power">The most that it takes or gives, kW.</param>
/// <param name="ChargeEfficiency">Stored over taken, over 0 to 1.</param>
/// <param name="DischargeEfficiency">Given over taken out of the store, over 0 to 1.</param>
internal sealed record AddBattery(string Entity, long? ValidFrom, double Capacity, double Power, double ChargeEfficiency, double DischargeEfficiency) : EntityAlteration(Entity, ValidFrom)
{
    /// <summary>The word for it in JSON.</summary>
    public const string Name = "battery";

    private const double LeastEfficiency = 0.01;

    /// <inheritdoc />
    public override string Type => Name;

    /// <inheritdoc />
    public override IReadOnlyList<string> Writes => [BuildingAttributes.Batteries];

    /// <inheritdoc />
    public override bool Accumulates => true;

    /// <summary>Reads it.</summary>
    public static AddBattery Read(InterventionMembers members) => new(
        members.Entity, members.ValidFrom, members.Number("capacity", 0.001, 1e6), members.Number("power", 0.001, 1e6),
        members.Number("chargeEfficiency", LeastEfficiency, 1), members.Number("dischargeEfficiency", LeastEfficiency, 1));

    /// <inheritdoc />
    protected override EntityDocument Change(EntityDocument entity, long now) => BuildingAttributes.WithItem(
        entity, BuildingAttributes.Batteries,
        new JsonObject { ["capacity"] = Capacity, ["power"] = Power, ["chargeEfficiency"] = ChargeEfficiency, ["dischargeEfficiency"] = DischargeEfficiency }, now);

    /// <inheritdoc />
    protected override void WriteMembers(Utf8JsonWriter json, Func<string, string> name)
    {
        json.WriteNumber("capacity"u8, Capacity);
        json.WriteNumber("power"u8, Power);
        json.WriteNumber("chargeEfficiency"u8, ChargeEfficiency);
        json.WriteNumber("dischargeEfficiency"u8, DischargeEfficiency);
    }
}
