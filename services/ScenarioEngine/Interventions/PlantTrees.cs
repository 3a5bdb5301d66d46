using System.Text.Json;
using System.Text.Json.Nodes;
using Twin.NgsiLd.Entities;
using Twin.ScenarioEngine.Scenarios;

namespace Twin.ScenarioEngine.Interventions;

/// <summary>Adds trees, <c>…:1</c> and on: at given places, or as many as asked for spread over an area.</summary>
/// <param name="Entity">What the ids of the trees begin with.</param>
/// <param name="ValidFrom">When it takes effect.</param>
/// <param name="Area">Where they are spread; null when their places are given.</param>
/// <param name="Places">Where they stand.</param>
/// <param name="Species">What they are: a taxon such as Tilia cordata, or a class of them.</param>
/// <param name="Height">m.</param>
/// <param name="CrownDiameter">m.</param>
internal sealed record PlantTrees(string Entity, long? ValidFrom, GroundArea? Area, IReadOnlyList<Place> Places, string Species, double Height, double CrownDiameter) : EntityAddition(Entity, ValidFrom)
{
    /// <summary>The word for it in JSON.</summary>
    public const string Name = "plantTrees";

    private const int MostTrees = 1000;

    /// <inheritdoc />
    public override string Type => Name;

    /// <inheritdoc />
    public override IReadOnlyList<string> Touches => [.. Enumerable.Range(1, Places.Count).Select(i => $"{Entity}:{i}")];

    /// <inheritdoc />
    protected override string EntityType => "Tree";

    /// <summary>Reads it.</summary>
    public static PlantTrees Read(InterventionMembers members)
    {
        var (entity, from) = (members.NewEntity, members.ValidFrom);
        var (species, height, crown) = (members.Text("species"), members.Number("height", 0.1, 60), members.Number("crownDiameter", 0.1, 40));
        if (members.Items("positions", 1, MostTrees) is { } positions)
        {
            return new PlantTrees(entity, from, null, [.. positions.Select(static one => Place.Read(one.Item, one.Path))], species, height, crown);
        }

        if (members.Find("area") is null)
        {
            throw members.Fault("Trees are planted at positions, or as a count in an area.");
        }

        var (area, count) = (GroundArea.Read(members, "area"), members.Whole("count", 1, MostTrees));
        if (count * Math.PI * crown * crown / 4 > area.Size)
        {
            throw members.Fault("count", $"{count} crowns of {crown} m take more than the {area.Size:0} m² that there are.");
        }

        Place[] places = [.. area.Spread(count)];
        return places.Length == count
            ? new PlantTrees(entity, from, area, places, species, height, crown)
            : throw members.Fault("area", "The area is too thin to spread trees over; give their positions.");
    }

    /// <inheritdoc />
    protected override EntityNode Make(string id)
    {
        var number = int.Parse(id[(Entity.Length + 1)..], System.Globalization.CultureInfo.InvariantCulture);
        return new NewEntity(id, EntityType).Property("taxon", new JsonArray(Species)).Location("Point", Places[number - 1].Node())
            .Property("height", Height, "MTR").Property("crownDiameter", CrownDiameter, "MTR").Node();
    }

    /// <inheritdoc />
    protected override void WriteMembers(Utf8JsonWriter json, Func<string, string> name)
    {
        if (Area is null)
        {
            json.WriteStartArray("positions"u8);
            foreach (var place in Places)
            {
                place.Write(json);
            }

            json.WriteEndArray();
        }
        else
        {
            json.WritePropertyName("area"u8);
            Area.Write(json);
            json.WriteNumber("count"u8, Places.Count);
        }

        json.WriteString("species"u8, Species);
        json.WriteNumber("height"u8, Height);
        json.WriteNumber("crownDiameter"u8, CrownDiameter);
    }
}
