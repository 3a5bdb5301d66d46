using System.Text.Json;
using System.Text.Json.Nodes;
using Twin.NgsiLd.Entities;
using Twin.ScenarioEngine.Scenarios;

namespace Twin.ScenarioEngine.Interventions;

/// <summary>Says how many live and work in a building or a district; at least one of the two.</summary>
/// <param name="Entity">The entity.</param>
/// <param name="ValidFrom">When it takes effect.</param>
/// <param name="Residents">People who live there.</param>
/// <param name="Jobs">People who work there.</param>
internal sealed record SetPopulation(string Entity, long? ValidFrom, int? Residents, int? Jobs) : EntityAlteration(Entity, ValidFrom)
{
    /// <summary>The word for it in JSON.</summary>
    public const string Name = "population";

    private const int Most = 100_000_000;

    /// <inheritdoc />
    public override string Type => Name;

    /// <inheritdoc />
    public override IReadOnlyList<string> Writes => [.. Residents is null ? (string[])[] : [DistrictVocabulary.Iri("residents")], .. Jobs is null ? (string[])[] : [DistrictVocabulary.Iri("jobs")]];

    /// <summary>Reads it.</summary>
    public static SetPopulation Read(InterventionMembers members)
    {
        var read = new SetPopulation(members.Entity, members.ValidFrom, members.OptionalWhole("residents", 0, Most), members.OptionalWhole("jobs", 0, Most));
        return read is { Residents: null, Jobs: null } ? throw members.Fault("A population has residents, jobs or both.") : read;
    }

    /// <inheritdoc />
    protected override EntityDocument Change(EntityDocument entity, long now)
    {
        entity = Residents is { } residents ? BuildingAttributes.With(entity, DistrictVocabulary.Iri("residents"), JsonValue.Create(residents), now, "C62") : entity;
        return Jobs is { } jobs ? BuildingAttributes.With(entity, DistrictVocabulary.Iri("jobs"), JsonValue.Create(jobs), now, "C62") : entity;
    }

    /// <inheritdoc />
    protected override void WriteMembers(Utf8JsonWriter json, Func<string, string> name)
    {
        if (Residents is { } residents)
        {
            json.WriteNumber("residents"u8, residents);
        }

        if (Jobs is { } jobs)
        {
            json.WriteNumber("jobs"u8, jobs);
        }
    }
}
