using System.Text.Json;
using Twin.NgsiLd.Entities;
using Twin.ScenarioEngine.Scenarios;

namespace Twin.ScenarioEngine.Interventions;

/// <summary>Replaces what heats a building: the value of its <see cref="BuildingAttributes.HeatSupply"/>.</summary>
/// <param name="Entity">The building.</param>
/// <param name="ValidFrom">When it takes effect.</param>
/// <param name="Supply">The new one.</param>
internal sealed record ReplaceHeatSupply(string Entity, long? ValidFrom, HeatGenerator Supply) : EntityAlteration(Entity, ValidFrom)
{
    /// <summary>The word for it in JSON.</summary>
    public const string Name = "heatSupply";

    /// <inheritdoc />
    public override string Type => Name;

    /// <inheritdoc />
    public override IReadOnlyList<string> Writes => [BuildingAttributes.HeatSupply];

    /// <summary>Reads it.</summary>
    public static ReplaceHeatSupply Read(InterventionMembers members) => new(members.Entity, members.ValidFrom, HeatGenerator.Read(members));

    /// <inheritdoc />
    protected override EntityDocument Change(EntityDocument entity, long now)
    {
        DistrictVocabulary.Require(entity, "Building");
        return BuildingAttributes.With(entity, BuildingAttributes.HeatSupply, Supply.Value(), now);
    }

    /// <inheritdoc />
    protected override void WriteMembers(Utf8JsonWriter json, Func<string, string> name) => Supply.Write(json);
}
