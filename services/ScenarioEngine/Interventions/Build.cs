using System.Text.Json;
using System.Text.Json.Nodes;
using Twin.NgsiLd.Entities;
using Twin.ScenarioEngine.Scenarios;

namespace Twin.ScenarioEngine.Interventions;

/// <summary>Adds a building, whole: where it stands, what it is for, and what the energy models take of it.</summary>
/// <param name="Entity">Its id.</param>
/// <param name="ValidFrom">When it stands.</param>
/// <param name="Building">What it is called; null for nothing.</param>
/// <param name="Category">Its use (Smart Data Models, Building: category).</param>
/// <param name="Footprint">Where it stands.</param>
/// <param name="Floors">Above ground.</param>
/// <param name="Height">m.</param>
/// <param name="Zone">Its thermal zone, the value of <see cref="BuildingAttributes.ThermalZone"/>.</param>
/// <param name="Heat">What heats it; null when a later intervention says it.</param>
/// <param name="CoolingPerformance">Heat taken out over electricity, 0 when nothing cools it; null: not said.</param>
/// <param name="ElectricityUse">Of appliances and light, W by the hour of the day; null: not said.</param>
/// <param name="HotWaterUse">Heat for hot water, W by the hour of the day; null: not said.</param>
/// <param name="District">The AdministrativeArea that it belongs to; null for none.</param>
/// <param name="Parcel">The CadastralParcel that it stands on; null for none.</param>
internal sealed record Build(
    string Entity, long? ValidFrom, string? Building, string Category, GroundArea Footprint, int Floors, double Height, ThermalZoneValue Zone, HeatGenerator? Heat,
    double? CoolingPerformance, DayValues? ElectricityUse, DayValues? HotWaterUse, string? District, string? Parcel) : EntityAddition(Entity, ValidFrom)
{
    /// <summary>The word for it in JSON.</summary>
    public const string Name = "build";

    private const double MostPower = 1e9;

    /// <inheritdoc />
    public override string Type => Name;

    /// <inheritdoc />
    protected override string EntityType => "Building";

    /// <summary>Reads it.</summary>
    public static Build Read(InterventionMembers members)
    {
        var heat = members.Nested("heatSupply");
        var build = new Build(
            members.NewEntity, members.ValidFrom, members.OptionalText("name"), members.Text("category"), GroundArea.Read(members, "footprint"),
            members.Whole("floors", 1, 200), members.Number("height", 1, 1000), ThermalZoneValue.Read(members), heat is null ? null : HeatGenerator.Read(heat),
            members.OptionalNumber("coolingPerformance", 0, 20), DayValues.Read(members, "electricityUse", 0, MostPower), DayValues.Read(members, "hotWaterUse", 0, MostPower),
            members.OptionalUri("district"), members.OptionalUri("parcel"));
        heat?.RefuseOthers();
        return build.CoolingPerformance is > 0 and < 1 ? throw members.Fault("coolingPerformance", "The performance of cooling is 0, for none, or from 1 to 20.") : build;
    }

    /// <inheritdoc />
    protected override EntityNode Make(string id) => new NewEntity(id, EntityType)
        .Property("name", Building).Property("category", new JsonArray(Category)).Location("Polygon", Footprint.Node())
        .Property("floorsAboveGround", Floors, "C62").Property("height", Height, "MTR")
        .Property("footprintArea", Math.Round(Footprint.Size, 1), "MTK").Property("floorArea", Math.Round(Footprint.Size * Floors, 1), "MTK")
        .Property("thermalZone", Zone.Node()).Property("heatSupply", Heat?.Value())
        .Property("coolingSupply", CoolingPerformance is { } performance ? new JsonObject { ["performance"] = performance } : null)
        .Property("electricityUse", ElectricityUse is null ? null : new JsonObject { ["power"] = ElectricityUse.Node() })
        .Property("hotWaterUse", HotWaterUse is null ? null : new JsonObject { ["heat"] = HotWaterUse.Node() })
        .Relationship("containedInArea", District).Relationship("parcel", Parcel).Node();

    /// <inheritdoc />
    protected override void WriteMembers(Utf8JsonWriter json, Func<string, string> name)
    {
        Optional.Write(json, "name", Building);
        json.WriteString("category"u8, Category);
        json.WritePropertyName("footprint"u8);
        Footprint.Write(json);
        json.WriteNumber("floors"u8, Floors);
        json.WriteNumber("height"u8, Height);
        json.WritePropertyName("thermalZone"u8);
        json.WriteRawValue(Zone.Json.Span);
        if (Heat is not null)
        {
            json.WriteStartObject("heatSupply"u8);
            Heat.Write(json);
            json.WriteEndObject();
        }

        Optional.Write(json, "coolingPerformance", CoolingPerformance);
        DayValues.Write(json, "electricityUse", ElectricityUse);
        DayValues.Write(json, "hotWaterUse", HotWaterUse);
        Optional.Write(json, "district", District);
        Optional.Write(json, "parcel", Parcel);
    }
}
