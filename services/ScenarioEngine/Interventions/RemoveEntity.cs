using System.Text.Json;
using Twin.NgsiLd.Entities;
using Twin.ScenarioEngine.Scenarios;

namespace Twin.ScenarioEngine.Interventions;

/// <summary>Takes an entity out of the twin.</summary>
internal sealed record RemoveEntity(string Entity, long? ValidFrom) : EntityRemoval(Entity, ValidFrom)
{
    /// <summary>The word for it in JSON.</summary>
    public const string Name = "removeEntity";

    /// <inheritdoc />
    public override string Type => Name;

    /// <summary>Reads it.</summary>
    public static RemoveEntity Read(InterventionMembers members) => new(members.Entity, members.ValidFrom);

    /// <inheritdoc />
    public override EntityDocument? Apply(string id, EntityDocument? entity, long now) => entity is null ? throw Absent(id, "entity") : null;

    /// <inheritdoc />
    protected override void WriteMembers(Utf8JsonWriter json, Func<string, string> name)
    {
    }
}
