using System.Text.Json;
using System.Text.Json.Nodes;
using Twin.NgsiLd;
using Twin.NgsiLd.Entities;
using Twin.ScenarioEngine.Scenarios;

namespace Twin.ScenarioEngine.Interventions;

/// <summary>Renews parts of a building's envelope and ventilation. What is null stays as it is; at least one part is not.</summary>
/// <param name="Entity">The building, which has a <see cref="BuildingAttributes.ThermalZone"/>.</param>
/// <param name="ValidFrom">When it takes effect.</param>
/// <param name="Elements">For each kind of opaque element (wall, roof, floor) its new thermal transmittance, W/(m²·K).</param>
/// <param name="WindowUValue">The windows' new thermal transmittance, W/(m²·K).</param>
/// <param name="WindowSolarTransmittance">The windows' new total solar energy transmittance, from 0 to 1.</param>
/// <param name="Infiltration">Air that comes in by itself afterwards, 1/h.</param>
/// <param name="HeatRecovery">Heat that the ventilation gives back afterwards, from 0 to 1.</param>
internal sealed record Retrofit(
    string Entity, long? ValidFrom, IReadOnlyList<(string Kind, double UValue)> Elements,
    double? WindowUValue, double? WindowSolarTransmittance, double? Infiltration, double? HeatRecovery) : EntityAlteration(Entity, ValidFrom)
{
    /// <summary>The word for it in JSON.</summary>
    public const string Name = "retrofit";

    /// <summary>The kinds of opaque elements.</summary>
    public static readonly string[] Kinds = ["wall", "roof", "floor"];

    /// <inheritdoc />
    public override string Type => Name;

    /// <inheritdoc />
    public override IReadOnlyList<string> Writes =>
    [
        .. Elements.Select(static element => $"{BuildingAttributes.ThermalZone}|{element.Kind}"),
        .. new[] { ("window|uValue", WindowUValue), ("window|solarTransmittance", WindowSolarTransmittance), ("infiltration", Infiltration), ("heatRecovery", HeatRecovery) }
            .Where(static part => part.Item2 is not null).Select(static part => $"{BuildingAttributes.ThermalZone}|{part.Item1}"),
    ];

    /// <summary>Reads it.</summary>
    public static Retrofit Read(InterventionMembers members)
    {
        var (entity, from) = (members.Entity, members.ValidFrom);
        var elements = new List<(string, double)>();
        foreach (var kind in Kinds)
        {
            if (members.Nested(kind) is { } part)
            {
                elements.Add((kind, part.Number("uValue", 0.01, 20)));
                part.RefuseOthers();
            }
        }

        var window = members.Nested("window");
        var retrofit = new Retrofit(
            entity, from, elements,
            window?.OptionalNumber("uValue", 0.01, 20), window?.OptionalNumber("solarTransmittance", 0, 1),
            members.OptionalNumber("infiltration", 0, 100), members.OptionalNumber("heatRecovery", 0, 1));
        window?.RefuseOthers();
        return elements.Count > 0 || retrofit.WindowUValue is not null || retrofit.WindowSolarTransmittance is not null || retrofit.Infiltration is not null || retrofit.HeatRecovery is not null
            ? retrofit
            : throw members.Fault("A retrofit renews something: wall, roof, floor, window, infiltration or heatRecovery.");
    }

    /// <inheritdoc />
    protected override EntityDocument Change(EntityDocument entity, long now)
    {
        if (BuildingAttributes.Find(entity, BuildingAttributes.ThermalZone) is not JsonObject zone)
        {
            throw NgsiLdException.BadRequest($"The entity {Entity} has no attribute {BuildingAttributes.ThermalZone} that could be renewed.", "entity");
        }

        foreach (var (kind, uValue) in Elements)
        {
            SetAll(zone["opaque"], element => (string?)element["kind"] == kind, "uValue", uValue, kind);
        }

        if (WindowUValue is { } u)
        {
            SetAll(zone["windows"], static _ => true, "uValue", u, "window");
        }

        if (WindowSolarTransmittance is { } g)
        {
            SetAll(zone["windows"], static _ => true, "solarTransmittance", g, "window");
        }

        if (Infiltration is { } infiltration)
        {
            zone["infiltration"] = infiltration;
        }

        if (HeatRecovery is { } recovery)
        {
            zone["heatRecovery"] = recovery;
        }

        return BuildingAttributes.With(entity, BuildingAttributes.ThermalZone, zone, now);
    }

    /// <inheritdoc />
    protected override void WriteMembers(Utf8JsonWriter json, Func<string, string> name)
    {
        foreach (var (kind, uValue) in Elements)
        {
            json.WriteStartObject(kind);
            json.WriteNumber("uValue"u8, uValue);
            json.WriteEndObject();
        }

        if (WindowUValue is not null || WindowSolarTransmittance is not null)
        {
            json.WriteStartObject("window"u8);
            Optional(json, "uValue", WindowUValue);
            Optional(json, "solarTransmittance", WindowSolarTransmittance);
            json.WriteEndObject();
        }

        Optional(json, "infiltration", Infiltration);
        Optional(json, "heatRecovery", HeatRecovery);
    }

    private void SetAll(JsonNode? elements, Func<JsonObject, bool> where, string member, double value, string part)
    {
        var renewed = 0;
        foreach (var element in (elements as JsonArray ?? []).OfType<JsonObject>().Where(where))
        {
            element[member] = value;
            renewed++;
        }

        if (renewed == 0)
        {
            throw NgsiLdException.BadRequest($"The building {Entity} has no {part} in its thermalZone.", part);
        }
    }

    private static void Optional(Utf8JsonWriter json, string member, double? value)
    {
        if (value is { } number)
        {
            json.WriteNumber(member, number);
        }
    }
}
