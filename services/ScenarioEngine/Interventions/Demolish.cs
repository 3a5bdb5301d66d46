using System.Text.Json;
using Twin.NgsiLd;
using Twin.NgsiLd.Entities;
using Twin.ScenarioEngine.Scenarios;

namespace Twin.ScenarioEngine.Interventions;

/// <summary>Takes a building down, with what goes with it: the systems on its roof, its meters.</summary>
/// <param name="Entity">The building.</param>
/// <param name="ValidFrom">When it is gone.</param>
/// <param name="With">Ids of the entities that go with it; no others do.</param>
internal sealed record Demolish(string Entity, long? ValidFrom, IReadOnlyList<string> With) : EntityRemoval(Entity, ValidFrom)
{
    /// <summary>The word for it in JSON.</summary>
    public const string Name = "demolish";

    private const int MostWith = 100;

    /// <inheritdoc />
    public override string Type => Name;

    /// <inheritdoc />
    public override IReadOnlyList<string> Touches => [Entity, .. With];

    /// <summary>Reads it.</summary>
    public static Demolish Read(InterventionMembers members)
    {
        var (entity, from) = (members.Entity, members.ValidFrom);
        var seen = new HashSet<string>(StringComparer.Ordinal) { entity };
        var with = new List<string>();
        foreach (var (item, path) in members.Items("with", 1, MostWith) ?? [])
        {
            var id = item.ValueKind == JsonValueKind.String ? item.GetString()! : "";
            with.Add(NgsiLd.Representations.Uris.IsAbsolute(id) && seen.Add(id) ? id : throw NgsiLdException.BadRequest("The id of another entity is expected here, each once.", path));
        }

        return new Demolish(entity, from, with);
    }

    /// <inheritdoc />
    public override EntityDocument? Apply(string id, EntityDocument? entity, long now)
    {
        var member = id == Entity ? "entity" : $"with/{With.Index().First(one => one.Item == id).Index}";
        if (entity is null)
        {
            throw Absent(id, member);
        }

        if (id == Entity)
        {
            DistrictVocabulary.Require(entity, "Building");
        }

        return null;
    }

    /// <inheritdoc />
    protected override void WriteMembers(Utf8JsonWriter json, Func<string, string> name)
    {
        if (With.Count > 0)
        {
            json.WriteStartArray("with"u8);
            foreach (var id in With)
            {
                json.WriteStringValue(id);
            }

            json.WriteEndArray();
        }
    }
}
