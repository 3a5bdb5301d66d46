using System.Text.Json;
using Twin.NgsiLd;
using Twin.NgsiLd.Entities;

namespace Twin.ScenarioEngine.Scenarios;

/// <summary>A change of the twin, as data: what it does to an entity is a function of that entity alone.</summary>
/// <param name="Entity">The id of the entity that it changes, or of what it adds.</param>
/// <param name="ValidFrom">When it takes effect, microseconds since 1970 UTC (valid time); null: from the beginning.</param>
internal abstract record Intervention(string Entity, long? ValidFrom)
{
    /// <summary>The word for it in JSON.</summary>
    public abstract string Type { get; }

    /// <summary>The ids of all entities that it changes, adds or removes.</summary>
    public virtual IReadOnlyList<string> Touches => [Entity];

    /// <summary>
    /// What it writes of them: an attribute's IRI, a part of its value behind a bar (<c>IRI|wall</c>), or nothing but the empty
    /// text for all there is. Interventions that write apart from each other may stand in any order.
    /// </summary>
    public virtual IReadOnlyList<string> Writes => [""];

    /// <summary>Whether it adds to what others of its kind have written, so that their order does not matter.</summary>
    public virtual bool Accumulates => false;

    /// <summary>What it makes of one of the entities that it touches.</summary>
    /// <param name="id">The entity's id.</param>
    /// <param name="entity">The entity before, which stays as it is; null when there is none then.</param>
    /// <param name="now">What modifiedAt becomes, microseconds since 1970 UTC.</param>
    /// <returns>The entity afterwards; null when there is none any more.</returns>
    /// <exception cref="NgsiLdException">It does not fit; the member at fault is one of the intervention.</exception>
    public abstract EntityDocument? Apply(string id, EntityDocument? entity, long now);

    /// <summary>Writes it as an object.</summary>
    /// <param name="json">Where to.</param>
    /// <param name="name">How attributes are called: full IRIs where it is stored, the terms of a @context in answers.</param>
    public void Write(Utf8JsonWriter json, Func<string, string> name)
    {
        json.WriteStartObject();
        json.WriteString("type"u8, Type);
        if (Entity.Length > 0)
        {
            json.WriteString("entity"u8, Entity);
        }

        if (ValidFrom is { } from)
        {
            json.WriteString("validFrom"u8, NgsiLd.Representations.Timestamps.Format(from));
        }

        WriteMembers(json, name);
        json.WriteEndObject();
    }

    /// <summary>Writes what only its kind has.</summary>
    protected abstract void WriteMembers(Utf8JsonWriter json, Func<string, string> name);

    /// <summary>That an entity is not there when the intervention takes effect.</summary>
    protected static NgsiLdException Absent(string id, string member) => NgsiLdException.BadRequest(
        $"There is no entity {id} then: the twin has none, and no intervention before this one, in the list and in time (validFrom), adds it.", member);
}

/// <summary>Changes one entity that is there.</summary>
internal abstract record EntityAlteration(string Entity, long? ValidFrom) : Intervention(Entity, ValidFrom)
{
    /// <inheritdoc />
    public sealed override EntityDocument? Apply(string id, EntityDocument? entity, long now) => entity is null ? throw Absent(id, "entity") : Change(entity, now);

    /// <summary>What it makes of the entity.</summary>
    protected abstract EntityDocument Change(EntityDocument entity, long now);
}
