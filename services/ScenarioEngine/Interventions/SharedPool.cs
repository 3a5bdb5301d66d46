using System.Text.Json;
using Twin.NgsiLd.Entities;
using Twin.ScenarioEngine.Scenarios;

namespace Twin.ScenarioEngine.Interventions;

/// <summary>Adds a pool of equal things that people share.</summary>
/// <param name="Entity">Its id.</param>
/// <param name="ValidFrom">When it takes effect.</param>
/// <param name="Category">What they are: workshop, kitchen, tools, cargoBikes, …</param>
/// <param name="Units">How many.</param>
/// <param name="Place">Where they are kept.</param>
/// <param name="LocatedIn">The building or room that they are in; null for none.</param>
internal sealed record SharedPool(string Entity, long? ValidFrom, string Category, int Units, Place Place, string? LocatedIn) : EntityAddition(Entity, ValidFrom)
{
    /// <summary>The word for it in JSON.</summary>
    public const string Name = "sharedPool";

    /// <inheritdoc />
    public override string Type => Name;

    /// <inheritdoc />
    protected override string EntityType => "SharedEquipment";

    /// <summary>Reads it.</summary>
    public static SharedPool Read(InterventionMembers members) => new(
        members.NewEntity, members.ValidFrom, members.Text("category"), members.Whole("units", 1, 100_000), Place.Read(members, "place"), members.OptionalUri("locatedIn"));

    /// <inheritdoc />
    protected override EntityNode Make(string id) => new NewEntity(id, EntityType)
        .Property("equipmentCategory", Category).Property("units", Units, "C62").Property("availableForBooking", true).Location("Point", Place.Node()).Relationship("locatedIn", LocatedIn).Node();

    /// <inheritdoc />
    protected override void WriteMembers(Utf8JsonWriter json, Func<string, string> name)
    {
        json.WriteString("category"u8, Category);
        json.WriteNumber("units"u8, Units);
        json.WritePropertyName("place"u8);
        Place.Write(json);
        Optional.Write(json, "locatedIn", LocatedIn);
    }
}
