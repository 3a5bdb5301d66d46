using System.Text.Json;
using System.Text.Json.Nodes;
using Twin.NgsiLd.Entities;
using Twin.ScenarioEngine.Scenarios;

namespace Twin.ScenarioEngine.Interventions;

/// <summary>Says which weather year an area is computed with.</summary>
/// <param name="Entity">The AdministrativeArea.</param>
/// <param name="ValidFrom">When it takes effect.</param>
/// <param name="Weather">The year, by the SHA-256 of its file: one of <c>/scenarios/weather</c>.</param>
internal sealed record SetClimate(string Entity, long? ValidFrom, string Weather) : EntityAlteration(Entity, ValidFrom)
{
    /// <summary>The word for it in JSON.</summary>
    public const string Name = "climate";

    /// <inheritdoc />
    public override string Type => Name;

    /// <inheritdoc />
    public override IReadOnlyList<string> Writes => [DistrictVocabulary.Iri("climate")];

    /// <summary>Reads it.</summary>
    public static SetClimate Read(InterventionMembers members)
    {
        var (entity, from, hash) = (members.Entity, members.ValidFrom, members.Text("weather"));
        return hash.Length == 64 && hash.All(char.IsAsciiHexDigitLower)
            ? new SetClimate(entity, from, hash)
            : throw members.Fault("weather", "A weather year is named by the SHA-256 of its file, 64 lower-case hexadecimal digits.");
    }

    /// <inheritdoc />
    protected override EntityDocument Change(EntityDocument entity, long now) =>
        BuildingAttributes.With(entity, DistrictVocabulary.Iri("climate"), new JsonObject { ["weather"] = Weather }, now);

    /// <inheritdoc />
    protected override void WriteMembers(Utf8JsonWriter json, Func<string, string> name) => json.WriteString("weather"u8, Weather);
}
