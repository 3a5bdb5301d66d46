using System.Text.Json;
using Twin.NgsiLd.Entities;

namespace Twin.ScenarioEngine.Scenarios;

/// <summary>One change of one entity, as data: what it does is a function of the entity alone.</summary>
/// <param name="Entity">The id of the entity.</param>
/// <param name="ValidFrom">When it takes effect, microseconds since 1970 UTC (valid time); null: from the beginning.</param>
internal abstract record Intervention(string Entity, long? ValidFrom)
{
    /// <summary>The word for it in JSON.</summary>
    public abstract string Type { get; }

    /// <summary>What it makes of an entity.</summary>
    /// <param name="entity">The entity before; it stays as it is.</param>
    /// <param name="now">What modifiedAt becomes, microseconds since 1970 UTC.</param>
    /// <exception cref="NgsiLd.NgsiLdException">It does not fit the entity; the member at fault is one of the intervention.</exception>
    public abstract EntityDocument Apply(EntityDocument entity, long now);

    /// <summary>Writes it as an object.</summary>
    /// <param name="json">Where to.</param>
    /// <param name="name">How attributes are called: full IRIs where it is stored, the terms of a @context in answers.</param>
    public void Write(Utf8JsonWriter json, Func<string, string> name)
    {
        json.WriteStartObject();
        json.WriteString("type"u8, Type);
        json.WriteString("entity"u8, Entity);
        if (ValidFrom is { } from)
        {
            json.WriteString("validFrom"u8, NgsiLd.Representations.Timestamps.Format(from));
        }

        WriteMembers(json, name);
        json.WriteEndObject();
    }

    /// <summary>Writes what only its kind has.</summary>
    protected abstract void WriteMembers(Utf8JsonWriter json, Func<string, string> name);
}
